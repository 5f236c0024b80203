//! Which batches belong to transactions that were aborted (stage 06).
//!
//! A broker does not look into its batches, and does not leave any out. It says, with the batches, which producers' transactions
//! were aborted, and from where on. The reader leaves them out:
//!
//! ```text
//!   told: producer 7, from 42 on
//!   ▐█ 9: 41 █▌▐█ 7: 42 █▌▐█ 9: 43 █▌▐█ 7: 44 █▌▐█ 7: abort 45 █▌▐█ 7: 46 █▌
//!      given      left out    given     left out      ends it         given
//! ```

use std::collections::{BTreeSet, VecDeque};

use segment_log::BatchView;
use segment_log::batch::DECOMPRESSED_LIMIT;
use segment_log::control::{Marker, Outcome};

use crate::api::Aborted;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// Those that begin further on, by where they begin.
    coming: VecDeque<Aborted>,
    /// The producers whose transaction is aborted where the reader is now.
    here: BTreeSet<i64>,
}

impl LeftOut {
    /// What a broker has told, in any order.
    pub(super) fn new(mut told: Vec<Aborted>) -> Self {
        told.sort_by_key(|aborted| (aborted.first_offset, aborted.producer_id));
        LeftOut { coming: told.into(), here: BTreeSet::new() }
    }

    /// The reader has come to this batch. Gives whether its records are left out.
    pub(super) fn takes(&mut self, batch: &BatchView<'_>) -> bool {
        while self.coming.front().is_some_and(|next| next.first_offset <= batch.last_offset()) {
            self.here.extend(self.coming.pop_front().map(|next| next.producer_id));
        }
        if is_abort(batch) {
            self.here.remove(&batch.producer_id());
        }
        batch.is_transactional() && !batch.is_control() && self.here.contains(&batch.producer_id())
    }
}

/// Whether the batch says that a transaction was aborted. Other notes, and those that nobody can read, do not.
fn is_abort(batch: &BatchView<'_>) -> bool {
    let marker = || {
        let records = batch.records(DECOMPRESSED_LIMIT).ok()?;
        let note = records.iter().next()?.ok()?;
        Marker::decode(note.key, note.value).ok()
    };
    batch.is_control() && marker().is_some_and(|marker| marker.outcome == Outcome::Abort)
}
