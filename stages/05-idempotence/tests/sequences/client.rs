//! What the sender of stage 02's producer does with the numbers, without clock and network: queues of what waits, and what is
//! under way.

use std::collections::BTreeMap;
use std::mem;

use idempotence::producer::IdempotentSending;
use idempotence::sequences::{Leave, Sequences};
use partitioning::api::{TopicId, TopicPartition};
use partitioning::producer::Sending;
use partitioning::producer::sequencing::{Departure, Ending, Failure, Fate, Stamp};
use partitioning::{Error, ErrorCode};

use crate::brokers::{Request, Said};

/// How a batch has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Acknowledged,
    /// It is certain that it was not stored.
    Failed,
    InDoubt,
}

#[derive(Debug, Clone)]
struct Batch {
    partition: usize,
    records: usize,
    /// As it left the last time.
    stamp: Option<Stamp>,
    attempts: u32,
    in_doubt: bool,
}

/// What comes of an attempt.
pub(crate) enum Outcome {
    Said(Said),
    /// The connection ended before the answer came.
    Lost,
    /// It was not even sent.
    NotSent,
}

pub(crate) struct Client {
    pub(crate) sequences: Sequences,
    sending: IdempotentSending,
    /// What waits, by partition and number.
    waiting: Vec<BTreeMap<u64, Batch>>,
    under_way: BTreeMap<u64, Batch>,
    pub(crate) ends: BTreeMap<u64, End>,
    next: u64,
    /// Numbers that were given anew.
    pub(crate) renumbered: u64,
    /// Batches that could not be.
    pub(crate) left_behind: u64,
    pub(crate) retries: u64,
}

impl Client {
    pub(crate) fn new(partitions: usize) -> Self {
        Client {
            sequences: Sequences::new(),
            sending: IdempotentSending::default(),
            waiting: vec![BTreeMap::new(); partitions],
            under_way: BTreeMap::new(),
            ends: BTreeMap::new(),
            next: 0,
            renumbered: 0,
            left_behind: 0,
            retries: 0,
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.under_way.is_empty() && self.waiting.iter().all(BTreeMap::is_empty)
    }

    pub(crate) fn batches(&self) -> u64 {
        self.next
    }

    /// Begins a batch.
    pub(crate) fn send(&mut self, partition: usize, records: usize) {
        let batch = Batch { partition, records, stamp: None, attempts: 0, in_doubt: false };
        self.waiting[partition].insert(self.next, batch);
        self.next += 1;
    }

    /// The first batch that waits for a partition, if it may leave.
    pub(crate) fn leave(&mut self, partition: usize) -> Option<Request> {
        let (&number, batch) = self.waiting[partition].first_key_value()?;
        let at = at(partition);
        let departure = Departure { at: &at, topic: Some(TopicId(1)), number, records: batch.records };
        match self.sequences.gate(&departure) {
            Leave::Wait(_) => return None,
            Leave::Never => {
                self.left_behind += 1;
                let batch = self.waiting[partition].remove(&number).expect("it is the first");
                self.finish(number, &batch, End::InDoubt);
                return None;
            }
            Leave::Now => {}
        }
        let stamp = self.sequences.leave(&departure);
        let mut batch = self.waiting[partition].remove(&number).expect("it is the first");
        if batch.stamp.is_some_and(|before| before != stamp) {
            self.renumbered += 1;
            assert!(!mem::take(&mut batch.in_doubt), "batch {number} is in doubt and has another number");
        }
        self.retries += u64::from(batch.attempts > 0);
        (batch.stamp, batch.attempts) = (Some(stamp), batch.attempts + 1);
        let request = Request::new(partition, number, stamp, batch.records);
        self.under_way.insert(number, batch);
        Some(request)
    }

    /// An attempt has ended.
    pub(crate) fn told(&mut self, number: u64, outcome: &Outcome) {
        let Some(mut batch) = self.under_way.remove(&number) else { return };
        let Some(error) = error_of(outcome) else { return self.finish(number, &batch, End::Acknowledged) };
        batch.in_doubt |= self.sending.doubt(&error).is_some();
        let again = self.sending.again(&error, batch.attempts);
        let at = at(batch.partition);
        let failure = Failure { at: &at, number, error: &error, in_doubt: batch.in_doubt, again };
        match self.sequences.attempt_failed(&failure) {
            Fate::Again => drop(self.waiting[batch.partition].insert(number, batch)),
            Fate::Failed if batch.in_doubt => self.finish(number, &batch, End::InDoubt),
            Fate::Failed => self.finish(number, &batch, End::Failed),
        }
    }

    /// The time of a batch is over, of the oldest that has not ended or of one behind it.
    pub(crate) fn expire(&mut self, which: usize) {
        let waiting = self.waiting.iter().flatten().map(|(number, _)| *number);
        let mut all: Vec<u64> = self.under_way.keys().copied().chain(waiting).collect();
        all.sort_unstable();
        let Some(&number) = all.get(which) else { return };
        if let Some(batch) = self.under_way.remove(&number) {
            return self.finish(number, &batch, End::InDoubt);
        }
        let batch = self.waiting.iter_mut().find_map(|queue| queue.remove(&number)).expect("it is somewhere");
        self.finish(number, &batch, if batch.in_doubt { End::InDoubt } else { End::Failed });
    }

    fn finish(&mut self, number: u64, batch: &Batch, end: End) {
        let ending = match end {
            End::Acknowledged => Ending::Stored,
            End::Failed => Ending::NotStored,
            End::InDoubt => Ending::InDoubt,
        };
        self.sequences.ended(&at(batch.partition), number, ending);
        assert_eq!(self.ends.insert(number, end), None, "batch {number} ends once");
    }
}

fn at(partition: usize) -> TopicPartition {
    TopicPartition::new("orders", partition as u32)
}

fn error_of(outcome: &Outcome) -> Option<Error> {
    let (address, reason) = ("broker".to_owned(), "the test".to_owned());
    match outcome {
        Outcome::Said(Said::Stored(_)) => None,
        Outcome::Said(Said::Refused(code)) => Some(code.because("the test").into()),
        Outcome::Said(Said::NotYet { .. }) => Some(ErrorCode::RequestTimedOut.because("the test").into()),
        Outcome::Lost => Some(Error::Disconnected { address, reason }),
        Outcome::NotSent => Some(Error::Unreachable { address, reason }),
    }
}
