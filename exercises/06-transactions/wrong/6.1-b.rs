//! why: characters are counted: one outside of the first 65536 is two units
//! shows: One sign, and two units in UTF-16

pub fn java_hash(text: &str) -> i32 {
    text.chars().fold(0, |hash: i32, sign| hash.wrapping_mul(31).wrapping_add(sign as i32))
}
