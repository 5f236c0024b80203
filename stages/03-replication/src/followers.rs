//! The door for followers: what a fetch of theirs finds, and how it becomes an answer.
//!
//! In two steps, as between them there may be something to wait for (stage 04): [`Followers::find`] asks the replicas, and moves
//! no bytes; [`Followers::answer`] moves them.

use std::sync::Arc;

use partitioning::api::FetchPartition;
use partitioning::error::{ErrorCode, Refusal};
use partitioning::{Context, FetchBudget, Host, TopicPartition};
use segment_log::{Fold, Slice};

use crate::api::{FetchFound, FollowerFetchPartition, FollowerFetchRequest, FollowerFetchResponse, FollowerFetched};
use crate::manager::ReplicaManager;
use crate::replica::{FollowerAsk, Served, ServedFound};

/// What each partition is answered, in the order of the request; the bytes are not moved yet.
pub type Answers = Vec<(TopicPartition, Result<Served, Refusal>)>;

/// See the [module](self).
#[derive(Debug)]
pub struct Followers<F: Fold> {
    manager: Arc<ReplicaManager<F>>,
    host: Host,
    /// The most bytes of an answer.
    max_answer: usize,
}

impl<F: Fold> Clone for Followers<F> {
    fn clone(&self) -> Self {
        Followers { manager: self.manager.clone(), host: self.host.clone(), max_answer: self.max_answer }
    }
}

impl<F: Fold> Followers<F> {
    /// A door to these replicas.
    pub fn new(manager: Arc<ReplicaManager<F>>, host: Host, max_answer: usize) -> Self {
        Followers { manager, host, max_answer }
    }

    /// The replicas behind it.
    pub fn manager(&self) -> &Arc<ReplicaManager<F>> {
        &self.manager
    }

    /// Asks the replicas. A question that is looked at again, after a wait, is not `new`: it says nothing more about how far its
    /// follower is.
    pub async fn find(&self, request: &FollowerFetchRequest, context: &Context, new: bool) -> Answers {
        let (manager, request, most) = (self.manager.clone(), request.clone(), self.max_answer.min(context.share()));
        self.host.workers.run(move || find(&manager, &request, most, new)).await
    }

    /// Moves the bytes of what was found into an answer.
    pub async fn answer(&self, found: Answers, context: &Context) -> FollowerFetchResponse {
        let bytes =
            found.iter().flat_map(|(_, served)| served).map(|served| served.records().map_or(0, Slice::len)).sum();
        context.reserve(bytes).await;
        let move_all = move || found.into_iter().map(|(at, served)| (at, served.and_then(moved))).collect();
        FollowerFetchResponse { partitions: self.host.workers.run(move_all).await }
    }
}

fn find<F: Fold>(manager: &ReplicaManager<F>, request: &FollowerFetchRequest, most: usize, new: bool) -> Answers {
    let mut budget = FetchBudget::new(request.max_bytes, most);
    let one = |asked: &FollowerFetchPartition| {
        let FollowerFetchPartition { at, offset, max_bytes, .. } = asked.clone();
        let room = budget.request(&FetchPartition { at: at.clone(), offset, max_bytes });
        let served = serve_one(manager, request, asked, (room.max_bytes, room.min_one_batch), new);
        budget.spent(served.as_ref().ok().and_then(Served::records).map_or(0, Slice::len));
        (at, served)
    };
    request.partitions.iter().map(one).collect()
}

fn serve_one<F: Fold>(
    manager: &ReplicaManager<F>,
    request: &FollowerFetchRequest,
    asked: &FollowerFetchPartition,
    (max_bytes, min_one_batch): (usize, bool),
    is_new: bool,
) -> Result<Served, Refusal> {
    let replica = manager.replica(&asked.at)?;
    if replica.topic() != asked.topic {
        let (at, mine, asked) = (replica.at(), replica.topic(), asked.topic);
        return Err(ErrorCode::InconsistentTopicId
            .because(format!("{at} is of the topic {mine} here, and of the topic {asked} for the follower")));
    }
    let served = replica.serve(FollowerAsk {
        replica: request.replica,
        broker_epoch: request.broker_epoch,
        leader_epoch: asked.leader_epoch,
        offset: asked.offset,
        last_epoch: asked.last_epoch,
        max_bytes,
        min_one_batch,
        is_new,
    })?;
    if served.has_wish {
        manager.wishes().add(&asked.at);
    }
    Ok(served)
}

/// Moves the bytes into the answer.
fn moved(served: Served) -> Result<FollowerFetched, Refusal> {
    let found = match served.found {
        ServedFound::Records(slice) => FetchFound::Records(slice.to_bytes()?.into()),
        ServedFound::Diverging(at) => FetchFound::Diverging(at),
        ServedFound::OutOfRange(end) => FetchFound::OutOfRange { end },
    };
    Ok(FollowerFetched { found, high_watermark: served.high_watermark, log_start: served.log_start })
}

impl Served {
    /// The batches, if that is what was found.
    pub fn records(&self) -> Option<&Slice> {
        match &self.found {
            ServedFound::Records(slice) => Some(slice),
            _ => None,
        }
    }
}
