//! The rule: what becomes of a batch that says who sent it and which number it has. A pure function.
//!
//! ```text
//!   the log knows of producer 7, epoch 0:      ▐█0…4█▌▐█5…9█▌▐█10…14█▌        next: 15
//!
//!   comes epoch 0, 15…19                       the next one                ──▶ write
//!   comes epoch 0,  5…9                        is there: a retry           ──▶ the place it has
//!   comes epoch 0, 20…24                       15 is missing               ──▶ out of order
//!   comes epoch 1,  0…4                        a new epoch, from its start ──▶ write
//!   comes epoch 1,  5…9                        its start is missing        ──▶ out of order
//!   once epoch 1 is known, epoch 0 again       an old epoch                ──▶ refused
//! ```

use segment_log::{Appended, BatchHeader};

use super::Producer;
use crate::sequence::{last_of, plus};

/// Who sent a batch, and which numbers its records have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Numbered {
    /// The producer's id.
    pub producer: i64,
    /// Its epoch.
    pub epoch: i16,
    /// The number of the first record.
    pub first: i32,
    /// The number of the last record.
    pub last: i32,
}

impl Numbered {
    /// As a batch's header says; `None` if nobody has numbered it.
    pub fn of(batch: &BatchHeader<'_>) -> Option<Self> {
        let (producer, epoch, first) = (batch.producer_id(), batch.producer_epoch(), batch.base_sequence());
        let count = batch.last_offset_delta().saturating_add(1);
        let is_numbered = producer >= 0 && first >= 0;
        is_numbered.then(|| Numbered { producer, epoch, first, last: last_of(first, count) })
    }
}

/// What to do with a numbered batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It is the next one: write it.
    Next,
    /// It is in the log, here. Nothing is written, and its producer is told this place.
    Duplicate(Appended),
    /// It is neither. The number that would be the next, unless any number would do.
    OutOfOrder {
        /// That number.
        expected: i32,
    },
    /// Its producer has a newer epoch than the batch.
    OldEpoch {
        /// The newer one.
        current: i16,
    },
}

/// What the log takes from a producer that it knows nothing of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Unknown {
    /// Any number. Its state may have been lost with records that were deleted, and then the producer has not begun now.
    #[default]
    TakesAny,
    /// Only the first number, 0 (KIP-890). For producers that can begin anew by themselves when they are refused.
    FromZero,
}

/// Judges a batch by what the log knows of its producer (Kafka's `ProducerAppendInfo` and `ProducerStateEntry`).
///
/// A batch is a duplicate if its epoch is the current one, and one of the batches that are remembered has the same first number
/// and the same last. Two that overlap are no duplicates: a producer sends a batch again as it was.
pub fn judge(known: Option<&Producer>, batch: &Numbered, unknown: Unknown) -> Judgement {
    let Some(known) = known else {
        return match unknown {
            Unknown::TakesAny => Judgement::Next,
            Unknown::FromZero => expect(0, batch),
        };
    };
    if batch.epoch < known.epoch() {
        return Judgement::OldEpoch { current: known.epoch() };
    }
    if batch.epoch > known.epoch() {
        return expect(0, batch);
    }
    let is_it = |seen: &&super::Seen| (seen.first, seen.last) == (batch.first, batch.last);
    if let Some(seen) = known.remembered().find(is_it) {
        return Judgement::Duplicate(seen.at);
    }
    expect(known.last().map_or(0, |last| plus(last, 1)), batch)
}

fn expect(expected: i32, batch: &Numbered) -> Judgement {
    if batch.first == expected { Judgement::Next } else { Judgement::OutOfOrder { expected } }
}
