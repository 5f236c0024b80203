//! Stage 04's storm, over this stage's brokers: its clients are promised more.
//!
//! A record is in the log once, and none overtakes another, however often it was sent. So the judge allows no duplicates and no changes
//! of order any more for those who send so, whatever `max.in.flight.requests.per.connection` is. Beside them, others send
//! as before: numbered and unnumbered records must not be in each other's way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use acks::api::Acks;
use acks::broker::Patience;
use acks::simulation::command::Simulated;
use acks::simulation::plain::{Plain, Plan, Sends};
use acks::simulation::settings::{Policy, Settings};
use acks::simulation::{AcksPrograms, Draw, Programs, Workload};
use partitioning::net::BoxFuture;
use partitioning::{ErrorCode, Host, Refusal, Result};
use replication::broker::BrokerConfig;
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};
use replication::fetching::Fetching;
use replication::look::Member;
use segment_log::{Appended, BatchView, Fold, Offset, Origin, Rejection, Timestamp, Verdict};

use crate::broker::{open_controller, with_ids};
use crate::producer::IdempotentSending;
use crate::producers::Producers;

/// What this stage's program simulates.
pub const IDEMPOTENCE: Simulated = Simulated {
    program: "idempotence",
    programs: |policy| Arc::new(IdempotencePrograms::by(policy)),
    workloads,
    floors: &["retries recognised", "batches out of order"],
};

/// Records that are there once; and some that are sent as in stage 04.
fn workloads(settings: &Settings) -> Vec<Arc<dyn Workload>> {
    let mut draw = Draw::new(settings.seed, "workloads");
    let loose = draw.one_of(&[Acks::All, Acks::Leader, Acks::None]);
    let mut plain = |name: &str, acks, sends| {
        Arc::new(Plain::new(name, Plan::drawn(&mut draw, settings, acks, sends))) as Arc<dyn Workload>
    };
    vec![plain("once", Acks::All, ONCE), plain("loose", loose, Sends::ACKED)]
}

/// Each record is numbered.
const ONCE: Sends = Sends { with: |acked| Arc::new(IdempotentSending::new(acked)), once: true };

/// This stage's programs.
#[derive(Debug, Default)]
pub struct IdempotencePrograms {
    below: AcksPrograms,
    counters: Counters,
}

impl IdempotencePrograms {
    /// Those that go by a rule.
    pub fn by(policy: Policy) -> Self {
        IdempotencePrograms { below: AcksPrograms::by(policy), counters: Counters::default() }
    }

    fn patience(&self) -> Patience {
        self.below.patience
    }
}

impl Programs for IdempotencePrograms {
    fn broker(&self, host: Host, config: BrokerConfig) -> BoxFuture<'static, Result<Box<dyn Member>>> {
        let (patience, counters) = (self.patience(), self.counters.clone());
        let make = move || Counted { producers: Producers::default(), counters: counters.clone() };
        Box::pin(async move {
            let broker = acks::broker::open_with(host, config, patience, make).await?;
            Ok(Box::new(broker.extend(with_ids)) as Box<dyn Member>)
        })
    }

    fn controller(&self, host: Host, config: ControllerProcessConfig) -> BoxFuture<'static, Result<ControllerProcess>> {
        Box::pin(open_controller(host, config, self.patience()))
    }

    fn fetching(&self, settings: &Settings) -> Arc<dyn Fetching> {
        self.below.fetching(settings)
    }

    fn counts(&self) -> Vec<(&'static str, u64)> {
        self.counters.told()
    }
}

/// What all brokers of a run have judged.
#[derive(Debug, Clone, Default)]
struct Counters(Arc<[AtomicU64; 3]>);

impl Counters {
    fn count(&self, which: usize) {
        self.0[which].fetch_add(1, Ordering::Relaxed);
    }

    fn told(&self) -> Vec<(&'static str, u64)> {
        let names = ["retries recognised", "batches out of order", "batches of an old epoch"];
        names.into_iter().zip(self.0.iter().map(|count| count.load(Ordering::Relaxed))).collect()
    }
}

/// The state of producers, by a fold that counts how it judges: a storm in which no retry comes proves nothing.
struct Counted {
    producers: Producers,
    counters: Counters,
}

impl Fold for Counted {
    fn check(&self, batch: &BatchView<'_>, origin: &Origin) -> Result<Verdict, Rejection> {
        let judged = self.producers.check(batch, origin);
        let code = |rejection: &Rejection| rejection.reason::<Refusal>().map(|refusal| refusal.code);
        match &judged {
            Ok(Verdict::Duplicate(_)) => self.counters.count(0),
            Err(why) if code(why) == Some(ErrorCode::OutOfOrderSequenceNumber) => self.counters.count(1),
            Err(why) if code(why) == Some(ErrorCode::InvalidProducerEpoch) => self.counters.count(2),
            _ => {}
        }
        judged
    }

    fn apply(&mut self, batch: &BatchView<'_>, at: &Appended) {
        self.producers.apply(batch, at);
    }

    fn start_moved(&mut self, log_start: Offset) {
        self.producers.start_moved(log_start);
    }

    fn time_passed(&mut self, now: Timestamp) {
        self.producers.time_passed(now);
    }

    fn snapshot(&self) -> Vec<u8> {
        self.producers.snapshot()
    }

    fn restore(&mut self, snapshot: Option<&[u8]>) -> Result<(), Rejection> {
        self.producers.restore(snapshot)
    }
}
