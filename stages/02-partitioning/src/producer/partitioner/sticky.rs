//! One partition until its batch is closed (KIP-480).

use super::{Candidate, Partitioner, Topic, available};

/// Stays with one partition, drawn by lot, as long as the batch that is open there takes the next record. Then it draws
/// another one. So all records go into one batch, which fills fast, and over time all partitions get batches. Kafka's
/// default for records without a key from 2.4 to 3.2.
///
/// Its flaw is why it was replaced (KIP-794). A slow broker's batches wait for their turn, and while they wait they are
/// open and collect more. The slower a broker, the larger its batches, and the more records it gets.
/// [`StickyByBytes`](super::StickyByBytes) counts bytes instead.
#[derive(Debug)]
pub struct Sticky {
    current: Option<u32>,
    random: fastrand::Rng,
}

impl Sticky {
    /// Draws with `random`.
    pub fn new(random: fastrand::Rng) -> Self {
        Sticky { current: None, random }
    }

    /// A partition other than the current one, if there is another.
    fn draw(&mut self, topic: &dyn Topic) -> u32 {
        let mut candidates = available(topic);
        if candidates.len() > 1 {
            candidates.retain(|&partition| Some(partition) != self.current);
        }
        candidates[self.random.usize(0..candidates.len())]
    }
}

impl Partitioner for Sticky {
    fn partition(&mut self, record: &Candidate<'_>, topic: &mut dyn Topic) -> u32 {
        let stays = self.current.filter(|&partition| topic.offer(partition, record.size));
        let partition = stays.unwrap_or_else(|| self.draw(topic));
        self.current = Some(partition);
        partition
    }
}
