//! why: bytes of UTF-8 are counted instead of units of UTF-16
//! shows: In UTF-16 it is one unit, 228

pub fn java_hash(text: &str) -> i32 {
    text.bytes().fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}
