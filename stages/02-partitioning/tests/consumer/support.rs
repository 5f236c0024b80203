//! Batches and partitions, in few words.

use bytes::Bytes;
use partitioning::{ConsumerRecord, TopicPartition};
use segment_log::control::{Marker, Outcome};
use segment_log::{BatchBuilder, Compression, Offset, Record};

/// Partition `number` of the topic `orders`.
pub(crate) fn orders(number: u32) -> TopicPartition {
    TopicPartition::new("orders", number)
}

/// A batch with a record at each of these offsets, which reaches to before `next`.
pub(crate) fn batch(base: Offset, offsets: &[Offset], next: Offset, codec: Compression) -> Vec<u8> {
    let mut builder = BatchBuilder::new(codec).place(base, 0);
    for offset in offsets {
        let delta = i32::try_from(offset - base).expect("a batch's offsets lie close together");
        builder.push_at(delta, &record(*offset));
    }
    builder.keep_range(i32::try_from(next - base - 1).expect("a batch's offsets lie close together"));
    builder.build().expect("memory for a small batch").into_bytes().to_vec()
}

/// A batch without gaps.
pub(crate) fn full(offsets: std::ops::Range<Offset>) -> Vec<u8> {
    batch(offsets.start, &offsets.clone().collect::<Vec<_>>(), offsets.end, Compression::None)
}

/// The marker of a transaction.
pub(crate) fn marker(at: Offset) -> Vec<u8> {
    let marker = Marker { outcome: Outcome::Commit, coordinator_epoch: 0 };
    let batch = BatchBuilder::control(marker, 1, 0, 0).place(at, 0).build();
    batch.expect("memory for a small batch").into_bytes().to_vec()
}

/// What stands at an offset: at 7, the key `k0007`, the value `v0007` and the time 1007. All take the same room.
pub(crate) fn record(offset: Offset) -> Record {
    Record::new(1_000 + offset, &*format!("k{offset:04}"), format!("v{offset:04}"))
}

/// The offsets of records, each of which must be what stands there.
#[track_caller]
pub(crate) fn offsets(records: &[ConsumerRecord]) -> Vec<Offset> {
    let offset = |found: &ConsumerRecord| {
        let Record { timestamp, key, value, .. } = record(found.offset);
        assert_eq!(
            (found.timestamp, &found.key, &found.value),
            (timestamp, &key, &value),
            "at offset {}",
            found.offset
        );
        found.offset
    };
    records.iter().map(offset).collect()
}

/// Several batches in a row.
pub(crate) fn row(batches: &[Vec<u8>]) -> Bytes {
    batches.concat().into()
}
