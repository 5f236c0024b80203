//! why: the weights are not summed up
//! shows: queues 0 3 1: weights 4 1 3, summed up

pub fn cumulative_weights(waiting: &[usize]) -> Vec<u64> {
    let most = waiting.iter().copied().max().unwrap_or(0);
    waiting.iter().map(|&batches| (most - batches + 1) as u64).collect()
}
