//! The door for followers: `Fetch`, version 2.

use std::sync::Arc;

use partitioning::api::FetchPartition;
use partitioning::error::{ErrorCode, Refusal};
use partitioning::{Context, FetchBudget, Host, TopicPartition};
use segment_log::{Fold, Slice};

use crate::api::{FetchFound, FollowerFetchPartition, FollowerFetchRequest, FollowerFetchResponse, FollowerFetched};
use crate::manager::ReplicaManager;
use crate::replica::{FollowerAsk, Served, ServedFound};

/// What each partition is answered; the bytes are not moved yet.
type Answers = Vec<(TopicPartition, Result<Served, Refusal>)>;

/// Answers a follower. An answer has at most `max_answer` bytes.
pub(super) async fn serve<F: Fold + Default>(
    manager: Arc<ReplicaManager<F>>,
    host: Host,
    request: FollowerFetchRequest,
    context: Context,
    max_answer: usize,
) -> FollowerFetchResponse {
    let most = max_answer.min(context.share());
    let found = host.workers.run(move || find(&manager, &request, most)).await;
    let bytes = found.iter().flat_map(|(_, served)| served).map(|served| served.records().map_or(0, Slice::len)).sum();
    context.reserve(bytes).await;
    let partitions =
        host.workers.run(move || found.into_iter().map(|(at, served)| (at, served.and_then(moved))).collect());
    FollowerFetchResponse { partitions: partitions.await }
}

fn find<F: Fold + Default>(manager: &ReplicaManager<F>, request: &FollowerFetchRequest, most: usize) -> Answers {
    let mut budget = FetchBudget::new(request.max_bytes, most);
    let one = |asked: &FollowerFetchPartition| {
        let FollowerFetchPartition { at, offset, max_bytes, .. } = asked.clone();
        let room = budget.request(&FetchPartition { at: at.clone(), offset, max_bytes });
        let served = serve_one(manager, request, asked, room.max_bytes, room.min_one_batch);
        budget.spent(served.as_ref().ok().and_then(Served::records).map_or(0, Slice::len));
        (at, served)
    };
    request.partitions.iter().map(one).collect()
}

fn serve_one<F: Fold + Default>(
    manager: &ReplicaManager<F>,
    request: &FollowerFetchRequest,
    asked: &FollowerFetchPartition,
    max_bytes: usize,
    min_one_batch: bool,
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
    /// The batches, if there are any.
    fn records(&self) -> Option<&Slice> {
        match &self.found {
            ServedFound::Records(slice) => Some(slice),
            _ => None,
        }
    }
}
