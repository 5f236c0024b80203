//! A partition keeps a producer's order: **nonmonotonic send**, and **send skip** inside of a transaction.
//!
//! The order of a producer's sends is that in which they began, for several may be under way at a time. What counts are
//! those that must be there: of a send in doubt nobody promised when it would land, if at all.

use std::collections::BTreeMap;

use crate::anomaly::Anomaly;
use crate::facts::{Facts, Log, Send, Sighting, Standing};
use crate::operation::{Offset, TransactionId};
use crate::verdict::{Clue, Findings};

/// A send, and where its record is.
type Placed<'f, 'h> = (&'f Send<'h>, Offset);

pub(super) fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    let neighbours: BTreeMap<&str, Neighbours<'_>> =
        facts.logs.iter().map(|(partition, log)| (*partition, Neighbours::of(facts, partition, log))).collect();
    for ((_, partition), line) in facts.lines_of_sends() {
        let Some(neighbours) = neighbours.get(partition) else { continue };
        let mut last: Option<Placed<'_, '_>> = None;
        let mut last_in: BTreeMap<TransactionId, Placed<'_, '_>> = BTreeMap::new();
        for send in line.into_iter().filter(|send| send.standing == Standing::Promised) {
            let Some(offset) = facts.place(send) else { continue };
            if let Some(earlier) = last.replace((send, offset)) {
                in_order(earlier, (send, offset), findings);
            }
            let Some(transaction) = send.transaction else { continue };
            if let Some(earlier) = last_in.insert(transaction, (send, offset)) {
                side_by_side(earlier, (send, offset), neighbours.other(transaction, earlier.1, offset), findings);
            }
        }
    }
}

fn in_order(earlier: Placed<'_, '_>, later: Placed<'_, '_>, findings: &mut Findings<'_>) {
    if later.1 < earlier.1 {
        findings.add(Anomaly::NonmonotonicSend, || {
            let values = format!("{} sent {} before {}", earlier.0.process, earlier.0.value, later.0.value);
            clue(earlier, later, None, format!("{values}, and they are at offsets {} and {}", earlier.1, later.1))
        });
    }
}

fn side_by_side(
    earlier: Placed<'_, '_>,
    later: Placed<'_, '_>,
    between: Option<&Sighting>,
    findings: &mut Findings<'_>,
) {
    if let Some(other) = between {
        findings.add(Anomaly::SendSkip, || {
            let what = format!("value {} stands between {} and {}", other.value, earlier.0.value, later.0.value);
            clue(earlier, later, Some(other), what)
        });
    }
}

/// Whose record is next to whose in a partition.
struct Neighbours<'f> {
    log: &'f Log,
    /// Of each transaction the places of its records among the log's sightings, ascending.
    own: BTreeMap<TransactionId, Vec<usize>>,
}

impl<'f> Neighbours<'f> {
    fn of(facts: &'f Facts<'_>, partition: &str, log: &'f Log) -> Self {
        let mut own: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (place, sighting) in log.sightings.iter().enumerate() {
            let transaction = facts.send(partition, sighting.value).and_then(|send| send.transaction);
            transaction.into_iter().for_each(|transaction| own.entry(transaction).or_default().push(place));
        }
        Neighbours { log, own }
    }

    /// The first sighting between two offsets that is not of this transaction. Nothing is walked over, since a transaction may
    /// be large and lie in any order.
    fn other(&self, transaction: TransactionId, low: Offset, high: Offset) -> Option<&'f Sighting> {
        let sightings = &self.log.sightings;
        let start = sightings.partition_point(|sighting| sighting.offset <= low);
        let end = sightings.partition_point(|sighting| sighting.offset < high);
        let own = self.own.get(&transaction).map_or(&[][..], Vec::as_slice);
        let own = &own[own.partition_point(|&place| place < start)..];
        // The places ascend, so as long as they are `start`, `start + 1`, … there is nobody else.
        let ours = leading(own, start);
        (start + ours < end).then(|| &sightings[start + ours])
    }
}

/// How many of these ascending numbers are `start`, `start + 1`, and so on.
fn leading(numbers: &[usize], start: usize) -> usize {
    let (mut low, mut high) = (0, numbers.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if numbers[middle] == start + middle {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

fn clue<'h>(earlier: Placed<'_, 'h>, later: Placed<'_, 'h>, between: Option<&Sighting>, what: String) -> Clue<'h> {
    Clue {
        partitions: vec![earlier.0.partition],
        offsets: [earlier.1, later.1].into_iter().chain(between.map(|sighting| sighting.offset)).collect(),
        values: [earlier.0.value, later.0.value].into_iter().chain(between.map(|sighting| sighting.value)).collect(),
        operations: [earlier.0.at, later.0.at].into_iter().chain(between.map(|sighting| sighting.at)).collect(),
        what,
        steps: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::leading;

    #[test]
    fn numbers_in_a_row_are_counted() {
        assert_eq!(leading(&[], 4), 0);
        assert_eq!(leading(&[5, 6], 4), 0);
        assert_eq!(leading(&[4, 5, 7, 8], 4), 2);
        assert_eq!(leading(&[4, 5, 6], 4), 3);
    }
}
