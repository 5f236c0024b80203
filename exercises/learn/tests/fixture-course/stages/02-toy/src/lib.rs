//! Frames: a length, then the bytes.

/// Puts the length before the bytes.
pub fn frame(bytes: &[u8]) -> Vec<u8> {
    let mut frame = toy_one::varint::encode(bytes.len() as u64);
    frame.extend_from_slice(bytes);
    frame
}
