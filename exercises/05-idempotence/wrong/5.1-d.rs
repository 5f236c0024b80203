//! why: it stays at the last number
//! shows: After 2147483647 comes 0, and no number is left out.

pub fn plus(sequence: i32, count: i32) -> i32 {
    sequence.saturating_add(count)
}
