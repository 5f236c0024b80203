//! Produce with acks: append, then wait until it is safe, then answer.
//!
//! ```text
//!   acks = 0, 1    judge ─▶ append ─▶ answer
//!   acks = all     judge ─▶ append ─▶ wait ─────────────────────────────▶ look ─▶ answer
//!                    │                 until the high watermark has passed the batch,      │
//!                    │                 or somebody else leads, or the time is over         │
//!                    └ too few in sync: NOT_ENOUGH_REPLICAS                                └ too few by now:
//!                      nothing was written                                                   …_AFTER_APPEND
//! ```
//!
//! **The wait is for two things.** It would seem enough to wait for the high watermark. But a leader can lose its place, have its
//! log cut, and have the offset filled with somebody else's record. Then the high watermark passes the offset, and an answer
//! that says "safe" would be about a record that is gone. So the wait ends as well when the leader epoch is no longer the one
//! in which the batch was written, and then nothing is known.
//!
//! **What an error means.** After NOT_ENOUGH_REPLICAS nothing was written. After all others of these the batch is in the
//! leader's log, and may be committed yet, or be cut off: the producer cannot know
//! ([`is_in_doubt`](partitioning::ErrorCode::is_in_doubt)).

use std::time::Duration;

use partitioning::api::{ProduceRequest, ProduceResponse};
use partitioning::error::{ErrorCode, Refusal};
use partitioning::service::{Written, produced};
use partitioning::{Context, Offsets, Service, TopicPartition};
use segment_log::Offset;
use tokio::time::{Instant, timeout_at};

use crate::api::{Acks, ProduceAckedRequest};

/// What ends a wait for acks=all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum WaitPolicy {
    /// The high watermark alone. Says "safe" of records that are gone: chapter 4 shows how.
    HighWatermark,
    /// The high watermark, or another leader epoch.
    #[default]
    HighWatermarkAndEpoch,
}

/// What a broker bears of requests that wait, and what it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AckLimits {
    /// What ends a wait.
    pub policy: WaitPolicy,
    /// The longest that a request may wait for replicas, whatever it asks for. (Kafka has no such bound.)
    pub max_wait: Duration,
}

impl Default for AckLimits {
    fn default() -> Self {
        AckLimits { policy: WaitPolicy::default(), max_wait: Duration::from_secs(600) }
    }
}

/// Appends each batch to its partition, and answers when they are as safe as `acks` says, or when the time is over.
///
/// # Errors
///
/// [`InvalidRequiredAcks`](ErrorCode::InvalidRequiredAcks). What becomes of each batch is in the answer.
pub async fn produce(
    service: &Service,
    request: ProduceAckedRequest,
    limits: AckLimits,
    context: &Context,
) -> Result<ProduceResponse, Refusal> {
    let ProduceAckedRequest { acks, timeout_ms, partitions } = request;
    let acks = Acks::from_number(acks).ok_or_else(|| {
        ErrorCode::InvalidRequiredAcks.because(format!("acks is {acks}, and it is 0, 1 or -1, which is all"))
    })?;
    let deadline = Instant::now() + Duration::from_millis(timeout_ms.into()).min(limits.max_wait);
    let writes = service.append_if(ProduceRequest { partitions }, move |before| enough_before(acks, before)).await;
    if acks != Acks::All {
        return Ok(produced(writes));
    }
    // The records are in the log. Followers need room for their questions, and this one waits for them.
    context.release();
    let mut safe = Vec::with_capacity(writes.len());
    for (at, written) in writes {
        // One after the other: all have the same deadline, and each is waited for while the others go on.
        let written = match written {
            Ok(written) => wait((&at, &written), limits.policy, deadline, context).await.map(|()| written),
            refused => refused,
        };
        safe.push((at, written));
    }
    Ok(produced(safe))
}

