//! A consumer reads one record after the other: **poll skip** and **nonmonotonic poll**.
//!
//! What a consumer reads of a partition falls into *passages*. A passage ends where the consumer seeks, or is assigned the
//! partition again, for after that it may go on anywhere. Inside of a passage offsets ascend, and nothing that is known to be
//! there is left out, whether the records came in one poll or in many.
//!
//! ```text
//!   known     0  1  2  3  4  5
//!   passage   0  1     3  2  5        goes back from 3 to 2: nonmonotonic. Leaves out 4: a skip. 2 came late, and did come.
//!                   ╰─gap─╯╰gap╯
//! ```
//!
//! Known is what some poll showed. What was acknowledged and never read by anybody is a lost write, and that is said once,
//! and not again for each consumer that passed its place. Where a passage begins nothing is skipped: nobody knows
//! where the consumer meant to begin.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::slice;

use crate::anomaly::Anomaly;
use crate::facts::{Facts, Log, Sighting};
use crate::operation::{Kind, Offset, Value};
use crate::verdict::{Clue, Findings, list};

/// How many of the records that were left out are shown.
const SHOWN: usize = 3;

pub(super) fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    let mut passages: BTreeMap<(&str, &str), Passage<'_>> = BTreeMap::new();
    for at in facts.by_end() {
        let operation = &facts.operations[at];
        let process = &*operation.process;
        let (jumps, records) = match &operation.kind {
            Kind::Assign { partitions } => (&partitions[..], &[][..]),
            Kind::Seek { partition } => (slice::from_ref(partition), &[][..]),
            Kind::Poll { records, .. } => (&[][..], &records[..]),
            _ => continue,
        };
        for partition in jumps {
            let ended = passages.remove(&(process, &**partition));
            ended.into_iter().for_each(|passage| passage.close(findings));
        }
        for record in records {
            let step = Step { offset: record.offset, value: record.value, at };
            match passages.entry((process, &record.partition)) {
                Entry::Occupied(mut passage) => passage.get_mut().go_on(step, findings),
                Entry::Vacant(place) => {
                    let (process, partition) = *place.key();
                    place.insert(Passage::new(process, partition, &facts.logs[partition], step));
                }
            }
        }
    }
    passages.into_values().for_each(|passage| passage.close(findings));
}

/// A record that a consumer was given.
#[derive(Debug, Clone, Copy)]
struct Step {
    offset: Offset,
    value: Value,
    /// In which operation.
    at: usize,
}

/// What one consumer read of one partition since it last jumped.
struct Passage<'f> {
    process: &'f str,
    partition: &'f str,
    log: &'f Log,
    last: Step,
    highest: Step,
    /// Between which steps something lies that is known.
    gaps: Vec<(Step, Step)>,
    /// What came late, or again.
    late: Vec<Offset>,
}

impl<'f> Passage<'f> {
    fn new(process: &'f str, partition: &'f str, log: &'f Log, first: Step) -> Self {
        Passage { process, partition, log, last: first, highest: first, gaps: Vec::new(), late: Vec::new() }
    }

    fn go_on(&mut self, step: Step, findings: &mut Findings<'_>) {
        let last = std::mem::replace(&mut self.last, step);
        if step.offset <= last.offset {
            findings.add(Anomaly::NonmonotonicPoll, || self.back(last, step));
        }
        if step.offset <= self.highest.offset {
            self.late.push(step.offset);
            return;
        }
        if !self.log.known_between(self.highest.offset, step.offset).is_empty() {
            self.gaps.push((self.highest, step));
        }
        self.highest = step;
    }

    fn close(mut self, findings: &mut Findings<'_>) {
        self.late.sort_unstable();
        self.late.dedup();
        for &(before, after) in &self.gaps {
            let known = self.log.known_between(before.offset, after.offset);
            let (first, number) = left_out(known, &self.late);
            if number > 0 {
                findings.add(Anomaly::PollSkip, || self.skip(before, after, &first, number));
            }
        }
    }

    fn back(&self, before: Step, after: Step) -> Clue<'f> {
        Clue {
            partition: self.partition,
            offsets: vec![before.offset, after.offset],
            values: vec![before.value, after.value],
            operations: vec![before.at, after.at],
            what: format!("{} was at offset {}, and was given offset {}", self.process, before.offset, after.offset),
        }
    }

    fn skip(&self, before: Step, after: Step, first: &[Sighting], number: usize) -> Clue<'f> {
        let steps = [before, after].into_iter();
        let more = (number > first.len()).then(|| format!("{} more", number - first.len()));
        let left_out = list(first.iter().map(|sighting| sighting.offset.to_string()).chain(more), SHOWN + 1);
        let went = format!("{} went from offset {} to {}", self.process, before.offset, after.offset);
        Clue {
            partition: self.partition,
            offsets: steps.clone().map(|step| step.offset).chain(first.iter().map(|seen| seen.offset)).collect(),
            values: first.iter().map(|seen| seen.value).collect(),
            operations: steps.map(|step| step.at).chain(first.iter().map(|seen| seen.at)).collect(),
            what: format!("{went}, and was not given {left_out}"),
        }
    }
}

/// What is known and did not come late either: the first few, and how much it is. `late` is sorted.
///
/// Takes the time of what came late, not of what is known: many consumers may have jumped over the same million.
fn left_out(known: &[Sighting], late: &[Offset]) -> (Vec<Sighting>, usize) {
    let (Some(first), Some(last)) = (known.first(), known.last()) else { return (Vec::new(), 0) };
    let from = late.partition_point(|&offset| offset < first.offset);
    let upto = late.partition_point(|&offset| offset <= last.offset);
    let late = &late[from..upto];
    let is_known = |offset: &&Offset| known.binary_search_by_key(*offset, |sighting| sighting.offset).is_ok();
    let number = known.len() - late.iter().filter(is_known).count();
    let missing = known.iter().filter(|sighting| late.binary_search(&sighting.offset).is_err());
    (missing.take(SHOWN).copied().collect(), number)
}
