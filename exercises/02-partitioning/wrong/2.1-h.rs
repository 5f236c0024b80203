//! why: the absolute value is taken, which puts half of all keys elsewhere, and which the lowest number does not have
//! shows: `21`: the hash is -973932308, and 1173551340 without its highest bit

pub fn partition_for_key(key: &[u8], partitions: u32) -> u32 {
    murmur2(key).unsigned_abs() % partitions
}
