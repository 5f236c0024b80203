//! What clients do in a run, and what they are promised. A seam: a later stage brings clients that do more.
//!
//! ```text
//!                    ┌────────────── Workload ───────────────┐
//!   before the storm │ topics()                              │
//!   in the storm     │ programs() ── on clients' machines,   │ ──▶ History
//!                    │               started again after     │
//!                    │               each crash of them      │
//!   when it is over  │ close() ──── sends, reads to the end  │
//!   at last          │ judge() ◀─────────────────────────────│─── Verdict
//!                    └───────────────────────────────────────┘
//! ```

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use history::{History, Time, Verdict};
use partitioning::api::NewTopic;
use partitioning::net::BoxFuture;
use partitioning::{ClientConfig, Cluster, Host, TopicPartition};
use replication::state::ClusterState;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::draw::Draw;
use super::trace::Trace;

/// Clients that belong together, their topics, and what they are promised. See the [module](self).
pub trait Workload: Send + Sync + 'static {
    /// What it is called.
    fn name(&self) -> &str;

    /// The topics that it needs.
    fn topics(&self) -> Vec<NewTopic>;

    /// Its clients. They are spread over the clients' machines, and run from each start of their machine on, until the storm is
    /// over.
    fn programs(&self) -> Vec<Arc<dyn Program>>;

    /// All is healed, and the programs have ended: what clients must be able to do now, and soon. Gives what they could not.
    fn close(&self, seat: Seat) -> BoxFuture<'static, Result<(), String>>;

    /// What its clients did and saw.
    fn history(&self) -> History;

    /// What is to be said of that.
    fn judge(&self) -> Verdict;

    /// What is wrong beside the history, as far as the cluster's state shows it. Called when all is healed.
    fn inspect(&self, _state: &ClusterState) -> Vec<String> {
        Vec::new()
    }
}

/// A client: what it does on its machine.
pub trait Program: Send + Sync + 'static {
    /// What it is called. No other program of the run has this name.
    fn name(&self) -> &str;

    /// Does its work until the storm is [over](Seat::over), and ends in order soon after.
    fn run(&self, seat: Seat) -> BoxFuture<'static, ()>;
}

/// The place of a client on a machine.
#[derive(Clone)]
pub struct Seat {
    /// The machine.
    pub host: Host,
    /// Where brokers are.
    pub bootstrap: Vec<String>,
    /// How often the machine was started before.
    pub restarts: u64,
    /// The client's own chance.
    pub draw: Draw,
    /// Cancelled when the storm is over.
    pub over: CancellationToken,
    /// Changes when the client is to end in the middle of its work, and begin anew.
    pub nudge: watch::Receiver<u64>,
    /// Where it can say something.
    pub trace: Trace,
    /// Where it tells that a record was acknowledged, in the moment that it was.
    pub acked: LastAcked,
    /// `broker.session.timeout.ms` of the run: what counts as long.
    pub session: Duration,
}

/// The partition of the record that was acknowledged last. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct LastAcked(Arc<Mutex<Option<TopicPartition>>>);

impl LastAcked {
    /// One of this partition was acknowledged now.
    pub fn tell(&self, at: &TopicPartition) {
        *self.0.lock().expect("nothing panics while it tells") = Some(at.clone());
    }

    /// The last one since this was asked before.
    pub(super) fn take(&self) -> Option<TopicPartition> {
        self.0.lock().expect("nothing panics while it tells").take()
    }
}

impl Seat {
    /// The run's clock, in microseconds: for the history.
    pub fn now(&self) -> Time {
        micros(elapsed())
    }

    /// Says something in the trace.
    pub fn say(&self, who: &str, what: impl fmt::Display) {
        self.trace.say(elapsed(), who, what);
    }

    /// `request.timeout.ms` of its clients.
    pub fn request_timeout(&self) -> Duration {
        self.session * 2
    }

    /// A client's view of the cluster. Its times are in proportion to the run's.
    pub fn cluster(&self, client_id: &str) -> Cluster {
        let config = ClientConfig {
            bootstrap: self.bootstrap.clone(),
            client_id: client_id.into(),
            connect_timeout: self.session,
            request_timeout: self.request_timeout(),
            metadata_max_age: Duration::from_secs(5),
            ..ClientConfig::new("")
        };
        Cluster::new(self.host.clone(), config).expect("the settings are good")
    }
}

/// The time since the run began, on a machine.
fn elapsed() -> Duration {
    turmoil::sim_elapsed().unwrap_or_default()
}

fn micros(time: Duration) -> Time {
    Time::try_from(time.as_micros()).unwrap_or(Time::MAX)
}
