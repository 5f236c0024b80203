//! How many bytes of a fetch's answer each partition may give.

use crate::api::FetchPartition;
use crate::partition::ReadRequest;

/// What is left of an answer to a fetch, while one partition after the other is read for it. Kafka's rules (KIP-74):
///
/// - The whole answer has a limit (`fetch.max.bytes`), and each partition has one of its own
///   (`max.partition.fetch.bytes`). A partition may give what both allow.
/// - The limits are soft in one place. The first partition *that has anything* gives at least one whole batch, however
///   large: else a reader whose limits are below a batch's size would ask for that batch for ever. All behind it keep to
///   what is left.
///
/// ```text
///   asked for 100 bytes      orders-0  │  orders-1  │  orders-2
///   its next batch            nothing  │     250    │      40
///   may give                  100 + *  │   100 + *  │       0          *: the first batch whole, whatever its size
///   gives                           0  │     250    │       0          and next time orders-2 is asked first
/// ```
#[derive(Debug, Clone)]
pub struct FetchBudget {
    /// Bytes that are left.
    left: usize,
    /// Nothing was given yet.
    is_empty: bool,
}

impl FetchBudget {
    /// For an answer of at most `asked` bytes, which is the reader's wish, and at most `limit` bytes, which is what the
    /// broker allows itself.
    pub fn new(asked: u32, limit: usize) -> Self {
        FetchBudget { left: limit.min(asked as usize), is_empty: true }
    }

    /// What to read of the next partition: from the offset that was asked for, what both limits allow; and whether one
    /// batch is given whole, whatever its size.
    pub fn request(&self, asked: &FetchPartition) -> ReadRequest {
        let max_bytes = self.left.min(asked.max_bytes as usize);
        ReadRequest { from: asked.offset, max_bytes, min_one_batch: self.is_empty }
    }

    /// The partition has given so many bytes: 0, if it had nothing or refused. Can be more than was left, once.
    pub fn spent(&mut self, bytes: usize) {
        self.is_empty &= bytes == 0;
        self.left = self.left.saturating_sub(bytes);
    }
}
