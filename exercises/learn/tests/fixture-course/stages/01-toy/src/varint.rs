//! Seven bits a byte — „klein“ numbers take one.

/// Writes a number, the lowest seven bits first.
///
/// All bytes but the last have the highest bit set.
pub fn encode(mut number: u64) -> Vec<u8> {
    // The body of the reference: { not for learners }.
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// How many bytes [`encode`] writes.
pub fn size(number: u64) -> usize {
    let bits = (64 - number.leading_zeros()).max(1);
    bits.div_ceil(7) as usize
}

/// Reads a number. `None` if the bytes end too early.
pub fn decode(bytes: &[u8]) -> Option<u64> {
    let mut number = 0;
    for (position, byte) in bytes.iter().enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * position);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
