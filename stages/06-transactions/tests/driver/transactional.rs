//! Commands of a whole producer of transactions, and of a whole consumer.

use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acks::producer::AckedConfig;
use partitioning::producer::{ProducerConfig, ProducerRecord, RecordMetadata};
use partitioning::{
    AutoOffsetReset, ClientConfig, Cluster, Consumer, ConsumerConfig, Error as Failure, Host, TopicPartition,
};
use segment_log::Offset;
use story::Args;
use story::text::{Millis, count};
use transactions::consumer::IsolatedFetching;
use transactions::producer::{TransactionError, TransactionalConfig, TransactionalProducer};

use super::TransactionsDriver;
use super::commands::{partition, told};
use crate::cluster::Answer;

/// A producer, and what its records were told.
#[derive(Clone)]
pub(super) struct Till {
    producer: Arc<tokio::sync::Mutex<TransactionalProducer>>,
    told: Arc<Mutex<Vec<Told>>>,
    /// Records that were not told anything yet.
    open: Arc<Mutex<usize>>,
}

/// How a record ended.
type Told = (String, Result<RecordMetadata, Failure>);

/// The calls of a producer that may take a while.
#[derive(Debug, Clone, Copy)]
pub(super) enum Call {
    Init,
    Commit,
    Abort,
}

impl TransactionsDriver {
    /// `txn-producer p transactional.id=pay-1 transaction.timeout.ms=5s delivery.timeout.ms=30s`.
    pub(super) fn txn_producer(&mut self, mut args: Args<'_>) -> Answer {
        let name: String = args.value("name")?;
        let id: Option<String> = args.key("transactional.id")?;
        let timeout: Option<Millis> = args.key("transaction.timeout.ms")?;
        let mut acked = AckedConfig::default();
        for (key, value) in args.pairs()? {
            match key.ends_with(".ms") {
                true => acked.set(key, &millis(value)?.as_millis().to_string())?,
                false => acked.set(key, value)?,
            }
        }
        args.done()?;
        let mut how = ProducerConfig {
            seed: Some(6),
            linger: Duration::ZERO,
            max_block: Duration::from_secs(20),
            ..ProducerConfig::default()
        };
        let mut client = ClientConfig {
            bootstrap: self.below.below.base.world()?.addresses(),
            connect_timeout: Duration::from_millis(500),
            ..ClientConfig::new("")
        };
        acked.apply(&mut how, &mut client);
        let mut config = TransactionalConfig::new(id.unwrap_or_else(|| name.clone()));
        config.sending = acked.sending;
        if let Some(Millis(time)) = timeout {
            config.timeout = Duration::from_millis(time.try_into()?);
        }
        let made = self.below.below.base.world()?.run(async move {
            let cluster = Cluster::new(Host::simulated(), client)?;
            TransactionalProducer::new(cluster, how, config)
        })?;
        let producer = Arc::new(tokio::sync::Mutex::new(made?));
        self.tills.insert(name, Till { producer, told: Arc::default(), open: Arc::default() });
        Ok(String::new())
    }

    /// `txn-init p`, `txn-commit p`, `txn-abort p`.
    pub(super) fn txn_call(&mut self, mut args: Args<'_>, call: Call) -> Answer {
        let till = self.till(&args.value::<String>("producer")?)?;
        args.done()?;
        let who = self.below.below.base.world()?.run(async move {
            let mut producer = till.producer.lock().await;
            match call {
                Call::Init => producer.init().await?,
                Call::Commit => producer.commit().await?,
                Call::Abort => producer.abort().await?,
            }
            Ok(producer.identity())
        })?;
        Ok(told(who.map_err(kind)?.expect("it has begun")))
    }

    /// `txn-begin p`.
    pub(super) fn txn_begin(&mut self, mut args: Args<'_>) -> Answer {
        let till = self.till(&args.value::<String>("producer")?)?;
        args.done()?;
        let begun = self.below.below.base.world()?.run(async move { till.producer.lock().await.begin() })?;
        begun.map_err(kind)?;
        Ok(String::new())
    }

