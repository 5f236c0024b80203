//! What is not a batch, and which rule says so.

use bytes::BytesMut;
use segment_log::batch::{BatchError, BatchHeader, BatchView, FIELDS, HEADER_LEN};
use segment_log::{Batch, batches};

use crate::judging::{fixture, raw_batch, three};

/// A batch of three records, with `change` made to its bytes.
fn changed(change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut bytes = three(0).into_bytes().to_vec();
    change(&mut bytes);
    bytes
}

/// A batch of three records with one field set to `value`, and a checksum that holds.
fn with_field(field: &str, value: &[u8]) -> Vec<u8> {
    changed(|bytes| {
        let (_, range) = FIELDS.into_iter().find(|(name, _)| *name == field).expect("the field's name");
        bytes[range].copy_from_slice(value);
        let crc = crc32c::crc32c(&bytes[21..]);
        bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    })
}

fn verified(bytes: &[u8]) -> Result<(), BatchError> {
    BatchView::parse(bytes)?.verify()
}

#[test]
fn fields_cover_the_header_without_a_gap() {
    let mut end = 0;
    for (name, range) in FIELDS {
        assert_eq!(range.start, end, "{name}");
        end = range.end;
    }
    assert_eq!(end, HEADER_LEN);
}

#[test]
fn a_batch_that_is_cut_off_says_how_much_is_missing() {
    let bytes = three(0).into_bytes();
    for have in 0..bytes.len() {
        let needed = if have < HEADER_LEN { HEADER_LEN } else { bytes.len() };
        match BatchView::parse(&bytes[..have]) {
            Err(BatchError::CutOff { needed: n, have: h }) => assert_eq!((n, h), (needed, have)),
            other => panic!("{have} bytes: {other:?}"),
        }
    }
    let header = BatchHeader::parse(&bytes[..HEADER_LEN]).expect("the header is there in full");
    assert_eq!(header.size(), bytes.len());
}

#[test]
fn a_length_shorter_than_a_header_is_refused() {
    for length in [0, 48, -1, i32::MIN] {
        let bytes = with_field("batch_length", &i32::to_be_bytes(length));
        assert!(matches!(BatchView::parse(&bytes), Err(BatchError::Length(found)) if found == length), "{length}");
    }
    // Where a write was lost there are zeros, and the length says more about them than the magic would.
    assert!(matches!(BatchView::parse(&[0; 100]), Err(BatchError::Length(0))));
    assert!(BatchView::parse(&raw_batch(0, &[])).is_ok(), "49 is a header without records");
}

#[test]
fn other_formats_are_refused() {
    for magic in [0, 1, 3, 127, 255] {
        let error = BatchView::parse(&with_field("magic", &[magic])).expect_err("not format 2");
        assert!(matches!(error, BatchError::Magic(found) if found == magic as i8));
    }
}

#[test]
fn a_changed_byte_breaks_the_checksum() {
    for at in 17..100 {
        let bytes = changed(|bytes| bytes[at] ^= 0x10);
        match verified(&bytes) {
            Err(BatchError::Checksum { stored, computed }) => assert_ne!(stored, computed),
            other => panic!("byte {at}: {other:?}"),
        }
    }
}

#[test]
fn the_fields_obey_the_headers_own_logic() {
    let broken = |field: &'static str, value: &[u8], expected: i64| match verified(&with_field(field, value)) {
        Err(BatchError::Field { field: named, found, .. }) => assert_eq!((named, found), (field, expected)),
        other => panic!("{field} {value:?}: {other:?}"),
    };
    broken("base_offset", &(-1i64).to_be_bytes(), -1);
    broken("base_offset", &(i64::MAX - 2).to_be_bytes(), i64::MAX - 2);
    broken("last_offset_delta", &(-1i32).to_be_bytes(), -1);
    broken("records_count", &(-1i32).to_be_bytes(), -1);
    broken("records_count", &4i32.to_be_bytes(), 4);
    // What compaction leaves: fewer records than offsets, and at last none.
    for count in [0i32, 1, 2, 3] {
        assert!(verified(&with_field("records_count", &count.to_be_bytes())).is_ok(), "{count}");
    }
    assert!(verified(&with_field("base_offset", &(i64::MAX - 3).to_be_bytes())).is_ok(), "the last offsets there are");
}

