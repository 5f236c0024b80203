//! Commands of producers.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use partitioning::producer::{Producer, ProducerConfig, ProducerRecord, QueuedBatch, RecordMetadata};
use partitioning::{ClientConfig, Cluster, Error as Failure, TopicPartition};
use serde_json::{Value, json};
use story::Args;

use super::text::{Millis, counted, record};
use super::world::BROKER;
use super::{Answer, Driver};

/// A producer, and what the story has handed to it.
pub(super) struct Shop {
    producer: Arc<Producer>,
    /// In the order in which they were handed over.
    sent: Arc<Mutex<Vec<Sent>>>,
}

/// A record, until its end is told in the story.
struct Sent {
    at: TopicPartition,
    key: Option<String>,
    value: String,
    /// How it ended.
    end: Option<Result<RecordMetadata, Failure>>,
}

/// What `produce` and `send` hand over.
struct Goods {
    topic: String,
    values: Vec<String>,
    key: Option<String>,
    partition: Option<u32>,
    time: Option<i64>,
}

/// The producer of whoever names none. It does not linger, as there is nothing to wait for.
const DEFAULT: &str = "p";

impl Driver {
    /// `producer p linger.ms=10 partitioner.class=sticky`.
    pub(super) fn producer(&mut self, mut args: Args<'_>) -> Answer {
        let name: String = args.value("name")?;
        let pairs = args.pairs()?;
        args.done()?;
        self.open_shop(&name, &pairs)?;
        Ok(String::new())
    }

    /// `produce orders a b key=k partition=0 time=3s producer=p`: sends each record, and waits for its answer before the
    /// next.
    pub(super) fn produce(&mut self, args: Args<'_>) -> Answer {
        let (shop, goods) = self.goods(args)?;
        let several = goods.values.len() > 1;
        let mut lines = Vec::new();
        for value in &goods.values {
            self.hand_over(&shop, &goods, value)?;
            self.flush_shop(&shop)?;
            for sent in self.shops[&shop].ended() {
                let line = sent.told(several)?;
                lines.push(line);
            }
        }
        Ok(lines.join("\n"))
    }

    /// `send orders a b key=k partition=0 producer=p`: hands records over, and says where they wait.
    pub(super) fn send(&mut self, args: Args<'_>) -> Answer {
        let (shop, goods) = self.goods(args)?;
        let mut went: BTreeMap<TopicPartition, usize> = BTreeMap::new();
        for value in &goods.values {
            *went.entry(self.hand_over(&shop, &goods, value)?).or_default() += 1;
        }
        let line = |(at, records): (TopicPartition, usize)| format!("{} to {at}", counted(records, "record"));
        Ok(went.into_iter().map(line).collect::<Vec<_>>().join(", "))
    }

    /// `flush p`.
    pub(super) fn flush(&mut self, mut args: Args<'_>) -> Answer {
        let name: String = args.value("producer")?;
        args.done()?;
        self.flush_shop(&name)?;
        Ok(self.deliveries())
    }

    /// What has ended since it was told last, shop by shop: where the records are, or why they are nowhere.
    pub(super) fn deliveries(&mut self) -> String {
        let several = self.shops.values().filter(|shop| !shop.sent().is_empty()).count() > 1;
        let mut lines = Vec::new();
        for (name, shop) in &self.shops {
            for sent in shop.ended() {
                let line = sent.told(true).unwrap_or_else(|error| {
                    format!("failed  {}: {error}", record(sent.key.as_deref(), Some(&sent.value)))
                });
                lines.push(if several { format!("{name}: {line}") } else { line });
            }
        }
        lines.join("\n")
    }

