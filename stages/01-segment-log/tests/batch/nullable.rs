//! Null and empty keys, values and headers, written and read. Judges exercise 1.3.
//!
//! What is read here was written by hand, and what is written is compared with bytes by hand: so a mistake that both sides
//! share does not cancel out.

use segment_log::batch::{BatchError, BatchView, HEADER_LEN};
use segment_log::{BatchBuilder, Compression, Header, Record};
use story::judge::{self, Field};

use crate::judging::raw_batch;

const PUT: &str = "src/batch/record.rs, fn put_nullable";
const READ: &str = "src/batch/record.rs, fn Walk::nullable";

/// The record's fields where the key takes `key` bytes and the value `value`, lengths included.
fn fields(key: usize, value: usize) -> [Field<'static>; 7] {
    let (value_at, headers_at) = (4 + key, 4 + key + value);
    [
        Field::new("record length", 0..1),
        Field::new("attributes", 1..2),
        Field::new("timestamp delta", 2..3),
        Field::new("offset delta", 3..4),
        Field::new("key", 4..value_at),
        Field::new("value", value_at..headers_at),
        Field::new("header count", headers_at..headers_at + 1),
    ]
}

/// The bytes of one record as the builder writes it.
fn written(key: Option<&[u8]>, value: Option<&[u8]>, headers: Vec<Header>) -> Vec<u8> {
    let owned = |bytes: Option<&[u8]>| bytes.map(bytes::Bytes::copy_from_slice);
    let mut builder = BatchBuilder::new(Compression::None);
    builder.push(&Record { timestamp: 0, key: owned(key), value: owned(value), headers });
    let batch = builder.build().expect("nothing is compressed");
    batch.into_bytes()[HEADER_LEN..].to_vec()
}

/// Key and value of the only record in `records`.
fn read(records: &[u8]) -> Result<[Option<Vec<u8>>; 2], BatchError> {
    let bytes = raw_batch(1, records);
    let records = BatchView::parse(&bytes)?.records(1 << 20)?;
    let record = records.iter().next().expect("the batch says that it has a record")?;
    Ok([record.key.map(<[u8]>::to_vec), record.value.map(<[u8]>::to_vec)])
}

#[test]
fn null_is_written_as_length_minus_1() {
    let expected = [0x0c, 0, 0, 0, 0x01, 0x01, 0];
    let rule = "null is the length -1, which is the varint 01, and no byte follows it";
    judge::bytes(rule, &fields(1, 1), &expected, &written(None, None, vec![]), PUT);
}

#[test]
fn empty_is_written_as_length_0() {
    let expected = [0x0c, 0, 0, 0, 0x00, 0x00, 0];
    let rule = "empty is the length 0, which is the varint 00: it is not null";
    judge::bytes(rule, &fields(1, 1), &expected, &written(Some(b""), Some(b""), vec![]), PUT);
}

#[test]
fn bytes_are_written_behind_their_length() {
    let expected = b"\x16\0\0\0\x02k\x08paid\0";
    let rule = "the length comes first, as a varint: 02 is one byte, 08 is four";
    judge::bytes(rule, &fields(2, 5), expected, &written(Some(b"k"), Some(b"paid"), vec![]), PUT);
}

#[test]
fn a_long_value_has_a_long_length() {
    let value = [b'v'; 200];
    let expected = [b"\x9e\x03\0\0\0\x01\x90\x03", &value[..], b"\0"].concat();
    let fields = [
        Field::new("record length", 0..2),
        Field::new("attributes and deltas", 2..5),
        Field::new("key", 5..6),
        Field::new("value's length", 6..8),
        Field::new("value", 8..208),
        Field::new("header count", 208..209),
    ];
    let rule = "the length of 200 bytes is the varint 90 03";
    judge::bytes(rule, &fields, &expected, &written(None, Some(&value), vec![]), PUT);
}

