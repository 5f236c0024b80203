//! What is said to a replica: decisions, batches, answers.
#![allow(dead_code, reason = "each test program uses a part of this module")]

use std::fmt::Debug;
use std::time::Duration;

use partitioning::api::TopicId;
use partitioning::{ErrorCode, Refusal, TopicPartition};
use replication::api::{FetchFound, FollowerFetched};
use replication::leader::LeaderConfig;
use replication::records::PartitionRecord;
use replication::replica::{Leading, Served, ServedFound};
use segment_log::{Batch, BatchBuilder, Compression, LogConfig, Offset, Record, Timestamp};

/// The time of day in each test, in milliseconds since 1970.
pub(crate) const NOW: Timestamp = 1_700_000_000_000;
/// The most bytes of a fetch, where it does not matter.
pub(crate) const MUCH: usize = 1 << 20;
/// `replica.lag.time.max.ms`.
pub(crate) const LAG: Duration = Duration::from_secs(10);

/// Batches of one short record have about 70 bytes: two fit into a segment.
pub(crate) fn small() -> LogConfig {
    LogConfig { segment_bytes: 150, segment_index_bytes: 1 << 10, retention_ms: None, ..LogConfig::default() }
}

pub(crate) fn at() -> TopicPartition {
    TopicPartition::new("orders", 0)
}

/// What a leader is told: brokers 1, 2 and 3 have copies and epochs 10, 20 and 30, and the last change has this number.
pub(crate) fn leading(leader: i32, epoch: i32, change: i32, in_sync: &[i32]) -> Leading {
    Leading {
        record: record(leader, epoch, change, in_sync),
        eligible: [(1, 10), (2, 20), (3, 30)].into(),
        config: LeaderConfig { lag_time_max: LAG, min_in_sync: 1 },
    }
}

pub(crate) fn record(leader: i32, epoch: i32, change: i32, in_sync: &[i32]) -> PartitionRecord {
    PartitionRecord {
        topic: TopicId(1),
        replicas: vec![1, 2, 3],
        in_sync: in_sync.to_vec(),
        leader: Some(leader),
        leader_epoch: epoch,
        partition_epoch: change,
        adding: Vec::new(),
        removing: Vec::new(),
        eligible: Vec::new(),
        last_leader: None,
    }
}

pub(crate) fn batch(values: &[&str]) -> Batch {
    placed(0, -1, values)
}

/// A batch as a leader's log has it.
pub(crate) fn placed(offset: Offset, epoch: i32, values: &[&str]) -> Batch {
    let mut builder = BatchBuilder::new(Compression::None).place(offset, epoch);
    for value in values {
        builder.push(&Record::new(NOW, None, (*value).to_owned()));
    }
    builder.build().expect("nothing is compressed")
}

/// Moves the bytes, as the network does.
pub(crate) fn moved(served: Served) -> FollowerFetched {
    let found = match served.found {
        ServedFound::Records(slice) => FetchFound::Records(slice.to_bytes().expect("the bytes are there").into()),
        ServedFound::Diverging(at) => FetchFound::Diverging(at),
        ServedFound::OutOfRange(end) => FetchFound::OutOfRange { end },
    };
    FollowerFetched { found, high_watermark: served.high_watermark, log_start: served.log_start }
}

/// An answer that holds these batches.
pub(crate) fn answer(batches: Vec<Batch>, high_watermark: Offset) -> FollowerFetched {
    let mut bytes = bytes::BytesMut::new();
    for batch in batches {
        bytes.extend_from_slice(&batch.into_bytes());
    }
    FollowerFetched { found: FetchFound::Records(bytes.into()), high_watermark, log_start: 0 }
}

/// A refusal's code and sentence.
#[track_caller]
pub(crate) fn refused<T: Debug>(code: ErrorCode, sentence: &str, found: Result<T, Refusal>) {
    let refusal = found.expect_err("it is refused");
    assert_eq!((refusal.message.as_str(), refusal.code), (sentence, code));
}
