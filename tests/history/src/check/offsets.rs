//! An offset is one record's, and a record has one offset: **inconsistent offset** and **duplicate**.
//!
//! Both are found by sorting the sightings of a partition, once by offset and once by value, and looking at neighbours.

use crate::anomaly::Anomaly;
use crate::facts::{Facts, Sighting};
use crate::verdict::{Clue, Findings, list};

/// How many values of an offset are shown, and how many offsets of a value.
const SHOWN: usize = 4;

pub(super) fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for (partition, log) in &facts.logs {
        for same in log.sightings.chunk_by(|a, b| a.offset == b.offset) {
            if same.iter().any(|sighting| sighting.value != same[0].value) {
                findings.add(Anomaly::InconsistentOffset, || {
                    let (values, shown) = parts(same, |sighting| sighting.value);
                    clue(partition, shown, format!("offset {} holds values {values}", same[0].offset))
                });
            }
        }
        for same in log.by_value.chunk_by(|a, b| a.value == b.value) {
            if same.iter().any(|sighting| sighting.offset != same[0].offset) {
                findings.add(Anomaly::Duplicate, || {
                    let (offsets, shown) = parts(same, |sighting| sighting.offset);
                    clue(partition, shown, format!("value {} is at offsets {offsets}", same[0].value))
                });
            }
        }
    }
}

/// The parts that these sightings fall into: in words, and those of the first few.
fn parts<K: PartialEq + ToString>(sightings: &[Sighting], key: impl Fn(&Sighting) -> K) -> (String, Vec<Sighting>) {
    let parts = || sightings.chunk_by(|a, b| key(a) == key(b));
    let words = list(parts().map(|part| key(&part[0]).to_string()), SHOWN);
    (words, parts().take(SHOWN).flatten().copied().collect())
}

fn clue(partition: &str, sightings: Vec<Sighting>, what: String) -> Clue<'_> {
    Clue {
        partitions: vec![partition],
        offsets: sightings.iter().map(|sighting| sighting.offset).collect(),
        values: sightings.iter().map(|sighting| sighting.value).collect(),
        operations: sightings.iter().map(|sighting| sighting.at).collect(),
        what,
        steps: Vec::new(),
    }
}
