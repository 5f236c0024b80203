//! why: the remainder of a negative number is negative, and as a u32 it is a partition that nobody has
//! shows: What remains of 995271324 : 50

pub fn partition_for(transactional_id: &str, count: u32) -> u32 {
    (java_hash(transactional_id) % count.max(1) as i32) as u32
}
