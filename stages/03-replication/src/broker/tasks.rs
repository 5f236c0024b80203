//! All that a member does at the same time, and the order in which it ends.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use partitioning::net::BoxFuture;
use partitioning::news::News;
use partitioning::{Error, Host, Result, Server};
use segment_log::Fold;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::BrokerConfig;
use super::lifecycle::{Heart, ask_for_wishes};
use crate::api::BrokerRegistrationResponse;
use crate::controller_link::ControllerLink;
use crate::fetcher::Fetchers;
use crate::manager::ReplicaManager;
use crate::metadata::{Image, MetadataReader};

pub(super) struct Tasks<F: Fold> {
    pub(super) host: Host,
    pub(super) config: BrokerConfig,
    pub(super) manager: Arc<ReplicaManager<F>>,
    pub(super) image: News<Image>,
    pub(super) controller: ControllerLink,
    pub(super) registered: BrokerRegistrationResponse,
    /// A later stage's.
    pub(super) more: Vec<BoxFuture<'static, Result<()>>>,
}

impl<F: Fold> Tasks<F> {
    /// Serves until `stop` is cancelled, then takes its leave.
    ///
    /// # Errors
    ///
    /// That of the first task that failed for good.
    pub(super) async fn run(
        mut self,
        reader: MetadataReader<F>,
        (server, door): (Server, CancellationToken),
        stop: CancellationToken,
    ) -> Result<()> {
        let heart = Arc::new(Heart {
            host: self.host.clone(),
            controller: self.controller.another(),
            manager: self.manager.clone(),
            image: self.image.clone(),
            epoch: self.registered.epoch,
            every: self.config.heartbeat,
            leaving: AtomicBool::new(false),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(reader.run(self.registered.epoch));
        let known = self.known();
        tokio::select! {
            biased;
            ended = tasks.join_next() => return Err(failure(ended)),
            known = known => known?,
            () = stop.cancelled() => return Ok(()),
        }
        let (manager, state) = (self.manager.clone(), self.image.now().state);
        self.host.workers.run(move || manager.sweep(&state)).await?;
        let beating = heart.clone();
        tasks.spawn(async move { beating.run().await });
        self.spawn_work(&mut tasks);
        for task in std::mem::take(&mut self.more) {
            tasks.spawn(task);
        }
        let serving = tokio::spawn(server.run());
        tokio::select! {
            biased;
            ended = tasks.join_next() => {
                door.cancel();
                let _ = serving.await;
                return Err(failure(ended));
            }
            () = stop.cancelled() => {}
        }
        heart.take_leave(self.config.leave).await;
        door.cancel();
        serving.await.map_err(|_| Error::Closed("the door"))?;
        tasks.shutdown().await;
        Ok(())
    }

    /// Waits until the metadata hold this broker's registration.
    fn known(&self) -> impl Future<Output = Result<()>> + use<F> {
        let (mut image, id, epoch) = (self.image.listen(), self.config.manager.node_id, self.registered.epoch);
        async move {
            let is_known = |image: &Image| image.state.broker(id).is_some_and(|broker| broker.epoch >= epoch);
            image.wait_for(is_known).await.map(drop).map_err(|_| Error::Closed("the reader of the metadata"))
        }
    }

    fn spawn_work(&self, tasks: &mut JoinSet<Result<()>>) {
        let (host, manager, epoch) = (self.host.clone(), self.manager.clone(), self.registered.epoch);
        let fetchers = Fetchers::new(
            host.clone(),
            manager.clone(),
            self.config.fetching.clone(),
            self.config.fetcher.clone(),
            epoch,
        );
        tasks.spawn(never(fetchers.run()));
        tasks.spawn(never(ask_for_wishes(host.clone(), self.controller.another(), manager.clone(), epoch)));
        let looking = manager.clone();
        self.every(tasks, self.config.manager.lag_time_max / 2, move || looking.look_around());
        let keeping = manager.clone();
        self.every(tasks, self.config.keep_high_watermarks, move || {
            if let Err(error) = keeping.keep_high_watermarks() {
                tracing::error!("the high watermarks cannot be written down: {error}");
            }
        });
        let clock = host.clock.clone();
        self.every(tasks, self.config.housekeeping, move || manager.housekeep(clock.now()));
    }

    /// Does `work` on a worker, again and again.
    fn every(&self, tasks: &mut JoinSet<Result<()>>, every: Duration, work: impl Fn() + Clone + Send + 'static) {
        let workers = self.host.workers;
        tasks.spawn(async move {
            let mut rounds = interval(every.max(Duration::from_millis(1)));
            rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
            // The first tick is now, and there is nothing to do yet.
            rounds.tick().await;
            loop {
                rounds.tick().await;
                workers.run(work.clone()).await;
            }
        });
    }
}

async fn never(work: impl Future<Output = ()>) -> Result<()> {
    work.await;
    Ok(())
}

/// Why a task ended that should not have.
fn failure(ended: Option<Result<Result<()>, tokio::task::JoinError>>) -> Error {
    match ended {
        Some(Ok(Err(error))) => error,
        Some(Err(failed)) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
        _ => Error::Closed("a task of the broker"),
    }
}
