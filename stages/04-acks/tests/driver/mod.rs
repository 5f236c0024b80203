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

mod producers;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex};

use acks::api::{Acks, ProduceAcked, ProduceAckedRequest};
use acks::broker::Patience;
use acks::produce::WaitPolicy;
use partitioning::api::ProducePartition;
use partitioning::net::BoxFuture;
use partitioning::{Error as Failure, Host, TopicPartition};
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
    base: Driver,
    asked: Vec<Asked>,
}

/// A record on its way.
struct Asked {
    at: TopicPartition,
    value: String,
    acks: Acks,
    /// The offset, or why there is none.
    answer: Arc<Mutex<Option<Result<Offset, Failure>>>>,
}

impl AcksDriver {
    /// No machine runs yet.
    pub(crate) fn new() -> Self {
        let base = Driver::new(WithAcks(Patience::default()));
        AcksDriver { shops: BTreeMap::new(), base, asked: Vec::new() }
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
        self.base = Driver::new(WithAcks(patience));
        Ok(String::new())
    }

    /// `ask orders "paid 10" acks=all timeout=30s to=1`.
    fn ask(&mut self, mut args: Args<'_>) -> Answer {
        let topic: String = args.value("topic")?;
        let (partition, to): (Option<u32>, Option<i32>) = (args.key("partition")?, args.key("to")?);
        let acks: Acks = args.key("acks")?.unwrap_or_default();
        let timeout = args.key::<Millis>("timeout")?.map_or(1_000, |Millis(time)| time);
        let values: Vec<String> = args.values("record")?;
        args.done()?;
        let at = TopicPartition::new(topic.as_str(), partition.unwrap_or(0));
        for value in values {
            let request = request(&at, &value, acks, timeout.try_into()?)?;
            let (answer, cluster, topic) = (Arc::new(Mutex::new(None)), self.base.client()?, topic.clone());
            let (told, of) = (answer.clone(), at.clone());
            self.base.world()?.start(async move {
                let asking = async {
                    let client = match to {
                        Some(broker) => connect(broker).await?,
                        None => {
                            refresh(&cluster, &topic).await?;
                            connect(cluster.leader(&of).await?.0).await?
                        }
                    };
                    let answer = client.call::<ProduceAcked>(request).await?;
                    Ok(answer.partitions.into_iter().next().expect("one was asked").1?.base_offset)
                };
                let outcome = asking.await;
                *told.lock().unwrap() = Some(outcome);
            })?;
            self.asked.push(Asked { at: at.clone(), value, acks, answer });
        }
        Ok(String::new())
    }

    /// `produce orders "paid 10" acks=all`: one after the other, each answer waited for.
    fn produce(&mut self, args: Args<'_>) -> Answer {
        let before = self.asked.len();
        self.ask(args)?;
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
                    lines.push(format!("{}  {}: no answer yet", asked.at, asked.value));
                    self.asked.push(asked);
                }
                Some(outcome) => {
                    let line = self.told(&asked, outcome).unwrap_or_else(|error| error.to_string());
                    lines.push(format!("{line}  {}", asked.value));
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
                self.base.note_acked(&asked.at, offset, &asked.value);
                Ok(format!("{}@{offset} acked", asked.at))
            }
            (Err(error), _) => Err(error.into()),
        }
    }
}

/// One record, as a request.
fn request(
    at: &TopicPartition,
    value: &str,
    acks: Acks,
    timeout_ms: u32,
) -> Result<ProduceAckedRequest, Box<dyn Error>> {
    let mut batch = BatchBuilder::new(Compression::None);
    batch.push(&Record::new(0, None::<&str>, value.to_owned()));
    let records = batch.build()?.into_bytes().into();
    let partitions = vec![ProducePartition { at: at.clone(), records }];
    Ok(ProduceAckedRequest { acks: acks.number(), timeout_ms, partitions })
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
