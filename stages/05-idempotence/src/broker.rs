//! A member of a cluster, and a controller, that know producers.

use acks::broker::Patience;
use partitioning::{Host, Result, Router};
use replication::broker::{Broker, BrokerConfig, Doors};
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};
use replication::controller::routes::decides;
use replication::replica::Replica;

use crate::api::{AllocateProducerIds, InitProducerId, InitProducerIdResponse};
use crate::ids::{ProducerIds, allocate};
use crate::producers::{Producers, ProducersConfig};

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
    let broker = acks::broker::open_with(host, config, patience, move || Producers::new(producers)).await?;
    Ok(broker.extend(with_ids))
}

fn with_ids(router: Router, doors: &Doors<Producers>) -> Router {
    let ids = ProducerIds::new(doors.id, doors.image.clone(), doors.controller.clone());
    router.route::<InitProducerId>(move |_, context| {
        let ids = ids.clone();
        Box::pin(async move { Ok(InitProducerIdResponse { producer_id: ids.next(&context).await?, epoch: 0 }) })
    })
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
