//! Colours, where a terminal shows them, and prose in lines of a length that is good to read.
//!
//! Colour only repeats what the words and marks say already, so nothing is lost without it.

use std::io::IsTerminal;

/// Whether to write colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) colour: bool,
}

impl Style {
    /// No colours at all.
    pub(crate) const PLAIN: Style = Style { colour: false };

    /// Colours on a terminal, unless `NO_COLOR` is set or the terminal knows none.
    pub(crate) fn detect() -> Style {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Style { colour: std::io::stdout().is_terminal() && !refused && !dumb }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.paint("1;32", text)
    }

    pub(crate) fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }
}

/// How long a line of prose may be.
const MEASURE: usize = 96;

/// Breaks prose into lines, each with a margin. Paragraphs stay apart.
pub(crate) fn prose(text: &str, margin: &str) -> String {
    let mut lines = String::new();
    for paragraph in text.trim().split("\n\n") {
        if !lines.is_empty() {
            lines.push('\n');
        }
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && margin.len() + line.chars().count() + 1 + word.chars().count() > MEASURE {
                lines.push_str(&format!("{margin}{line}\n"));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push_str(&format!("{margin}{line}\n"));
    }
    lines
}

/// `1 test`, `2 tests`.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// A text without colour codes.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::{MEASURE, Style, plain, prose};

    #[test]
    fn a_text_without_colours_is_the_text() {
        let style = Style { colour: true };
        assert_eq!(plain(&format!("{} and {}", style.red("one"), style.dim("two"))), "one and two");
    }

    #[test]
    fn prose_is_broken_between_words_and_paragraphs_stay() {
        let text = format!("one {} two\nthree\n\nfour\n", "é".repeat(MEASURE - 10));
        assert_eq!(prose(&text, "  "), format!("  one {} two\n  three\n\n  four\n", "é".repeat(MEASURE - 10)));
        assert_eq!(prose("short", ""), "short\n");
        let long = "x".repeat(MEASURE + 1);
        assert_eq!(prose(&format!("a {long} b"), ""), format!("a\n{long}\nb\n"));
    }
}