    /// What waits in the producers, for `show`.
    pub(super) fn waiting_rows(&self, topic: Option<&str>) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for (name, shop) in &self.shops {
            for (batch, records) in
                shop.waiting().iter().filter(|(batch, _)| topic.is_none_or(|topic| topic == &*batch.at.topic))
            {
                let open = if batch.is_open { "" } else { ", closed" };
                rows.push(vec![batch.at.to_string(), format!("waits in {name}: [{}{open}]", records.join(", "))]);
            }
        }
        rows
    }

    /// The producers as the player draws them.
    pub(super) fn shops_json(&self) -> Vec<Value> {
        // A producer that only ever waits for answers has nothing to show between two commands.
        let shown = self.shops.iter().filter(|(name, _)| *name != DEFAULT);
        shown.map(|(name, shop)| shop.to_json(name)).collect()
    }

    fn open_shop(&mut self, name: &str, pairs: &[(&str, &str)]) -> Result<(), Box<dyn Error>> {
        let mut config = ProducerConfig {
            seed: Some(2),
            linger: Duration::ZERO,
            max_block: Duration::from_secs(5),
            ..ProducerConfig::default()
        };
        let mut cluster = self.cluster()?;
        for (key, value) in pairs {
            if *key == "metadata.max.age.ms" {
                // Then it knows the cluster by itself.
                let client = ClientConfig { metadata_max_age: millis(value)?, ..ClientConfig::new(BROKER) };
                cluster = Cluster::new(cluster.host().clone(), client)?;
                continue;
            }
            set(&mut config, key, value).map_err(|error| format!("{key}={value}: {error}"))?;
        }
        let producer = self.world()?.run(async move { Producer::new(cluster, config) })??;
        self.shops.insert(name.to_owned(), Shop { producer: Arc::new(producer), sent: Arc::default() });
        Ok(())
    }

    fn goods(&mut self, mut args: Args<'_>) -> Result<(String, Goods), Box<dyn Error>> {
        let topic = args.value("topic")?;
        let (key, partition) = (args.key("key")?, args.key("partition")?);
        let time = args.key::<Millis>("time")?.map(|Millis(time)| time);
        let shop = args.key("producer")?.unwrap_or_else(|| DEFAULT.to_owned());
        let values = args.values("record")?;
        args.done()?;
        if !self.shops.contains_key(&shop) {
            match shop.as_str() {
                DEFAULT => self.open_shop(DEFAULT, &[])?,
                _ => return Err(format!("there is no producer {shop}").into()),
            }
        }
        Ok((shop, Goods { topic, values, key, partition, time }))
    }

    /// Hands one record to a producer. Gives the partition that it waits for.
    fn hand_over(&mut self, shop: &str, goods: &Goods, value: &str) -> Result<TopicPartition, Box<dyn Error>> {
        let Shop { producer, sent } = &self.shops[shop];
        let (producer, sent) = (producer.clone(), sent.clone());
        let mut record = ProducerRecord::new(goods.topic.as_str(), goods.key.as_deref(), value.to_owned());
        (record.partition, record.timestamp) = (goods.partition, goods.time);
        let (key, value) = (goods.key.clone(), value.to_owned());
        let place = self.world()?.run(async move {
            let index = sent.lock().unwrap().len();
            let ends = sent.clone();
            let before = in_queue(&producer);
            producer
                .send_with(record, move |end| {
                    if let Some(sent) = ends.lock().unwrap().get_mut(index) {
                        sent.end = Some(end);
                    }
                })
                .await?;
            // The sender has not run since: nothing was waited for after the record was put into its batch.
            let grown =
                in_queue(&producer).into_iter().find(|(at, count)| before.get(at).is_none_or(|was| was < count));
            let (at, _) = grown.expect("the record is in a queue");
            sent.lock().unwrap().push(Sent { at: at.clone(), key, value, end: None });
            Ok::<_, Failure>(at)
        })?;
        Ok(place?)
    }

    fn flush_shop(&mut self, name: &str) -> Result<(), Box<dyn Error>> {
        let shop = self.shops.get(name).ok_or_else(|| format!("there is no producer {name}"))?;
        let producer = shop.producer.clone();
        self.world()?.run(async move { producer.flush().await })
    }
}

/// How many records wait for each partition.
fn in_queue(producer: &Producer) -> BTreeMap<TopicPartition, usize> {
    let mut counts = BTreeMap::new();
    for batch in producer.queued() {
        *counts.entry(batch.at).or_default() += batch.records;
    }
    counts
}

