//! Where a follower cuts its log before it may copy. Pure functions, and two policies.
//!
//! A follower's log may end with records that its new leader does not have: they were written by a leader that died before
//! anybody copied them. They have to go, or the two logs hold different records at one offset. The question is how the
//! follower finds the place.
//!
//! **As it was** ([`Truncation::ToHighWatermark`]): what lies beyond your own high watermark may not be committed, so cut
//! there. But a follower's high watermark lags. So it cuts off committed records, counting on the leader to give them back,
//! and if the leader dies just then and this follower leads, they are gone. And two replicas with the same high watermark are
//! taken for equal, whatever they hold below it.
//!
//! **As it is** ([`Truncation::ByLeaderEpoch`], KIP-101 and KIP-279): ask the leader where your last epoch ends in its log.
//! Logs that hold the same epoch at the same offset are the same up to there ([`epochs`](crate::epochs)). The question goes with
//! each fetch (KIP-595): the fetch says the epoch of the follower's last record, and the leader answers with batches, or with
//! the place where the two logs part.

use segment_log::Offset;
use serde::{Deserialize, Serialize};

use crate::epochs::{EpochEnd, LeaderEpochs};

/// How a follower finds the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Truncation {
    /// At its own high watermark, at once, as it becomes a follower. As before KIP-101: loses and forks.
    ToHighWatermark,
    /// Where the leader says that the two logs part.
    #[default]
    ByLeaderEpoch,
}

/// What a leader says to a follower's fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FetchVerdict {
    /// The logs agree up to the offset that was asked for: read from there.
    Agrees,
    /// They part: this is the latest epoch, up to the follower's last, that the leader has, and where it ends.
    Diverges(EpochEnd),
    /// The offset is not in the leader's log, or nothing can be said of the epoch.
    OutOfRange,
}

/// The leader's side: whether a follower that asks for `offset`, and whose record before it carries `last_epoch`, has the
/// same log up to there. A follower that says no epoch has no record, or does not care
/// ([`Truncation::ToHighWatermark`]).
pub fn judge_fetch(
    epochs: &LeaderEpochs,
    log_start: Offset,
    log_end: Offset,
    offset: Offset,
    last_epoch: Option<i32>,
) -> FetchVerdict {
    if offset < log_start {
        return FetchVerdict::OutOfRange;
    }
    let Some(last_epoch) = last_epoch else {
        return if offset <= log_end { FetchVerdict::Agrees } else { FetchVerdict::OutOfRange };
    };
    match epochs.end_of(last_epoch, log_end) {
        None => FetchVerdict::OutOfRange,
        Some(here) if here.epoch < last_epoch || here.end < offset => FetchVerdict::Diverges(here),
        Some(_) => FetchVerdict::Agrees,
    }
}

/// The follower's side: where to cut, when the leader says that the logs part at `leaders`. Two places bound what both have:
/// where that epoch ends in the leader's log, and where it ends in the follower's. If the follower has nothing of that epoch,
/// the second is the end of the latest epoch before it that it has; whether even that agrees, the next fetch will tell
/// (KIP-279).
pub fn truncation_point(own: &LeaderEpochs, own_end: Offset, leaders: EpochEnd) -> Offset {
    let here = own.end_of(leaders.epoch, own_end).map_or(own_end, |own| own.end);
    here.min(leaders.end).min(own_end)
}
