//! Judgements of the toys, in the shape of the real ones.

use std::fmt::Debug;

/// Panics with a judgement unless both are equal.
#[track_caller]
pub fn eq<T: PartialEq + Debug>(rule: &str, expected: &T, found: &T, look_at: &str) {
    if expected == found {
        return;
    }
    let (expected, found) = (format!("{expected:?}"), format!("{found:?}"));
    let width = expected.len().max(8);
    panic!("\n┌ rule: {rule}\n│ {:width$} │ found\n│ {expected:width$} │ {found}\n└ look at: {look_at}\n", "expected");
}

/// The same for lists, for whoever asks for it.
#[cfg(feature = "wide")]
#[track_caller]
pub fn wide<T: PartialEq + Debug>(rule: &str, expected: &[T], found: &[T]) {
    eq(rule, &expected, &found, "src/lib.rs");
}
