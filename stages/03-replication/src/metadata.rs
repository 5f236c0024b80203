//! A broker's copy of the metadata: it reads the controller's log, and folds.
//!
//! ```text
//!   controller   __cluster_metadata-0   ▐█0█▌▐█1█▌▐█2█▌▐█3█▌        committed up to 4
//!                                                    │
//!   broker       reads from 3 on  ◀───── Fetch ──────┘
//!                replay ──▶ ClusterState ──▶ its replicas follow ──▶ shown to clients
//! ```
//!
//! The same fold as the controller's, over the same records: so all brokers come to the same state, each at its own pace. What
//! a broker knows is old by a moment. Whatever rests on it says so with an epoch, and is refused if that moment was too long.
//!
//! A batch holds decisions that stand together, and is learned as a whole.
//!
//! **The past is learned, and not followed.** A broker that starts reads all that was ever decided, and for most of that time the
//! decisions are over: topics that were deleted and made anew, replicas that were moved away and back. If its replicas followed
//! each of them, it would delete folders that it needs. So they follow once the broker has come to its own registration, which
//! is the present: from there on nothing is decided about this process that it does not see.
//!
//! Left out: a copy of the log on the broker's disk. A broker reads it from its beginning when it starts.

use std::collections::BTreeSet;
use std::sync::Arc;

use partitioning::api::{FetchPartition, FetchRequest, Fetched};
use partitioning::error::{Error, ErrorCode, Refusal};
use partitioning::news::News;
use partitioning::topics::name::CLUSTER_METADATA;
use partitioning::{Backoff, Host, Result, TopicPartition};
use segment_log::{Fold, Offset, batches};
use tokio::time::sleep;

use crate::controller_link::ControllerLink;
use crate::fetching::Fetching;
use crate::machine::decisions;
use crate::manager::ReplicaManager;
use crate::records::MetadataRecord;
use crate::state::ClusterState;

/// `metadata.log` bytes that are asked for at once.
const FETCH_BYTES: u32 = 1 << 20;

/// The metadata up to some offset.
#[derive(Debug, Clone, Default)]
pub struct Image {
    /// What the records before `end` give.
    pub state: Arc<ClusterState>,
    /// The first offset that is not in it.
    pub end: Offset,
}

/// The task that reads.
#[derive(Debug)]
pub(crate) struct MetadataReader<F: Fold> {
    host: Host,
    controller: ControllerLink,
    fetching: Arc<dyn Fetching>,
    manager: Arc<ReplicaManager<F>>,
    image: News<Image>,
    /// The epoch of this broker's registration, from which on its replicas follow; `None` until it has registered.
    present: Option<i64>,
}

impl<F: Fold> MetadataReader<F> {
    /// A reader that tells what it has learned, once the replicas have followed.
    pub(crate) fn new(
        host: Host,
        controller: ControllerLink,
        fetching: Arc<dyn Fetching>,
        manager: Arc<ReplicaManager<F>>,
    ) -> (Self, News<Image>) {
        let image = News::new(Image::default());
        (MetadataReader { host, controller, fetching, manager, image: image.clone(), present: None }, image)
    }

    /// Reads, for ever. The broker has registered in `epoch`.
    ///
    /// # Errors
    ///
    /// What cannot be gone on after: a record that cannot be read, or a log that is shorter than what is known of it.
    pub(crate) async fn run(mut self, epoch: i64) -> Result<()> {
        self.present = Some(epoch);
        let mut failures = 0;
        loop {
            match self.read().await {
                Ok(true) => failures = 0,
                Ok(false) => {
                    failures = 0;
                    sleep(self.fetching.rest()).await;
                }
                Err(error) if is_final(&error) => return Err(error),
                Err(error) => {
                    failures += 1;
                    if failures == 1 {
                        tracing::warn!("the controller's log cannot be read: {error}");
                    }
                    sleep(Backoff::RECONNECT.after(failures)).await;
                }
            }
        }
    }

