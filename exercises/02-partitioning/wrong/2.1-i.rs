//! why: the sign stays in as the highest bit of a large number
//! shows: `21`: the hash is -973932308, and 1173551340 without its highest bit

pub fn partition_for_key(key: &[u8], partitions: u32) -> u32 {
    murmur2(key) as u32 % partitions
}
