//! why: the new unit is multiplied, and not what came before
//! shows: One unit is itself

pub fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash: i32, unit| hash.wrapping_add(i32::from(unit).wrapping_mul(31)))
}
