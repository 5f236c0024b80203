//! One partition for a number of bytes, then the next (KIP-794).

use super::{Candidate, Partitioner, Topic, available};

/// Stays with one partition until it has had `batch.size` bytes, then draws the next one by lot. All turns being equal, a
/// slow broker gets no more than a fast one. If `adaptive`, it gets less: the more batches wait for a partition, the
/// smaller its part in the lot. Kafka's `BuiltInPartitioner`.
///
/// A turn goes on until the open batch is full, or a batch that is half full would be left behind. It does not go on beyond
/// twice `batch.size`: others, with keys, may open batches there again and again.
#[derive(Debug)]
pub struct StickyByBytes {
    batch_size: usize,
    adaptive: bool,
    random: fastrand::Rng,
    turn: Option<Turn>,
}

/// Whose turn it is, and the bytes that it has had.
#[derive(Debug, Clone, Copy)]
struct Turn {
    partition: u32,
    had: usize,
}

impl StickyByBytes {
    /// `batch_size` is `batch.size`, `adaptive` is `partitioner.adaptive.partitioning.enable`. Draws with `random`.
    pub fn new(batch_size: usize, adaptive: bool, random: fastrand::Rng) -> Self {
        StickyByBytes { batch_size: batch_size.max(1), adaptive, random, turn: None }
    }

    /// Whether `turn` goes on with `record`: until it has had `batch_size` bytes, and then as long as the open batch takes
    /// the record, up to twice as many. The batch is asked only then, as an offer that is not taken closes it.
    fn goes_on(&self, turn: Turn, record: &Candidate<'_>, topic: &mut dyn Topic) -> bool {
        if turn.had < self.batch_size {
            return true;
        }
        turn.had < self.batch_size.saturating_mul(2) && topic.offer(turn.partition, record.size)
    }

    fn draw(&mut self, topic: &dyn Topic) -> u32 {
        let candidates = available(topic);
        if !self.adaptive {
            return candidates[self.random.usize(0..candidates.len())];
        }
        let waiting: Vec<usize> = candidates.iter().map(|&partition| topic.waiting(partition)).collect();
        let weights = cumulative_weights(&waiting);
        let total = *weights.last().expect("a topic has partitions");
        candidates[drawn_index(&weights, self.random.u64(0..total))]
    }
}

impl Partitioner for StickyByBytes {
    fn partition(&mut self, record: &Candidate<'_>, topic: &mut dyn Topic) -> u32 {
        let turn = match self.turn {
            Some(turn) if self.goes_on(turn, record, topic) => turn,
            _ => Turn { partition: self.draw(topic), had: 0 },
        };
        self.turn = Some(turn);
        turn.partition
    }

    fn appended(&mut self, _record: &Candidate<'_>, partition: u32, bytes: usize) {
        if let Some(turn) = self.turn.as_mut().filter(|turn| turn.partition == partition) {
            turn.had = turn.had.saturating_add(bytes);
        }
    }
}

/// Weights for a lot among partitions for which so many batches wait, as a running sum. The longest queue weighs 1, and
/// each batch fewer weighs 1 more.
///
/// ```
/// use partitioning::producer::partitioner::cumulative_weights;
///
/// // queues   0  3  1
/// // weights  4  1  3
/// assert_eq!(cumulative_weights(&[0, 3, 1]), [4, 5, 8]);
/// ```
pub fn cumulative_weights(waiting: &[usize]) -> Vec<u64> {
    let most = waiting.iter().copied().max().unwrap_or(0);
    let weights = waiting.iter().map(|&batches| (most - batches + 1) as u64);
    let running = weights.scan(0, |sum, weight| {
        *sum += weight;
        Some(*sum)
    });
    running.collect()
}

/// Into whose part `number` falls: the first place whose running sum is above it. `number` is below the last sum.
///
/// ```
/// use partitioning::producer::partitioner::drawn_index;
///
/// let drawn: Vec<usize> = (0..8).map(|number| drawn_index(&[4, 5, 8], number)).collect();
/// assert_eq!(drawn, [0, 0, 0, 0, 1, 2, 2, 2]);
/// ```
pub fn drawn_index(cumulative: &[u64], number: u64) -> usize {
    cumulative.partition_point(|&sum| sum <= number)
}
