//! Shows a text in parts where the terminal is too low for all of it.
//!
//! What does not fit would push the beginning out of sight, and the screen is written over at the next save: nobody could
//! scroll back to it. So a long text comes in parts, and the space bar turns to the next one.

use crate::style;
use crate::terminal::Size;

/// A text that is shown instead of the verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) text: String,
    /// Where all of it can be read at once: a file, or a command for another terminal.
    pub(super) whole: Option<String>,
}

impl From<String> for Page {
    fn from(text: String) -> Page {
        Page { text, whole: None }
    }
}

impl Page {
    /// A text that can also be read elsewhere.
    pub(super) fn of(text: String, whole: String) -> Page {
        Page { text, whole: Some(whole) }
    }

    /// The part at which the reader has arrived after `turned` times the space bar, and a line that says how to go on.
    /// `around` is what else stands on the screen. Where the terminal does not tell its size, the text is one part.
    pub(super) fn part(&self, size: Option<Size>, around: &str, turned: usize) -> (&str, Option<String>) {
        let Some(size) = size else { return (&self.text, None) };
        let all = parts(&self.text, size, size.rows.saturating_sub(rows(around, size)));
        let [_, _, ..] = all.as_slice() else { return (&self.text, None) };
        let number = turned % all.len();
        let turn = if number + 1 == all.len() { "space: from the beginning" } else { "space: the next" };
        let whole = self.whole.as_ref().map_or_else(String::new, |whole| format!(" · all of it: {whole}"));
        (all[number], Some(format!("part {} of {} · {turn}{whole}", number + 1, all.len())))
    }
}

/// Cuts a text between lines, so that each part takes at most so many rows; if it is cut, one less, for the line that says so.
fn parts(text: &str, size: Size, room: usize) -> Vec<&str> {
    if rows(text, size) <= room {
        return vec![text];
    }
    let room = room.saturating_sub(1);
    let (mut all, mut start, mut end, mut taken) = (Vec::new(), 0, 0, 0);
    for line in text.split_inclusive('\n') {
        let needed = rows(line, size);
        // A part has at least one line, however low the terminal is.
        if taken + needed > room && end > start {
            all.push(&text[start..end]);
            (start, taken) = (end, 0);
        }
        taken += needed;
        end += line.len();
    }
    all.push(&text[start..end]);
    all
}

/// How many rows a text takes where long lines are broken.
fn rows(text: &str, size: Size) -> usize {
    text.lines().map(|line| style::plain(line).chars().count().div_ceil(size.columns).max(1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { rows: 6, columns: 10 };

    #[test]
    fn a_text_that_fits_is_shown_whole() {
        let page = Page::from("a\nb\nc\n".to_owned());
        assert_eq!(page.part(Some(SIZE), "above\nbelow\n", 0), ("a\nb\nc\n", None));
        let long = Page::from("a\n".repeat(50));
        assert_eq!(long.part(None, "", 3), (long.text.as_str(), None));
    }

    #[test]
    fn a_longer_one_comes_in_parts_that_fit_and_begin_again() {
        let page = Page::of("a\nb\nc\nd\n0123456789x\n".to_owned(), "1.1.md".to_owned());
        let at = |turned| page.part(Some(SIZE), "above\n", turned);
        assert_eq!(at(0), ("a\nb\nc\nd\n", Some("part 1 of 2 · space: the next · all of it: 1.1.md".to_owned())));
        let last = Some("part 2 of 2 · space: from the beginning · all of it: 1.1.md".to_owned());
        assert_eq!(at(1), ("0123456789x\n", last));
        assert_eq!(at(2), at(0));
    }

    #[test]
    fn nothing_is_lost_between_parts_however_low_the_terminal_is() {
        let text = "one\n\n\x1b[1mtwo two two two\x1b[0m\nthree\nfour";
        for rows in 0..12 {
            let size = Size { rows, columns: 4 };
            assert_eq!(parts(text, size, rows).concat(), text);
        }
        assert_eq!(rows("\x1b[1mtwo two two two\x1b[0m\n\n", Size { rows: 1, columns: 8 }), 3);
    }
}
