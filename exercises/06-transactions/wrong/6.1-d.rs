//! why: it stands still at the largest number instead of going round
//! shows: It does not fit into 32 bits

pub fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash: i32, unit| hash.saturating_mul(31).saturating_add(i32::from(unit)))
}
