//! A broker's membership: it registers, says that it is alive, and takes its leave.
//!
//! ```text
//!   registers ──▶ fenced: reads the metadata ──▶ active: leads and follows ──▶ stopping: gives away what it leads ──▶ gone
//!                    ▲                               │
//!                    └──── no heartbeat for broker.session.timeout.ms
//! ```
//!
//! The controller believes a broker to be alive as long as it hears from it. One that it does not hear from is *fenced*: it
//! leaves the lists of those in sync, and others lead in its place. It may be alive all the same, on the other side of a
//! broken cable, and go on leading for those on its side. Its epochs are over: nobody copies from it any more, so nothing that
//! it takes is ever committed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use partitioning::error::{Error, ErrorCode};
use partitioning::news::News;
use partitioning::{Backoff, Host, Result};
use segment_log::Fold;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::api::{
    AlterPartition, AlterPartitionsRequest, BrokerHeartbeat, BrokerHeartbeatRequest, BrokerHeartbeatResponse,
    BrokerRegistration, BrokerRegistrationRequest, BrokerRegistrationResponse,
};
use crate::controller_link::ControllerLink;
use crate::manager::ReplicaManager;
use crate::metadata::Image;
use crate::replica::ToAsk;

/// Registers, however long that takes.
///
/// # Errors
///
/// A refusal that will not pass: the data are another cluster's, say.
pub(super) async fn register(
    controller: &ControllerLink,
    request: BrokerRegistrationRequest,
) -> Result<BrokerRegistrationResponse> {
    for failures in 1.. {
        match controller.call::<BrokerRegistration>(request.clone()).await {
            Ok(registered) => return Ok(registered),
            // The controller answers, and says no.
            Err(error) if error.code().is_some_and(|code| !code.is_retriable()) => return Err(error),
            Err(error) if failures == 1 => tracing::warn!("not registered yet: {error}"),
            Err(error) => tracing::debug!("not registered yet: {error}"),
        }
        sleep(Backoff::RECONNECT.after(failures)).await;
    }
    unreachable!("it tries for ever")
}

/// Who says that it is alive.
#[derive(Debug)]
pub(super) struct Heart<F: Fold> {
    pub(super) host: Host,
    pub(super) controller: ControllerLink,
    pub(super) manager: Arc<ReplicaManager<F>>,
    pub(super) image: News<Image>,
    pub(super) epoch: i64,
    /// `broker.heartbeat.interval.ms`.
    pub(super) every: Duration,
    /// It asks for leave.
    pub(super) leaving: AtomicBool,
}

impl<F: Fold> Heart<F> {
    /// Beats, for ever, but not beside the asking for leave: a fenced broker that may stop, and then says that it is alive, is a
    /// member again.
    ///
    /// # Errors
    ///
    /// If another process has registered in this broker's name.
    pub(super) async fn run(&self) -> Result<()> {
        let mut image = self.image.listen();
        let mut was_fenced = true;
        loop {
            let began = Instant::now();
            match self.beat(false).await {
                Ok(answer) => {
                    if answer.is_fenced != was_fenced {
                        tracing::info!(
                            "{}",
                            if answer.is_fenced { "fenced: this broker leads nothing" } else { "active" }
                        );
                    }
                    was_fenced = answer.is_fenced;
                }
                Err(error) if is_replaced(&error) => return Err(error),
                Err(error) => tracing::warn!("the controller does not hear this broker: {error}"),
            }
            // A broker that is fenced has news as soon as it knows more.
            let rest = self.every.saturating_sub(began.elapsed());
            let _ = timeout(rest, news_if(was_fenced, &mut image)).await;
        }
    }

    /// Asks for leave, until it is given or `within` is over.
    pub(super) async fn take_leave(&self, within: Duration) {
        self.leaving.store(true, Ordering::Relaxed);
        let asking = async {
            loop {
                match self.beat(true).await {
                    Ok(answer) if answer.may_stop => return,
                    Err(error) if is_replaced(&error) => return,
                    Ok(_) => {}
                    Err(error) => tracing::warn!("not given leave yet: {error}"),
                }
                sleep(LEAVE).await;
            }
        };
        if timeout(within, asking).await.is_err() {
            tracing::warn!("stops without leave: the controller has not given it within {} ms", within.as_millis());
        }
    }

