//! What becomes of a record: told once, whatever happens.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{self, Poll, ready};

use segment_log::{Offset, Timestamp};
use tokio::sync::oneshot;

use super::record::{NO_OFFSET, RecordMetadata};
use crate::api::{Produced, TopicPartition};
use crate::error::{Error, Result};

/// What becomes of a record: its place, or an error. It may be dropped; the record is sent all the same.
#[derive(Debug)]
pub struct Delivery(oneshot::Receiver<Result<RecordMetadata>>);

impl Delivery {
    pub(super) fn new() -> (Self, Done) {
        let (done, delivery) = oneshot::channel();
        (Delivery(delivery), Done::Delivery(done))
    }
}

impl Future for Delivery {
    type Output = Result<RecordMetadata>;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Self::Output> {
        let told = ready!(Pin::new(&mut self.0).poll(context));
        Poll::Ready(told.unwrap_or_else(|_| Err(closed())))
    }
}

/// Whom to tell.
pub(super) enum Done {
    /// A [`Delivery`].
    Delivery(oneshot::Sender<Result<RecordMetadata>>),
    /// A callback.
    Callback(Box<dyn FnOnce(Result<RecordMetadata>) + Send>),
}

impl Done {
    fn tell(self, outcome: Result<RecordMetadata>) {
        match self {
            // Nobody may wait any more.
            Done::Delivery(delivery) => drop(delivery.send(outcome)),
            Done::Callback(callback) => {
                // It is somebody else's code, and all other records are in our hands.
                if catch_unwind(AssertUnwindSafe(|| callback(outcome))).is_err() {
                    tracing::error!("a callback of a producer panicked");
                }
            }
        }
    }
}

/// What goes with a record through the producer. If it is lost on its way, that is told too.
pub(super) struct Ticket {
    timestamp: Timestamp,
    /// `None` once it has been told.
    done: Option<Done>,
}

impl Ticket {
    /// For a record with this timestamp.
    pub(super) fn new(timestamp: Timestamp, done: Done) -> Self {
        Ticket { timestamp, done: Some(done) }
    }

    /// The record is in the log, so many places behind its batch's first record; or it was sent, and that is all that is
    /// known. Its batch was sent again so many times.
    pub(super) fn stored(mut self, at: &TopicPartition, produced: &Produced, place: usize, retries: u32) {
        let offset = match produced.base_offset {
            ..0 => NO_OFFSET,
            base => base.saturating_add(place as Offset),
        };
        let timestamp = produced.log_append_time.unwrap_or(self.timestamp);
        self.tell(Ok(RecordMetadata { at: at.clone(), offset, timestamp, retries }));
    }

    /// It is not, or nobody knows.
    pub(super) fn failed(mut self, error: &Error) {
        self.tell(Err(error.clone()));
    }

    fn tell(&mut self, outcome: Result<RecordMetadata>) {
        if let Some(done) = self.done.take() {
            done.tell(outcome);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.tell(Err(closed()));
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ticket({})", self.timestamp)
    }
}

/// The record was not sent, as the producer was closed.
pub(super) fn closed() -> Error {
    Error::Closed("the producer")
}
