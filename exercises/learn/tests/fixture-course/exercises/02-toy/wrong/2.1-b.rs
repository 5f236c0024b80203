//! why: no length
//! shows: the length comes first

fn frame(bytes: &[u8]) -> Vec<u8> {
    bytes.to_vec()
}
