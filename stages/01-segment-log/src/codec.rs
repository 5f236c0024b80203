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
    let written = bincode::serde::encode_into_std_write(value, out, bincode::config::standard());
    written.expect("writing to memory fails only if the type cannot be serialized");
}

/// Reads what [`encode`] wrote.
///
/// Nothing is believed. Bytes are borrowed from the input first and copied only then. Room for a text is reserved before it
/// is read, so the claims of all lengths together have a limit, which grows with the input: up to 4 KiB of it reserve 64 KiB
/// at the most.
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
    // The serializer's limit counts an integer as what it takes in memory, up to 16 times what it takes when written: a limit
    // of 16 times the input is never in the way of a value that is there. It is a constant to the serializer, hence steps.
    match rest.len() {
        0..=0xfff => decode_within::<0xffff, T>(rest),
        0x1000..=0xffff => decode_within::<0xf_ffff, T>(rest),
        0x1_0000..=0xf_ffff => decode_within::<0xff_ffff, T>(rest),
        _ => decode_within::<LIMIT, T>(rest),
    }
}

fn decode_within<const CLAIMS: usize, T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, &[u8]), CodecError> {
    let config = bincode::config::standard().with_limit::<CLAIMS>();
    let (value, read) = bincode::serde::borrow_decode_from_slice(bytes, config)?;
    Ok((value, &bytes[read..]))
}

#[cfg(test)]
mod tests {
    use bincode::error::DecodeError;

    use super::*;

    /// What takes the most in memory for a byte that is written: numbers of 128 bits.
    #[test]
    fn no_limit_is_in_the_way_of_a_value_that_is_there() {
        for count in [1, 300, 0xff0, 0xffc, 0x1000, 0xfff0, 0x1_0000, 0xf_fff0, 0x10_0000] {
            let numbers = vec![1u128; count];
            let back: Vec<u128> = decode(1, &encode(1, &numbers)).unwrap();
            assert!(back == numbers, "{count} numbers");
        }
    }

    #[test]
    fn a_claim_beyond_the_input_reserves_nothing() {
        for (claimed, length) in [(0x1_0000, 10), (50 << 20, 10), (0x10_0000, 0x8000), (0x100_0000, 0x8_0000)] {
            let mut bytes = encode(1, &u32::try_from(claimed).unwrap());
            bytes.resize(length, b'a');
            for malformed in [decode::<String>(1, &bytes).map(drop), decode::<std::sync::Arc<str>>(1, &bytes).map(drop)]
            {
                let limited = matches!(malformed, Err(CodecError::Malformed(DecodeError::LimitExceeded)));
                assert!(limited, "{claimed} claimed in {length}: {malformed:?}");
            }
        }
    }
}
