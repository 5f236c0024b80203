//! What this stage's stories drive: stage 03's cluster, with brokers that can be asked to wait.
//!
//! All of stage 03's commands, and these:
//!
//! | command | what it does |
//! |---|---|
//! | `produce orders "paid 10" acks=all timeout=1s to=1` | sends each record once, and waits for its answer: `acks` is 0, 1 or all |
//! | `ask orders "paid 10" acks=all timeout=30s to=1` | the same, and does not wait for the answer |
//! | `answers` | the answers that have come since |
//! | `wait-policy high-watermark` | before `cluster`: what brokers wait for. Otherwise `high-watermark-and-epoch` |
//!
//! A producer that tries again is in `producers.rs`.
//!
//! A later stage's stories drive the same, with its own programs and its own producers: see [`Makes`].

mod producers;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex};

use acks::api::{Acks, ProduceAcked, ProduceAckedRequest};
use acks::broker::Patience;
use acks::produce::WaitPolicy;
use acks::producer::AckedSending;
use partitioning::api::ProducePartition;
use partitioning::net::BoxFuture;
use partitioning::producer::Sending;
use partitioning::{Client, Error as Failure, Host, TopicPartition};
use replication::broker::BrokerConfig;
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};
use replication::look::Member;
use segment_log::{BatchBuilder, Compression, Offset, Record};
use serde_json::Value;
use story::text::Millis;
use story::{Args, Command, System};

use crate::cluster::records::{connect, refresh};
use crate::cluster::{Answer, Driver, Stage};
use producers::Shop;

/// What a stage puts behind these commands.
pub(crate) struct Makes {
    /// The programs on the machines.
    pub(crate) stage: Box<dyn Fn(Patience) -> Arc<dyn Stage>>,
    /// A producer that is told `enable.idempotence=true`, if there is one (stage 05).
    pub(crate) idempotent: Option<fn(AckedSending) -> Arc<dyn Sending>>,
    /// How a batch is sent that may be part of a transaction (stage 06).
    pub(crate) send: Send,
}

/// See [`Makes::send`].
pub(crate) type Send = fn(
    Client,
    Option<String>,
    ProduceAckedRequest,
) -> BoxFuture<'static, partitioning::Result<partitioning::api::ProduceResponse>>;

/// A batch of no transaction.
pub(crate) fn send_alone(
    client: Client,
    _: Option<String>,
    request: ProduceAckedRequest,
) -> BoxFuture<'static, partitioning::Result<partitioning::api::ProduceResponse>> {
    Box::pin(async move { client.call::<ProduceAcked>(request).await })
}

impl Makes {
    /// This stage's.
    #[allow(dead_code, reason = "a later stage makes its own")]
    pub(crate) fn acks() -> Self {
        Makes { stage: Box::new(|patience| Arc::new(WithAcks(patience))), idempotent: None, send: send_alone }
    }
}

/// This stage's programs.
struct WithAcks(Patience);

impl Stage for WithAcks {
    fn broker(&self, host: Host, config: BrokerConfig) -> BoxFuture<'static, partitioning::Result<Box<dyn Member>>> {
        let patience = self.0;
        Box::pin(
            async move { Ok(Box::new(acks::broker::open::<()>(host, config, patience).await?) as Box<dyn Member>) },
        )
    }

    fn controller(
        &self,
        host: Host,
        config: ControllerProcessConfig,
    ) -> BoxFuture<'static, partitioning::Result<ControllerProcess>> {
        Box::pin(acks::broker::open_controller(host, config, self.0))
    }
}

/// See the [module](self).
pub(crate) struct AcksDriver {
    // Dropped before the network that they use.
    shops: BTreeMap<String, Shop>,
    pub(crate) base: Driver,
    asked: Vec<Asked>,
    makes: Makes,
}

/// A batch to be brought.
pub(crate) struct Bring {
    pub(crate) at: TopicPartition,
    pub(crate) values: Vec<String>,
    /// Producer id, epoch and first number (stage 05).
    pub(crate) numbered: Option<(i64, i16, i32)>,
    /// The transactional id of the transaction that it is part of (stage 06).
    pub(crate) transaction: Option<String>,
    pub(crate) acks: Acks,
    /// How long the broker may wait, in milliseconds.
    pub(crate) timeout: u32,
    /// Which broker gets it, whoever leads.
    pub(crate) to: Option<i32>,
}

impl Bring {
    /// What is the same in all commands.
    pub(crate) fn parse(args: &mut Args<'_>) -> Result<Self, Box<dyn Error>> {
        let topic: String = args.value("topic")?;
        let (partition, to): (Option<u32>, Option<i32>) = (args.key("partition")?, args.key("to")?);
        let acks: Acks = args.key("acks")?.unwrap_or_default();
        let timeout = args.key::<Millis>("timeout")?.map_or(1_000, |Millis(time)| time).try_into()?;
        let values = args.values("record")?;
        let at = TopicPartition::new(topic.as_str(), partition.unwrap_or(0));
        Ok(Bring { at, values, numbered: None, transaction: None, acks, timeout, to })
    }
}

/// A batch on its way.
struct Asked {
    at: TopicPartition,
    values: Vec<String>,
    acks: Acks,
    /// The offset, or why there is none.
    answer: Arc<Mutex<Option<Result<Offset, Failure>>>>,
}

impl AcksDriver {
    /// No machine runs yet.
    pub(crate) fn new(makes: Makes) -> Self {
        let base = Driver::of((makes.stage)(Patience::default()));
        AcksDriver { shops: BTreeMap::new(), base, asked: Vec::new(), makes }
    }

