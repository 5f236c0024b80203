//! What a topic may be called.
//!
//! A topic's name becomes the name of a folder (`orders-0`), a word in a line of a checkpoint, and, where brokers are
//! watched, a part of a metric's name. So the rules are those of the narrowest place. They are Kafka's
//! (`org.apache.kafka.common.internals.Topic`):
//!
//! - 1 to 249 characters: with `-` and a partition number, a folder's name still has at most 255;
//! - letters `a` to `z` and `A` to `Z`, digits, `.`, `_` and `-`;
//! - not `.` and not `..`, which are folders already;
//! - no two names that differ in nothing but `.` and `_`: a metric's name knows no dots, and writes both the same way.
//!
//! All functions here are pure.

use crate::error::{ErrorCode, Refusal};

/// The most characters of a name.
pub const MAX_NAME_LEN: usize = 249;
/// The log of decisions about topics. No client makes it or removes it.
pub const CLUSTER_METADATA: &str = "__cluster_metadata";
/// Kafka's own topics: for the catalogue, and from stages 06 and 07 on for transactions and for consumers' offsets.
pub const INTERNAL_TOPICS: [&str; 4] =
    [CLUSTER_METADATA, "__consumer_offsets", "__transaction_state", "__share_group_state"];

/// Why a text is no topic's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// There is nothing in it.
    #[error("the topic name is empty, and a name has 1 to {MAX_NAME_LEN} characters")]
    Empty,
    /// `.` or `..`.
    #[error("`{0}` is no topic name: every folder has it already, as the name of a folder")]
    Dots(String),
    /// More than [`MAX_NAME_LEN`] characters.
    #[error("the topic name `{}` has {} characters, and a name has 1 to {MAX_NAME_LEN}", shown(.0), .0.chars().count())]
    TooLong(String),
    /// A character that is not in the list.
    #[error(
        "the topic name `{}` has {found:?} in it, and a name is made of a-z, A-Z, 0-9, `.`, `_` and `-`",
        shown(.name)
    )]
    Illegal {
        /// The whole name.
        name: String,
        /// Its first character that is against the rule.
        found: char,
    },
}

impl From<NameError> for Refusal {
    fn from(error: NameError) -> Self {
        ErrorCode::InvalidTopic.because(error.to_string())
    }
}

/// Judges a name by itself.
///
/// # Errors
///
/// The first rule that it breaks, in the order of [`NameError`].
pub fn judge_name(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    if name == "." || name == ".." {
        return Err(NameError::Dots(name.to_owned()));
    }
    if name.chars().count() > MAX_NAME_LEN {
        return Err(NameError::TooLong(name.to_owned()));
    }
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    match name.chars().find(|&c| !is_legal(c)) {
        Some(found) => Err(NameError::Illegal { name: name.to_owned(), found }),
        None => Ok(()),
    }
}

/// Whether two names are the same to whoever takes `.` and `_` for the same.
pub fn collide(a: &str, b: &str) -> bool {
    let unified = |c: u8| if c == b'.' { b'_' } else { c };
    a.len() == b.len() && a.bytes().map(unified).eq(b.bytes().map(unified))
}

/// Whether a topic is the brokers' own. Clients read such a topic and do not write to it.
pub fn is_internal(name: &str) -> bool {
    INTERNAL_TOPICS.contains(&name)
}

/// A name in a sentence: whatever a stranger sent, it is short and on one line.
pub fn shown(name: &str) -> String {
    const MOST: usize = 64;
    let mut shown: String = name.chars().take(MOST).flat_map(char::escape_debug).collect();
    if name.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}
