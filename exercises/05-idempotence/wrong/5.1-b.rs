//! why: after the last number comes 1: the remainder is by the largest number, and not by how many there are
//! shows: 2147483647 is a number like any other.

pub fn plus(sequence: i32, count: i32) -> i32 {
    ((i64::from(sequence) + i64::from(count)) % i64::from(i32::MAX)) as i32
}
