//! Commands of consumers.

use std::error::Error;
use std::time::Duration;

use partitioning::consumer::{AutoOffsetReset, Consumer, ConsumerConfig, ConsumerRecord, Position};
use partitioning::{Error as Failure, TopicPartition};
use serde_json::{Map, Value, json};
use story::Args;

use super::text::{Millis, record};
use super::{Answer, Driver};

/// How long a poll waits for a record.
const POLL: Duration = Duration::from_secs(1);

impl Driver {
    /// `consumer c1 orders` or `consumer c1 orders-0 orders-2 auto.offset.reset=earliest max.poll.records=2`.
    pub(super) fn consumer(&mut self, mut args: Args<'_>) -> Answer {
        let name: String = args.value("name")?;
        let mut config = ConsumerConfig::default();
        for (key, value) in args.pairs()? {
            set(&mut config, key, value).map_err(|error| format!("{key}={value}: {error}"))?;
        }
        let read: Vec<String> = args.values("topic or partition")?;
        args.done()?;
        let mut partitions = Vec::new();
        for one in read {
            partitions.extend(self.partitions_of(&one)?);
        }
        let cluster = self.cluster()?;
        let made = self.world()?.run(async move {
            let mut consumer = Consumer::new(cluster, config)?;
            consumer.assign(partitions);
            Ok::<_, Failure>(consumer)
        })?;
        self.consumers.insert(name, Some(made?));
        Ok(String::new())
    }

    /// `poll c1`: the next records, or `nothing` after a second.
    pub(super) fn poll(&mut self, mut args: Args<'_>) -> Answer {
        let name: String = args.value("consumer")?;
        args.done()?;
        let mut consumer = self.take_consumer(&name)?;
        let (consumer, polled) = self.world()?.run(async move {
            let polled = consumer.poll(POLL).await;
            (consumer, polled)
        })?;
        self.consumers.insert(name, Some(consumer));
        let lines: Vec<_> = polled?.iter().map(line).collect();
        Ok(if lines.is_empty() { "nothing".to_owned() } else { lines.join("\n") })
    }

    /// `consume orders`: all there is in a topic or a partition, from its beginning on, by a consumer of its own.
    pub(super) fn consume(&mut self, mut args: Args<'_>) -> Answer {
        let read: String = args.value("topic or partition")?;
        args.done()?;
        let partitions = self.partitions_of(&read)?;
        let cluster = self.cluster()?;
        let config = ConsumerConfig { auto_offset_reset: AutoOffsetReset::Earliest, ..ConsumerConfig::default() };
        let read = self.world()?.run(async move {
            let mut consumer = Consumer::new(cluster, config)?;
            let mut left: i64 = consumer.end_offsets(&partitions).await?.values().sum();
            left -= consumer.beginning_offsets(&partitions).await?.values().sum::<i64>();
            consumer.assign(partitions);
            let mut records = Vec::new();
            while (records.len() as i64) < left {
                records.extend(consumer.poll(POLL).await?);
            }
            consumer.close().await;
            Ok::<_, Failure>(records)
        })?;
        let mut records = read?;
        // A reader of several partitions gets them in whatever order they come. The story shows one after the other.
        records.sort_by(|a, b| (&a.at, a.offset).cmp(&(&b.at, b.offset)));
        Ok(records.iter().map(line).collect::<Vec<_>>().join("\n"))
    }

    /// `seek c1 orders-0 to=beginning`, `to=end`, `to=4`, `time=10s`.
    pub(super) fn seek(&mut self, mut args: Args<'_>) -> Answer {
        let (name, at): (String, String) = (args.value("consumer")?, args.value("partition")?);
        let (to, time): (Option<String>, Option<Millis>) = (args.key("to")?, args.key("time")?);
        args.done()?;
        let position = match (to.as_deref(), time) {
            (Some("beginning"), None) => Position::Beginning,
            (Some("end"), None) => Position::End,
            (Some(offset), None) => Position::Offset(offset.parse()?),
            (None, Some(Millis(time))) => Position::Timestamp(time),
            _ => return Err("`seek` needs to= or time=".into()),
        };
        self.consumer_mut(&name)?.seek(&Self::partition(&at)?, position)?;
        Ok(String::new())
    }

