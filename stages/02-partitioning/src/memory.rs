//! Room for what is on its way: a bound on bytes that many share.
//!
//! Each connection's queue is bounded, and a thousand bounded queues are a lot of memory. So all frames of a broker take
//! their room from one store, and whoever finds it empty waits. His client notices nothing but that the broker reads more
//! slowly: TCP stops a sender whose bytes nobody takes. This is *back-pressure*.
//!
//! A frame's room grows as its bytes come. If it took all of it at once, a stranger who announces a few large frames and
//! sends none of them would have all the room there is. But a room that grows has a danger of its own: many frames may have
//! come by half, and each wait for the others to go. So one of them may go on without room, beyond what there is, and then
//! its room is given back, and the next goes on.

use std::sync::Arc;

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// So many bytes, to be shared. Clones share the same.
#[derive(Debug, Clone)]
pub struct Memory {
    free: Arc<Semaphore>,
    /// For the one who may go on without room.
    beyond: Arc<Semaphore>,
    total: usize,
}

/// Bytes that were taken. They are given back when this is dropped.
#[derive(Debug)]
pub struct Room {
    memory: Memory,
    bytes: usize,
    taken: OwnedSemaphorePermit,
    beyond: Option<OwnedSemaphorePermit>,
}

impl Memory {
    /// A store of `total` bytes; at most 4 GiB.
    pub fn new(total: usize) -> Self {
        let total = total.min(u32::MAX as usize);
        Memory { free: Arc::new(Semaphore::new(total)), beyond: Arc::new(Semaphore::new(1)), total }
    }

    /// Waits for room. Those who wait are served in the order in which they came. Whoever wants more than all there is gets
    /// all there is, alone: a large request is slow, and not stuck.
    pub async fn room(&self, bytes: usize) -> Room {
        let taken = there(self.free.clone().acquire_many_owned(bytes.min(self.total) as u32).await);
        Room { memory: self.clone(), bytes, taken, beyond: None }
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

impl Room {
    /// How large it is.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Waits until it is larger by so many bytes. At most one room of a store grows beyond what there is.
    pub async fn grow(&mut self, bytes: usize) {
        let more = bytes.min(self.memory.total - self.taken.num_permits());
        if self.beyond.is_none() && more > 0 {
            tokio::select! {
                // In this order: who finds room does not need to go beyond it.
                biased;
                taken = self.memory.free.clone().acquire_many_owned(more as u32) => self.taken.merge(there(taken)),
                beyond = self.memory.beyond.clone().acquire_owned() => self.beyond = Some(there(beyond)),
            }
        }
        self.bytes += bytes;
    }
}

fn there(taken: Result<OwnedSemaphorePermit, AcquireError>) -> OwnedSemaphorePermit {
    taken.expect("the store is never closed")
}
