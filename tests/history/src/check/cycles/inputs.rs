//! What each transaction worked on.
//!
//! A process polls inside of a transaction, or polls first, and says which of its records a transaction takes as its input. A record
//! that was polled and not taken waits; a seek or an assignment lets go of what waits of that partition, for it will be polled
//! again, by whoever reads it next.

use std::collections::BTreeMap;

use crate::facts::Facts;
use crate::operation::{Kind, Offset, TransactionId, Value};

/// A record that a transaction worked on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Input<'h> {
    pub(super) partition: &'h str,
    pub(super) value: Value,
    /// The poll that gave it.
    pub(super) poll: usize,
    /// Where the transaction took it, if it was polled before.
    pub(super) taken: Option<usize>,
}

/// By process and partition the records that were polled and not taken.
type Waiting<'h> = BTreeMap<(&'h str, &'h str), BTreeMap<Offset, Input<'h>>>;

pub(super) fn of<'h>(facts: &Facts<'h>) -> Vec<(TransactionId, Input<'h>)> {
    let (mut inputs, mut waiting) = (Vec::new(), Waiting::new());
    for at in facts.by_end() {
        let operation = &facts.operations[at];
        let process = &*operation.process;
        let works = |id: &TransactionId| {
            operation.ended.is_some_and(|ended| facts.transactions[id].works_until(ended)).then_some(*id)
        };
        match &operation.kind {
            Kind::Poll { records, transaction } => {
                for record in records {
                    let input = Input { partition: &record.partition, value: record.value, poll: at, taken: None };
                    if let Some(id) = transaction {
                        inputs.extend(works(id).map(|id| (id, input)));
                    } else {
                        let place = waiting.entry((process, input.partition)).or_default();
                        place.insert(record.offset, input);
                    }
                }
            }
            Kind::Consume { transaction, offsets } => {
                for (partition, &next) in offsets {
                    let Some(waiting) = waiting.get_mut(&(process, &**partition)) else { continue };
                    while let Some(first) = waiting.first_entry().filter(|first| *first.key() < next) {
                        let input = Input { taken: Some(at), ..first.remove() };
                        inputs.extend(works(transaction).map(|id| (id, input)));
                    }
                }
            }
            Kind::Seek { partition } => drop(waiting.remove(&(process, &**partition))),
            Kind::Assign { partitions } => {
                partitions.iter().for_each(|partition| drop(waiting.remove(&(process, &**partition))));
            }
            _ => {}
        }
    }
    inputs
}
