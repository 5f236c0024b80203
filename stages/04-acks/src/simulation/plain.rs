//! The plain workload: producers send records one by one, consumers read all of them.
//!
//! Each value is sent once. How sure a producer wants to be (`acks`) decides what its records are promised:
//!
//! | acks | what is acknowledged | and what else holds |
//! |---|---|---|
//! | all | is never lost | what was read stays where it was read, in order, with nothing left out |
//! | 1 | may be lost | the same: what readers are shown is committed, whoever wrote it |
//! | 0 | may be lost | the same, but for the order in which it was sent: a later connection can be faster |

mod closing;
mod producing;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use history::{Anomaly, Floors, History, Recorder, Rules, Value, Verdict, check};
use partitioning::TopicPartition;
use partitioning::api::NewTopic;
use partitioning::consumer::{Fetching, Polling};
use partitioning::net::BoxFuture;
use partitioning::producer::Sending;

use super::draw::Draw;
use super::readers::Readers;
use super::settings::Settings;
use super::topics::Topics;
use super::workload::{Program, Seat, Workload};
use crate::api::Acks;
use crate::fetching::LongPolling;
use crate::producer::AckedSending;
use producing::Produces;

/// See the [module](self).
#[derive(Debug)]
pub struct Plain {
    shared: Arc<Shared>,
}

/// What the clients of a workload have in common.
#[derive(Debug)]
pub(super) struct Shared {
    name: String,
    plan: Plan,
    partitions: Vec<TopicPartition>,
    recorder: Recorder,
    next_value: AtomicU64,
    /// How many records were acknowledged.
    acked: Arc<AtomicUsize>,
    readers: Arc<Readers>,
}

/// Fewer acknowledged records say nothing of whether promises are kept.
const ACKED: usize = 20;

/// How producers send. A seam: a later stage's know more.
#[derive(Debug, Clone, Copy)]
pub struct Sends {
    /// What is made of this stage's settings.
    pub with: fn(AckedSending) -> Arc<dyn Sending>,
    /// A record that is sent again is there once, and none overtakes another (stage 05).
    pub once: bool,
}

impl Sends {
    /// This stage's way.
    pub const ACKED: Sends = Sends { with: |sending| Arc::new(sending), once: false };
}

/// What a workload is like.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How its producers send.
    pub sends: Sends,
    /// How sure its producers want to be.
    pub acks: Acks,
    /// Its topics.
    pub topics: Topics,
    /// How many send.
    pub producers: usize,
    /// How many read.
    pub consumers: usize,
    /// `max.in.flight.requests.per.connection`.
    pub in_flight: usize,
    /// `batch.size`.
    pub batch_size: usize,
    /// `linger.ms`.
    pub linger: Duration,
    /// Whether consumers wait at the broker for something to be there.
    pub long_polls: bool,
}

impl Plan {
    /// One of a run, by chance.
    pub fn drawn(draw: &mut Draw, settings: &Settings, acks: Acks, sends: Sends) -> Self {
        let partitions = (0..draw.from_to(1, 2)).map(|_| draw.from_to(1, 3) as u32).collect();
        let min_in_sync = draw.one_of(&[1, 2, 2, 2]);
        let topics = Topics { partitions, min_in_sync, segment_bytes: settings.segment_bytes };
        Plan {
            sends,
            acks,
            topics,
            producers: draw.from_to(1, 2) as usize,
            consumers: draw.from_to(1, 2) as usize,
            in_flight: draw.one_of(&[1, 5]),
            batch_size: draw.one_of(&[0, 500, 16 << 10]),
            linger: draw.time(Duration::ZERO, Duration::from_millis(30)),
            long_polls: draw.chance(70),
        }
    }
}

impl Plain {
    /// A workload of this name, which is the beginning of its topics' names.
    pub fn new(name: &str, plan: Plan) -> Self {
        let partitions = plan.topics.all(name);
        let fetching: Arc<dyn Fetching> = match plan.long_polls {
            true => Arc::new(LongPolling::of_consumer()),
            false => Arc::new(Polling::default()),
        };
        let (recorder, next_value) = (Recorder::new(), AtomicU64::new(1));
        let readers = Readers::new(name, partitions.clone(), recorder.clone(), fetching);
        let (name, acked) = (name.to_owned(), Arc::default());
        let shared = Shared { name, plan, partitions, recorder, next_value, acked, readers };
        Plain { shared: Arc::new(shared) }
    }
}

impl Shared {
    /// A value that nobody has sent.
    fn value(&self) -> Value {
        self.next_value.fetch_add(1, Ordering::Relaxed)
    }
}

impl Workload for Plain {
    fn name(&self) -> &str {
        &self.shared.name
    }

    fn topics(&self) -> Vec<NewTopic> {
        self.shared.plan.topics.made(&self.shared.name)
    }

    fn programs(&self) -> Vec<Arc<dyn Program>> {
        let Plan { producers, consumers, .. } = self.shared.plan;
        let produces = (1..=producers).map(|number| Arc::new(Produces::new(&self.shared, number)) as Arc<dyn Program>);
        produces.chain(self.shared.readers.programs(consumers)).collect()
    }

    fn close(&self, seat: Seat) -> BoxFuture<'static, Result<(), String>> {
        Box::pin(closing::close(self.shared.clone(), seat))
    }

    fn history(&self) -> History {
        self.shared.recorder.history()
    }

    fn judge(&self) -> Verdict {
        let Plan { sends, acks, in_flight, producers, consumers, .. } = self.shared.plan;
        let partitions = self.shared.partitions.len();
        let floors = Floors {
            acked: ACKED,
            records: ACKED,
            producers,
            consumers,
            partitions,
            drained: partitions,
            ..Floors::default()
        };
        let rules = Rules::strict().floors(floors);
        let rules = if sends.once { rules } else { rules.retries_without_idempotence(in_flight) };
        let rules = if acks == Acks::All { rules } else { rules.acks_may_be_lost() };
        // Nobody waits for an answer. So the next request may take another connection, and be faster there.
        let rules = if acks == Acks::None { rules.allow(Anomaly::NonmonotonicSend) } else { rules };
        check(&self.history(), &rules)
    }
}
