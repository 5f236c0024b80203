//! How this course writes down what is its own: a version byte, then bincode.
//!
//! Everything that Kafka's tools read is in Kafka's formats. What is left, above all the state of a [`Fold`](crate::Fold),
//! goes through these two functions and through nothing else, so that the serializer can be replaced in one place. (The
//! crate `bincode` is no longer maintained; version 2 works and is pinned.)

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The most bytes a value may take. Decoding reserves no more than this, whatever its input claims.
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
    let mut bytes = vec![version];
    let written = bincode::serde::encode_into_std_write(value, &mut bytes, config());
    written.expect("writing to memory fails only if the type cannot be serialized");
    bytes
}

/// Reads what [`encode`] wrote.
///
/// # Errors
///
/// [`CodecError`].
pub fn decode<T: DeserializeOwned>(version: u8, bytes: &[u8]) -> Result<T, CodecError> {
    let (&found, rest) = bytes.split_first().ok_or(CodecError::Empty)?;
    if found != version {
        return Err(CodecError::Version { expected: version, found });
    }
    let (value, read) = bincode::serde::decode_from_slice(rest, config())?;
    match rest.len() - read {
        0 => Ok(value),
        more => Err(CodecError::Trailing(more)),
    }
}

fn config() -> impl bincode::config::Config {
    bincode::config::standard().with_limit::<LIMIT>()
}
