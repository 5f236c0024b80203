//! The state as bytes. Tickets are not among it: they are of this run, and of the leader alone.

use std::collections::BTreeMap;
use std::fmt;

use segment_log::control::Outcome;
use segment_log::{Appended, Fold, Offset, Rejection, Timestamp, codec};
use serde::{Deserialize, Serialize};

use super::Transactions;
use super::marker::MarkerSeen;
use super::open::{Decided, OpenTransactions};

const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct Saved {
    producers: Vec<u8>,
    /// Producer, first offset.
    open: Vec<(i64, Offset)>,
    /// First offset, marker.
    decided: Vec<(Offset, Offset)>,
    markers: Vec<SavedMarker>,
}

#[derive(Serialize, Deserialize)]
struct SavedMarker {
    producer_id: i64,
    epoch: i16,
    coordinator_epoch: i32,
    is_commit: bool,
    base_offset: Offset,
    last_offset: Offset,
    log_append_time: Option<Timestamp>,
}

pub(super) fn encode(transactions: &Transactions) -> Vec<u8> {
    let Transactions { producers, open, markers, .. } = transactions;
    let saved = Saved {
        producers: producers.snapshot(),
        open: open.iter().map(|open| (open.producer_id, open.first_offset)).collect(),
        decided: open.decided().map(|decided| (decided.first, decided.marker)).collect(),
        markers: markers.iter().map(SavedMarker::of).collect(),
    };
    codec::encode(VERSION, &saved)
}

/// Becomes what the bytes say; nothing is changed if they cannot be read.
pub(super) fn restore(transactions: &mut Transactions, snapshot: Option<&[u8]>) -> Result<(), Rejection> {
    let Some(bytes) = snapshot else {
        transactions.producers.restore(None)?;
        (transactions.open, transactions.markers) = Default::default();
        return Ok(());
    };
    let Saved { producers, open, decided, markers } = codec::decode(VERSION, bytes).map_err(Rejection::new)?;
    let ids: std::collections::BTreeSet<_> = open.iter().map(|(id, _)| *id).collect();
    let is_sound = ids.len() == open.len()
        && open.iter().all(|(id, first)| *id >= 0 && *first >= 0)
        && decided.iter().all(|(first, marker)| first <= marker)
        && decided.windows(2).all(|pair| pair[0].1 < pair[1].1);
    if !is_sound {
        return Err(Rejection::new(NoState));
    }
    transactions.producers.restore(Some(&producers))?;
    let decided = decided.into_iter().map(|(first, marker)| Decided { first, marker }).collect();
    transactions.open = OpenTransactions::restored(open, decided);
    transactions.markers = markers.into_iter().map(SavedMarker::restored).collect::<BTreeMap<_, _>>();
    Ok(())
}

impl SavedMarker {
    fn of((&producer_id, seen): (&i64, &MarkerSeen)) -> Self {
        let MarkerSeen { epoch, coordinator_epoch, outcome, at } = *seen;
        let Appended { base_offset, last_offset, log_append_time } = at;
        let is_commit = outcome == Outcome::Commit;
        SavedMarker { producer_id, epoch, coordinator_epoch, is_commit, base_offset, last_offset, log_append_time }
    }

    fn restored(self) -> (i64, MarkerSeen) {
        let SavedMarker { producer_id, epoch, coordinator_epoch, base_offset, last_offset, log_append_time, .. } = self;
        let outcome = if self.is_commit { Outcome::Commit } else { Outcome::Abort };
        let at = Appended { base_offset, last_offset, log_append_time };
        (producer_id, MarkerSeen { epoch, coordinator_epoch, outcome, at })
    }
}

/// What the bytes say cannot be.
#[derive(Debug)]
struct NoState;

impl fmt::Display for NoState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the snapshot says of transactions what no log could give")
    }
}

impl std::error::Error for NoState {}