#[test]
fn codecs_that_do_not_exist_are_refused() {
    for bits in [5u16, 6, 7] {
        let error = verified(&with_field("attributes", &bits.to_be_bytes())).expect_err("no such codec");
        assert_eq!(
            error.to_string(),
            format!("codec {bits} does not exist: 0 is none, 1 gzip, 2 snappy, 3 lz4, 4 zstd")
        );
    }
}

#[test]
fn a_batch_of_its_own_is_one_batch_and_nothing_else() {
    let from = |bytes: &[u8]| Batch::from_bytes(BytesMut::from(bytes));
    assert!(from(&three(7).into_bytes()).is_ok());
    let two = [&three(0).into_bytes()[..], &[0]].concat();
    match from(&two) {
        Err(BatchError::Field { field: "batch_length", found: 100, .. }) => {}
        other => panic!("{other:?}"),
    }
    assert!(matches!(from(&changed(|bytes| bytes[99] ^= 1)), Err(BatchError::Checksum { .. })));
}

#[test]
fn a_walk_leaves_out_what_is_cut_off_and_stops_at_what_is_wrong() {
    let two = [three(0).into_bytes(), three(3).into_bytes()].concat();
    let offsets =
        |bytes: &[u8]| -> Vec<_> { batches(bytes).map(|batch| batch.map(|batch| batch.base_offset()).ok()).collect() };
    assert_eq!(offsets(&two), [Some(0), Some(3)]);
    assert_eq!(offsets(&two[..199]), [Some(0)]);
    assert_eq!(offsets(&two[..161]), [Some(0)]);
    let mut wrong = two.clone();
    wrong[116] = 1;
    assert_eq!(offsets(&wrong), [Some(0), None], "a fault is given once");
    assert_eq!(offsets(&[]), []);
}

#[test]
fn the_place_and_the_log_append_time_are_patched_in_place() {
    let original = fixture("batches/java-plain.bin");
    let mut batch = Batch::from_bytes(BytesMut::from(&original[..])).expect("the client signed it");
    batch.set_place(40, 2);
    batch.set_log_append_time(77);
    let view = batch.view();
    assert!(view.verify().is_ok());
    assert_eq!((view.base_offset(), view.last_offset(), view.next_offset(), view.leader_epoch()), (40, 51, 52, 2));
    assert!(view.is_log_append_time());
    let records = view.records(1 << 20).expect("the records are as before");
    let times: Vec<_> = records.iter().map(|record| record.expect("it reads").timestamp).collect();
    assert_eq!(times, [77; 12], "the header overrules the records");
    assert_eq!(view.bytes()[HEADER_LEN..], original[HEADER_LEN..], "the records' bytes are as before");
}

#[test]
fn the_producer_is_patched_in_place_and_signed_anew() {
    for name in ["batches/java-plain.bin", "batches/java-zstd.bin"] {
        let original = fixture(name);
        let mut batch = Batch::from_bytes(BytesMut::from(&original[..])).expect("the client signed it");
        for (id, epoch, sequence) in [(i64::MAX - 1, 0x0102, 0x0304_0506), (0, i16::MAX, i32::MAX), (-1, -1, -1)] {
            batch.set_producer(id, epoch, sequence);
            let view = batch.view();
            assert!(view.verify().is_ok(), "{name}");
            assert_eq!((view.producer_id(), view.producer_epoch(), view.base_sequence()), (id, epoch, sequence));
            assert_eq!(view.bytes()[..17], original[..17], "{name}: what stands before the checksum");
            assert_eq!(view.bytes()[21..43], original[21..43], "{name}: attributes to timestamps");
            assert_eq!(view.bytes()[57..], original[57..], "{name}: the count and the records");
        }
    }
}
