//! The transactions of a partition that are not over, and from where on the log is not stable for them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use segment_log::Offset;

use super::OpenTransaction;

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct OpenTransactions {
    /// The offset of the first record, by producer.
    first: BTreeMap<i64, Offset>,
    /// The same, in the order of the log.
    in_order: BTreeSet<(Offset, i64)>,
    /// Those whose marker is in the log and perhaps not committed, in the order of the markers.
    decided: VecDeque<Decided>,
}

/// A transaction that has ended, if its marker stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decided {
    pub(super) first: Offset,
    pub(super) marker: Offset,
}

impl OpenTransactions {
    /// Of a replay's beginning.
    pub(super) fn restored(open: impl IntoIterator<Item = (i64, Offset)>, decided: VecDeque<Decided>) -> Self {
        let mut restored = OpenTransactions { decided, ..OpenTransactions::default() };
        open.into_iter().for_each(|(id, first)| restored.begin(id, first));
        restored
    }

    /// A record of a transaction is at this offset: if it is the first, it opens the transaction.
    pub(super) fn begin(&mut self, producer_id: i64, offset: Offset) {
        if let std::collections::btree_map::Entry::Vacant(first) = self.first.entry(producer_id) {
            first.insert(offset);
            self.in_order.insert((offset, producer_id));
        }
    }

    /// Its marker is at this offset. Gives where the transaction began, if it had a record here.
    pub(super) fn end(&mut self, producer_id: i64, marker: Offset) -> Option<Offset> {
        let first = self.first.remove(&producer_id)?;
        self.in_order.remove(&(first, producer_id));
        self.decided.push_back(Decided { first, marker });
        Some(first)
    }

    /// Markers below this offset stay.
    pub(super) fn committed(&mut self, high_watermark: Offset) {
        while self.decided.front().is_some_and(|decided| decided.marker < high_watermark) {
            self.decided.pop_front();
        }
    }

    /// Where a producer's open transaction begins.
    pub(super) fn of(&self, producer_id: i64) -> Option<Offset> {
        self.first.get(&producer_id).copied()
    }

    /// Where the first open transaction begins.
    pub(super) fn first(&self) -> Option<Offset> {
        self.in_order.first().map(|(offset, _)| *offset)
    }

    /// Where the first transaction begins that is open, or whose marker may yet be lost.
    pub(super) fn unstable(&self) -> Option<Offset> {
        let undecided = self.first();
        let decided = self.decided.iter().map(|decided| decided.first).min();
        undecided.into_iter().chain(decided).min()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = OpenTransaction> {
        self.in_order.iter().map(|&(first_offset, producer_id)| OpenTransaction { producer_id, first_offset })
    }

    pub(super) fn decided(&self) -> impl Iterator<Item = &Decided> {
        self.decided.iter()
    }
}
