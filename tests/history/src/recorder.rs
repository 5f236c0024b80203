//! The recorder: a notebook that all clients of a run share.
//!
//! A client says that it begins something, does it, and says what came out. What begins gets its line at once, so that
//! a client that dies in between leaves an operation that never ended, and nothing has to clean up after it.
//!
//! ```text
//!   client                      recorder                       line
//!   send(now, "orders-0", 17) ──▶ began 100                    producer-1 send 17: in doubt
//!      … the broker works …
//!   acked(now, Some(3)) ────────▶ ended 250                    producer-1 send 17: acknowledged at 3
//! ```
//!
//! # Invariants
//!
//! - No two events of a run have the same time. On a simulated clock much happens in one instant, and what came first would
//!   be lost. So an event is put one microsecond after the last one where the clock says no more than that.
//! - `began` is noted before the client asks, `ended` after it was answered. Of two operations of which one ended before the
//!   other began, the first really came first.
//!
//! Times are handed in: the recorder has no clock.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::history::History;
use crate::operation::{
    Decision, Kind, Offset, Operation, Partition, Process, Record, Sent, Time, TransactionId, Value,
};

/// The notebook of a run. A clone writes into the same one.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    notes: Arc<Mutex<Notes>>,
}

#[derive(Debug, Default)]
struct Notes {
    operations: Vec<Operation>,
    /// The first time that no event has yet.
    free: Time,
    /// The number of the next transaction.
    transactions: TransactionId,
}

impl Notes {
    fn time(&mut self, now: Time) -> Time {
        let time = now.max(self.free);
        self.free = time.saturating_add(1);
        time
    }
}

impl Recorder {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The pen of one client. A name belongs to one client: one that comes back after a crash takes another.
    pub fn client(&self, process: impl Into<Process>) -> Client {
        Client { recorder: self.clone(), process: process.into() }
    }

    /// What was written down so far.
    pub fn history(&self) -> History {
        self.notes().operations.clone().into()
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().expect("nothing panics while it writes")
    }

    fn begin(&self, process: &Process, now: Time, kind: Kind) -> Line {
        let mut notes = self.notes();
        let began = notes.time(now);
        notes.operations.push(Operation { process: process.clone(), began, ended: None, kind });
        Line { recorder: self.clone(), number: notes.operations.len() - 1 }
    }
}

/// An operation's place in the notebook.
#[derive(Debug)]
struct Line {
    recorder: Recorder,
    number: usize,
}

impl Line {
    fn end(self, now: Time, outcome: impl FnOnce(&mut Kind)) {
        let mut notes = self.recorder.notes();
        let ended = notes.time(now);
        let operation = &mut notes.operations[self.number];
        operation.ended = Some(ended);
        outcome(&mut operation.kind);
    }
}

/// What one client writes with. All times are microseconds of the run's clock.
#[derive(Debug, Clone)]
pub struct Client {
    recorder: Recorder,
    process: Process,
}

impl Client {
    /// A producer is about to send. Its sends may overlap; what counts as their order is the order of these calls.
    pub fn send(&self, now: Time, partition: &Partition, value: Value) -> Sending {
        self.sending(now, partition, value, None)
    }

    /// A consumer is about to poll. Its polls do not overlap.
    pub fn poll(&self, now: Time) -> Polling {
        self.polling(now, None)
    }

    /// A consumer was given these partitions, and their positions may have changed. A rebalance that happens inside a poll is
    /// told before that poll ends.
    pub fn assign(&self, now: Time, partitions: Vec<Partition>) {
        self.at_once(now, Kind::Assign { partitions });
    }

    /// A consumer has gone elsewhere in this partition.
    pub fn seek(&self, now: Time, partition: &Partition) {
        self.at_once(now, Kind::Seek { partition: partition.clone() });
    }

    /// A consumer is about to ask for the ends of its partitions, to read on until it has reached them. All faults are
    /// healed.
    pub fn drain(&self, now: Time) -> Draining {
        Draining(self.recorder.begin(&self.process, now, Kind::Drained { ends: BTreeMap::new() }))
    }

    /// A producer begins a transaction.
    pub fn begin(&self, now: Time) -> Transaction {
        let id = {
            let mut notes = self.recorder.notes();
            let id = notes.transactions;
            notes.transactions += 1;
            id
        };
        self.at_once(now, Kind::Begin { transaction: id });
        Transaction { client: self.clone(), id }
    }

    fn sending(&self, now: Time, partition: &Partition, value: Value, transaction: Option<TransactionId>) -> Sending {
        let kind = Kind::Send { partition: partition.clone(), value, transaction, outcome: Sent::Unknown };
        Sending(self.recorder.begin(&self.process, now, kind))
    }

