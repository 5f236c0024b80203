//! Stage 04's storm, over this stage's brokers: producers of transactions, their zombies, and readers of what is committed.
//!
//! ```text
//!   pay-1   [ a✓ b✓ commit ] [ c✓ abort ] [ d✓ e…            dies, or goes on as a zombie
//!   pay-1.1                                     init [ f✓ g✓ commit ] …
//!   readers     a        b                              f g       c, d and e: never, in no partition
//! ```
//!
//! What is judged, beside stage 05's promises: a transaction is read whole or not at all, and not before it is committed; nothing of one
//! that was aborted is read, and nothing of a zombie. And when all is healed, nothing holds readers back any more: each partition's last
//! stable offset reaches its high watermark. A hanging transaction would not let it.

mod closing;
mod life;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use acks::api::Acks;
use acks::broker::Patience;
use acks::simulation::command::Simulated;
use acks::simulation::plain::{Plain, Plan, Sends};
use acks::simulation::readers::Readers;
use acks::simulation::settings::Settings;
use acks::simulation::topics::Topics;
use acks::simulation::workload::{Program, Seat, Workload};
use acks::simulation::{AcksPrograms, Draw, Programs};
use history::{Floors, History, Recorder, Rules, Value, Verdict, check};
use partitioning::api::NewTopic;
use partitioning::net::BoxFuture;
use partitioning::{Host, Result, TopicPartition};
use replication::broker::BrokerConfig;
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};
use replication::fetching::Fetching;
use replication::look::Member;

use crate::broker::{TransactionSettings, open};
use crate::consumer::IsolatedFetching;
use crate::coordinator::CoordinatorConfig;
use life::Lives;

/// What this stage's program simulates.
pub const TRANSACTIONS: Simulated = Simulated {
    program: "transactions",
    programs: |policy| Arc::new(TransactionsPrograms { below: AcksPrograms::by(policy) }),
    workloads,
    floors: &["committed transactions", "aborted transactions"],
};

/// Transactions; and records of none, which wait behind them and must not be in their way.
fn workloads(settings: &Settings) -> Vec<Arc<dyn Workload>> {
    let mut draw = Draw::new(settings.seed, "workloads");
    let loose = draw.one_of(&[Acks::All, Acks::Leader, Acks::None]);
    let plan = Planned::drawn(&mut draw, settings);
    let loose = Plain::new("loose", Plan::drawn(&mut draw, settings, loose, Sends::ACKED));
    vec![Arc::new(Transactional::new("whole", plan)), Arc::new(loose)]
}

/// This stage's programs.
pub struct TransactionsPrograms {
    below: AcksPrograms,
}

impl fmt::Debug for TransactionsPrograms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TransactionsPrograms")
    }
}

impl Programs for TransactionsPrograms {
    fn broker(&self, host: Host, config: BrokerConfig) -> BoxFuture<'static, Result<Box<dyn Member>>> {
        let patience: Patience = self.below.patience;
        let check_interval = Duration::from_secs(1);
        let settings = TransactionSettings {
            coordinator: CoordinatorConfig { check_interval, ..CoordinatorConfig::default() },
            // Few, so that each sees something.
            state_partitions: 3,
            ..TransactionSettings::default()
        };
        Box::pin(async move { Ok(Box::new(open(host, config, patience, settings).await?) as Box<dyn Member>) })
    }

    fn controller(&self, host: Host, config: ControllerProcessConfig) -> BoxFuture<'static, Result<ControllerProcess>> {
        Box::pin(idempotence::broker::open_controller(host, config, self.below.patience))
    }

    fn fetching(&self, settings: &Settings) -> Arc<dyn Fetching> {
        self.below.fetching(settings)
    }
}

/// What the workload is like.
#[derive(Debug, Clone)]
struct Planned {
    topics: Topics,
    producers: usize,
    consumers: usize,
    in_flight: usize,
    batch_size: usize,
    linger: Duration,
    /// `transaction.timeout.ms`.
    timeout: Duration,
}