    async fn beat(&self, wants_to_stop: bool) -> Result<BrokerHeartbeatResponse> {
        let manager = self.manager.clone();
        let failed = self.host.workers.run(move || manager.failed()).await;
        let id = self.manager.config().node_id;
        let knows_epoch = self.image.now().state.broker(id).map(|broker| broker.epoch);
        let request = BrokerHeartbeatRequest { id, epoch: self.epoch, knows_epoch, wants_to_stop, failed };
        if self.leaving.load(Ordering::Relaxed) && !wants_to_stop {
            std::future::pending::<()>().await;
        }
        self.controller.call::<BrokerHeartbeat>(request).await
    }
}

/// How often a broker asks for leave.
const LEAVE: Duration = Duration::from_millis(100);

async fn news_if(wanted: bool, image: &mut watch::Receiver<Image>) {
    match wanted {
        true => drop(image.changed().await),
        false => std::future::pending().await,
    }
}

/// Whether somebody else is this broker now.
fn is_replaced(error: &Error) -> bool {
    matches!(error.code(), Some(ErrorCode::StaleBrokerEpoch | ErrorCode::BrokerIdNotRegistered))
}

/// Asks the controller for what leaders of this broker want, for ever.
pub(super) async fn ask_for_wishes<F: Fold>(
    host: Host,
    controller: ControllerLink,
    manager: Arc<ReplicaManager<F>>,
    broker_epoch: i64,
) {
    let mut failures = 0;
    loop {
        let partitions = manager.wishes().take().await;
        let (broker, replicas) = (manager.config().node_id, manager.clone());
        let wishes = host.workers.run(move || wishes(&replicas, partitions)).await;
        if wishes.is_empty() {
            continue;
        }
        let request = AlterPartitionsRequest { broker, broker_epoch, partitions: wishes.clone() };
        let answer = controller.call::<AlterPartition>(request).await;
        let replicas = manager.clone();
        let again = host.workers.run(move || answered(&replicas, wishes, answer)).await;
        failures = if again { failures + 1 } else { 0 };
        if again {
            sleep(Backoff::RETRY.after(failures)).await;
        }
    }
}

type Asked = Vec<(partitioning::TopicPartition, partitioning::api::TopicId, crate::api::AlterPartitionRequest)>;

fn wishes<F: Fold>(manager: &ReplicaManager<F>, partitions: BTreeSet<partitioning::TopicPartition>) -> Asked {
    let wish = |at: partitioning::TopicPartition| {
        let replica = manager.replica(&at).ok()?;
        let wish = replica.wish()?;
        Some((at, replica.topic(), wish))
    };
    let mut left = partitions.into_iter();
    let taken = left.by_ref().filter_map(wish).take(partitioning::api::MAX_ENTRIES).collect();
    left.for_each(|at| manager.wishes().add(&at));
    taken
}

/// Tells the replicas. Gives whether one of them is to be asked for again, after a while.
fn answered<F: Fold>(
    manager: &ReplicaManager<F>,
    wishes: Asked,
    answer: Result<crate::api::AlterPartitionsResponse>,
) -> bool {
    let mut again = false;
    let mut answers = match answer {
        Ok(answer) => answer.partitions.into_iter(),
        Err(error) => {
            tracing::warn!("the controller has not decided who is in sync: {error}");
            Vec::new().into_iter()
        }
    };
    for (at, _, wish) in wishes {
        let answer = match answers.next() {
            Some((answered, Ok(record))) if answered == at => Ok(record),
            Some((answered, Err(refusal))) if answered == at => {
                tracing::info!("{at}: the list of those in sync stays: {refusal}");
                Err(Some(refusal.code))
            }
            _ => Err(None),
        };
        let Ok(replica) = manager.replica(&at) else { continue };
        // One that is closed by now has nothing to ask.
        let left = replica.answered(&wish, answer).unwrap_or(ToAsk::Nothing);
        if left != ToAsk::Nothing {
            manager.wishes().add(&at);
        }
        again |= left == ToAsk::Again;
    }
    again
}
