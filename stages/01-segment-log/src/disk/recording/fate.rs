//! What may become of one write.

use std::fmt;

/// What became of a write, or of a change of length, that was not flushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It arrived.
    Whole,
    /// It never happened.
    Lost,
    /// The file grew by it, and the bytes did not arrive. What was not written before reads as zeros.
    Zeroed,
    /// Only so many bytes from its front arrived.
    Torn(usize),
    /// The file grew by it, and all of it arrived but the bytes from the one place in it to before the other.
    Holed(usize, usize),
}

/// How much an outcome hurts, in operations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Damage {
    /// Writes and changes of length that were lost.
    pub lost: usize,
    /// Writes that arrived in part.
    pub torn: usize,
    /// Writes that left zeros.
    pub zeroed: usize,
    /// Operations that did not arrive whole, though a later one on the same file did.
    pub reordered: usize,
    /// Creations, renames and removals that were undone.
    pub undone: usize,
}

impl Fate {
    /// Does to `content` what a write of this fate does.
    pub(super) fn write(self, bytes: &[u8], position: usize, content: &mut Vec<u8>) {
        let length = bytes.len();
        let (missing, grown) = match self {
            Fate::Whole => (length..length, length),
            Fate::Lost => return,
            Fate::Zeroed => (0..length, length),
            Fate::Torn(kept) => (kept.min(length)..length, kept.min(length)),
            Fate::Holed(from, to) => (from.min(length)..to.min(length), length),
        };
        if content.len() < position + grown {
            content.resize(position + grown, 0);
        }
        for arrived in [0..missing.start, missing.end..length].into_iter().filter(|range| !range.is_empty()) {
            content[position + arrived.start..position + arrived.end].copy_from_slice(&bytes[arrived]);
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Whole => f.write_str("arrived"),
            Fate::Lost => f.write_str("lost"),
            Fate::Zeroed => f.write_str("zeros"),
            Fate::Torn(kept) => write!(f, "only its first {kept} bytes"),
            Fate::Holed(from, to) => write!(f, "all but its bytes {from} to before {to}"),
        }
    }
}
