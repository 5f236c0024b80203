//! What the controller decides, as records of its log `__cluster_metadata-0`.
//!
//! ```text
//!   key                   value
//!   cluster               the cluster's id                                     the first record of all
//!   broker 2              epoch, address, fenced or not                        null: it is no member any more
//!   topic orders          id, partitions, settings                             null: the topic is deleted
//!   partition orders-0    replicas, in-sync replicas, leader, two epochs       null: with its topic
//!   note producer-ids     what a later stage decides, in its own form (05)
//! ```
//!
//! Each record has a key and says all that is known of it, and a null says that there is no such thing. So of each key only
//! the last record counts, and the log can be compacted (stage 10). Kafka's records are finer, without keys, and are replaced
//! by snapshots (KIP-630).
//!
//! Two numbers grow with a partition. The *leader epoch* counts its leaders: it is written into batches, and whoever speaks
//! for an earlier leader is refused. The *partition epoch* counts all changes of this record: whoever wants to change it says
//! which one he knows, and is refused if it is not the latest (KIP-497).

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use partitioning::TopicPartition;
use partitioning::api::{PartitionInfo, TopicId};
use partitioning::topics::catalogue::TopicRecord;
use partitioning::topics::name::judge_name;
use segment_log::codec;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::machine::Decision;

/// The version byte before each value.
const VERSION: u8 = 1;

/// One decision: something is so from now on, or is not any more (`None`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetadataRecord {
    /// The cluster has this id.
    Cluster(ClusterId),
    /// A broker.
    Broker(i32, Option<BrokerRecord>),
    /// A topic.
    Topic(Arc<str>, Option<TopicRecord>),
    /// A partition.
    Partition(TopicPartition, Option<PartitionRecord>),
    /// What a later stage has decided, under a name of its own. Here it is bytes; see [`Note`].
    Note(Arc<str>, Option<Bytes>),
}

/// What a later stage keeps among the controller's decisions: one value under one name. It is decided, written, replayed and
/// read by all brokers as all else is, and only the later stage knows what it means.
pub trait Note: Serialize + DeserializeOwned {
    /// Its name: visible ASCII characters.
    const NAME: &'static str;

    /// The decision that it is so from now on.
    fn decided(&self) -> MetadataRecord {
        MetadataRecord::Note(Self::NAME.into(), Some(codec::encode(VERSION, self).into()))
    }

    /// From its bytes.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        codec::decode(VERSION, bytes).map_err(|error| error.to_string())
    }
}

/// A number that no other cluster has. It keeps a broker from taking the data of one cluster to another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ClusterId(pub u128);

impl fmt::Display for ClusterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for ClusterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A broker that has registered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BrokerRecord {
    /// Counts the registrations of all brokers. Whoever speaks for an earlier registration of this one is refused. (Kafka
    /// takes the offset of the registration's record.)
    pub epoch: i64,
    /// A number that the broker's process drew when it started: it tells a request that was sent twice from a process that was
    /// started twice.
    pub incarnation: u128,
    /// Where clients and other brokers find it.
    pub address: String,
    /// It leads nothing and joins no ISR: it has not caught up with the metadata yet, or was not heard of for too long.
    pub fenced: bool,
    /// It has asked to stop, and gives away what it leads. Once it is fenced it has stopped. Only another registration takes
    /// this back.
    pub stopping: bool,
}

impl BrokerRecord {
    /// Whether it may lead, and join those in sync.
    pub fn is_active(&self) -> bool {
        !self.fenced && !self.stopping
    }

    /// Whether it is on its way out: it is to get no new copies. One that has stopped, and may come back, may get some.
    pub fn is_leaving(&self) -> bool {
        self.stopping && !self.fenced
    }
}

