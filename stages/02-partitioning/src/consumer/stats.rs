//! What a consumer has done so far.

use super::answer::Answer;

/// Counted since the consumer was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConsumerStats {
    /// Fetches that were answered.
    pub fetches: u64,
    /// Those of them that brought nothing at all.
    pub empty_fetches: u64,
    /// Bytes of batches that were fetched, as they travelled.
    pub bytes: u64,
    /// Records that the application got.
    pub records: u64,
    /// Bytes that were fetched and thrown away, as the application had gone elsewhere.
    pub discarded_bytes: u64,
    /// Bytes that are here and not yet taken: how far the consumer is ahead of its application.
    pub held_bytes: usize,
    /// The most of them that there ever were.
    pub most_held_bytes: usize,
}

impl ConsumerStats {
    pub(super) fn discard(&mut self, answer: &Answer) {
        self.discarded_bytes += answer.size() as u64;
    }
}
