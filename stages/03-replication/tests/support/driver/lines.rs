//! A replica's log, record by record, as stories print it and as the player draws it.

use partitioning::TopicPartition;
use replication::look::Look;
use segment_log::control::{Marker, Outcome};
use segment_log::{BatchView, Offset, batches};
use serde_json::{Value, json};

use super::text::record;

/// A replica's log, record by record.
pub(super) struct Line {
    pub(super) offset: Offset,
    pub(super) epoch: i32,
    pub(super) key: Option<String>,
    pub(super) value: String,
    sender: Option<Sender>,
}

/// Who sent a record, where its batch says so (stage 05).
#[derive(Clone, Copy)]
struct Sender {
    producer: i64,
    epoch: i16,
    /// The first offset of its batch.
    base: Offset,
    /// The record's own number; none in a marker.
    sequence: Option<i64>,
    is_transactional: bool,
    marker: Option<Outcome>,
}

/// A replica's records from an offset on.
pub(super) fn lines(look: &dyn Look, at: &TopicPartition, start: Offset) -> Vec<Line> {
    let mut found = Vec::new();
    let mut from = start;
    while let Some(inspected) = look.inspect(at, from, 1 << 20) {
        let bytes = inspected.slice.to_bytes().unwrap_or_default();
        let before = from;
        for batch in batches(&bytes).filter_map(|batch| batch.ok()) {
            from = batch.next_offset();
            if let Some(outcome) = marker(&batch) {
                let (offset, epoch) = (batch.base_offset(), batch.leader_epoch());
                let value = format!("[producer {} {}]", batch.producer_id(), verb(outcome));
                found.push(Line { offset, epoch, key: None, value, sender: sender(&batch, offset, Some(outcome)) });
                continue;
            }
            let records = batch.records(1 << 20).expect("a replica holds what was produced");
            for one in records.iter() {
                let one = one.expect("a replica holds what was produced");
                let key = one.key.map(|key| String::from_utf8_lossy(key).into_owned());
                found.push(Line {
                    offset: one.offset,
                    epoch: batch.leader_epoch(),
                    key,
                    value: record(None, one.value),
                    sender: sender(&batch, one.offset, None),
                });
            }
        }
        if from == before {
            break;
        }
    }
    found
}

/// What a marker says (stage 06).
fn marker(batch: &BatchView<'_>) -> Option<Outcome> {
    let records = batch.records(1 << 10).ok().filter(|_| batch.is_control())?;
    let note = records.iter().next()?.ok()?;
    Some(Marker::decode(note.key, note.value).ok()?.outcome)
}

fn verb(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Commit => "commits",
        Outcome::Abort => "aborts",
    }
}

/// Who sent the record at an offset of a batch. After the greatest number comes 0.
fn sender(batch: &BatchView<'_>, offset: Offset, marker: Option<Outcome>) -> Option<Sender> {
    let (producer, epoch, base) = (batch.producer_id(), batch.producer_epoch(), batch.base_offset());
    let first = i64::from(batch.base_sequence());
    let sequence = (first >= 0).then(|| (first + offset - base) % (i64::from(i32::MAX) + 1));
    let is_transactional = batch.is_transactional() && marker.is_none();
    (producer >= 0).then_some(Sender { producer, epoch, base, sequence, is_transactional, marker })
}

/// What stage 03 knows of a record, and what its batch says of a producer, if it says anything.
pub(super) fn line_json(line: &Line) -> Value {
    let mut shown = json!({ "offset": line.offset, "epoch": line.epoch, "key": line.key, "value": line.value });
    if let Some(Sender { producer, epoch, base, sequence, is_transactional, marker }) = line.sender {
        shown["producer"] = json!(producer);
        shown["producer_epoch"] = json!(epoch);
        shown["base"] = json!(base);
        if let Some(sequence) = sequence {
            shown["sequence"] = json!(sequence);
        }
        if is_transactional {
            shown["transactional"] = json!(true);
        }
        if let Some(outcome) = marker {
            shown["marker"] = json!(if outcome == Outcome::Commit { "commit" } else { "abort" });
        }
    }
    shown
}
