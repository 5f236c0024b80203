//! why: it is divided by nothing
//! shows: divisor of zero

pub fn partition_for(transactional_id: &str, count: u32) -> u32 {
    java_hash(transactional_id).checked_abs().unwrap_or(0) as u32 % count
}
