//! why: plain arithmetic overflows
//! shows: overflow

pub fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash: i32, unit| hash * 31 + i32::from(unit))
}