    fn wait_policy(&mut self, mut args: Args<'_>) -> Answer {
        let policy: String = args.value("policy")?;
        args.done()?;
        let mut patience = Patience::default();
        patience.acks.policy = match policy.as_str() {
            "high-watermark" => WaitPolicy::HighWatermark,
            "high-watermark-and-epoch" => WaitPolicy::HighWatermarkAndEpoch,
            _ => return Err("a wait policy is high-watermark or high-watermark-and-epoch".into()),
        };
        self.base = Driver::of((self.makes.stage)(patience));
        Ok(String::new())
    }

    /// `ask orders "paid 10" acks=all timeout=30s to=1`.
    fn ask(&mut self, mut args: Args<'_>) -> Answer {
        let bring = Bring::parse(&mut args)?;
        args.done()?;
        for value in bring.values {
            self.bring(Bring { at: bring.at.clone(), values: vec![value], transaction: None, ..bring })?;
        }
        Ok(String::new())
    }

    /// How many batches are on their way.
    #[allow(dead_code, reason = "for later stages")]
    pub(crate) fn under_way(&self) -> usize {
        self.asked.len()
    }

    /// Sends a batch, and does not wait for its answer.
    pub(crate) fn bring(&mut self, bring: Bring) -> Result<(), Box<dyn Error>> {
        let request = request(&bring)?;
        let Bring { at, values, acks, to, transaction, .. } = bring;
        let send = self.makes.send;
        let (answer, cluster) = (Arc::new(Mutex::new(None)), self.base.client()?);
        let (told, of) = (answer.clone(), at.clone());
        self.base.world()?.start(async move {
            let asking = async {
                let client = match to {
                    Some(broker) => connect(broker).await?,
                    None => {
                        refresh(&cluster, &of.topic).await?;
                        connect(cluster.leader(&of).await?.0).await?
                    }
                };
                let answer = send(client, transaction, request).await?;
                Ok(answer.partitions.into_iter().next().expect("one was asked").1?.base_offset)
            };
            let outcome = asking.await;
            *told.lock().unwrap() = Some(outcome);
        })?;
        self.asked.push(Asked { at, values, acks, answer });
        Ok(())
    }

    /// `produce orders "paid 10" acks=all`: one after the other, each answer waited for.
    fn produce(&mut self, args: Args<'_>) -> Answer {
        let before = self.asked.len();
        self.ask(args)?;
        self.await_answers(before)
    }

    /// The answers to what was brought from the one of this number on, each waited for.
    pub(crate) fn await_answers(&mut self, before: usize) -> Answer {
        let mut lines = Vec::new();
        for asked in self.asked.split_off(before) {
            let answer = asked.answer.clone();
            let outcome = self.base.world()?.until(|_| answer.lock().unwrap().take())?;
            lines.push(self.told(&asked, outcome.ok_or("no answer within two minutes")?)?);
        }
        Ok(lines.join("\n"))
    }

    /// `answers`.
    fn answers(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        let mut lines = Vec::new();
        for asked in std::mem::take(&mut self.asked) {
            let outcome = asked.answer.lock().unwrap().take();
            match outcome {
                None => {
                    lines.push(format!("{}  {}: no answer yet", asked.at, asked.values.join(", ")));
                    self.asked.push(asked);
                }
                Some(outcome) => {
                    let line = self.told(&asked, outcome).unwrap_or_else(|error| error.to_string());
                    lines.push(format!("{line}  {}", asked.values.join(", ")));
                }
            }
        }
        Ok(lines.join("\n"))
    }

    fn told(&mut self, asked: &Asked, outcome: Result<Offset, Failure>) -> Answer {
        match (outcome, asked.acks) {
            // Whatever the broker says, a producer with acks=0 does not listen.
            (_, Acks::None) => Ok(format!("{}@-1 sent", asked.at)),
            (Ok(offset), _) => {
                for (offset, value) in (offset..).zip(&asked.values) {
                    self.base.note_acked(&asked.at, offset, value);
                }
                Ok(format!("{}@{offset} acked", asked.at))
            }
            (Err(error), _) => Err(error.into()),
        }
    }
}

/// A batch, as a request.
fn request(bring: &Bring) -> Result<ProduceAckedRequest, Box<dyn Error>> {
    let mut batch = BatchBuilder::new(Compression::None);
    if let Some((id, epoch, number)) = bring.numbered {
        batch = batch.producer(id, epoch, number);
    }
    if bring.transaction.is_some() {
        batch = batch.transactional();
    }
    for value in &bring.values {
        batch.push(&Record::new(0, None::<&str>, value.clone()));
    }
    let records = batch.build()?.into_bytes().into();
    let partitions = vec![ProducePartition { at: bring.at.clone(), records }];
    Ok(ProduceAckedRequest { acks: bring.acks.number(), timeout_ms: bring.timeout, partitions })
}

impl System for AcksDriver {
    fn run(&mut self, command: &Command) -> Answer {
        let args = Args::of(command);
        let own = match command.name.as_str() {
            "wait-policy" => Some(self.wait_policy(args)),
            // Without acks it is stage 03's.
            "produce" if command.consume_args().take_key("acks").is_some() => {
                self.base.begin();
                Some(self.produce(args))
            }
            "ask" => {
                self.base.begin();
                Some(self.ask(args))
            }
            "producer" => Some(self.producer(args)),
            "send" => {
                self.base.begin();
                Some(self.send(args))
            }
            "deliveries" => {
                self.base.begin();
                Some(self.deliveries(args))
            }
            "answers" => {
                self.base.begin();
                Some(self.answers(args))
            }
            _ => None,
        };
        match own {
            Some(answer) => answer,
            None => self.base.run(command),
        }
    }

    fn state(&self) -> Value {
        self.base.state()
    }

    fn view(&self) -> &'static str {
        self.base.view()
    }
}
