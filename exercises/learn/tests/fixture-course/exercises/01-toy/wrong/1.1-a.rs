//! why: the highest bits are taken first
//! shows: seven bits a byte, the lowest first

pub fn encode(mut number: u64) -> Vec<u8> {
    let mut bytes = vec![number as u8 & 0x7f];
    while number >= 0x80 {
        number >>= 7;
        bytes.insert(0, number as u8 | 0x80);
    }
    bytes
}
