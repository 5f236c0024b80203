//! why: null is written as nothing at all: the length 0
//! shows: null is the length -1

fn put_nullable(bytes: Option<&[u8]>, out: &mut Vec<u8>) {
    let bytes = bytes.unwrap_or_default();
    varint::encode(bytes.len() as i64, out);
    out.extend_from_slice(bytes);
}
