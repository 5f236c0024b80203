//! The state as bytes, for the `.snapshot` files beside the log.
//!
//! What is read is judged: a file that holds what no log could give is passed over, as a damaged one is.

use std::collections::BTreeMap;
use std::fmt;

use segment_log::{Appended, Offset, Rejection, Timestamp, codec};
use serde::{Deserialize, Serialize};

use super::{Producer, REMEMBERED, Seen};

const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct SavedProducer {
    id: i64,
    epoch: i16,
    heard: Option<Timestamp>,
    seen: Vec<SavedBatch>,
}

#[derive(Serialize, Deserialize)]
struct SavedBatch {
    first: i32,
    last: i32,
    base_offset: Offset,
    last_offset: Offset,
    log_append_time: Option<Timestamp>,
}

/// All producers, by id.
pub(super) fn encode(known: &BTreeMap<i64, Producer>) -> Vec<u8> {
    let batch = |seen: &Seen| SavedBatch {
        first: seen.first,
        last: seen.last,
        base_offset: seen.at.base_offset,
        last_offset: seen.at.last_offset,
        log_append_time: seen.at.log_append_time,
    };
    let saved = |(id, producer): (&i64, &Producer)| SavedProducer {
        id: *id,
        epoch: producer.epoch,
        heard: producer.heard,
        seen: producer.seen.iter().map(batch).collect(),
    };
    codec::encode(VERSION, &known.iter().map(saved).collect::<Vec<_>>())
}

/// The producers that these bytes tell of.
pub(super) fn decode(bytes: &[u8]) -> Result<BTreeMap<i64, Producer>, Rejection> {
    let saved: Vec<SavedProducer> = codec::decode(VERSION, bytes).map_err(Rejection::new)?;
    let mut known = BTreeMap::new();
    for SavedProducer { id, epoch, heard, seen } in saved {
        let seen: Vec<Seen> = seen.into_iter().map(SavedBatch::restored).collect();
        let is_new = known.insert(id, Producer { epoch, heard, seen: seen.iter().copied().collect() }).is_none();
        if id < 0 || epoch < 0 || seen.len() > REMEMBERED || !is_new {
            return Err(Rejection::new(NoState { id }));
        }
    }
    Ok(known)
}

impl SavedBatch {
    fn restored(self) -> Seen {
        let SavedBatch { first, last, base_offset, last_offset, log_append_time } = self;
        Seen { first, last, at: Appended { base_offset, last_offset, log_append_time } }
    }
}

/// What the bytes say of a producer cannot be.
#[derive(Debug)]
struct NoState {
    id: i64,
}

impl fmt::Display for NoState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the snapshot says of producer {} what no log could give", self.id)
    }
}

impl std::error::Error for NoState {}
