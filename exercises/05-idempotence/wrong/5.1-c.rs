//! why: it begins anew at 0 and forgets what was left over
//! shows: the number 2 places behind 2147483647. After 2147483647 comes 0, and no number is left out.

pub fn plus(sequence: i32, count: i32) -> i32 {
    sequence.checked_add(count).unwrap_or(0)
}
