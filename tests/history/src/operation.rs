//! What a client writes down: one operation, from the moment it was asked to the moment its answer came.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A client of the run, by its `client.id`. It is one thread of work: a client that was started anew after a crash
/// remembers nothing, and is another process with another name.
pub type Process = Arc<str>;

/// A partition, by topic and number, such as `orders-0`.
pub type Partition = Arc<str>;

/// A record's place in a partition, from 0. Offsets ascend and may have gaps: a transaction's marker takes one that no
/// consumer ever sees.
pub type Offset = i64;

/// What a record holds. A workload sends each value at most once, to whatever partition, so that a value says which send
/// it came from.
pub type Value = u64;

/// Microseconds of the run's clock, which all processes share.
pub type Time = u64;

/// One transaction of the run. It is not Kafka's `transactional.id`, which names a producer through all its
/// transactions: here each gets a number of its own.
pub type TransactionId = u64;

/// One thing that a client did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Who did it.
    pub process: Process,
    /// When it was asked. Whatever it caused at a broker happened later.
    pub began: Time,
    /// When the client knew what became of it. `None` if it never did: it crashed, or the run was over.
    pub ended: Option<Time>,
    /// What it was, and what came out.
    pub kind: Kind,
}

/// What a client can do, and what can come out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// A producer sent one record.
    Send {
        /// Where to.
        partition: Partition,
        /// What.
        value: Value,
        /// The transaction that it is a part of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transaction: Option<TransactionId>,
        /// What the client knows of it in the end.
        outcome: Sent,
    },
    /// A consumer asked for the next records.
    Poll {
        /// All records that it was given, in the order in which it was given them. None if the poll never ended: what was
        /// not handed out was not read, and comes with a later poll.
        records: Vec<Record>,
        /// The transaction that the consumer's process had open.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transaction: Option<TransactionId>,
    },
    /// A consumer was given partitions: by its own wish, or by its group.
    Assign {
        /// Those whose position may have changed. A consumer that keeps some of its partitions, and goes on where it was,
        /// leaves them out.
        partitions: Vec<Partition>,
    },
    /// A consumer went elsewhere in a partition, also back to what it had committed.
    Seek {
        /// In which one.
        partition: Partition,
    },
    /// A producer began a transaction. All that follows of it is told by the same process.
    Begin {
        /// Its number.
        transaction: TransactionId,
    },
    /// A transaction took as its input what its process had been given, of each partition all that it was given below
    /// an offset. It is what Kafka's `sendOffsetsToTransaction` says (KIP-98), and lets a process poll before it begins the transaction
    /// that its records are for.
    Consume {
        /// Which transaction.
        transaction: TransactionId,
        /// Of each partition the offset after the last record taken. What an earlier transaction of the process took is not
        /// taken again, unless it was polled again.
        offsets: BTreeMap<Partition, Offset>,
    },
    /// A producer asked that a transaction be committed. If the answer was [`Decision::Unknown`] it may ask again.
    Commit {
        /// Which one.
        transaction: TransactionId,
        /// The answer.
        outcome: Decision,
    },
    /// A producer asked that a transaction be aborted.
    Abort {
        /// Which one.
        transaction: TransactionId,
        /// The answer, which cannot be [`Decision::Committed`].
        outcome: Decision,
    },
    /// A consumer has read partitions to their end, after all faults had been healed. It asked for the ends when the
    /// operation began, and had reached them all when it ended.
    ///
    /// It is what tells a record that is not there from one that nobody has come to yet. At least one consumer of a run reads
    /// each partition from its first offset, and it is best this one.
    Drained {
        /// Of each partition the offset after the last one that a consumer may see.
        ends: BTreeMap<Partition, Offset>,
    },
}

/// What became of a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Sent {
    /// It is done, as far as the settings promise that.
    Acked {
        /// Where the broker said that the record is. `None` if nobody said: with `acks=0` there is no answer, and a client
        /// calls a send done when it has handed it to the network.
        offset: Option<Offset>,
    },
    /// It is certain that the record was not written, and will not be. A client may say so only of an answer that leaves no
    /// doubt, or of a send that never left it.
    Failed,
    /// Not written either, and for one reason: the broker said that this producer is fenced, as another has its
    /// `transactional.id` now. From then on it can write nothing and commit nothing, whatever it tries. Kafka calls that
    /// `PRODUCER_FENCED` (KIP-98).
    Fenced,
    /// In doubt: the record may have been written, or may yet be.
    Unknown,
}

/// What became of the wish to end a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The coordinator said that it is committed.
    Committed,
    /// The coordinator said that it is aborted, or will be.
    Aborted,
    /// The coordinator said that the producer is fenced. Of this transaction it says nothing: an earlier attempt to commit,
    /// even one inside of the client, may have been heard. All that the producer does later is in vain.
    Fenced,
    /// In doubt.
    Unknown,
}

/// A record as a consumer got it. In a file it is `["orders-0", 3, 17]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(Partition, Offset, Value)", into = "(Partition, Offset, Value)")]
pub struct Record {
    /// Where it was read.
    pub partition: Partition,
    /// At which offset.
    pub offset: Offset,
    /// What it held.
    pub value: Value,
}

impl Record {
    /// A record.
    pub fn new(partition: impl Into<Partition>, offset: Offset, value: Value) -> Self {
        Record { partition: partition.into(), offset, value }
    }
}

impl From<(Partition, Offset, Value)> for Record {
    fn from((partition, offset, value): (Partition, Offset, Value)) -> Self {
        Record { partition, offset, value }
    }
}

impl From<Record> for (Partition, Offset, Value) {
    fn from(record: Record) -> Self {
        (record.partition, record.offset, record.value)
    }
}

impl Kind {
    /// The transaction that the operation is about or a part of.
    pub fn transaction(&self) -> Option<TransactionId> {
        match self {
            Kind::Send { transaction, .. } | Kind::Poll { transaction, .. } => *transaction,
            Kind::Begin { transaction }
            | Kind::Consume { transaction, .. }
            | Kind::Commit { transaction, .. }
            | Kind::Abort { transaction, .. } => Some(*transaction),
            Kind::Assign { .. } | Kind::Seek { .. } | Kind::Drained { .. } => None,
        }
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sent::Acked { offset: Some(offset) } => write!(f, "acknowledged at {offset}"),
            Sent::Acked { offset: None } => write!(f, "acknowledged without an offset"),
            Sent::Failed => write!(f, "failed"),
            Sent::Fenced => write!(f, "fenced"),
            Sent::Unknown => write!(f, "in doubt"),
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Decision::Committed => "committed",
            Decision::Aborted => "aborted",
            Decision::Fenced => "fenced",
            Decision::Unknown => "in doubt",
        })
    }
}
