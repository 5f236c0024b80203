//! Batches that our builder makes: what goes in comes out.

use bytes::Bytes;
use segment_log::control::{Marker, MarkerError, Outcome};
use segment_log::{Batch, BatchBuilder, Compression, Header, Record};

fn records() -> Vec<Record> {
    let text = |text: &'static str| Some(Bytes::from_static(text.as_bytes()));
    let header = |key: &str, value| Header { key: key.to_owned(), value };
    vec![
        Record::new(1_000, "alice", "paid 10"),
        Record {
            timestamp: 999,
            key: None,
            value: None,
            headers: vec![header("trace", text("1")), header("trace", None)],
        },
        Record { timestamp: -1, key: text(""), value: text(""), headers: vec![header("", text(""))] },
        Record::new(i64::MAX, "bob", "v".repeat(500)),
        Record::new(i64::MIN, None, ""),
    ]
}

fn read(batch: &Batch) -> Vec<(i64, Record)> {
    let records = batch.view().records(1 << 20).expect("it opens");
    records.iter().map(|record| record.map(|record| (record.offset, record.to_record())).expect("it reads")).collect()
}

#[test]
fn what_goes_in_comes_out_with_every_codec() {
    for codec in Compression::ALL {
        let mut builder = BatchBuilder::new(codec).place(70, 4);
        records().iter().for_each(|record| builder.push(record));
        assert_eq!((builder.len(), builder.is_empty()), (5, false));
        let batch = builder.build().expect("memory for a small batch");
        assert!(batch.view().verify().is_ok(), "{codec}");
        assert_eq!(batch.view().compression().expect("a known codec"), codec);
        assert_eq!(read(&batch), (70..).zip(records()).collect::<Vec<_>>(), "{codec}");
        assert_eq!((batch.view().base_timestamp(), batch.view().max_timestamp()), (1_000, i64::MAX));
    }
}

#[test]
fn offsets_may_have_gaps_and_the_range_outlives_its_records() {
    let mut builder = BatchBuilder::new(Compression::None).place(100, 0);
    for (delta, record) in [2, 3, 9].into_iter().zip(records()) {
        builder.push_at(delta, &record);
    }
    builder.keep_range(12);
    builder.keep_range(5);
    let batch = builder.build().expect("nothing is compressed");
    assert_eq!(read(&batch).iter().map(|(offset, _)| *offset).collect::<Vec<_>>(), [102, 103, 109]);
    let view = batch.view();
    assert_eq!((view.base_offset(), view.last_offset(), view.next_offset(), view.records_count()), (100, 112, 113, 3));
}

#[test]
#[should_panic(expected = "offsets ascend: 3 after 3")]
fn offsets_ascend_inside_a_batch() {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.push_at(3, &Record::default());
    builder.push_at(3, &Record::default());
}

#[test]
fn a_batch_without_records_is_one_offset_long() {
    let batch = BatchBuilder::new(Compression::None).build().expect("nothing is compressed");
    let view = batch.view();
    assert!(view.verify().is_ok());
    assert_eq!((view.size(), view.records_count(), view.last_offset_delta()), (61, 0, 0));
    assert_eq!((view.base_timestamp(), view.max_timestamp()), (-1, -1));
}

#[test]
fn sizes_are_known_before_building() {
    let mut builder = BatchBuilder::new(Compression::None);
    for record in records() {
        let bound = builder.size_with(&record);
        builder.push(&record);
        assert!(builder.size() <= bound && bound <= builder.size() + 20, "{} against {bound}", builder.size());
    }
    let size = builder.size();
    assert_eq!(builder.build().expect("nothing is compressed").view().size(), size);
}

#[test]
fn producer_and_transaction_stand_in_the_header() {
    let mut builder = BatchBuilder::new(Compression::None).producer(4_000, 3, 17).transactional();
    builder.push(&Record::default());
    let batch = builder.build().expect("nothing is compressed");
    let view = batch.view();
    assert_eq!((view.producer_id(), view.producer_epoch(), view.base_sequence()), (4_000, 3, 17));
    assert!(view.is_transactional() && !view.is_control());
}

#[test]
fn a_marker_is_a_control_batch_of_one_record() {
    for outcome in [Outcome::Abort, Outcome::Commit] {
        let marker = Marker { outcome, coordinator_epoch: 21 };
        let batch = BatchBuilder::control(marker, 4_001, 2, 90).build().expect("nothing is compressed");
        let view = batch.view();
        assert!(view.is_control() && view.is_transactional());
        assert_eq!((view.producer_id(), view.producer_epoch(), view.base_sequence()), (4_001, 2, -1));
        let records = view.records(100).expect("it opens");
        let record = records.iter().next().expect("one record").expect("it reads");
        assert_eq!(Marker::decode(record.key, record.value), Ok(marker));
    }
}

#[test]
fn what_is_no_marker_says_why() {
    let key = &[0, 0, 0, 1][..];
    let value = &[0; 6][..];
    assert_eq!(Marker::decode(None, None), Err(MarkerError::Short { key: 0, value: 0 }));
    assert_eq!(Marker::decode(Some(&key[..3]), Some(value)), Err(MarkerError::Short { key: 3, value: 6 }));
    assert_eq!(Marker::decode(Some(key), Some(&value[..5])), Err(MarkerError::Short { key: 4, value: 5 }));
    assert_eq!(Marker::decode(Some(&[0, 0, 0, 4]), Some(value)), Err(MarkerError::Type(4)));
    assert!(Marker::decode(Some(key), Some(&[0; 9])).is_ok(), "a later version may have more");
}