#[test]
fn a_header_value_may_be_null_or_empty() {
    let header = |key: &str, value: Option<&'static [u8]>| Header {
        key: key.to_owned(),
        value: value.map(bytes::Bytes::from_static),
    };
    let headers = vec![header("n", None), header("e", Some(b"")), header("v", Some(b"1"))];
    let expected = b"\x20\0\0\0\x01\x01\x06\x02n\x01\x02e\x00\x02v\x021";
    let fields = [
        Field::new("record length", 0..1),
        Field::new("attributes and deltas", 1..4),
        Field::new("key and value", 4..6),
        Field::new("header count", 6..7),
        Field::new("header n: null", 7..10),
        Field::new("header e: empty", 10..13),
        Field::new("header v: 1", 13..17),
    ];
    judge::bytes("headers tell null from empty as well", &fields, expected, &written(None, None, headers), PUT);
}

#[test]
fn length_minus_1_is_read_as_null() {
    let found = read(&[0x0c, 0, 0, 0, 0x01, 0x01, 0]).ok();
    judge::eq("the length -1 (01) is null", Some([None, None]), found, READ);
}

#[test]
fn length_0_is_read_as_empty() {
    let found = read(&[0x0c, 0, 0, 0, 0x00, 0x00, 0]).ok();
    judge::eq("the length 0 (00) is empty, and empty is not null", Some([Some(vec![]), Some(vec![])]), found, READ);
    let found = read(&[0x0e, 0, 0, 0, 0x01, 0x02, b'x', 0]).ok();
    judge::eq("a null key leaves the value alone", Some([None, Some(b"x".to_vec())]), found, READ);
    let found = read(&[0x0e, 0, 0, 0, 0x02, b'x', 0x01, 0]).ok();
    judge::eq("a tombstone has a key and no value", Some([Some(b"x".to_vec()), None]), found, READ);
}

#[test]
fn the_length_says_how_many_bytes_follow() {
    let found = read(b"\x16\0\0\0\x02k\x08paid\0").ok();
    let expected = Some([Some(b"k".to_vec()), Some(b"paid".to_vec())]);
    judge::eq("02 takes one byte for the key, 08 takes four for the value", expected, found, READ);
    let long = [b"\x9e\x03\0\0\0\x01\x90\x03", &[b'v'; 200][..], b"\0"].concat();
    let found = read(&long).ok().map(|[key, value]| (key, value.map(|value| value.len())));
    judge::eq("90 03 takes 200 bytes", Some((None, Some(200))), found, READ);
}

#[test]
fn other_negative_lengths_are_an_error() {
    for (length, byte) in [(-2, 0x03), (-3, 0x05), (-64, 0x7f)] {
        let found = read(&[0x0c, 0, 0, 0, byte, 0x01, 0]);
        let is_refused = matches!(found, Err(BatchError::Record { index: 0, .. }));
        judge::that(&format!("the key's length {length} is an error: -1 alone is null"), is_refused, &found, READ);
        let found = read(&[0x0c, 0, 0, 0, 0x01, byte, 0]);
        let is_refused = matches!(found, Err(BatchError::Record { index: 0, .. }));
        judge::that(&format!("the value's length {length} is an error: -1 alone is null"), is_refused, &found, READ);
    }
}

#[test]
fn a_length_past_the_records_end_is_an_error() {
    for length in [0x04, 0x06, 0x7e] {
        let found = read(&[0x0e, 0, 0, 0, 0x01, length, b'x', 0]);
        let is_refused =
            matches!(found, Err(BatchError::Record { index: 0, .. } | BatchError::Varint { index: 0, .. }));
        judge::that("a length that passes the record's end is an error", is_refused, &found, READ);
    }
    // 2^31 - 1: nothing may be reserved before it is known that so many bytes are there.
    let found = read(&[0x16, 0, 0, 0, 0x01, 0xfe, 0xff, 0xff, 0xff, 0x0f, b'x', 0]);
    let is_refused = matches!(found, Err(BatchError::Record { index: 0, .. }));
    judge::that("a length of 2 GiB in a record of 12 bytes is an error", is_refused, &found, READ);
}