/// Whether a batch may be written. Only who waits for all has a right to there being enough of them.
/// Whether enough replicas are in sync for a record that all of them are to have.
///
/// # Errors
///
/// [`NotEnoughReplicas`](ErrorCode::NotEnoughReplicas).
pub fn enough_in_sync(now: &Offsets) -> Result<(), Refusal> {
    enough_before(Acks::All, now)
}

fn enough_before(acks: Acks, before: &Offsets) -> Result<(), Refusal> {
    let Offsets { in_sync, min_in_sync, .. } = *before;
    if acks != Acks::All || in_sync >= min_in_sync {
        return Ok(());
    }
    Err(ErrorCode::NotEnoughReplicas.because(format!(
        "{in_sync} of the replicas are in sync, and min.insync.replicas demands {min_in_sync} for acks=all: nothing was written"
    )))
}

/// Waits until a batch is on all replicas that are in sync.
///
/// # Errors
///
/// That it is not, or that nobody knows: those of [`verdict`].
pub async fn wait(
    (at, written): (&TopicPartition, &Written),
    policy: WaitPolicy,
    deadline: Instant,
    context: &Context,
) -> Result<(), Refusal> {
    let end = written.appended.last_offset + 1;
    let epoch = written.before.leader_epoch;
    // The policy that looks at the high watermark alone takes all else for what it was.
    let as_seen = |now: &Offsets| match policy {
        WaitPolicy::HighWatermarkAndEpoch => *now,
        WaitPolicy::HighWatermark => Offsets { high_watermark: now.high_watermark, ..written.before },
    };
    let mut news = written.partition.watch();
    let told = tokio::select! {
        // In this order, so that a simulated run can be repeated.
        biased;
        told = timeout_at(deadline, news.wait_for(|now| is_over(&as_seen(now), epoch, end))) => told,
        () = context.stopping() => return Err(ErrorCode::RequestTimedOut.because(format!(
            "the broker stops, or the client has hung up: {at} up to offset {end} is not committed yet"
        ))),
    };
    match told {
        Ok(Ok(now)) => verdict(at, &as_seen(&now), epoch, end),
        // There will be no more news: the partition is closed or deleted.
        Ok(Err(_)) => Err(moved(at, end)),
        Err(_) => verdict(at, &as_seen(&written.partition.offsets()), epoch, end),
    }
}

/// Whether there is nothing to wait for any more.
pub fn is_over(now: &Offsets, epoch: i32, end: Offset) -> bool {
    now.leader_epoch != epoch || now.high_watermark >= end
}

/// What to say of a batch that was written in `epoch` and ends before `end`, when the partition stands at `now`.
///
/// # Errors
///
/// [`NotLeaderOrFollower`](ErrorCode::NotLeaderOrFollower) if another epoch has begun: the batch may be cut off, and
/// what lies at its offset may be another's. [`RequestTimedOut`](ErrorCode::RequestTimedOut) if it is not committed.
/// [`NotEnoughReplicasAfterAppend`](ErrorCode::NotEnoughReplicasAfterAppend) if too few replicas are in sync by now,
/// committed or not: what is on too few of them is not safe.
pub fn verdict(at: &TopicPartition, now: &Offsets, epoch: i32, end: Offset) -> Result<(), Refusal> {
    let Offsets { in_sync, min_in_sync, .. } = *now;
    if now.leader_epoch != epoch {
        return Err(moved(at, end));
    }
    if in_sync < min_in_sync {
        return Err(ErrorCode::NotEnoughReplicasAfterAppend.because(format!(
            "{at} is written up to offset {end}, and by now {in_sync} of the replicas are in sync, while min.insync.replicas \
             demands {min_in_sync}"
        )));
    }
    if now.high_watermark < end {
        return Err(ErrorCode::RequestTimedOut.because(format!(
            "{at} is written up to offset {end}, and not all replicas in sync have it in the time that the request gives"
        )));
    }
    Ok(())
}

fn moved(at: &TopicPartition, end: Offset) -> Refusal {
    ErrorCode::NotLeaderOrFollower
        .because(format!("leadership of {at} has changed before all had it up to offset {end}: it may be cut off"))
}
