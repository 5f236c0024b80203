//! why: a number that equals a sum is given to the part that ends there, and not to the next
//! shows: 0 to 3 are the first, 4 is the second, 5 to 7 are the third

pub fn drawn_index(cumulative: &[u64], number: u64) -> usize {
    cumulative.partition_point(|&sum| sum < number)
}
