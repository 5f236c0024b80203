//! The task that pulls ahead: it asks brokers for records while the application works on those that it has.
//!
//! ```text
//!   application            Shared                     this task                       brokers
//!     poll ◀── ready ── ┌────────────┐ ── work ──▶  plan ──▶ jobs ──▶ one task each ──▶
//!     seek, pause ────▶ │ Assignment │ ◀─────────  outcome ◀────────────────────────────
//!                       └────────────┘
//! ```
//!
//! All that is decided is decided by the [`Assignment`], under its lock, and nothing waits under it. All that waits, waits
//! here. The jobs are tasks of this task: when it ends, they end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::assignment::Assignment;
use super::fetching::Fetching;
use super::lookup;
use super::plan::{self, Job, Leaders, Lookup};
use super::positions::Found;
use crate::api::{FetchResponse, TopicInfo};
use crate::client::{Client, Cluster};
use crate::error::{Refusal, Result};

/// What the application and the fetcher share.
#[derive(Debug)]
pub(super) struct Shared {
    assignment: Mutex<Assignment>,
    /// There may be something to ask.
    pub(super) work: Notify,
    /// There is something to take.
    pub(super) ready: Notify,
}

impl Shared {
    pub(super) fn new(assignment: Assignment) -> Self {
        Shared { assignment: Mutex::new(assignment), work: Notify::new(), ready: Notify::new() }
    }

    pub(super) fn assignment(&self) -> MutexGuard<'_, Assignment> {
        self.assignment.lock().expect("nothing panics while it holds the assignment")
    }
}

/// What came of a job.
enum Outcome {
    Leaders(Leaders, Result<Arc<TopicInfo>>),
    Lookup(Lookup, Result<Vec<Result<Found, Refusal>>>),
    Fetch(plan::Fetch, Option<Client>, Result<FetchResponse>),
}

/// See the [module](self).
pub(super) struct Fetcher {
    cluster: Cluster,
    shared: Arc<Shared>,
    /// Connections for fetches alone, by broker. One that a fetch uses is not here.
    connections: BTreeMap<i32, Client>,
    jobs: JoinSet<Outcome>,
}

impl Fetcher {
    pub(super) fn new(cluster: Cluster, shared: Arc<Shared>) -> Self {
        Fetcher { cluster, shared, connections: BTreeMap::new(), jobs: JoinSet::new() }
    }

    /// Asks and asks, until it is told to stop.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        loop {
            let wake = self.begin();
            tokio::select! {
                // In this order, so that the same events lead to the same run.
                biased;
                () = stop.cancelled() => break,
                Some(done) = self.jobs.join_next() => match done {
                    Ok(outcome) => self.finish(outcome),
                    // Jobs are ended by this task alone, so one that gave nothing has panicked.
                    Err(failed) => std::panic::resume_unwind(failed.into_panic()),
                },
                () = self.shared.work.notified() => {}
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
            }
        }
        self.jobs.shutdown().await;
    }

    /// Begins what is to be done now, and says when to look again.
    fn begin(&mut self) -> Option<Instant> {
        let (plan, part, fetching) = {
            let mut assignment = self.shared.assignment();
            let plan = assignment.plan(Instant::now());
            (plan, assignment.config().max_partition_fetch_bytes, assignment.config().fetching.clone())
        };
        for job in plan.jobs {
            let cluster = self.cluster.clone();
            match job {
                Job::Leaders(job) => self.jobs.spawn(leaders(cluster, job)),
                Job::Lookup(job) => self.jobs.spawn(look_up(cluster, fetching.clone(), job)),
                Job::Fetch(job) => {
                    let connection = self.connections.remove(&job.broker);
                    self.jobs.spawn(fetch(cluster, connection, fetching.clone(), job, part))
                }
            };
        }
        plan.wake
    }

    fn finish(&mut self, outcome: Outcome) {
        let now = Instant::now();
        let mut assignment = self.shared.assignment();
        match outcome {
            Outcome::Leaders(job, found) => assignment.on_leaders(&job, found, now),
            Outcome::Lookup(job, found) => assignment.on_looked_up(&job, found, now),
            Outcome::Fetch(job, connection, answer) => {
                self.connections.extend(connection.map(|connection| (job.broker, connection)));
                assignment.on_fetched(&job, answer, now);
            }
        }
        if assignment.is_ready() {
            self.shared.ready.notify_one();
        }
    }
}

async fn leaders(cluster: Cluster, job: Leaders) -> Outcome {
    let topic = if job.again { cluster.refresh(&job.topic).await } else { cluster.topic(&job.topic).await };
    Outcome::Leaders(job, topic)
}

async fn look_up(cluster: Cluster, fetching: Arc<dyn Fetching>, job: Lookup) -> Outcome {
    let found = match cluster.broker(job.broker).await {
        Ok(client) => lookup::find(&*fetching, &client, &job.partitions).await,
        Err(error) => Err(error),
    };
    Outcome::Lookup(job, found)
}

/// Fetches over a connection of its own, which nothing else waits behind.
async fn fetch(
    cluster: Cluster,
    connection: Option<Client>,
    fetching: Arc<dyn Fetching>,
    job: plan::Fetch,
    part: u32,
) -> Outcome {
    let client = match connection.filter(|connection| !connection.is_closed()) {
        Some(client) => client,
        None => match cluster.dedicated(job.broker).await {
            Ok(client) => client,
            Err(error) => return Outcome::Fetch(job, None, Err(error)),
        },
    };
    let answer = fetching.fetch(&client, job.request(part)).await;
    Outcome::Fetch(job, Some(client), answer)
}
