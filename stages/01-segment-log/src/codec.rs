//! How this course writes down what is its own: a version byte, then bincode.
//!
//! Everything that Kafka's tools read is in Kafka's formats. What is left, above all the state of a [`Fold`](crate::Fold),
//! goes through these two functions and through nothing else, so that the serializer can be replaced in one place. (The
//! crate `bincode` is no longer maintained; version 2 works and is pinned.)

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The most bytes a value may take.
pub const LIMIT: usize = 256 << 20;

/// Why bytes are not a value.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// Not even the version byte is there.
    #[error("there are no bytes")]
    Empty,
    /// Another version wrote them.
    #[error("they were written as version {found}, and this program reads version {expected}")]
    Version {
        /// The version this program reads.
        expected: u8,
        /// The version byte.
        found: u8,
    },
    /// The version is right and the rest is not.
    #[error("they do not decode: {0}")]
    Malformed(#[from] bincode::error::DecodeError),
    /// Bytes follow the value.
    #[error("{0} bytes follow the value")]
    Trailing(usize),
}

/// `value` as bytes, behind its version.
///
/// # Panics
///
/// If `value`'s own `Serialize` fails: that is a fault in the program, never in the data.
pub fn encode<T: Serialize>(version: u8, value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_into(version, value, &mut bytes);
    bytes
}

/// Writes `value` behind what `out` holds.
///
/// # Panics
///
/// As [`encode`].
pub fn encode_into<T: Serialize>(version: u8, value: &T, out: &mut Vec<u8>) {
    out.push(version);
    let written = bincode::serde::encode_into_std_write(value, out, config());
    written.expect("writing to memory fails only if the type cannot be serialized");
}

/// Reads what [`encode`] wrote.
///
/// Nothing is believed: a length is held against the bytes that follow it before anything is reserved for them, as bytes
/// and text are borrowed from the input first and copied only then.
///
/// # Errors
///
/// [`CodecError`].
pub fn decode<T: DeserializeOwned>(version: u8, bytes: &[u8]) -> Result<T, CodecError> {
    match decode_first(version, bytes)? {
        (value, []) => Ok(value),
        (_, more) => Err(CodecError::Trailing(more.len())),
    }
}

/// Reads a value at the front of `bytes`, and gives what follows it.
///
/// # Errors
///
/// As [`decode`], except for [`CodecError::Trailing`].
pub fn decode_first<T: DeserializeOwned>(version: u8, bytes: &[u8]) -> Result<(T, &[u8]), CodecError> {
    let (&found, rest) = bytes.split_first().ok_or(CodecError::Empty)?;
    if found != version {
        return Err(CodecError::Version { expected: version, found });
    }
    let (value, read) = bincode::serde::borrow_decode_from_slice(rest, config())?;
    Ok((value, &rest[read..]))
}

fn config() -> impl bincode::config::Config {
    bincode::config::standard().with_limit::<LIMIT>()
}
