//! What leaders want of the controller, and the task that asks for it.
//!
//! Many partitions may want something at once: when a broker dies, each leader that it followed wants it out of its list. So
//! wishes are gathered, and asked for together. What is asked for is looked up in the replica when it is asked: a wish that
//! is old by then is not sent.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

use partitioning::TopicPartition;
use tokio::sync::Notify;

/// Partitions whose leaders want something.
#[derive(Debug, Default)]
pub struct Wishes {
    partitions: Mutex<BTreeSet<TopicPartition>>,
    some: Notify,
}

impl Wishes {
    /// The leader of `at` wants something.
    pub fn add(&self, at: &TopicPartition) {
        self.partitions().insert(at.clone());
        self.some.notify_one();
    }

    /// Waits until somebody wants something, and takes all there is.
    pub async fn take(&self) -> BTreeSet<TopicPartition> {
        loop {
            let taken = std::mem::take(&mut *self.partitions());
            if !taken.is_empty() {
                return taken;
            }
            self.some.notified().await;
        }
    }

    fn partitions(&self) -> MutexGuard<'_, BTreeSet<TopicPartition>> {
        self.partitions.lock().expect("nothing panics while it holds the list")
    }
}
