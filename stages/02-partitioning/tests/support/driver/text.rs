//! How records are printed; the rest is as in all stories.

pub(super) use story::text::Millis;

/// `alice: paid 10`, or `paid 10` where there is no key.
pub(super) fn record(key: Option<&str>, value: Option<&str>) -> String {
    let value = value.unwrap_or("null");
    key.map_or_else(|| value.to_owned(), |key| format!("{key}: {value}"))
}

/// `1 record`, `2 records`.
pub(super) fn counted(number: usize, thing: &str) -> String {
    let many = if thing.ends_with("ch") { format!("{thing}es") } else { format!("{thing}s") };
    story::text::count(number as u64, thing, &many)
}
