//! Batches that are read a few records at a time: the same records as in one walk, and the same faults.

use bytes::Bytes;
use proptest::prelude::*;
use segment_log::batch::{Header, Opened, SharedRecord};
use segment_log::{BatchBuilder, Compression, Record};

use crate::judging::{raw_batch, three};

fn codec() -> impl Strategy<Value = Compression> {
    proptest::sample::select(&Compression::ALL[..])
}

fn payload() -> impl Strategy<Value = Option<Bytes>> {
    proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40).prop_map(Bytes::from))
}

fn record() -> impl Strategy<Value = Record> {
    let header = ("[a-z]{0,5}", payload()).prop_map(|(key, value)| Header { key, value });
    let headers = proptest::collection::vec(header, 0..4);
    (0..10_000i64, payload(), payload(), headers).prop_map(|(timestamp, key, value, headers)| Record {
        timestamp,
        key,
        value,
        headers,
    })
}

/// The record with bytes of its own.
fn owned(record: &SharedRecord) -> Record {
    let headers = record.headers.view();
    let headers =
        headers.iter().map(|(key, value)| Header { key: key.to_owned(), value: value.map(Bytes::copy_from_slice) });
    let (key, value) = (record.key.clone(), record.value.clone());
    Record { timestamp: record.timestamp, key, value, headers: headers.collect() }
}

proptest! {
    /// Gaps between offsets, every codec, every part of a record.
    #[test]
    fn what_was_put_in_comes_out(
        records in proptest::collection::vec((1..5i32, record()), 0..20),
        codec in codec(),
        base in 0..1_000i64,
        more in proptest::collection::vec(any::<u8>(), 0..70),
    ) {
        let mut builder = BatchBuilder::new(codec).place(base, 0);
        let mut expected = Vec::new();
        let mut delta = -1;
        for (gap, record) in records {
            delta += gap;
            builder.push_at(delta, &record);
            expected.push((base + i64::from(delta), record));
        }
        let mut bytes = builder.build().expect("it compresses").into_bytes();
        bytes.extend_from_slice(&more);
        let mut opened = Opened::new(&bytes.freeze(), 1 << 20).expect("it opens");
        for (offset, record) in expected {
            prop_assert!(!opened.is_finished());
            let found = opened.next_record().expect("it can be read").expect("there is one more");
            prop_assert_eq!((found.offset, owned(&found)), (offset, record));
        }
        prop_assert!(opened.is_finished());
        prop_assert!(matches!(opened.next_record(), Ok(None)));
    }
}

#[test]
fn records_that_are_not_compressed_are_not_copied() {
    let bytes = three(7).into_bytes().freeze();
    let record = Opened::new(&bytes, 0).expect("it opens").next_record().expect("it can be read");
    let value = record.expect("three records").value.expect("it has a value");
    assert!(bytes.as_ptr_range().contains(&value.as_ptr()));
}

#[test]
fn a_fault_is_given_again_and_again() {
    let good = [0x0c, 0, 0, 0, 0x01, 0x01, 0];
    let bytes = Bytes::from(raw_batch(1, &[&good[..], &[9]].concat()));
    let mut opened = Opened::new(&bytes, 1 << 20).expect("the header holds");
    assert_eq!(opened.next_record().expect("it can be read").expect("there is one").offset, 0);
    assert!(!opened.is_finished(), "a byte is left");
    for _ in 0..2 {
        let fault = opened.next_record().expect_err("a byte is left");
        assert_eq!(fault.to_string(), "record 1 of the batch: bytes follow the last record");
    }
}

#[test]
fn what_is_no_batch_does_not_open() {
    let bytes = three(0).into_bytes().freeze();
    let error = Opened::new(&bytes.slice(..99), 1 << 20).expect_err("a byte is missing");
    assert_eq!(error.to_string(), "the batch is cut off: it needs 100 bytes and 99 are there");

    let mut builder = BatchBuilder::new(Compression::Zstd);
    builder.push(&Record::new(0, None, vec![0; 10_000]));
    let bytes = builder.build().expect("it compresses").into_bytes().freeze();
    let error = Opened::new(&bytes, 5_000).expect_err("more comes out");
    assert_eq!(error.to_string(), "the zstd records grow beyond 5000 bytes when decompressed");
}
