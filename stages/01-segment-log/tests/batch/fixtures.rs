//! Bytes that Kafka's clients wrote: we read in them what their makers say, and write the same bytes again.

use bytes::{Bytes, BytesMut};
use segment_log::control::{Marker, Outcome};
use segment_log::{Batch, BatchBuilder, BatchView, Compression, Header, Record, batches};
use story::judge;

use crate::judging::batch_fields;
use crate::oracle::{self, Expected, ExpectedRecord};

const LIMIT: usize = 1 << 20;

/// Calls `check` with each batch of each fixture: name and number, bytes, and what it is.
fn each_batch(mut check: impl FnMut(&str, BatchView<'_>, &Expected)) {
    let names = oracle::names();
    assert!(names.len() >= 50, "the fixtures are there: {names:?}");
    for name in names {
        let (bytes, expected) = oracle::load(&name);
        let found: Vec<_> = batches(&bytes).collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(found.len(), expected.len(), "{name} holds so many batches");
        let sizes: usize = found.iter().map(|batch| batch.size()).sum();
        assert_eq!(sizes, bytes.len(), "{name} holds nothing else");
        for (number, (batch, expected)) in found.into_iter().zip(&expected).enumerate() {
            check(&format!("{name}, batch {number}"), batch, expected);
        }
    }
}

#[test]
fn headers_say_what_their_makers_say() {
    each_batch(|name, batch, expected| {
        batch.verify().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_header(name, &batch, expected);
    });
}

/// Every field of a batch's header against what its maker says.
pub(crate) fn assert_header(name: &str, batch: &BatchView<'_>, expected: &Expected) {
    let found = [
        ("size", batch.size() as i64),
        ("base_offset", batch.base_offset()),
        ("last_offset", batch.last_offset()),
        ("leader_epoch", batch.leader_epoch().into()),
        ("magic", batch.magic().into()),
        ("crc", batch.crc().into()),
        ("base_timestamp", batch.base_timestamp()),
        ("max_timestamp", batch.max_timestamp()),
        ("producer_id", batch.producer_id()),
        ("producer_epoch", batch.producer_epoch().into()),
        ("base_sequence", batch.base_sequence().into()),
        ("count", batch.records_count().into()),
    ];
    for (field, found) in found {
        assert_eq!(found, expected.number(field), "{name}: {field}");
    }
    assert_eq!(batch.compression().expect("a known codec").name(), expected.text("codec"), "{name}");
    assert_eq!(batch.is_log_append_time(), expected.text("timestamp_type") == "log_append", "{name}");
    assert_eq!(batch.is_transactional(), expected.flag("transactional"), "{name}");
    assert_eq!(batch.is_control(), expected.flag("control"), "{name}");
    assert_eq!(batch.has_delete_horizon(), expected.has("delete_horizon"), "{name}");
}

#[test]
fn records_say_what_their_makers_say() {
    each_batch(|name, batch, expected| {
        let records = batch.records(LIMIT).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found: Vec<_> = records.iter().map(|record| record_of(&record.expect(name))).collect();
        assert_eq!(found, expected.records, "{name}");
    });
}

fn record_of(record: &segment_log::RecordRef<'_>) -> ExpectedRecord {
    let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
    ExpectedRecord {
        offset: record.offset,
        timestamp: record.timestamp,
        key: owned(record.key),
        value: owned(record.value),
        headers: record.headers.iter().map(|(key, value)| (key.to_owned(), owned(value))).collect(),
    }
}

#[test]
fn markers_say_what_their_makers_say() {
    let mut markers = 0;
    each_batch(|name, batch, expected| {
        if !expected.has("marker") {
            return;
        }
        let records = batch.records(LIMIT).expect(name);
        let record = records.iter().next().expect("a marker").expect(name);
        assert_eq!(Marker::decode(record.key, record.value), Ok(marker(expected)), "{name}");
        markers += 1;
    });
    assert!(markers >= 4, "{markers} markers were read");
}

fn marker(expected: &Expected) -> Marker {
    let outcome = if expected.text("marker") == "commit" { Outcome::Commit } else { Outcome::Abort };
    Marker { outcome, coordinator_epoch: expected.number("coordinator_epoch") as i32 }
}

#[test]
fn uncompressed_batches_come_out_byte_for_byte() {
    let mut same = 0;
    each_batch(|name, batch, expected| {
        if !can_be_built(expected) || expected.text("codec") != "none" {
            return;
        }
        let found = rebuilt(batch, expected, Compression::None);
        let rule = format!("{name}: our encoder writes the bytes that the client wrote");
        judge::bytes(&rule, &batch_fields(batch.size()), batch.bytes(), &found.into_bytes(), "src/batch/builder.rs");
        same += 1;
    });
    assert!(same >= 25, "{same} batches were compared");
}

/// What the codec gets is the same; what it makes of it is its own. Where we compress, others must read the same records.
#[test]
fn compressed_batches_hold_the_same_bytes_inside() {
    let mut same = 0;
    each_batch(|name, batch, expected| {
        let codec = batch.compression().expect(name);
        if codec == Compression::None || !can_be_built(expected) {
            return;
        }
        let inside = |bytes: &[u8]| codec.decompress(&bytes[61..], LIMIT).expect(name);
        let (ours, theirs) = (rebuilt(batch, expected, codec), inside(batch.bytes()));
        assert!(inside(&ours.clone().into_bytes()) == theirs, "{name}: the records differ before compression");
        let header = |bytes: &[u8]| [&bytes[0..8], &bytes[12..17], &bytes[21..61]].concat();
        assert_eq!(header(batch.bytes()), header(&ours.into_bytes()), "{name}: the headers differ");
        same += 1;
    });
    assert!(same >= 25, "{same} batches were compared");
}

/// Two kinds are made by compaction alone, and stage 10 will write them: batches with a delete horizon, and those whose
/// last record is gone, which keep a timestamp that no record has.
fn can_be_built(expected: &Expected) -> bool {
    !expected.has("delete_horizon") && !expected.records.is_empty()
}

/// Makes a batch from what the fixture says, without a look at its bytes; only the times of a batch with log append time,
/// which no reader sees, are taken from there.
fn rebuilt(batch: BatchView<'_>, expected: &Expected, codec: Compression) -> Batch {
    let (base, epoch) = (expected.number("base_offset"), expected.number("leader_epoch") as i32);
    let (id, producer_epoch) = (expected.number("producer_id"), expected.number("producer_epoch") as i16);
    if expected.has("marker") {
        let now = expected.number("max_timestamp");
        let builder = BatchBuilder::control(marker(expected), id, producer_epoch, now);
        return builder.place(base, epoch).build().expect("nothing is compressed");
    }
    let mut builder = BatchBuilder::new(codec).place(base, epoch);
    builder = builder.producer(id, producer_epoch, expected.number("base_sequence") as i32);
    if expected.flag("transactional") {
        builder = builder.transactional();
    }
    for (record, timestamp) in expected.records.iter().zip(producer_times(batch)) {
        let headers = record.headers.iter();
        let owned = |bytes: &Option<Vec<u8>>| bytes.clone().map(Bytes::from);
        let delta = i32::try_from(record.offset - base).expect("a batch is not that long");
        let headers = headers.map(|(key, value)| Header { key: key.clone(), value: owned(value) }).collect();
        builder.push_at(delta, &Record { timestamp, key: owned(&record.key), value: owned(&record.value), headers });
    }
    builder.keep_range(i32::try_from(expected.number("last_offset") - base).expect("a batch is not that long"));
    let mut built = builder.build().expect("memory for a small batch");
    if batch.is_log_append_time() {
        built.set_log_append_time(expected.number("max_timestamp"));
    }
    built
}

/// The records' times as the producer set them.
fn producer_times(batch: BatchView<'_>) -> Vec<i64> {
    let mut bytes = BytesMut::from(batch.bytes());
    bytes[22] &= !0x08;
    let as_created = BatchView::parse(&bytes).expect("only a bit of the attributes was changed");
    let records = as_created.records(LIMIT).expect("the records are as before");
    records.iter().map(|record| record.expect("the records are as before").timestamp).collect()
}
