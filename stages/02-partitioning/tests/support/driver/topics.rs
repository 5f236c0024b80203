//! Commands about topics, and about the broker's own life.

use std::collections::BTreeMap;
use std::error::Error;

use partitioning::TopicPartition;
use partitioning::api::{
    Api, CreatePartitions, CreatePartitionsRequest, CreateTopic, DeleteTopic, DeleteTopicRequest, NewTopic,
};
use partitioning::topics::catalogue::{CATALOGUE_LOG, TopicRecord};
use segment_log::batch::DECOMPRESSED_LIMIT;
use segment_log::batches;
use story::Args;

use super::text::{Millis, counted};
use super::{Answer, Driver};

impl Driver {
    /// `broker message.timestamp.type=LogAppendTime socket.request.max.bytes=1000`: starts it with these settings.
    pub(super) fn broker(&mut self, mut args: Args<'_>) -> Answer {
        let pairs = args.pairs()?;
        args.done()?;
        self.settings.change(&pairs)?;
        self.start()?;
        Ok(String::new())
    }

    /// `topic orders partitions=3 replicas=1 retention.bytes=1000`.
    pub(super) fn topic(&mut self, mut args: Args<'_>) -> Answer {
        let name: String = args.value("name")?;
        let (partitions, replication_factor) = (args.key("partitions")?, args.key("replicas")?);
        let configs: BTreeMap<_, _> =
            args.pairs()?.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        args.done()?;
        let new = NewTopic { name: name.as_str().into(), partitions, replication_factor, configs };
        let topic = self.ask::<CreateTopic>(new)?;
        let partitions = topic.partitions.len();
        Ok(match partitions {
            1 => format!("{name} has partition 0"),
            _ => format!("{name} has partitions 0 to {}", partitions - 1),
        })
    }

    /// `grow orders to=4`.
    pub(super) fn grow(&mut self, mut args: Args<'_>) -> Answer {
        let name: String = args.value("name")?;
        let count = args.required_key("to")?;
        args.done()?;
        let topic = self.ask::<CreatePartitions>(CreatePartitionsRequest { name: name.as_str().into(), count })?;
        Ok(format!("{name} has partitions 0 to {}", topic.partitions.len() - 1))
    }

    /// `delete orders`.
    pub(super) fn delete(&mut self, mut args: Args<'_>) -> Answer {
        let name: String = args.value("name")?;
        args.done()?;
        self.ask::<DeleteTopic>(DeleteTopicRequest { name: name.as_str().into() })?;
        Ok(String::new())
    }

    /// `catalogue`: the log that the list of topics is folded from.
    pub(super) fn catalogue(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        let folder = self.root.path().join("data").join(CATALOGUE_LOG);
        let bytes = std::fs::read(folder.join("00000000000000000000.log"))?;
        let mut lines = Vec::new();
        for batch in batches(&bytes) {
            let batch = batch?;
            for record in batch.records(DECOMPRESSED_LIMIT)?.iter() {
                let record = record?;
                let name = String::from_utf8_lossy(record.key.unwrap_or_default()).into_owned();
                let decision = match record.value.map(TopicRecord::decode).transpose()? {
                    None => "null: the name is free".to_owned(),
                    Some(topic) if topic.deleted => "deleted".to_owned(),
                    Some(topic) => counted(topic.partitions as usize, "partition"),
                };
                lines.push(vec![record.offset.to_string(), name, decision]);
            }
        }
        Ok(story::text::table(&lines))
    }

    /// `stop`: in order.
    pub(super) fn stop(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        Ok(match self.world()?.stop()? {
            true => "the broker has stopped in order".to_owned(),
            false => "the broker has stopped, and not all logs were closed in order".to_owned(),
        })
    }

    /// `crash`: the broker's process dies. What it wrote is in the page cache.
    pub(super) fn crash(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        self.world()?.crash()?;
        Ok(String::new())
    }

    /// `start`: again, with the settings it had.
    pub(super) fn start_again(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        self.start()?;
        let topics = self.world()?.topics().expect("it has just started").describe(None);
        let names: Vec<_> = topics
            .iter()
            .filter_map(|(name, topic)| Some((name, topic.as_ref().ok()?.partitions.len())))
            .map(|(name, partitions)| format!("{name} ({})", counted(partitions, "partition")))
            .collect();
        Ok(if names.is_empty() { "no topics".to_owned() } else { names.join(", ") })
    }

    /// `hold` and `release`: the network between the machines keeps everything back, and lets it go.
    pub(super) fn hold(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        self.world()?.hold();
        Ok(String::new())
    }

    pub(super) fn release(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        self.world()?.release();
        Ok(String::new())
    }

    /// `wait 5ms`. Whatever comes of what was sent before is told.
    pub(super) fn wait(&mut self, mut args: Args<'_>) -> Answer {
        let Millis(time) = args.value("time")?;
        args.done()?;
        self.world()?.wait(std::time::Duration::from_millis(time.try_into()?))?;
        Ok(self.deliveries())
    }

    /// Asks the broker, and waits for the answer.
    pub(super) fn ask<A: Api>(&mut self, request: A::Request) -> Result<A::Response, Box<dyn Error>> {
        let cluster = self.cluster()?;
        let answer = self.world()?.run(async move { cluster.call::<A>(request).await })?;
        Ok(answer?)
    }

    /// `orders-0`.
    pub(super) fn partition(text: &str) -> Result<TopicPartition, Box<dyn Error>> {
        let (topic, number) = text.rsplit_once('-').ok_or("a partition is written as in orders-0")?;
        Ok(TopicPartition::new(topic, number.parse().map_err(|_| "a partition is written as in orders-0")?))
    }
}
