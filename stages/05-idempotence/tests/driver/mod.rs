//! What this stage's stories drive: stage 04's cluster, whose partitions know their producers.
//!
//! All of stage 04's commands, and these:
//!
//! | command | what it does |
//! |---|---|
//! | `producer p enable.idempotence=true …` | stage 04's `producer`, whose records are numbered |
//! | `producer-id`, `producer-id from=1` | asks a broker for a producer id |
//! | `append orders "paid 10" "paid 7" id=7 epoch=0 sequence=4` | brings one batch with these sequence numbers, and waits for its answer |
//! | `append … wait=no` | the same, and does not wait: `answers` tells later |
//! | `producers orders-0` | what each replica knows of its producers |
//! | `remember for=10s unknown=from-zero` | before `cluster`: how long producers are remembered, and what is taken from others: `any` number, or only those `from-zero` |

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use acks::broker::Patience;
use acks::producer::AckedSending;
use idempotence::api::{InitProducerId, InitProducerIdRequest};
use idempotence::broker::{open, open_controller};
use idempotence::producer::IdempotentSending;
use idempotence::producers::{Producer, Producers, ProducersConfig, Unknown};
use partitioning::net::BoxFuture;
use partitioning::producer::Sending;
use partitioning::{Host, TopicPartition};
use replication::broker::BrokerConfig;
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};
use replication::look::Member;
use replication::manager::ReplicaManager;
use replication::replica::Replica;
use segment_log::Fold;
use serde_json::{Value, json};
use story::text::{Millis, table};
use story::{Args, Command, System};

use crate::cluster::records::connect;
use crate::cluster::{Answer, Stage};
use crate::with_acks::{AcksDriver, Bring, Makes, send_alone};

/// The replicas of each broker, as it was started last. Not kept alive: a broker that is killed lets go of its folder.
pub(crate) type Managers<F> = Arc<Mutex<BTreeMap<i32, Weak<ReplicaManager<F>>>>>;

/// What makes a stage's drivers, from what producers are remembered by and the place where its brokers are noted.
pub(crate) type MakeMakes<F> = Arc<dyn Fn(ProducersConfig, Managers<F>) -> Makes>;

/// This stage's programs.
struct WithProducers {
    patience: Patience,
    config: ProducersConfig,
    managers: Managers<Producers>,
}

impl Stage for WithProducers {
    fn broker(&self, host: Host, config: BrokerConfig) -> BoxFuture<'static, partitioning::Result<Box<dyn Member>>> {
        let (patience, producers, managers) = (self.patience, self.config, self.managers.clone());
        Box::pin(async move {
            let id = config.manager.node_id;
            let broker = open(host, config, patience, producers).await?;
            managers.lock().unwrap().insert(id, Arc::downgrade(broker.manager()));
            Ok(Box::new(broker) as Box<dyn Member>)
        })
    }

    fn controller(
        &self,
        host: Host,
        config: ControllerProcessConfig,
    ) -> BoxFuture<'static, partitioning::Result<ControllerProcess>> {
        Box::pin(open_controller(host, config, self.patience))
    }
}

/// See the [module](self).
pub(crate) struct IdempotenceDriver<F: Fold = Producers> {
    pub(crate) below: AcksDriver,
    pub(crate) managers: Managers<F>,
    make: MakeMakes<F>,
}

impl IdempotenceDriver {
    /// No machine runs yet.
    #[allow(dead_code, reason = "a later stage makes its own")]
    pub(crate) fn new() -> Self {
        Self::of(Arc::new(|config, managers: Managers<Producers>| {
            let stage = move |patience| {
                Arc::new(WithProducers { patience, config, managers: managers.clone() }) as Arc<dyn Stage>
            };
            Makes { stage: Box::new(stage), idempotent: Some(idempotent), send: send_alone }
        }))
    }
}

/// A producer that numbers its records.
pub(crate) fn idempotent(acked: AckedSending) -> Arc<dyn Sending> {
    Arc::new(IdempotentSending::new(acked))
}

impl<F: Fold + AsRef<Producers>> IdempotenceDriver<F> {
    /// For a stage whose brokers derive `F`.
    pub(crate) fn of(make: MakeMakes<F>) -> Self {
        let managers = Managers::default();
        IdempotenceDriver { below: AcksDriver::new(make(ProducersConfig::default(), managers.clone())), managers, make }
    }

    /// `remember for=10s unknown=from-zero`.
    fn remember(&mut self, mut args: Args<'_>) -> Answer {
        let (time, unknown): (Option<Millis>, Option<String>) = (args.key("for")?, args.key("unknown")?);
        args.done()?;
        let mut config = ProducersConfig::default();
        if let Some(Millis(time)) = time {
            config.expiration = Duration::from_millis(time.try_into()?);
        }
        config.unknown = match unknown.as_deref() {
            None | Some("any") => Unknown::TakesAny,
            Some("from-zero") => Unknown::FromZero,
            Some(_) => return Err("from unknown producers is taken any or from-zero".into()),
        };
        self.below = AcksDriver::new((self.make)(config, self.managers.clone()));
        Ok(String::new())
    }