impl Shop {
    fn sent(&self) -> std::sync::MutexGuard<'_, Vec<Sent>> {
        self.sent.lock().expect("nothing panics while it holds the list")
    }

    /// Takes the records that have ended.
    fn ended(&self) -> Vec<Sent> {
        let mut sent = self.sent();
        // The callbacks know their records by their places. So the list is emptied only when nobody waits.
        match sent.iter().all(|one| one.end.is_some()) {
            true => std::mem::take(&mut *sent),
            false => Vec::new(),
        }
    }

    /// The batches that wait, each with its records as text.
    fn waiting(&self) -> Vec<(QueuedBatch, Vec<String>)> {
        let sent = self.sent();
        let mut queued = self.producer.queued();
        // The records that wait for a partition are the last ones that were sent there: so from the back.
        let mut open: BTreeMap<&TopicPartition, Vec<&Sent>> = BTreeMap::new();
        for one in sent.iter().filter(|one| one.end.is_none()) {
            open.entry(&one.at).or_default().push(one);
        }
        queued.reverse();
        let mut batches: Vec<_> = queued
            .into_iter()
            .map(|batch| {
                let records = open
                    .get_mut(&batch.at)
                    .map_or_else(Vec::new, |open| open.split_off(open.len().saturating_sub(batch.records)));
                let texts = records.iter().map(|one| record(one.key.as_deref(), Some(&one.value))).collect();
                (batch, texts)
            })
            .collect();
        batches.reverse();
        batches
    }

    fn to_json(&self, name: &str) -> Value {
        let config = self.producer.config();
        let waiting = self.producer.queued();
        let sent = self.sent();
        let mut open: BTreeMap<&TopicPartition, Vec<&Sent>> = BTreeMap::new();
        for one in sent.iter().filter(|one| one.end.is_none()) {
            open.entry(&one.at).or_default().push(one);
        }
        let cell = |one: &&Sent| json!({ "key": one.key, "value": one.value });
        let mut batches = Vec::new();
        for batch in waiting.iter().rev() {
            let records = open
                .get_mut(&batch.at)
                .map_or_else(Vec::new, |open| open.split_off(open.len().saturating_sub(batch.records)));
            let records: Vec<_> = records.iter().map(cell).collect();
            batches.push(json!({ "at": batch.at.to_string(), "records": records, "bytes": batch.bytes, "closed": !batch.is_open }));
        }
        batches.reverse();
        // What was sent and does not wait is on its way.
        let in_flight: Vec<_> = open
            .iter()
            .filter(|(_, records)| !records.is_empty())
            .map(|(at, records)| json!({ "at": at.to_string(), "records": records.iter().map(cell).collect::<Vec<_>>() }))
            .collect();
        let mut shop = json!({
            "name": name, "partitioner": config.partitioner.name(), "waiting": batches, "in_flight": in_flight,
        });
        if config.buffer_memory < 1 << 20 {
            shop["buffer"] = json!({
                "used": self.producer.buffered(), "limit": config.buffer_memory, "waiting": self.producer.blocked(),
            });
        }
        shop
    }
}

impl Sent {
    /// `orders-0@3 acked`, with the record where several are told of.
    fn told(&self, with_record: bool) -> Result<String, Box<dyn Error>> {
        let end = self.end.clone().expect("it has ended");
        let RecordMetadata { at, offset, .. } = end?;
        let what =
            if with_record { format!("  {}", record(self.key.as_deref(), Some(&self.value))) } else { String::new() };
        Ok(format!("{at}@{offset} acked{what}"))
    }
}

fn set(config: &mut ProducerConfig, key: &str, value: &str) -> Result<(), Box<dyn Error>> {
    match key {
        "partitioner.class" => config.partitioner = value.parse()?,
        "batch.size" => config.batch_size = value.parse()?,
        "linger.ms" => config.linger = millis(value)?,
        "compression.type" => config.compression = value.parse()?,
        "buffer.memory" => config.buffer_memory = value.parse()?,
        "max.block.ms" => config.max_block = millis(value)?,
        "max.request.size" => config.max_request_size = value.parse()?,
        "max.in.flight.requests.per.connection" => config.max_in_flight = value.parse()?,
        _ => return Err("this producer has no such setting".into()),
    }
    Ok(())
}

fn millis(text: &str) -> Result<Duration, Box<dyn Error>> {
    let Millis(time) = text.parse()?;
    Ok(Duration::from_millis(time.try_into()?))
}