    fn polling(&self, now: Time, transaction: Option<TransactionId>) -> Polling {
        Polling(self.recorder.begin(&self.process, now, Kind::Poll { records: Vec::new(), transaction }))
    }

    /// Notes what takes no time.
    fn at_once(&self, now: Time, kind: Kind) {
        let mut notes = self.recorder.notes();
        let time = notes.time(now);
        notes.operations.push(Operation { process: self.process.clone(), began: time, ended: Some(time), kind });
    }
}

/// A transaction that a client has open.
#[derive(Debug, Clone)]
pub struct Transaction {
    client: Client,
    id: TransactionId,
}

impl Transaction {
    /// Its number in the history.
    pub fn id(&self) -> TransactionId {
        self.id
    }

    /// As [`Client::send`], as a part of the transaction.
    pub fn send(&self, now: Time, partition: &Partition, value: Value) -> Sending {
        self.client.sending(now, partition, value, Some(self.id))
    }

    /// As [`Client::poll`], while the transaction is open.
    pub fn poll(&self, now: Time) -> Polling {
        self.client.polling(now, Some(self.id))
    }

    /// The transaction takes as its input what its process was given of these partitions below these offsets: before it began,
    /// or since. What [`Transaction::poll`] gave is its input anyway.
    pub fn consume(&self, now: Time, offsets: BTreeMap<Partition, Offset>) {
        self.client.at_once(now, Kind::Consume { transaction: self.id, offsets });
    }

    /// The producer is about to ask for a commit.
    pub fn commit(&self, now: Time) -> Deciding {
        self.deciding(now, Kind::Commit { transaction: self.id, outcome: Decision::Unknown })
    }

    /// The producer is about to ask for an abort.
    pub fn abort(&self, now: Time) -> Deciding {
        self.deciding(now, Kind::Abort { transaction: self.id, outcome: Decision::Unknown })
    }

    fn deciding(&self, now: Time, kind: Kind) -> Deciding {
        Deciding(self.client.recorder.begin(&self.client.process, now, kind))
    }
}

/// A send that has begun. Dropped, it is one that never ended.
#[derive(Debug)]
#[must_use = "a send that is not told its end stays in doubt"]
pub struct Sending(Line);

impl Sending {
    /// It was acknowledged, at this offset if the broker said one.
    pub fn acked(self, now: Time, offset: Option<Offset>) {
        self.end(now, Sent::Acked { offset });
    }

    /// It was certainly not done, and will not be.
    pub fn failed(self, now: Time) {
        self.end(now, Sent::Failed);
    }

    /// It was refused, because the producer is fenced.
    pub fn fenced(self, now: Time) {
        self.end(now, Sent::Fenced);
    }

    /// The client gave up, and does not know.
    pub fn unknown(self, now: Time) {
        self.end(now, Sent::Unknown);
    }

    /// It ended so.
    pub fn end(self, now: Time, sent: Sent) {
        self.0.end(now, |kind| match kind {
            Kind::Send { outcome, .. } => *outcome = sent,
            _ => unreachable!("the line of a Sending is a send"),
        });
    }
}

/// A poll that has begun. Dropped, it is one that never ended.
#[derive(Debug)]
#[must_use = "what a poll gave is told with `gave`"]
pub struct Polling(Line);

impl Polling {
    /// It gave these records; none, if it gave nothing or failed.
    pub fn gave(self, now: Time, given: Vec<Record>) {
        self.0.end(now, |kind| match kind {
            Kind::Poll { records, .. } => *records = given,
            _ => unreachable!("the line of a Polling is a poll"),
        });
    }
}

/// A commit or an abort that has begun. Dropped, it is one that never ended.
#[derive(Debug)]
#[must_use = "a decision that is not told stays in doubt"]
pub struct Deciding(Line);

impl Deciding {
    /// This is what the coordinator said of the transaction.
    pub fn end(self, now: Time, decision: Decision) {
        self.0.end(now, |kind| match kind {
            Kind::Commit { outcome, .. } | Kind::Abort { outcome, .. } => *outcome = decision,
            _ => unreachable!("the line of a Deciding is a commit or an abort"),
        });
    }
}

/// A last reading that has begun. Dropped, it is one that never ended, and proves nothing.
#[derive(Debug)]
#[must_use = "a reading that is not told its end proves nothing"]
pub struct Draining(Line);

impl Draining {
    /// All these ends were reached.
    pub fn reached(self, now: Time, reached: BTreeMap<Partition, Offset>) {
        self.0.end(now, |kind| match kind {
            Kind::Drained { ends } => *ends = reached,
            _ => unreachable!("the line of a Draining is a last reading"),
        });
    }
}
