//! why: the most negative number has no positive, and `abs` overflows
//! shows: overflow

pub fn partition_for(transactional_id: &str, count: u32) -> u32 {
    java_hash(transactional_id).abs() as u32 % count.max(1)
}
