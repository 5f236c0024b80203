//! A producer's numbers, asked in few words.

use idempotence::sequences::{Identity, Leave, Sequences, Why};
use partitioning::api::{TopicId, TopicPartition};
use partitioning::producer::sequencing::{Departure, Ending, Failure, Fate, Stamp};
use partitioning::{Error, ErrorCode};

/// The producer id of these tests.
pub(crate) const ID: i64 = 7;

pub(crate) struct Desk {
    pub(crate) sequences: Sequences,
    /// Which topic has the name.
    pub(crate) topic: u128,
    /// How many records a batch has.
    pub(crate) records: usize,
    at: TopicPartition,
}

impl Desk {
    /// With an id, and batches of ten records for `orders-0`.
    pub(crate) fn new() -> Self {
        let mut desk = Self::nobody();
        desk.obtained(ID, 0);
        desk
    }

    pub(crate) fn nobody() -> Self {
        Desk { sequences: Sequences::new(), topic: 1, records: 10, at: TopicPartition::new("orders", 0) }
    }

    /// With an id that the partition's log knows: batch 0 is stored, so that 10 comes next.
    pub(crate) fn known() -> Self {
        let mut desk = Self::new();
        desk.leaves(0);
        desk.stored(0);
        desk
    }

    /// The same, and these have left after it, each with ten records.
    pub(crate) fn in_flight(numbers: std::ops::RangeInclusive<u64>) -> Self {
        let mut desk = Self::known();
        for number in numbers {
            desk.leaves(number);
        }
        desk
    }

    pub(crate) fn obtained(&mut self, producer_id: i64, epoch: i16) {
        self.sequences.obtained(Identity { producer_id, epoch });
    }

    /// Goes on with another partition.
    pub(crate) fn turn_to(&mut self, partition: u32) {
        self.at = TopicPartition::new("orders", partition);
    }

    pub(crate) fn gate(&mut self, number: u64) -> Leave {
        let Desk { sequences, topic, records, at } = self;
        sequences.gate(&Departure { at, topic: Some(TopicId(*topic)), number, records: *records })
    }

    #[track_caller]
    pub(crate) fn waits(&mut self, number: u64, why: Why) {
        assert_eq!(self.gate(number), Leave::Wait(why), "batch {number}");
    }

    /// A batch leaves. Gives producer id, epoch and number.
    #[track_caller]
    pub(crate) fn leaves(&mut self, number: u64) -> (i64, i16, i32) {
        assert_eq!(self.gate(number), Leave::Now, "batch {number}");
        let Desk { sequences, topic, records, at } = self;
        let leaving = Departure { at, topic: Some(TopicId(*topic)), number, records: *records };
        let Stamp { producer_id, epoch, base_sequence } = sequences.leave(&leaving);
        (producer_id, epoch, base_sequence)
    }

    /// An attempt has failed that may not be tried again.
    pub(crate) fn refused(&mut self, number: u64, code: ErrorCode) {
        assert_eq!(self.failed(number, code, false, false), Fate::Failed);
        self.ended(number, Ending::NotStored);
    }

    /// An attempt was certainly not done, and may be tried again.
    #[track_caller]
    pub(crate) fn comes_back(&mut self, number: u64) {
        assert_eq!(self.failed(number, ErrorCode::NotEnoughReplicas, false, true), Fate::Again);
    }

    /// Nobody knows of an attempt, and it may be tried again.
    #[track_caller]
    pub(crate) fn is_lost(&mut self, number: u64) {
        assert_eq!(self.failed(number, ErrorCode::RequestTimedOut, true, true), Fate::Again);
    }

    /// An attempt is out of order; the ones before it are in doubt or not.
    pub(crate) fn out_of_order(&mut self, number: u64, in_doubt: bool) -> Fate {
        self.failed(number, ErrorCode::OutOfOrderSequenceNumber, in_doubt, true)
    }

    pub(crate) fn failed(&mut self, number: u64, code: ErrorCode, in_doubt: bool, again: bool) -> Fate {
        let error = Error::from(code.because("the test"));
        self.sequences.attempt_failed(&Failure { at: &self.at, number, error: &error, in_doubt, again })
    }

    pub(crate) fn stored(&mut self, number: u64) {
        self.ended(number, Ending::Stored);
    }

    pub(crate) fn ended(&mut self, number: u64, ending: Ending) {
        self.sequences.ended(&self.at, number, ending);
    }
}
