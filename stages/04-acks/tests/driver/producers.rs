//! Producers that try again.
//!
//! | command | what it does |
//! |---|---|
//! | `producer p acks=all retries=0 batch.size=0 …` | makes a producer, by Kafka's settings |
//! | `send orders a b producer=p` | hands records over, and does not wait |
//! | `deliveries p` | what has become of those that were handed over, in the order in which that was told |

use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acks::producer::AckedConfig;
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord, RecordMetadata};
use partitioning::{ClientConfig, Cluster, Error as Failure, Host};
use story::Args;
use story::text::Millis;

use super::{AcksDriver, Answer};

/// A producer, and what it has told.
pub(super) struct Shop {
    producer: Arc<Producer>,
    told: Arc<Mutex<Vec<Told>>>,
    sent: usize,
}

/// How a record ended.
type Told = (String, Result<RecordMetadata, Failure>);

impl AcksDriver {
    /// `producer p acks=all retries=0`.
    pub(super) fn producer(&mut self, mut args: Args<'_>) -> Answer {
        let name: String = args.value("name")?;
        let mut acked = AckedConfig::default();
        let mut config = ProducerConfig {
            seed: Some(4),
            linger: Duration::ZERO,
            max_block: Duration::from_secs(5),
            ..ProducerConfig::default()
        };
        let is_idempotent: bool = args.key("enable.idempotence")?.unwrap_or(false);
        for (key, value) in args.pairs()? {
            set(&mut acked, &mut config, key, value)?;
        }
        args.done()?;
        let mut client = ClientConfig {
            bootstrap: self.base.world()?.addresses(),
            connect_timeout: Duration::from_millis(500),
            ..ClientConfig::new("")
        };
        acked.apply(&mut config, &mut client);
        if is_idempotent {
            let make = self.makes.idempotent.ok_or("no producer of this stage is idempotent")?;
            config.sending = make(acked.sending);
        }
        let made = self.base.world()?.run(async move {
            let cluster = Cluster::new(Host::simulated(), client)?;
            Producer::new(cluster, config)
        })?;
        let shop = Shop { producer: Arc::new(made?), told: Arc::default(), sent: 0 };
        self.shops.insert(name, shop);
        Ok(String::new())
    }

    /// `send orders a b producer=p`.
    pub(super) fn send(&mut self, mut args: Args<'_>) -> Answer {
        let topic: String = args.value("topic")?;
        let name: Option<String> = args.key("producer")?;
        let values: Vec<String> = args.values("record")?;
        args.done()?;
        let name = name.ok_or("`send` needs producer=")?;
        for value in values {
            let shop = self.shops.get_mut(&name).ok_or("there is no such producer")?;
            shop.sent += 1;
            let (producer, told, text) = (shop.producer.clone(), shop.told.clone(), value.clone());
            let record = ProducerRecord::new(topic.as_str(), None, value).to_partition(0);
            let sent = self.base.world()?.run(async move {
                let end = move |end| told.lock().unwrap().push((text, end));
                producer.send_with(record, end).await
            })?;
            sent?;
        }
        Ok(String::new())
    }

    /// `deliveries p`.
    pub(super) fn deliveries(&mut self, mut args: Args<'_>) -> Answer {
        let name: String = args.value("producer")?;
        args.done()?;
        let shop = self.shops.get_mut(&name).ok_or("there is no such producer")?;
        let told = std::mem::take(&mut *shop.told.lock().unwrap());
        shop.sent -= told.len();
        let open = shop.sent;
        let mut lines = Vec::new();
        for (value, end) in told {
            lines.push(match end {
                Ok(RecordMetadata { at, offset, retries, .. }) => {
                    self.base.note_acked(&at, offset, &value);
                    let again = match retries {
                        0 => String::new(),
                        1 => ", sent again once".to_owned(),
                        _ => format!(", sent again {retries} times"),
                    };
                    format!("{at}@{offset} acked  {value}{again}")
                }
                Err(error) => {
                    let doubt = if error.is_in_doubt() { "in doubt" } else { "not written" };
                    format!("failed, {doubt}  {value}: {error}")
                }
            });
        }
        if open > 0 {
            lines.push(format!("{} under way", story::text::count(open as u64, "record", "records")));
        }
        Ok(lines.join("\n"))
    }
}

fn set(acked: &mut AckedConfig, config: &mut ProducerConfig, key: &str, value: &str) -> Result<(), Box<dyn Error>> {
    match key {
        "batch.size" => config.batch_size = value.parse()?,
        "linger.ms" => config.linger = millis(value)?,
        _ if key.ends_with(".ms") => acked.set(key, &millis(value)?.as_millis().to_string())?,
        _ => acked.set(key, value)?,
    }
    Ok(())
}

fn millis(text: &str) -> Result<Duration, Box<dyn Error>> {
    let Millis(time) = text.parse()?;
    Ok(Duration::from_millis(time.try_into()?))
}