    /// Reads once. Gives whether there was something.
    async fn read(&self) -> Result<bool> {
        let from = self.image.now().end;
        let at = TopicPartition::new(CLUSTER_METADATA, 0);
        let asked = FetchPartition { at: at.clone(), offset: from, max_bytes: FETCH_BYTES };
        let request = FetchRequest { max_bytes: FETCH_BYTES, partitions: vec![asked] };
        let client = self.controller.client().await?;
        let answer = self.fetching.fetch(&client, request).await?;
        let fetched = match answer.partitions.into_iter().next() {
            Some((_, Err(refusal))) if refusal.code == ErrorCode::OffsetOutOfRange => return Err(shorter(from).into()),
            Some((answered, fetched)) if answered == at => fetched?,
            _ => {
                return Err(ErrorCode::UnknownServerError.because("the controller answered what was not asked").into());
            }
        };
        if fetched.high_watermark < from {
            return Err(shorter(from).into());
        }
        self.learn(fetched).await
    }

    /// Learns all whole batches of an answer. Gives whether there was one.
    async fn learn(&self, fetched: Fetched) -> Result<bool> {
        let broken = |rule: String| ErrorCode::CorruptMessage.because(format!("the controller's log: {rule}"));
        let Image { state, mut end } = self.image.now();
        let mut state = ClusterState::clone(&state);
        let mut learned: Vec<MetadataRecord> = Vec::new();
        let before = end;
        for batch in batches(&fetched.records.0) {
            let batch = batch.map_err(|rule| broken(rule.to_string()))?;
            if batch.next_offset() <= end {
                continue;
            }
            batch.verify().map_err(|rule| broken(rule.to_string()))?;
            learned.extend(decisions(&batch).map_err(broken)?);
            end = batch.next_offset();
        }
        if end == before {
            return Ok(false);
        }
        let was_present = self.is_present(&state);
        learned.iter().for_each(|record| state.replay(record));
        let state = Arc::new(state);
        match (was_present, self.is_present(&state)) {
            (true, _) => self.follow(state.clone(), &learned).await,
            (false, true) => self.follow_all(state.clone()).await,
            (false, false) => {}
        }
        self.image.tell(Image { state, end });
        Ok(true)
    }

    /// Whether what is known reaches to this broker's own registration.
    fn is_present(&self, state: &ClusterState) -> bool {
        let here = state.broker(self.manager.config().node_id);
        here.is_some_and(|broker| self.present.is_some_and(|epoch| broker.epoch >= epoch))
    }

    /// Has the replicas follow what was decided in all the time before.
    async fn follow_all(&self, state: Arc<ClusterState>) {
        let changed = state.partitions().keys().cloned().collect();
        let manager = self.manager.clone();
        self.host.workers.run(move || manager.follow_metadata(state, &changed, false)).await;
    }

    /// Has the replicas follow.
    async fn follow(&self, state: Arc<ClusterState>, records: &[MetadataRecord]) {
        let mut changed = BTreeSet::new();
        let mut brokers = false;
        for record in records {
            match record {
                MetadataRecord::Partition(at, _) => drop(changed.insert(at.clone())),
                MetadataRecord::Broker(..) => brokers = true,
                MetadataRecord::Cluster(_) | MetadataRecord::Topic(..) | MetadataRecord::Note(..) => {}
            }
        }
        let manager = self.manager.clone();
        self.host.workers.run(move || manager.follow_metadata(state, &changed, brokers)).await;
    }
}

/// Whoever has lost decisions must not be followed: what rests on them would be undone.
fn shorter(from: Offset) -> Refusal {
    ErrorCode::OffsetOutOfRange.because(format!(
        "the controller's log ends before offset {from}, up to which this broker knows it: the controller has lost decisions"
    ))
}

fn is_final(error: &Error) -> bool {
    matches!(error.code(), Some(ErrorCode::OffsetOutOfRange | ErrorCode::CorruptMessage))
}
