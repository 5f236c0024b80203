//! Snappy as Kafka's clients write it.
//!
//! Raw snappy compresses one buffer. Kafka's first client used a Java library that wrapped it in a stream of blocks,
//! and that framing became the format:
//!
//! ```text
//!   82 "SNAPPY" 00 | version i32 | compatible i32 | length i32, raw snappy | length i32, raw snappy | …
//! ```
//!
//! librdkafka writes raw snappy without the framing, and every client reads both. So do we. The first byte of raw
//! snappy is the low end of a length and could be 0x82, but no raw buffer goes on with the letters `SNAPPY`.

use std::io;

const MAGIC: &[u8; 8] = b"\x82SNAPPY\0";
const HEADER_LEN: usize = 16;
/// Input bytes per block, as in the Java library.
const BLOCK: usize = 32 * 1024;

pub(super) fn compress(records: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&1i32.to_be_bytes());
    out.extend_from_slice(&1i32.to_be_bytes());
    let mut encoder = snap::raw::Encoder::new();
    for block in records.chunks(BLOCK) {
        let compressed = encoder.compress_vec(block)?;
        out.extend_from_slice(&(compressed.len() as i32).to_be_bytes());
        out.extend_from_slice(&compressed);
    }
    Ok(())
}

/// `None` if more than `limit` bytes would come out. A block says its length up front, so the bound is checked before
/// anything is allocated.
pub(super) fn decompress(records: &[u8], limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut plain = Vec::new();
    if !records.starts_with(MAGIC) {
        return Ok(append_raw(records, limit, &mut plain)?.then_some(plain));
    }
    let mut rest = records.get(HEADER_LEN..).ok_or_else(|| damaged("the stream header is cut off"))?;
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk().ok_or_else(|| damaged("a block's length is cut off"))?;
        let length =
            usize::try_from(i32::from_be_bytes(*length)).map_err(|_| damaged("a block's length is negative"))?;
        let block = after.get(..length).ok_or_else(|| damaged("a block is cut off"))?;
        if !append_raw(block, limit, &mut plain)? {
            return Ok(None);
        }
        rest = &after[length..];
    }
    Ok(Some(plain))
}

/// Appends what `raw` holds, unless `plain` would then be longer than `limit`: that answers `false`.
fn append_raw(raw: &[u8], limit: usize, plain: &mut Vec<u8>) -> io::Result<bool> {
    let start = plain.len();
    let length = snap::raw::decompress_len(raw)?;
    if length > limit - start {
        return Ok(false);
    }
    plain.resize(start + length, 0);
    snap::raw::Decoder::new().decompress(raw, &mut plain[start..])?;
    Ok(true)
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
