//! why: the size of zero is forgotten
//! shows: the size of 0

fn size(number: u64) -> usize {
    (64 - number.leading_zeros()).div_ceil(7) as usize
}
