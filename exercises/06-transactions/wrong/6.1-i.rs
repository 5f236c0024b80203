//! why: the size of the most negative number is taken, which Java cannot say
//! shows: It has no positive in 32 bits

pub fn partition_for(transactional_id: &str, count: u32) -> u32 {
    java_hash(transactional_id).unsigned_abs() % count.max(1)
}
