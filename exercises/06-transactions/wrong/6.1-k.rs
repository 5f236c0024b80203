//! why: all negative hashes go to the first partition
//! shows: What remains of 995271324 : 50

pub fn partition_for(transactional_id: &str, count: u32) -> u32 {
    java_hash(transactional_id).max(0) as u32 % count.max(1)
}
