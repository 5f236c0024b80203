//! The hash of keys.

/// Kafka's murmur2 (`Utils.murmur2`): Austin Appleby's 32-bit MurmurHash2, with one seed for everybody.
///
/// The bytes are taken four at a time, as little-endian numbers. Each is stirred, and then stirred into the hash. One to
/// three bytes can be left over; they are stirred in as they are. At the end the hash's own bits are mixed, so that the
/// last bytes reach all of them.
///
/// The result is the bits as Java has them, where an `int` has a sign.
pub fn murmur2(key: &[u8]) -> i32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;

    let (words, tail) = key.as_chunks::<4>();
    // A Java array's length is an int, so no key of Kafka's has more than 31 bits of it.
    let mut hash = SEED ^ key.len() as u32;
    for word in words {
        let mut word = u32::from_le_bytes(*word).wrapping_mul(M);
        word ^= word >> 24;
        hash = hash.wrapping_mul(M) ^ word.wrapping_mul(M);
    }
    if !tail.is_empty() {
        for (place, byte) in tail.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * place);
        }
        hash = hash.wrapping_mul(M);
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(M);
    (hash ^ (hash >> 15)) as i32
}
