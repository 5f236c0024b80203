//! Words and lines that several screens share.

use crate::judge::Failure;

pub(super) fn tests_fail(failure: &Failure) -> String {
    match (failure.failed, failure.of) {
        (1, 1) => "its test fails".to_owned(),
        (failed, of) => format!("{failed} of {of} tests {}", if failed == 1 { "fails" } else { "fail" }),
    }
}

pub(super) fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") }).collect()
}
