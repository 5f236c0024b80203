//! why: `binary_search` gives the place of a sum that equals the number, and that part ends there
//! shows: 0 to 3 are the first, 4 is the second, 5 to 7 are the third

pub fn drawn_index(cumulative: &[u64], number: u64) -> usize {
    match cumulative.binary_search(&number) {
        Ok(place) | Err(place) => place,
    }
}
