//! How records are printed; the rest is as in all stories.

pub(super) use story::text::Millis;

/// `alice: paid 10`, or `paid 10` where there is no key.
pub(super) fn record(key: Option<&[u8]>, value: Option<&[u8]>) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let value = value.map_or_else(|| "null".to_owned(), text);
    key.map_or_else(|| value.clone(), |key| format!("{}: {value}", text(key)))
}

/// `1, 2, 3`, or `nobody`.
pub(super) fn list(ids: &[i32]) -> String {
    match ids.is_empty() {
        true => "nobody".to_owned(),
        false => ids.iter().map(i32::to_string).collect::<Vec<_>>().join(", "),
    }
}
