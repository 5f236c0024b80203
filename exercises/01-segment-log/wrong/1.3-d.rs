//! why: the length is written as one plain byte
//! shows: the length comes first, as a varint

fn put_nullable(bytes: Option<&[u8]>, out: &mut Vec<u8>) {
    match bytes {
        None => varint::encode(-1, out),
        Some(bytes) => {
            out.put_u8(bytes.len() as u8);
            out.extend_from_slice(bytes);
        }
    }
}
