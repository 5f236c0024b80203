//! why: the length is last
//! shows: the length comes first

fn frame(bytes: &[u8]) -> Vec<u8> {
    let mut frame = bytes.to_vec();
    frame.extend(toy_one::varint::encode(bytes.len() as u64));
    frame
}
