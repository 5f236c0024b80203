//! `buffer.memory`: a bound on the records that wait or are under way (Kafka's `BufferPool`).
//!
//! A program can make records faster than a broker takes them. Something must give: here the program waits, and for no
//! longer than `max.block.ms`. Those who wait are served in the order in which they came, so that a large record is not
//! overtaken for ever by small ones.
//!
//! Nobody knows what a record will take in its batch before it is there. So the most that it can take is taken first, and
//! what was too much is given back at once. The rest is given back with the batch, when it is answered.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::delivery::closed;
use crate::error::Result;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct BufferMemory {
    free: Semaphore,
    waiting: AtomicUsize,
}

/// Bytes that were taken. They are given back when this is dropped.
#[derive(Debug)]
pub(super) struct Room<'m>(SemaphorePermit<'m>);

impl BufferMemory {
    /// So many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        BufferMemory { free: Semaphore::new(bytes), waiting: AtomicUsize::new(0) }
    }

    /// Takes room for so many bytes if they are free, and nobody waits.
    pub(super) fn try_take(&self, bytes: usize) -> Option<Room<'_>> {
        self.free.try_acquire_many(u32::try_from(bytes).ok()?).ok().map(Room)
    }

    /// Waits for room for so many bytes, of which there are as many in all. Calls `tell` once it waits.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`](crate::Error::Closed).
    pub(super) async fn take(&self, bytes: usize, tell: impl FnOnce()) -> Result<Room<'_>> {
        let _waits = Waits::among(&self.waiting);
        tell();
        let bytes = u32::try_from(bytes).expect("a record's size is held against max.request.size first");
        self.free.acquire_many(bytes).await.map(Room).map_err(|_| closed())
    }

    /// Whether somebody waits.
    pub(super) fn is_exhausted(&self) -> bool {
        self.waiting() > 0
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    /// Bytes that nobody has taken.
    pub(super) fn free(&self) -> usize {
        self.free.available_permits()
    }

    /// Gives back what was [kept](Room::keep).
    pub(super) fn give_back(&self, bytes: usize) {
        self.free.add_permits(bytes);
    }

    /// Lets nobody wait any more.
    pub(super) fn close(&self) {
        self.free.close();
    }
}

impl Room<'_> {
    /// Keeps so many bytes until they are [given back](BufferMemory::give_back), and gives the others back now.
    pub(super) fn keep(mut self, bytes: usize) {
        let kept = self.0.split(bytes);
        debug_assert!(kept.is_some(), "a record takes no more than the most that it can take");
        kept.into_iter().for_each(SemaphorePermit::forget);
    }
}

/// One who waits, for as long as this lives.
struct Waits<'m>(&'m AtomicUsize);

impl<'m> Waits<'m> {
    fn among(waiting: &'m AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::AcqRel);
        Waits(waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