/// A partition. Broker ids all through.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PartitionRecord {
    /// Its topic.
    pub topic: TopicId,
    /// Who has a copy, the preferred leader first.
    pub replicas: Vec<i32>,
    /// Whose copy is up to date: one of these is elected when the leader is gone.
    pub in_sync: Vec<i32>,
    /// Who takes writes; `None` if nobody may.
    pub leader: Option<i32>,
    /// How often leadership has changed.
    pub leader_epoch: i32,
    /// How often this record has changed.
    pub partition_epoch: i32,
    /// Those of `replicas` that came with a reassignment that is under way.
    pub adding: Vec<i32>,
    /// Those of `replicas` that go when it is done.
    pub removing: Vec<i32>,
    /// Eligible leader replicas (KIP-966): not in sync any more, and certain to have all that is committed, as nothing was
    /// committed since they left (stage 04).
    pub eligible: Vec<i32>,
    /// Who led last, while nobody leads. If nobody is in sync or eligible any more, this one is believed before all others
    /// (KIP-966's last known leader).
    pub last_leader: Option<i32>,
}

impl PartitionRecord {
    /// As a client is told of it.
    pub fn info(&self) -> PartitionInfo {
        PartitionInfo {
            leader: self.leader,
            leader_epoch: self.leader_epoch,
            replicas: self.replicas.clone(),
            in_sync: self.in_sync.clone(),
        }
    }
}

impl Decision for MetadataRecord {
    fn to_parts(&self) -> (Bytes, Option<Bytes>) {
        match self {
            MetadataRecord::Cluster(id) => parts("cluster".to_owned(), Some(id)),
            MetadataRecord::Broker(id, record) => parts(format!("broker {id}"), record.as_ref()),
            MetadataRecord::Topic(name, record) => parts(format!("topic {name}"), record.as_ref()),
            MetadataRecord::Partition(at, record) => parts(format!("partition {at}"), record.as_ref()),
            MetadataRecord::Note(name, value) => (format!("note {name}").into_bytes().into(), value.clone()),
        }
    }

    fn from_parts(key: &[u8], value: Option<&[u8]>) -> Result<Self, String> {
        let key = std::str::from_utf8(key).map_err(|_| "its key is not text".to_owned())?;
        let (kind, name) = key.split_once(' ').unwrap_or((key, ""));
        match (kind, name) {
            ("cluster", "") => match read(value)? {
                Some(id) => Ok(MetadataRecord::Cluster(id)),
                None => Err("a cluster always has its id".to_owned()),
            },
            ("broker", name) => match name.parse::<i32>() {
                // One number has one key, or a later record would not replace the earlier one.
                Ok(id) if id >= 0 && id.to_string() == name => Ok(MetadataRecord::Broker(id, read(value)?)),
                _ => Err(format!("`{name}` is no broker's number")),
            },
            ("topic", name) => {
                judge_name(name).map_err(|error| error.to_string())?;
                Ok(MetadataRecord::Topic(name.into(), read(value)?))
            }
            ("partition", name) => Ok(MetadataRecord::Partition(partition(name)?, read(value)?)),
            ("note", name) if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Ok(MetadataRecord::Note(name.into(), value.map(Bytes::copy_from_slice)))
            }
            _ => Err(format!("`{key}` is no key of this log")),
        }
    }
}

fn parts<T: Serialize>(key: String, value: Option<&T>) -> (Bytes, Option<Bytes>) {
    (key.into_bytes().into(), value.map(|value| codec::encode(VERSION, value).into()))
}

fn read<T: DeserializeOwned>(value: Option<&[u8]>) -> Result<Option<T>, String> {
    value.map(|value| codec::decode(VERSION, value)).transpose().map_err(|error| error.to_string())
}

/// `orders-0` as a partition.
pub(crate) fn partition(name: &str) -> Result<TopicPartition, String> {
    let wrong = || format!("`{name}` is no partition: one is `topic-number`");
    let (topic, number) = name.rsplit_once('-').ok_or_else(wrong)?;
    judge_name(topic).map_err(|error| error.to_string())?;
    let parsed: u32 = number.parse().map_err(|_| wrong())?;
    if parsed.to_string() != number { Err(wrong()) } else { Ok(TopicPartition::new(topic, parsed)) }
}