    /// `txn-send orders-0 "paid 10" "paid 7" producer=p`.
    pub(super) fn txn_send(&mut self, mut args: Args<'_>) -> Answer {
        let at = partition(&args.value::<String>("partition")?)?;
        let name: Option<String> = args.key("producer")?;
        let values: Vec<String> = args.values("record")?;
        args.done()?;
        let till = self.till(&name.ok_or("`txn-send` needs producer=")?)?;
        for value in values {
            let (till, text) = (till.clone(), value.clone());
            let record = ProducerRecord::new(at.topic.clone(), None, value).to_partition(at.partition);
            *till.open.lock().unwrap() += 1;
            let sent = self.below.below.base.world()?.run(async move {
                let ends = till.told.clone();
                let end = move |end| ends.lock().unwrap().push((text, end));
                let sent = till.producer.lock().await.send_with(record, end).await;
                if sent.is_err() {
                    *till.open.lock().unwrap() -= 1;
                }
                sent
            })?;
            sent.map_err(kind)?;
        }
        Ok(String::new())
    }

    /// `txn-deliveries p`.
    pub(super) fn txn_deliveries(&mut self, mut args: Args<'_>) -> Answer {
        let till = self.till(&args.value::<String>("producer")?)?;
        args.done()?;
        let ends = std::mem::take(&mut *till.told.lock().unwrap());
        let mut open = till.open.lock().unwrap();
        *open -= ends.len();
        for (value, end) in &ends {
            if let Ok(RecordMetadata { at, offset, .. }) = end {
                self.below.below.base.note_acked(at, *offset, value);
            }
        }
        let mut lines: Vec<_> = ends.into_iter().map(|(value, end)| delivery(&value, end)).collect();
        if *open > 0 {
            lines.push(format!("{} under way", count(*open as u64, "record", "records")));
        }
        Ok(lines.join("\n"))
    }

    /// `txn-read orders-0`: a consumer of committed records reads from the beginning, until nothing has come for a second.
    pub(super) fn txn_read(&mut self, mut args: Args<'_>) -> Answer {
        let at = partition(&args.value::<String>("partition")?)?;
        args.done()?;
        let cluster = self.below.below.base.client()?;
        let seen = self.below.below.base.world()?.run(async move { consume(cluster, at).await })??;
        let lines: Vec<_> = seen.iter().map(|(at, offset, value)| format!("{at}@{offset}  {value}")).collect();
        self.below.below.base.note_read("read_committed", seen);
        Ok(if lines.is_empty() { "nothing".to_owned() } else { lines.join("\n") })
    }

    fn till(&self, name: &str) -> Result<Till, Box<dyn Error>> {
        let till = self.tills.get(name).cloned();
        till.ok_or_else(|| "there is no such producer: it begins with `txn-producer`".into())
    }
}

fn delivery(value: &str, end: Result<RecordMetadata, Failure>) -> String {
    match end {
        Ok(RecordMetadata { at, offset, retries: 0, .. }) => format!("{at}@{offset} acked  {value}"),
        Ok(RecordMetadata { at, offset, .. }) => format!("{at}@{offset} acked  {value}, sent again"),
        Err(error) if error.is_in_doubt() => format!("failed, in doubt  {value}: {error}"),
        Err(error) => format!("failed, not written  {value}: {error}"),
    }
}

/// The error, and of which kind it is.
fn kind(error: TransactionError) -> String {
    let kind = match &error {
        _ if error.is_in_doubt() => "in doubt",
        TransactionError::NotYet(_) => "retriable",
        TransactionError::Abortable(_) => "abortable",
        TransactionError::Fatal(_) => "fatal",
        TransactionError::WrongOrder { .. } => "wrong order",
    };
    format!("({kind}) {error}")
}

/// Partition, offset and value of what a consumer is given.
async fn consume(cluster: Cluster, at: TopicPartition) -> partitioning::Result<Vec<(String, Offset, String)>> {
    let polling = acks::fetching::LongPolling::consumer(Duration::from_millis(200), 1)?;
    let fetching = Arc::new(IsolatedFetching { polling, ..IsolatedFetching::committed() });
    let config = ConsumerConfig { auto_offset_reset: AutoOffsetReset::Earliest, fetching, ..ConsumerConfig::default() };
    let mut consumer = Consumer::new(cluster, config)?;
    consumer.assign(vec![at]);
    let mut seen = Vec::new();
    loop {
        let records = consumer.poll(Duration::from_secs(1)).await?;
        if records.is_empty() {
            break;
        }
        let one = |record: partitioning::ConsumerRecord| {
            let value = record.value.unwrap_or_default();
            (record.at.to_string(), record.offset, String::from_utf8_lossy(&value).into_owned())
        };
        seen.extend(records.into_iter().map(one));
    }
    consumer.close().await;
    Ok(seen)
}

fn millis(text: &str) -> Result<Duration, Box<dyn Error>> {
    let Millis(time) = text.parse()?;
    Ok(Duration::from_millis(time.try_into()?))
}
