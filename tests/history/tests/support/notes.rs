//! Histories made by hand: each note takes a hundred microseconds of a clock that goes on by itself.

use std::cell::Cell;
use std::sync::Arc;

use history::{Client, Decision, History, Partition, Record, Recorder, Sent, Time, Transaction};

/// The partition of most histories.
pub(crate) const ORDERS: &str = "orders-0";

#[derive(Default)]
pub(crate) struct Notes {
    recorder: Recorder,
    now: Cell<Time>,
}

impl Notes {
    pub(crate) fn client(&self, process: &str) -> Client {
        self.recorder.client(process)
    }

    pub(crate) fn now(&self) -> Time {
        self.now.set(self.now.get() + 100);
        self.now.get()
    }

    pub(crate) fn history(&self) -> History {
        self.recorder.history()
    }

    pub(crate) fn sent(&self, process: &str, partition: &str, value: u64, outcome: Sent) {
        let sending = self.client(process).send(self.now(), &Arc::from(partition), value);
        sending.end(self.now(), outcome);
    }

    /// To `orders-0`, and told an offset.
    pub(crate) fn acked(&self, process: &str, value: u64, offset: i64) {
        self.sent(process, ORDERS, value, Sent::Acked { offset: Some(offset) });
    }

    /// To `orders-0`, one after the other, from offset 0 on, as the values are.
    pub(crate) fn acked_all(&self, process: &str, values: &[u64]) {
        values.iter().zip(0..).for_each(|(&value, offset)| self.acked(process, value, offset));
    }

    /// From `orders-0`.
    pub(crate) fn polled(&self, process: &str, records: &[(i64, u64)]) {
        let records = records.iter().map(|&(offset, value)| Record::new(ORDERS, offset, value));
        self.client(process).poll(self.now()).gave(self.now(), records.collect());
    }

    /// From several partitions, in one poll.
    pub(crate) fn gave(&self, process: &str, records: &[(&str, i64, u64)]) {
        let records = records.iter().map(|&(partition, offset, value)| Record::new(partition, offset, value));
        self.client(process).poll(self.now()).gave(self.now(), records.collect());
    }

    /// Several partitions, to these ends.
    pub(crate) fn drained_all(&self, process: &str, ends: &[(&str, i64)]) {
        let ends = ends.iter().map(|&(partition, end)| (Arc::from(partition), end));
        self.client(process).drain(self.now()).reached(self.now(), ends.collect());
    }

    pub(crate) fn drained(&self, process: &str, end: i64) {
        self.client(process).drain(self.now()).reached(self.now(), [(Arc::from(ORDERS), end)].into());
    }

    pub(crate) fn sent_in(&self, transaction: &Transaction, value: u64, offset: i64) {
        self.sent_to(transaction, ORDERS, value, offset);
    }

    pub(crate) fn sent_to(&self, transaction: &Transaction, partition: &str, value: u64, offset: i64) {
        transaction.send(self.now(), &Arc::from(partition), value).acked(self.now(), Some(offset));
    }

    pub(crate) fn commit(&self, transaction: &Transaction, decision: Decision) {
        transaction.commit(self.now()).end(self.now(), decision);
    }

    pub(crate) fn abort(&self, transaction: &Transaction, decision: Decision) {
        transaction.abort(self.now()).end(self.now(), decision);
    }
}

pub(crate) fn partition(name: &str) -> Partition {
    Arc::from(name)
}
