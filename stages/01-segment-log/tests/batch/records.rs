//! Records that cannot be read, and which rule says so; and what a producer's batch must have.

use segment_log::batch::{BatchError, BatchView};
use segment_log::varint::VarintError;
use segment_log::{BatchBuilder, Compression, Record};

use crate::judging::{raw_batch, three};

/// The first fault that a walk over the records meets, after how many records.
fn fault(count: i32, records: &[u8]) -> (usize, String) {
    let bytes = raw_batch(count, records);
    let records = BatchView::parse(&bytes).expect("the header holds").records(1 << 20).expect("nothing is compressed");
    let mut walk = records.iter();
    let good = walk.by_ref().take_while(Result::is_ok).count();
    assert!(walk.next().is_none(), "the first fault ends the walk");
    let error = records.iter().find_map(Result::err).expect("there is a fault");
    (good, error.to_string())
}

const ONE: &[u8] = &[0x0c, 0, 0, 0, 0x01, 0x01, 0];

#[test]
fn each_rule_is_named_with_the_records_number() {
    let two = [ONE, &[0x0c, 0, 0, 2, 0x01, 0x01, 0]].concat();
    let name = |bytes: &[u8]| [&[0x0a + 2 * (bytes.len() as u8), 0, 0, 0, 0x01, 0x01], bytes].concat();
    let cases: [(i32, Vec<u8>, usize, &str); 12] = [
        (1, [ONE, &[9]].concat(), 1, "record 1 of the batch: bytes follow the last record"),
        (1, vec![0x0e, 0, 0, 0, 0x01, 0x01, 0, 9], 0, "record 0 of the batch: its length covers more than its fields"),
        (2, [ONE, ONE].concat(), 1, "record 1 of the batch: offset deltas ascend, and end at last_offset_delta"),
        (1, two.clone(), 1, "record 1 of the batch: bytes follow the last record"),
        (
            1,
            vec![0x0c, 0, 0, 2, 1, 1, 0],
            0,
            "record 0 of the batch: offset deltas ascend, and end at last_offset_delta",
        ),
        (
            1,
            vec![0x0c, 0, 0, 1, 1, 1, 0],
            0,
            "record 0 of the batch: offset deltas ascend, and end at last_offset_delta",
        ),
        (1, name(&[0x01]), 0, "record 0 of the batch: it has a negative number of headers"),
        (1, name(&[0x02, 0x01, 0x01]), 0, "record 0 of the batch: a header has no name"),
        (1, name(&[0x02, 0x02, 0xff, 0x01]), 0, "record 0 of the batch: a header's name is not UTF-8"),
        (1, vec![0x01, 0, 0, 0, 1, 1, 0], 0, "record 0 of the batch: a length is negative"),
        (1, vec![0x0e, 0, 0, 0, 1, 1, 0], 0, "record 0 of the batch: a length passes the end"),
        (2, ONE.to_vec(), 1, "record 1 of the batch: the varint is cut off: its last byte says that more bytes follow"),
    ];
    for (count, records, good, rule) in cases {
        assert_eq!(fault(count, &records), (good, rule.to_owned()), "{records:02x?}");
    }
}

#[test]
fn a_number_that_is_none_is_named_as_a_varint() {
    let faults: [(&[u8], VarintError); 3] = [
        (&[0x80], VarintError::CutOff),
        (&[0xff; 12], VarintError::TooLong),
        (&[0x80, 0x80, 0x80, 0x80, 0x10], VarintError::NotI32(1 << 31)),
    ];
    for (records, expected) in faults {
        let bytes = raw_batch(1, records);
        let records = BatchView::parse(&bytes).expect("the header holds").records(1 << 20).expect("not compressed");
        match records.iter().next() {
            Some(Err(BatchError::Varint { index: 0, source })) => assert_eq!(source, expected),
            other => panic!("{other:?}"),
        }
    }
}

/// A count of two billion headers in a record of a few bytes: the walk ends for want of bytes and reserves nothing.
#[test]
fn a_count_reserves_nothing() {
    let many = [0x14, 0, 0, 0, 1, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f];
    assert_eq!(fault(1, &many).0, 0);
    let (good, rule) = fault(i32::MAX, ONE);
    assert_eq!(good, 1);
    assert!(rule.starts_with("record 1 of the batch"), "{rule}");
}

#[test]
fn a_producers_batch_has_a_record_for_every_offset() {
    let verify = |batch: &segment_log::Batch| batch.view().records(1 << 20).expect("it opens").verify_as_produced();
    assert_eq!(verify(&three(0)).expect("as a producer makes it"), 1_000);

    let mut gap = BatchBuilder::new(Compression::None);
    gap.push_at(0, &Record::new(5, None, "a"));
    gap.push_at(2, &Record::new(9, None, "b"));
    let gap = gap.build().expect("nothing is compressed");
    let error = verify(&gap).expect_err("offset 1 is missing");
    assert!(matches!(error, BatchError::Field { field: "records_count", found: 2, .. }), "{error}");

    let empty = BatchBuilder::new(Compression::None).build().expect("nothing is compressed");
    let error = verify(&empty).expect_err("no record");
    assert!(matches!(error, BatchError::Field { field: "records_count", found: 0, .. }), "{error}");

    // The count is right, and the records are not as many.
    let bytes = raw_batch(2, ONE);
    let records = BatchView::parse(&bytes).expect("the header holds").records(1 << 20).expect("not compressed");
    assert!(matches!(records.verify_as_produced(), Err(BatchError::Varint { index: 1, .. })));
}

#[test]
fn the_largest_timestamp_is_the_records_not_the_headers() {
    let mut builder = BatchBuilder::new(Compression::None);
    for time in [30, 90, 10] {
        builder.push(&Record::new(time, None, "x"));
    }
    let batch = builder.build().expect("nothing is compressed");
    assert_eq!(batch.view().max_timestamp(), 90);
    let mut bytes = batch.into_bytes();
    bytes[35..43].copy_from_slice(&7i64.to_be_bytes());
    let view = BatchView::parse(&bytes).expect("the header holds");
    assert_eq!(view.records(1 << 20).expect("not compressed").verify_as_produced().expect("the records hold"), 90);
}