    /// `producer-id`, `producer-id from=1`.
    fn producer_id(&mut self, mut args: Args<'_>) -> Answer {
        let from: Option<i32> = args.key("from")?;
        args.done()?;
        let cluster = self.below.base.client()?;
        let given = self.below.base.world()?.run(async move {
            match from {
                Some(broker) => connect(broker).await?.call::<InitProducerId>(InitProducerIdRequest {}).await,
                None => cluster.call::<InitProducerId>(InitProducerIdRequest {}).await,
            }
        })??;
        Ok(format!("producer {}, epoch {}", given.producer_id, given.epoch))
    }

    /// `append orders "paid 10" id=7 epoch=0 sequence=0`.
    fn append(&mut self, mut args: Args<'_>) -> Answer {
        let mut bring = Bring::parse(&mut args)?;
        let (id, number) = (args.required_key("id")?, args.required_key("sequence")?);
        let epoch: i16 = args.key("epoch")?.unwrap_or(0);
        let wait: Option<String> = args.key("wait")?;
        args.done()?;
        bring.numbered = Some((id, epoch, number));
        let before = self.below.under_way();
        self.below.bring(bring)?;
        if wait.as_deref() == Some("no") { Ok(String::new()) } else { self.below.await_answers(before) }
    }

    /// Has somebody add to what the state tells of each replica that runs. What a process knew by heart ends with it.
    pub(crate) fn each_replica(&self, state: &mut Value, mut add: impl FnMut(&Replica<F>, &mut Value)) {
        let managers = self.managers.lock().unwrap();
        // Before `cluster` there are none.
        let brokers = state.get_mut("brokers").and_then(Value::as_array_mut).into_iter().flatten();
        for broker in brokers.filter(|broker| broker["state"] == "running") {
            let id = broker["id"].as_i64().and_then(|id| i32::try_from(id).ok());
            let Some(manager) = id.and_then(|id| managers.get(&id)).and_then(Weak::upgrade) else { continue };
            for shown in broker["replicas"].as_array_mut().expect("a broker has replicas") {
                let at = shown["at"].as_str().and_then(|at| at.rsplit_once('-'));
                let (topic, number) = at.expect("a replica has a partition");
                let at = TopicPartition::new(topic, number.parse().expect("a partition has a number"));
                if let Ok(replica) = manager.replica(&at) {
                    add(&replica, shown);
                }
            }
        }
    }

    /// `producers orders-0`.
    fn producers(&mut self, mut args: Args<'_>) -> Answer {
        let at: String = args.value("partition")?;
        args.done()?;
        let (topic, number) = at.rsplit_once('-').ok_or("a partition is topic-number")?;
        let at = TopicPartition::new(topic, number.parse()?);
        let running = self.below.base.running()?;
        let mut rows = Vec::new();
        for (id, manager) in self.managers.lock().unwrap().iter().filter(|(id, _)| running.contains(id)) {
            let Some(Ok(replica)) = manager.upgrade().map(|manager| manager.replica(&at)) else { continue };
            let known = replica.derived(|fold| fold.as_ref().iter().map(row).collect::<Vec<_>>())?;
            rows.extend(known.into_iter().map(|row| [vec![format!("broker {id}")], row].concat()));
        }
        Ok(if rows.is_empty() { "nobody".to_owned() } else { table(&rows) })
    }
}

/// The same, for the player. `base` is where a batch is in the log.
fn known((id, producer): (i64, &Producer)) -> Value {
    let batch = |seen: &idempotence::producers::Seen| json!({ "first": seen.first, "last": seen.last, "base": seen.at.base_offset });
    let next = producer.last().map_or(0, |last| idempotence::sequence::plus(last, 1));
    let batches: Vec<_> = producer.remembered().map(batch).collect();
    json!({ "id": id, "epoch": producer.epoch(), "next": next, "batches": batches })
}

/// A producer: its epoch, the batches that are remembered, the next number.
fn row((id, producer): (i64, &Producer)) -> Vec<String> {
    let batch = |seen: &idempotence::producers::Seen| match seen.first == seen.last {
        true => format!("{}@{}", seen.first, seen.at.base_offset),
        false => format!("{}…{}@{}", seen.first, seen.last, seen.at.base_offset),
    };
    let batches: Vec<_> = producer.remembered().map(batch).collect();
    let next = producer.last().map_or(0, |last| idempotence::sequence::plus(last, 1));
    vec![
        format!("producer {id}"),
        format!("epoch {}", producer.epoch()),
        format!("next {next}"),
        format!("remembers {}", batches.join(" ")),
    ]
}

impl<F: Fold + AsRef<Producers>> System for IdempotenceDriver<F> {
    fn run(&mut self, command: &Command) -> Answer {
        let args = Args::of(command);
        match command.name.as_str() {
            "remember" => self.remember(args),
            "producer-id" => self.producer_id(args),
            "append" => {
                self.below.base.begin();
                let answer = self.append(args);
                self.below.base.note_last_known();
                answer
            }
            "producers" => self.producers(args),
            _ => self.below.run(command),
        }
    }

    fn state(&self) -> Value {
        let mut state = self.below.state();
        self.each_replica(&mut state, |replica, shown| {
            let known = replica.derived(|fold| fold.as_ref().iter().map(known).collect::<Vec<_>>()).unwrap_or_default();
            if !known.is_empty() {
                shown["producers"] = json!(known);
            }
        });
        state
    }

    fn view(&self) -> &'static str {
        self.below.view()
    }
}
