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
//! Who says that it has read a partition to its end has passed everything before that end, too.
//!
//! Known is what some poll showed. What was acknowledged and never read by anybody is a lost write, and that is said once,
//! and not again for each consumer that passed its place. Where a passage begins nothing is skipped: nobody knows
//! where the consumer meant to begin. And a record of a transaction of which the consumer has another is not told here, but as
//! [torn](super::torn).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::slice;

use crate::anomaly::Anomaly;
use crate::facts::{Facts, Log, Sighting};
use crate::operation::{Kind, Offset, Value};
use crate::verdict::{Clue, Findings, list};

use super::torn::{Proof, Torn};

/// How many of the records that were left out are shown.
const SHOWN: usize = 3;
/// How many of the records between two steps are looked at one by one, to see whether their transaction is torn. The rest is
/// told as a skip.
const LOOKED_AT: usize = 256;

pub(super) fn check<'h>(facts: &Facts<'h>, torn: &mut Torn<'_, 'h>, findings: &mut Findings<'_>) {
    let mut passages: BTreeMap<(&str, &str), Passage<'_, 'h>> = BTreeMap::new();
    for at in facts.by_end() {
        let operation = &facts.operations[at];
        let process = &*operation.process;
        let (jumps, records) = match &operation.kind {
            Kind::Assign { partitions } => (&partitions[..], &[][..]),
            Kind::Seek { partition } => (slice::from_ref(partition), &[][..]),
            Kind::Poll { records, .. } => (&[][..], &records[..]),
            Kind::Drained { ends } => {
                for (partition, &end) in ends {
                    let passage = passages.get_mut(&(process, &**partition));
                    passage.into_iter().for_each(|passage| passage.reach(end, at));
                }
                continue;
            }
            _ => continue,
        };
        for partition in jumps {
            let ended = passages.remove(&(process, &**partition));
            ended.into_iter().for_each(|passage| passage.close(torn, findings));
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
    passages.into_values().for_each(|passage| passage.close(torn, findings));
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
struct Passage<'f, 'h> {
    process: &'h str,
    partition: &'h str,
    log: &'f Log,
    last: Step,
    highest: Reached,
    /// Between which places something lies that is known.
    gaps: Vec<(Reached, Reached)>,
    /// What came late, or again.
    late: Vec<Offset>,
}

/// How far a consumer had come. All before this offset is behind it.
#[derive(Debug, Clone, Copy)]
struct Reached {
    /// The offset after the last record that it was given, or after the last that it may see.
    next: Offset,
    /// Whether it is the partition's end.
    end: bool,
    /// In which operation.
    at: usize,
}

impl From<Step> for Reached {
    fn from(step: Step) -> Self {
        Reached { next: step.offset.saturating_add(1), end: false, at: step.at }
    }
}

impl<'f, 'h> Passage<'f, 'h> {
    fn new(process: &'h str, partition: &'h str, log: &'f Log, first: Step) -> Self {
        Passage { process, partition, log, last: first, highest: first.into(), gaps: Vec::new(), late: Vec::new() }
    }

    fn go_on(&mut self, step: Step, findings: &mut Findings<'_>) {
        let last = std::mem::replace(&mut self.last, step);
        if step.offset <= last.offset {
            findings.add(Anomaly::NonmonotonicPoll, || self.back(last, step));
        }
        if step.offset < self.highest.next {
            self.late.push(step.offset);
            return;
        }
        self.go_to(step.offset, step.into());
    }

    /// The consumer was at the partition's end.
    fn reach(&mut self, end: Offset, at: usize) {
        if end > self.highest.next {
            self.go_to(end, Reached { next: end, end: true, at });
        }
    }

    /// On to this offset; what lies before it is left out, unless it comes late.
    fn go_to(&mut self, offset: Offset, reached: Reached) {
        if !self.log.known_from(self.highest.next, offset).is_empty() {
            self.gaps.push((self.highest, reached));
        }
        self.highest = reached;
    }

    fn close(mut self, torn: &mut Torn<'_, 'h>, findings: &mut Findings<'_>) {
        self.late.sort_unstable();
        self.late.dedup();
        for &(before, after) in &self.gaps {
            let upto = if after.end { after.next } else { after.next - 1 };
            let known = self.log.known_from(before.next, upto);
            let (mut number, mut first) = (left_out(known, &self.late), Vec::new());
            let missing = known.iter().filter(|seen| self.late.binary_search(&seen.offset).is_err());
            for seen in missing.take(LOOKED_AT) {
                let proof = || Proof {
                    offsets: vec![before.next - 1, after.next - 1],
                    values: Vec::new(),
                    operations: vec![before.at, after.at],
                };
                if torn.passed(self.process, self.partition, seen, proof) {
                    number -= 1;
                } else if first.len() < SHOWN {
                    first.push(*seen);
                }
            }
            if number > 0 {
                findings.add(Anomaly::PollSkip, || self.skip(before, after, &first, number));
            }
        }
    }

    fn back(&self, before: Step, after: Step) -> Clue<'h> {
        Clue {
            partitions: vec![self.partition],
            offsets: vec![before.offset, after.offset],
            values: vec![before.value, after.value],
            operations: vec![before.at, after.at],
            what: format!("{} was at offset {}, and was given offset {}", self.process, before.offset, after.offset),
            steps: Vec::new(),
        }
    }

    fn skip(&self, before: Reached, after: Reached, first: &[Sighting], number: usize) -> Clue<'h> {
        let places = [before, after].map(|place| place.next - 1);
        let more = (number > first.len()).then(|| format!("{} more", number - first.len()));
        let left_out = list(first.iter().map(|sighting| sighting.offset.to_string()).chain(more), SHOWN + 1);
        let to = if after.end { format!("the end, {}", after.next) } else { places[1].to_string() };
        let went = format!("{} went from offset {} to {to}", self.process, places[0]);
        Clue {
            partitions: vec![self.partition],
            offsets: places.into_iter().chain(first.iter().map(|seen| seen.offset)).collect(),
            values: first.iter().map(|seen| seen.value).collect(),
            operations: [before.at, after.at].into_iter().chain(first.iter().map(|seen| seen.at)).collect(),
            what: format!("{went}, and was not given {left_out}"),
            steps: Vec::new(),
        }
    }
}

/// How much of what is known did not come late either. `late` is sorted.
///
/// Takes the time of what came late, not of what is known: many consumers may have jumped over the same million.
fn left_out(known: &[Sighting], late: &[Offset]) -> usize {
    let (Some(first), Some(last)) = (known.first(), known.last()) else { return 0 };
    let from = late.partition_point(|&offset| offset < first.offset);
    let upto = late.partition_point(|&offset| offset <= last.offset);
    let late = &late[from..upto];
    let is_known = |offset: &&Offset| known.binary_search_by_key(*offset, |sighting| sighting.offset).is_ok();
    known.len() - late.iter().filter(is_known).count()
}
