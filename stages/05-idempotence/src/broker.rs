//! A member of a cluster, and a controller, that know producers.

use acks::broker::Patience;
use partitioning::{Host, Partitions, Result, Router, TopicPartition};
use replication::broker::{Broker, BrokerConfig, Doors};
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};
use replication::controller::routes::decides;
use replication::manager::ReplicaManager;
use replication::replica::Replica;
use segment_log::Fold;

use crate::api::{
    AllocateProducerIds, DescribeProducers, DescribeProducersRequest, DescribeProducersResponse, InitProducerId,
    InitProducerIdResponse, ProducerState,
};
use crate::ids::{ProducerIds, allocate};
use crate::producers::{Producer, Producers, ProducersConfig};

/// What a replica is in this stage.
pub type StageReplica = Replica<Producers>;

/// Stage 04's broker, whose partitions know their producers, and which tells producers who they are.
///
/// # Errors
///
/// Those of [`Broker::open`].
pub async fn open(
    host: Host,
    config: BrokerConfig,
    patience: Patience,
    producers: ProducersConfig,
) -> Result<Broker<Producers>> {
    Ok(with_producers(acks::broker::open_with(host, config, patience, move || Producers::new(producers)).await?))
}

/// The same broker, which answers as well what stage 05 asks. A later stage derives more than producers from its logs.
pub fn with_producers<F: Fold + AsRef<Producers>>(broker: Broker<F>) -> Broker<F> {
    broker.extend(|router, doors| {
        let (manager, workers) = (doors.followers.manager().clone(), doors.host.workers);
        with_ids(router, doors).route::<DescribeProducers>(move |request, _| {
            let manager = manager.clone();
            Box::pin(async move { Ok(workers.run(move || described(&manager, request)).await) })
        })
    })
}

/// Tells producers who they are, whatever the broker's replicas derive.
pub fn with_ids<F: Fold>(router: Router, doors: &Doors<F>) -> Router {
    let ids = ProducerIds::new(doors.id, doors.image.clone(), doors.controller.clone());
    router.route::<InitProducerId>(move |_, context| {
        let ids = ids.clone();
        Box::pin(async move { Ok(InitProducerIdResponse { producer_id: ids.next(&context).await?, epoch: 0 }) })
    })
}

/// What this broker knows of the producers of partitions that it leads.
fn described<F: Fold + AsRef<Producers>>(
    manager: &ReplicaManager<F>,
    request: DescribeProducersRequest,
) -> DescribeProducersResponse {
    let state = |(id, producer): (i64, &Producer)| ProducerState {
        id,
        epoch: producer.epoch(),
        last: producer.last(),
        last_offset: producer.remembered().next_back().map(|seen| seen.at.last_offset),
    };
    let one = |at: TopicPartition| {
        // Whether it leads is the manager's to say. A follower's knowledge is a moment behind.
        let led = manager.find(&at).and_then(|_| manager.replica(&at));
        let told = led.and_then(|replica| replica.derived(|fold| fold.as_ref().iter().map(state).collect()));
        (at, told)
    };
    DescribeProducersResponse { partitions: request.partitions.into_iter().map(one).collect() }
}

/// Stage 04's controller, which gives out producer ids.
///
/// # Errors
///
/// Those of [`ControllerProcess::open`].
pub async fn open_controller(
    host: Host,
    config: ControllerProcessConfig,
    patience: Patience,
) -> Result<ControllerProcess> {
    let process = acks::broker::open_controller(host, config, patience).await?;
    let runner = process.runner().clone();
    Ok(process.extend(|router, _| decides::<AllocateProducerIds>(router, &runner, allocate)))
}