    /// `pause c1 orders-0`, `resume c1 orders-0`.
    pub(super) fn pause(&mut self, mut args: Args<'_>, is_pause: bool) -> Answer {
        let (name, at): (String, String) = (args.value("consumer")?, args.value("partition")?);
        args.done()?;
        let at = Self::partition(&at)?;
        let consumer = self.consumer_mut(&name)?;
        if is_pause {
            consumer.pause(&at)?
        } else {
            consumer.resume(&at)?
        }
        Ok(String::new())
    }

    /// `position c1`: the offset of the next record, in each partition.
    pub(super) fn position(&mut self, mut args: Args<'_>) -> Answer {
        let name: String = args.value("consumer")?;
        args.done()?;
        let consumer = self.consumer_mut(&name)?;
        let line = |at: TopicPartition| match consumer.position(&at) {
            Ok(Some(offset)) => Ok(format!("{at} at {offset}")),
            Ok(None) => Ok(format!("{at} unknown")),
            Err(error) => Err(error),
        };
        Ok(consumer.assignment().into_iter().map(line).collect::<Result<Vec<_>, _>>()?.join("\n"))
    }

    /// The consumers as the player draws them.
    pub(super) fn consumers_json(&self) -> Vec<Value> {
        let known = self.consumers.iter().filter_map(|(name, consumer)| Some((name, consumer.as_ref()?)));
        let one = |(name, consumer): (&String, &Consumer)| {
            let (mut positions, mut buffered) = (Map::new(), Map::new());
            for at in consumer.assignment() {
                if let Ok(Some(offset)) = consumer.position(&at) {
                    positions.insert(at.to_string(), json!(offset));
                }
                match consumer.ahead(&at) {
                    Ok(0) | Err(_) => {}
                    Ok(records) => drop(buffered.insert(at.to_string(), json!(records))),
                }
            }
            json!({ "name": name, "positions": positions, "buffered": buffered })
        };
        known.map(one).collect()
    }

    /// `orders-0`, or all partitions of `orders`.
    fn partitions_of(&mut self, text: &str) -> Result<Vec<TopicPartition>, Box<dyn Error>> {
        let topics = self.world()?.topics().ok_or("the broker does not run")?;
        let described = topics.describe(Some(&[text.to_owned()]));
        match described.into_iter().next() {
            Some((_, Ok(topic))) => {
                Ok((0..topic.partitions.len() as u32).map(|number| TopicPartition::new(text, number)).collect())
            }
            _ => Ok(vec![Self::partition(text)?]),
        }
    }

    fn consumer_mut(&mut self, name: &str) -> Result<&mut Consumer, Box<dyn Error>> {
        let consumer = self.consumers.get_mut(name).and_then(Option::as_mut);
        consumer.ok_or_else(|| format!("there is no consumer {name}").into())
    }

    fn take_consumer(&mut self, name: &str) -> Result<Consumer, Box<dyn Error>> {
        let consumer = self.consumers.get_mut(name).and_then(Option::take);
        consumer.ok_or_else(|| format!("there is no consumer {name}").into())
    }
}

fn line(one: &ConsumerRecord) -> String {
    let text = |bytes: &Option<bytes::Bytes>| bytes.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let (key, value) = (text(&one.key), text(&one.value));
    format!("{}@{}  {}", one.at, one.offset, record(key.as_deref(), value.as_deref()))
}

fn set(config: &mut ConsumerConfig, key: &str, value: &str) -> Result<(), Box<dyn Error>> {
    match key {
        "auto.offset.reset" => config.auto_offset_reset = value.parse()?,
        "max.poll.records" => config.max_poll_records = value.parse()?,
        "fetch.max.bytes" => config.fetch_max_bytes = value.parse()?,
        "max.partition.fetch.bytes" => config.max_partition_fetch_bytes = value.parse()?,
        _ => return Err("this consumer has no such setting".into()),
    }
    Ok(())
}
