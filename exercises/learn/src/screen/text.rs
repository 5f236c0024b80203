//! Words and lines that several screens share.

use crate::judge::Failure;

pub(super) fn tests_fail(failure: &Failure) -> String {
    match (failure.failed, failure.of) {
        (1, 1) => "its test fails".to_owned(),
        (failed, of) => format!("{failed} of {of} tests {}", if failed == 1 { "fails" } else { "fail" }),
    }
}

pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

pub(super) fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") }).collect()
}

/// A text without colour codes.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain + rest
}
