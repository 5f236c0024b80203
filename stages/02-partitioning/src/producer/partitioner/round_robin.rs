//! One after the other.

use super::{Candidate, Partitioner, Topic};

/// Each record to the next partition, whatever its key (`RoundRobinPartitioner`). No partition ever has two records more
/// than another. But with many partitions each batch gets a small share of the records, so there are many small batches.
#[derive(Debug, Clone, Copy, Default)]
pub struct RoundRobin {
    next: u32,
}

impl RoundRobin {
    /// Begins with partition 0.
    pub fn new() -> Self {
        RoundRobin::default()
    }
}

impl Partitioner for RoundRobin {
    fn partition(&mut self, _record: &Candidate<'_>, topic: &mut dyn Topic) -> u32 {
        let count = topic.partitions();
        let turn = self.next % count;
        // Once around. If nobody leads any partition, it is the turn of the one whose turn it is.
        let around = (turn..count).chain(0..turn);
        let chosen = around.into_iter().find(|&partition| topic.has_leader(partition)).unwrap_or(turn);
        self.next = chosen + 1;
        chosen
    }
}
