//! Room for what is on its way: a bound on bytes that many share.
//!
//! Each connection's queue is bounded, and a thousand bounded queues are a lot of memory. So all frames of a broker take
//! their room from one store, and whoever finds it empty waits. His client notices nothing but that the broker reads more
//! slowly: TCP stops a sender whose bytes nobody takes. This is *back-pressure*.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many bytes, to be shared. Clones share the same.
#[derive(Debug, Clone)]
pub struct Memory {
    free: Arc<Semaphore>,
    total: usize,
}

/// Bytes that were taken. They are given back when this is dropped.
#[derive(Debug)]
pub struct Room(#[allow(dead_code, reason = "it is held, not read")] OwnedSemaphorePermit);

impl Memory {
    /// A store of `total` bytes; at most 4 GiB.
    pub fn new(total: usize) -> Self {
        let total = total.min(u32::MAX as usize);
        Memory { free: Arc::new(Semaphore::new(total)), total }
    }

    /// Waits for room. Those who wait are served in the order in which they came. Whoever wants more than all there is gets
    /// all there is, alone: a large request is slow, and not stuck.
    pub async fn room(&self, bytes: usize) -> Room {
        let bytes = bytes.min(self.total) as u32;
        let permit = self.free.clone().acquire_many_owned(bytes).await;
        Room(permit.expect("the store is never closed"))
    }

    /// Bytes that there are.
    pub fn total(&self) -> usize {
        self.total
    }

    /// Bytes that nobody has taken.
    pub fn free(&self) -> usize {
        self.free.available_permits()
    }
}
