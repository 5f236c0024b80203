//! why: the remainder is made positive, and not the hash
//! shows: `21`: the hash is -973932308, and 1173551340 without its highest bit

pub fn partition_for_key(key: &[u8], partitions: u32) -> u32 {
    (i64::from(murmur2(key))).rem_euclid(i64::from(partitions)) as u32
}
