//! Commands of producers and consumers.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use partitioning::api::{
    Fetch, FetchPartition, FetchRequest, ListOffsets, ListOffsetsRequest, OffsetSpec, Produce, ProducePartition,
    ProduceRequest,
};
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord};
use partitioning::{Client, ClientConfig, Cluster, Error as Failure, Host, TopicPartition};
use segment_log::{BatchBuilder, Compression, Offset, Record, batches};
use serde_json::json;
use story::Args;

use super::machine::address;
use super::text::record;
use super::{Answer, Driver};

impl Driver {
    /// `produce orders "paid 10" key=k partition=0 to=1`.
    pub(super) fn produce(&mut self, mut args: Args<'_>) -> Answer {
        let topic: String = args.value("topic")?;
        let (key, partition, to): (Option<String>, Option<u32>, Option<i32>) =
            (args.key("key")?, args.key("partition")?, args.key("to")?);
        let values: Vec<String> = args.values("record")?;
        args.done()?;
        let mut lines = Vec::new();
        for value in values {
            let (at, offset) = match to {
                Some(broker) => {
                    self.produce_to(broker, TopicPartition::new(topic.as_str(), partition.unwrap_or(0)), &value)?
                }
                None => self.produce_to_leader(&topic, partition, key.as_deref(), &value)?,
            };
            self.note_acked(&at, offset, &value);
            lines.push(format!("{at}@{offset} acked"));
        }
        Ok(lines.join("\n"))
    }

    fn produce_to_leader(
        &mut self,
        topic: &str,
        partition: Option<u32>,
        key: Option<&str>,
        value: &str,
    ) -> Result<(TopicPartition, Offset), Box<dyn std::error::Error>> {
        let producer = self.producer()?;
        let mut record = ProducerRecord::new(topic, key, value.to_owned());
        record.partition = partition;
        let cluster = self.client()?;
        let sent = self.world()?.run(async move {
            // A producer learns of a new leader when a record has failed, or in good time by itself. Stories do not wait for that.
            refresh(&cluster, &record.topic).await?;
            let delivery = producer.send(record).await?;
            delivery.await
        })?;
        let sent = sent?;
        Ok((sent.at, sent.offset))
    }

    /// By a client that knows of one broker, and believes that it leads.
    fn produce_to(
        &mut self,
        broker: i32,
        at: TopicPartition,
        value: &str,
    ) -> Result<(TopicPartition, Offset), Box<dyn std::error::Error>> {
        let mut batch = BatchBuilder::new(Compression::None);
        batch.push(&Record::new(0, None::<&str>, value.to_owned()));
        let records = batch.build()?.into_bytes().into();
        let request = ProduceRequest { partitions: vec![ProducePartition { at: at.clone(), records }] };
        let answer = self.world()?.run(async move {
            let client = connect(broker).await?;
            client.call::<Produce>(request).await
        })??;
        let (_, produced) = answer.partitions.into_iter().next().ok_or("no answer")?;
        Ok((at, produced?.base_offset))
    }

    /// A producer that knows the cluster.
    fn producer(&mut self) -> Result<Arc<Producer>, Box<dyn std::error::Error>> {
        if self.producer.is_none() {
            let cluster: Cluster = self.client()?;
            let config = ProducerConfig {
                seed: Some(3),
                linger: Duration::ZERO,
                max_block: Duration::from_secs(1),
                ..ProducerConfig::default()
            };
            let made = self.world()?.run(async move { Producer::new(cluster, config) })?;
            self.producer = Some(Arc::new(made?));
        }
        Ok(self.producer.clone().expect("it was just made"))
    }

    /// `consume orders`, `consume orders-0 from=1`: what a consumer is given, from the beginning on.
    pub(super) fn consume(&mut self, mut args: Args<'_>) -> Answer {
        let what: String = args.value("topic or partition")?;
        let from: Option<i32> = args.key("from")?;
        args.done()?;
        let partitions = self.partitions_of(&what)?;
        let cluster = self.client()?;
        let read = self.world()?.run(async move {
            let mut records = Vec::new();
            for at in partitions {
                let client = match from {
                    Some(broker) => connect(broker).await?,
                    None => {
                        refresh(&cluster, &at.topic).await?;
                        cluster.leader(&at).await?.1
                    }
                };
                records.extend(read_all(&client, &at).await?);
            }
            Ok::<_, Failure>(records)
        })??;
        let line =
            |(at, offset, key, value): &Seen| format!("{at}@{offset}  {}", record(key.as_deref(), value.as_deref()));
        let lines: Vec<_> = read.iter().map(line).collect();
        let shown = |(at, offset, key, value): &Seen| json!({ "at": at.to_string(), "offset": offset, "value": record(key.as_deref(), value.as_deref()) });
        self.read = read.iter().map(shown).collect();
        Ok(if lines.is_empty() { "nothing".to_owned() } else { lines.join("\n") })
    }

    fn partitions_of(&mut self, text: &str) -> Result<Vec<TopicPartition>, Box<dyn std::error::Error>> {
        let world = self.world()?;
        let topic = world.brokers().find_map(|(_, machine)| {
            let image = machine.inside().running.as_ref()?.image.as_ref()?.borrow().clone();
            image.state.topic(text).map(|topic| topic.partitions)
        });
        match topic {
            Some(count) => Ok((0..count).map(|number| TopicPartition::new(text, number)).collect()),
            None => Ok(vec![super::acts::partition(text)?]),
        }
    }
}

/// A record as a consumer is given it.
type Seen = (TopicPartition, Offset, Option<Bytes>, Option<Bytes>);

/// Asks the brokers about a topic, one after the other: one that has just stopped does not answer.
pub(crate) async fn refresh(cluster: &Cluster, topic: &str) -> Result<(), Failure> {
    let mut asked = cluster.refresh(topic).await;
    for _ in 0..3 {
        match asked {
            Err(error) if error.code().is_none() => asked = cluster.refresh(topic).await,
            asked => return asked.map(drop),
        }
    }
    asked.map(drop)
}

pub(crate) async fn connect(broker: i32) -> Result<Client, Failure> {
    let config = ClientConfig { request_timeout: Duration::from_secs(60), ..ClientConfig::new(address(broker)) };
    Client::connect(&Host::simulated(), &address(broker), &config).await
}

/// All that a partition shows.
async fn read_all(client: &Client, at: &TopicPartition) -> Result<Vec<Seen>, Failure> {
    let asked = ListOffsetsRequest { partitions: vec![(at.clone(), OffsetSpec::Earliest)] };
    let begins = client.call::<ListOffsets>(asked).await?.partitions.remove(0).1?;
    let mut next = begins.map_or(0, |found| found.offset);
    let mut seen = Vec::new();
    loop {
        let partitions = vec![FetchPartition { at: at.clone(), offset: next, max_bytes: 1 << 20 }];
        let fetched =
            client.call::<Fetch>(FetchRequest { max_bytes: 1 << 20, partitions }).await?.partitions.remove(0).1?;
        let before = next;
        for batch in batches(&fetched.records.0).filter_map(|batch| batch.ok()) {
            next = batch.next_offset();
            if batch.is_control() {
                // A note for readers (stage 06), and no record.
                continue;
            }
            let records = batch.records(1 << 20).expect("the broker serves what was produced");
            for record in records.iter() {
                let record = record.expect("the broker serves what was produced");
                let copy = |bytes: Option<&[u8]>| bytes.map(Bytes::copy_from_slice);
                seen.push((at.clone(), record.offset, copy(record.key), copy(record.value)));
            }
        }
        if next == before {
            return Ok(seen);
        }
    }
}
