//! What stage 04 adds to the teaching protocol: questions that wait.
//!
//! | key | version | API | how it differs from the version before |
//! |---|---|---|---|
//! | 0 | 2 | [`ProduceAcked`] | says how many replicas must have the batches before it is answered, and for how long to wait |
//! | 1 | 3 | [`WaitingFetch`] | waits at the broker until there is something |
//! | 1 | 4 | [`WaitingFollowerFetch`] | the same for followers |
//!
//! Answers are as before.

use std::fmt;
use std::str::FromStr;

use partitioning::api::{Api, FetchRequest, FetchResponse, ProducePartition, ProduceResponse, bounded};
use replication::api::{FollowerFetchRequest, FollowerFetchResponse};
use serde::{Deserialize, Serialize};

/// To append batches, and to be told when they are safe.
#[derive(Debug)]
pub struct ProduceAcked;

impl Api for ProduceAcked {
    const KEY: u16 = 0;
    const VERSION: u16 = 2;
    const NAME: &'static str = "Produce";
    type Request = ProduceAckedRequest;
    type Response = ProduceResponse;
}

/// Batches, and how sure the producer wants to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProduceAckedRequest {
    /// `acks`: -1, 0 or 1. Other numbers are refused (`INVALID_REQUIRED_ACKS`).
    pub acks: i16,
    /// `timeout.ms`: how long the broker may wait for replicas, in milliseconds.
    pub timeout_ms: u32,
    /// At most one entry for a partition.
    #[serde(deserialize_with = "bounded")]
    pub partitions: Vec<ProducePartition>,
}

/// Who must have a batch before its producer is told so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Acks {
    /// Nobody: it was sent, and that is all that is known. The offset is not known either, and is told as -1.
    None,
    /// The leader's log.
    Leader,
    /// All replicas that are in sync; and there must be `min.insync.replicas` of them.
    #[default]
    All,
}

impl Acks {
    /// The number on the wire.
    pub fn number(self) -> i16 {
        match self {
            Acks::None => 0,
            Acks::Leader => 1,
            Acks::All => -1,
        }
    }

    /// From the number on the wire, if it is one.
    pub fn from_number(number: i16) -> Option<Self> {
        [Acks::None, Acks::Leader, Acks::All].into_iter().find(|acks| acks.number() == number)
    }
}

impl fmt::Display for Acks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Acks::None => "0",
            Acks::Leader => "1",
            Acks::All => "all",
        })
    }
}

impl FromStr for Acks {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "0" => Ok(Acks::None),
            "1" => Ok(Acks::Leader),
            "all" | "-1" => Ok(Acks::All),
            _ => Err("it is 0, 1 or all"),
        }
    }
}

/// For batches, once there are some.
#[derive(Debug)]
pub struct WaitingFetch;

impl Api for WaitingFetch {
    const KEY: u16 = 1;
    const VERSION: u16 = 3;
    const NAME: &'static str = "Fetch";
    type Request = Waiting<FetchRequest>;
    type Response = FetchResponse;
}

/// For what comes next in partitions that somebody follows, once there is something.
#[derive(Debug)]
pub struct WaitingFollowerFetch;

impl Api for WaitingFollowerFetch {
    const KEY: u16 = 1;
    const VERSION: u16 = 4;
    const NAME: &'static str = "Fetch";
    type Request = Waiting<FollowerFetchRequest>;
    type Response = FollowerFetchResponse;
}

/// A question, and how long its answer may wait for something to be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting<T> {
    /// `fetch.max.wait.ms`: then it is answered with what there is.
    pub max_wait_ms: u32,
    /// `fetch.min.bytes`: with so many bytes it is answered at once.
    pub min_bytes: u32,
    /// The question.
    pub question: T,
}
