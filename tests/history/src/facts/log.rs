//! A partition's log, as far as the run's clients saw it.

use std::collections::BTreeMap;

use super::{Send, Standing};
use crate::operation::{Kind, Offset, Operation, Time, Value};

/// Somebody saw a value at an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sighting {
    pub(crate) offset: Offset,
    pub(crate) value: Value,
    /// In a poll; otherwise in an acknowledgement.
    pub(crate) polled: bool,
    /// The first operation that saw it so.
    pub(crate) at: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    /// By offset, then value; one for each way of seeing.
    pub(crate) sightings: Vec<Sighting>,
    /// The same, by value, then offset.
    pub(crate) by_value: Vec<Sighting>,
    /// What polls showed and every reader must see: one sighting for each offset, ascending. Values that nobody may read
    /// are not among them, for who leaves those out is right.
    pub(crate) known: Vec<Sighting>,
    /// The highest that a poll showed.
    pub(crate) highest: Option<Sighting>,
    /// The last reading that began last.
    pub(crate) last_drain: Option<Drain>,
    /// The last reading that went furthest.
    pub(crate) furthest_drain: Option<Drain>,
}

/// A consumer read the partition to its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drain {
    pub(crate) at: usize,
    pub(crate) began: Time,
    pub(crate) end: Offset,
}

impl Log {
    /// All sightings of a value, by offset.
    pub(crate) fn sightings_of(&self, value: Value) -> &[Sighting] {
        let start = self.by_value.partition_point(|sighting| sighting.value < value);
        let rest = &self.by_value[start..];
        &rest[..rest.partition_point(|sighting| sighting.value == value)]
    }

    /// Where a value was read first.
    pub(crate) fn read(&self, value: Value) -> Option<&Sighting> {
        self.sightings_of(value).iter().filter(|sighting| sighting.polled).min_by_key(|sighting| sighting.at)
    }

    /// Where a value is: where its sender was told, otherwise at the first offset at which it was read.
    pub(super) fn place(&self, value: Value, send: usize) -> Option<Offset> {
        let sightings = self.sightings_of(value);
        let told = sightings.iter().find(|sighting| sighting.at == send);
        told.or(sightings.first()).map(|sighting| sighting.offset)
    }

    /// The first sighting of a value, if all of them are at one offset, and nothing else was seen there.
    pub(super) fn sole_place(&self, value: Value) -> Option<Sighting> {
        let own = self.sightings_of(value);
        let (first, last) = (own.first()?, own.last()?);
        let start = self.sightings.partition_point(|sighting| sighting.offset < first.offset);
        let there = &self.sightings[start..];
        let there = &there[..there.partition_point(|sighting| sighting.offset == first.offset)];
        let alone = first.offset == last.offset && there.iter().all(|sighting| sighting.value == value);
        alone.then(|| own.iter().min_by_key(|sighting| sighting.at).copied()).flatten()
    }

    /// What is known from one offset on, up to another that is left out.
    pub(crate) fn known_from(&self, low: Offset, high: Offset) -> &[Sighting] {
        let start = self.known.partition_point(|sighting| sighting.offset < low);
        let rest = &self.known[start..];
        &rest[..rest.partition_point(|sighting| sighting.offset < high)]
    }

    fn drained(&mut self, drain: Drain) {
        if self.last_drain.is_none_or(|last| drain.began > last.began) {
            self.last_drain = Some(drain);
        }
        if self.furthest_drain.is_none_or(|furthest| drain.end > furthest.end) {
            self.furthest_drain = Some(drain);
        }
    }

    /// Puts what was collected in order.
    fn close(&mut self, partition: &str, sends: &BTreeMap<Value, Send<'_>>) {
        self.sightings.sort_unstable();
        self.sightings.dedup_by_key(|sighting| (sighting.offset, sighting.value, sighting.polled));
        self.by_value = self.sightings.clone();
        self.by_value.sort_unstable_by_key(|sighting| (sighting.value, sighting.offset, sighting.polled));
        let polled = || self.sightings.iter().filter(|sighting| sighting.polled);
        self.highest = polled().next_back().copied();
        let may_be_read = |sighting: &&Sighting| {
            let send = sends.get(&sighting.value).filter(|send| send.partition == partition);
            send.is_some_and(|send| send.standing.may_be_read())
        };
        self.known = polled().filter(may_be_read).copied().collect();
        self.known.dedup_by_key(|sighting| sighting.offset);
    }
}

pub(super) fn of<'h>(
    operations: &'h [Operation],
    sends: &BTreeMap<Value, Send<'h>>,
    acks_are_evidence: bool,
) -> BTreeMap<&'h str, Log> {
    let mut logs: BTreeMap<&str, Log> = BTreeMap::new();
    for (at, operation) in operations.iter().enumerate() {
        match &operation.kind {
            Kind::Poll { records, .. } => {
                for record in records {
                    let sighting = Sighting { offset: record.offset, value: record.value, polled: true, at };
                    logs.entry(&record.partition).or_default().sightings.push(sighting);
                }
            }
            Kind::Drained { ends } => {
                for (partition, &end) in ends {
                    logs.entry(partition).or_default().drained(Drain { at, began: operation.began, end });
                }
            }
            _ => {}
        }
    }
    for send in sends.values().filter(|send| acks_are_evidence && send.standing == Standing::Promised) {
        if let Some(offset) = send.told {
            let sighting = Sighting { offset, value: send.value, polled: false, at: send.at };
            logs.entry(send.partition).or_default().sightings.push(sighting);
        }
    }
    logs.iter_mut().for_each(|(partition, log)| log.close(partition, sends));
    logs
}
