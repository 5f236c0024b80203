//! Judgements: a failed exercise says which rule broke, what was expected, what was found and where to look.
//!
//! Each function returns when the rule holds, and panics with a block that a person can read in plain `cargo test` and
//! that `cargo learn` shows alone:
//!
//! ```text
//! ┌ rule: the CRC covers the bytes from `attributes` to the end
//! │ field │ offset │ expected    │ found
//! │ magic │ 16     │ 02          │ 02
//! │ crc   │ 17     │ 9a 3b 1c 07 │ 9a 3b 00 07
//! │                        ^^            ^^
//! └ look at: src/batch.rs, fn seal
//! ```
//!
//! A rule is one sentence in the present tense, true of the right solution. `look_at` names file and function of the
//! learner's copy.
//!
//! # Invariants
//!
//! * The first line begins `┌ rule: `, the last `└ look at: `, and every line between with `│`.
//! * No line is wider than 100 columns, however large the values; what is cut is marked `…`.
//! * The first difference is always shown.

mod bytes;
mod columns;

use std::fmt::Debug;
use std::ops::Range;

/// The widest line of a block.
const WIDTH: usize = 100;
/// Rows of a block between its first and its last line, roughly: one screen.
const MOST_ROWS: usize = 12;

/// A named part of a byte format, for [`bytes()`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name the format's description uses.
    pub name: &'a str,
    /// Where the expected bytes hold it.
    pub range: Range<usize>,
}

impl<'a> Field<'a> {
    /// A field over the expected bytes' `range`.
    pub const fn new(name: &'a str, range: Range<usize>) -> Self {
        Self { name, range }
    }
}

/// The two values are equal.
///
/// Short values stand on one row. Long ones are laid out over many lines, as `{:#?}` does, and shown around the first
/// difference.
#[track_caller]
pub fn eq<E, F>(rule: &str, expected: E, found: F, look_at: &str)
where
    E: Debug + PartialEq<F>,
    F: Debug,
{
    if expected != found {
        fail(rule, columns::values(&expected, &found), look_at);
    }
}

/// The two texts are equal; a failure shows them line by line.
#[track_caller]
pub fn text(rule: &str, expected: &str, found: &str, look_at: &str) {
    if expected != found {
        fail(rule, columns::lines(expected, found), look_at);
    }
}

/// The two byte strings are equal.
///
/// A failure shows the fields that differ and one neighbour of the first of them; bytes that no field names are shown as
/// `(no name)`. The column `offset` is that of the first byte shown.
#[track_caller]
pub fn bytes(rule: &str, fields: &[Field<'_>], expected: &[u8], found: &[u8], look_at: &str) {
    if expected != found {
        fail(rule, bytes::rows(fields, expected, found), look_at);
    }
}

/// The condition holds; a failure shows what was found instead. `format_args!` prints text without quotes.
#[track_caller]
pub fn that(rule: &str, condition: bool, found: impl Debug, look_at: &str) {
    if !condition {
        fail(rule, columns::value(&found), look_at);
    }
}

/// Panics with the block. `rows` come without their `│ `.
#[track_caller]
fn fail(rule: &str, rows: Vec<String>, look_at: &str) -> ! {
    let mut lines = Vec::new();
    for (index, part) in wrap(rule, WIDTH - "┌ rule: ".chars().count()).iter().enumerate() {
        lines.push(format!("{}{part}", if index == 0 { "┌ rule: " } else { "│       " }));
    }
    lines.extend(rows.iter().map(|row| format!("│ {}", row.trim_end())));
    lines.push(format!("└ look at: {look_at}"));
    panic!("{}", lines.join("\n"));
}

/// Breaks a line that is too wide between words, and a word that is too wide anywhere. Never empty.
fn wrap(text: &str, width: usize) -> Vec<String> {
    if columns_of(text) <= width {
        return vec![text.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        loop {
            let line = lines.last_mut().expect("starts with one line");
            let used = line.chars().count();
            let gap = usize::from(used > 0);
            if used + gap + word.len() <= width {
                line.extend(std::iter::repeat_n(' ', gap).chain(word));
                break;
            }
            if used == 0 {
                line.extend(word.drain(..width));
            }
            lines.push(String::new());
        }
    }
    lines
}

/// `text` filled with spaces to `width` columns.
fn pad(text: &str, width: usize) -> String {
    format!("{text:<width$}")
}

fn columns_of(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn text_is_broken_between_words_and_a_long_word_anywhere() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("", 3), [""]);
    }
}
