//! A member of a cluster, and a controller, that can be asked to wait.

use std::sync::Arc;

use partitioning::{Host, Result, Router, Service};
use replication::broker::{Broker, BrokerConfig, Doors};
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};
use segment_log::Fold;

use crate::api::{ProduceAcked, WaitingFetch, WaitingFollowerFetch};
use crate::produce::{AckLimits, produce};
use crate::waiting::{WaitLimits, fetch, follow};

/// What a broker bears of requests that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Patience {
    /// Of producers.
    pub acks: AckLimits,
    /// Of consumers and followers.
    pub fetches: WaitLimits,
}

/// Stage 03's broker, which answers as well what stage 04 asks.
///
/// # Errors
///
/// Those of [`Broker::open`].
pub async fn open<F: Fold + Default>(host: Host, config: BrokerConfig, patience: Patience) -> Result<Broker<F>> {
    open_with(host, config, patience, F::default).await
}

/// The same, and `make` makes what each replica derives from its log.
///
/// # Errors
///
/// Those of [`Broker::open`].
pub async fn open_with<F: Fold>(
    host: Host,
    config: BrokerConfig,
    patience: Patience,
    make: impl Fn() -> F + Send + Sync + 'static,
) -> Result<Broker<F>> {
    let max_answer = config.limits.max_answer;
    let broker = Broker::open_with(host, config, make).await?;
    Ok(broker.extend(|router, doors| with_waiting(router, doors, patience, max_answer)))
}

/// Stage 03's controller, whose log can be waited for.
///
/// # Errors
///
/// Those of [`ControllerProcess::open`].
pub async fn open_controller(
    host: Host,
    config: ControllerProcessConfig,
    patience: Patience,
) -> Result<ControllerProcess> {
    let max_answer = config.limits.max_answer;
    let process = ControllerProcess::open(host, config).await?;
    Ok(process.extend(|router, service| with_waiting_fetch(router, service, patience, max_answer)))
}

fn with_waiting<F: Fold>(router: Router, doors: &Doors<F>, patience: Patience, max_answer: usize) -> Router {
    let (service, followers) = (doors.service.clone(), doors.followers.clone());
    with_waiting_fetch(router, &doors.service, patience, max_answer)
        .route::<ProduceAcked>(move |request, context| {
            let service = service.clone();
            Box::pin(async move { produce(&service, request, patience.acks, &context).await })
        })
        .route::<WaitingFollowerFetch>(move |request, context| {
            let followers = followers.clone();
            Box::pin(async move { Ok(follow(&followers, request, patience.fetches, &context).await) })
        })
}

fn with_waiting_fetch(router: Router, service: &Service, patience: Patience, max_answer: usize) -> Router {
    let service = Arc::new(service.clone());
    router.route::<WaitingFetch>(move |request, context| {
        let service = service.clone();
        Box::pin(async move { Ok(fetch(&service, request, patience.fetches, &context, max_answer).await) })
    })
}
