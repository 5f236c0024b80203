//! why: a queue weighs as much as it is long: the slowest broker gets the most records
//! shows: queues 0 3 1: weights 4 1 3, summed up

pub fn cumulative_weights(waiting: &[usize]) -> Vec<u64> {
    let mut sum = 0;
    let mut sums = Vec::new();
    for &batches in waiting {
        sum += batches as u64 + 1;
        sums.push(sum);
    }
    sums
}
