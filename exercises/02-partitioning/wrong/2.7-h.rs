//! why: the longest queue weighs 0, and is never drawn; with equal queues nobody is
//! shows: queues 0 3 1: weights 4 1 3, summed up

pub fn cumulative_weights(waiting: &[usize]) -> Vec<u64> {
    let most = waiting.iter().copied().max().unwrap_or(0);
    let mut sum = 0;
    let mut sums = Vec::new();
    for &batches in waiting {
        sum += (most - batches) as u64;
        sums.push(sum);
    }
    sums
}