impl Planned {
    fn drawn(draw: &mut Draw, settings: &Settings) -> Self {
        let partitions = (0..2).map(|_| draw.from_to(1, 2) as u32).collect();
        let min_in_sync = draw.one_of(&[1, 2, 2, 2]);
        Planned {
            topics: Topics { partitions, min_in_sync, segment_bytes: settings.segment_bytes },
            producers: draw.from_to(1, 3) as usize,
            consumers: draw.from_to(1, 2) as usize,
            in_flight: draw.one_of(&[1, 5]),
            batch_size: draw.one_of(&[0, 500, 16 << 10]),
            linger: draw.time(Duration::ZERO, Duration::from_millis(30)),
            timeout: draw.time(Duration::from_secs(2), Duration::from_secs(10)),
        }
    }
}

/// Producers of transactions, and readers of what is committed.
#[derive(Debug)]
struct Transactional {
    shared: Arc<Shared>,
}

/// What its clients have in common.
#[derive(Debug)]
struct Shared {
    name: String,
    plan: Planned,
    partitions: Vec<TopicPartition>,
    recorder: Recorder,
    next_value: AtomicU64,
    readers: Arc<Readers>,
    done: Done,
}

/// What has been committed so far.
#[derive(Debug, Default)]
struct Done {
    transactions: AtomicUsize,
    records: AtomicUsize,
}

impl Done {
    /// Fewer transactions say nothing of whether promises are kept.
    const TRANSACTIONS: usize = 5;
    /// Nor do fewer records.
    const RECORDS: usize = 20;

    /// So many records were committed, in one transaction.
    fn add(&self, records: usize) {
        self.transactions.fetch_add(1, Ordering::Relaxed);
        self.records.fetch_add(records, Ordering::Relaxed);
    }

    /// There is something to judge.
    fn is_enough(&self) -> bool {
        self.transactions.load(Ordering::Relaxed) >= Self::TRANSACTIONS
            && self.records.load(Ordering::Relaxed) >= Self::RECORDS
    }
}

impl Shared {
    /// A value that nobody has sent.
    fn value(&self) -> Value {
        self.next_value.fetch_add(1, Ordering::Relaxed)
    }

    /// The transactional id of a producer: it has the same after each crash.
    fn id(&self, number: usize) -> String {
        format!("{}-{number}", self.name)
    }
}

impl Transactional {
    fn new(name: &str, plan: Planned) -> Self {
        let partitions = plan.topics.all(name);
        let (recorder, next_value) = (Recorder::new(), AtomicU64::new(1));
        let fetching = Arc::new(IsolatedFetching::committed());
        let readers = Readers::new(name, partitions.clone(), recorder.clone(), fetching);
        let (name, done) = (name.to_owned(), Done::default());
        let shared = Shared { name, plan, partitions, recorder, next_value, readers, done };
        Transactional { shared: Arc::new(shared) }
    }
}

impl Workload for Transactional {
    fn name(&self) -> &str {
        &self.shared.name
    }

    fn topics(&self) -> Vec<NewTopic> {
        self.shared.plan.topics.made(&self.shared.name)
    }

    fn programs(&self) -> Vec<Arc<dyn Program>> {
        let Planned { producers, consumers, .. } = self.shared.plan;
        let lives = (1..=producers).map(|number| Arc::new(Lives::new(&self.shared, number)) as Arc<dyn Program>);
        lives.chain(self.shared.readers.programs(consumers)).collect()
    }

    fn close(&self, seat: Seat) -> BoxFuture<'static, std::result::Result<(), String>> {
        Box::pin(closing::close(self.shared.clone(), seat))
    }

    fn history(&self) -> History {
        self.shared.recorder.history()
    }

    fn judge(&self) -> Verdict {
        let Planned { producers, consumers, .. } = self.shared.plan;
        let partitions = self.shared.partitions.len();
        let floors = Floors {
            acked: Done::RECORDS,
            records: Done::RECORDS,
            committed: Done::TRANSACTIONS,
            spread: 1,
            producers,
            consumers,
            partitions,
            drained: partitions,
            ..Floors::default()
        };
        check(&self.history(), &Rules::strict().floors(floors))
    }
}
