//! What is wrong with the book, said so that its author can mend it.

use std::fmt;

/// One thing that is wrong: where, what, and the rule that it breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The page or file, as its author knows it: `01-segment-log.md`, `01-segment-log.html`, `theme/player.js`.
    pub page: String,
    /// The line in that file, counted from 1, where one is known.
    pub line: Option<usize>,
    /// The directive, link or element.
    pub subject: String,
    /// The rule that it breaks, and what to do.
    pub rule: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.page)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}\n    {}", self.subject, self.rule)
    }
}

/// Every fault of one build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(f, "{count} fault{} in the book", if count == 1 { "" } else { "s" })?;
        for fault in &self.0 {
            write!(f, "\n\n  {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
