//! Variable-length integers: small numbers take few bytes.
//!
//! A record stores lengths and differences, and most of them are small. A fixed `i64` would spend eight bytes on the
//! number 3. A varint spends one:
//!
//! ```text
//!   value      zigzag     bytes
//!       0           0     00
//!      -1           1     01            zigzag folds the sign into the lowest bit,
//!       1           2     02            so that -1 is as short as 1
//!      63         126     7e
//!      64         128     80 01         7 bits a byte, lowest first;
//!    -300         599     d7 04         the top bit says: more bytes follow
//! ```
//!
//! This is Protocol Buffers' `sint64`, and Kafka's `ByteUtils.writeVarlong`. Kafka's 32-bit `writeVarint` gives the same
//! bytes for every number that fits, so one pair of functions serves both.

use bytes::BufMut;

/// The longest varint: 64 bits at 7 bits a byte.
pub const MAX_BYTES: usize = 10;

/// Why bytes are not a varint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VarintError {
    /// The last byte at hand still says that more follow.
    #[error("the varint is cut off: its last byte says that more bytes follow")]
    CutOff,
    /// More than 64 bits.
    #[error("the varint is longer than 64 bits")]
    TooLong,
    /// A 32-bit field holds a number that needs more.
    #[error("the varint holds {0}, which does not fit the field's 32 bits")]
    NotI32(i64),
}

/// Appends `value` to `out` as a zigzag varint of 1 to [`MAX_BYTES`] bytes.
pub fn encode(value: i64, out: &mut impl BufMut) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.put_u8(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.put_u8(rest as u8);
}

/// Reads a zigzag varint from the front of `input` and moves `input` past it.
///
/// # Errors
///
/// [`VarintError::CutOff`] if `input` ends before the varint does, [`VarintError::TooLong`] if it does not end within 64
/// bits. Then `input` has not moved.
// Reading a record calls this seven times. Inlined, a quarter of that time is saved (`cargo bench`, contest `cost`).
#[inline]
pub fn decode(input: &mut &[u8]) -> Result<i64, VarintError> {
    let mut zigzag = 0u64;
    for (index, &byte) in input.iter().take(MAX_BYTES).enumerate() {
        let bits = u64::from(byte & 0x7f);
        if index == MAX_BYTES - 1 && byte > 1 {
            return Err(VarintError::TooLong);
        }
        zigzag |= bits << (7 * index);
        if byte & 0x80 == 0 {
            *input = &input[index + 1..];
            return Ok((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64));
        }
    }
    Err(VarintError::CutOff)
}

/// Reads a varint that must fit 32 bits, as lengths, counts and offset deltas do.
///
/// # Errors
///
/// Those of [`decode`], and [`VarintError::NotI32`].
pub fn decode_i32(input: &mut &[u8]) -> Result<i32, VarintError> {
    let mut rest = *input;
    let value = decode(&mut rest)?;
    let narrow = i32::try_from(value).map_err(|_| VarintError::NotI32(value))?;
    *input = rest;
    Ok(narrow)
}

/// How many bytes [`encode`] takes for `value`.
pub fn len(value: i64) -> usize {
    let zigzag = ((value << 1) ^ (value >> 63)) as u64;
    (64 - (zigzag | 1).leading_zeros() as usize).div_ceil(7)
}
