//! Bytes taken apart: every byte is in one part, whatever the bytes are.

use bytes::Bytes;
use proptest::prelude::*;
use segment_log::anatomy::{self, Part, UNREADABLE, quoted};
use segment_log::{BatchBuilder, BatchHeader, Compression, Header, Record};

fn example(compression: Compression) -> Vec<u8> {
    let mut builder = BatchBuilder::new(compression).place(40, 3);
    builder.push(&Record::new(1_700_000_000_000, "alice", "paid 10"));
    let headers = vec![Header { key: "trace".to_owned(), value: Some(Bytes::from_static(b"7")) }];
    builder.push(&Record { timestamp: 1_700_000_000_005, key: None, value: Some(Bytes::new()), headers });
    builder.build().unwrap().into_bytes().to_vec()
}

fn lines(parts: &[Part]) -> Vec<(&str, &str)> {
    parts.iter().map(|part| (part.name, part.text.as_str())).collect()
}

/// Whether the parts lie one behind the other and leave no byte out.
fn tile(parts: &[Part], length: usize) -> bool {
    let mut at = 0;
    parts.iter().all(|part| std::mem::replace(&mut at, part.range.end) == part.range.start && !part.range.is_empty())
        && at == length
}

#[test]
fn names_every_field_of_a_batch() {
    let bytes = example(Compression::None);
    let parts = anatomy::batch(&bytes);
    assert!(tile(&parts, bytes.len()));
    let crc = format!("{:08x}, and the bytes give it", BatchHeader::parse(&bytes).unwrap().crc());
    let length = (bytes.len() - 12).to_string();
    let expected = [
        ("base_offset", "40"),
        ("batch_length", &length),
        ("partition_leader_epoch", "3"),
        ("magic", "2"),
        ("crc", &crc),
        ("attributes", "compression none"),
        ("last_offset_delta", "1"),
        ("base_timestamp", "1700000000000"),
        ("max_timestamp", "1700000000005"),
        ("producer_id", "-1: no producer"),
        ("producer_epoch", "-1: none"),
        ("base_sequence", "-1: none"),
        ("records_count", "2"),
        ("length", "18"),
        ("attributes", "0"),
        ("timestamp_delta", "0, so 1700000000000"),
        ("offset_delta", "0, so offset 40"),
        ("key_length", "5"),
        ("key", "\"alice\""),
        ("value_length", "7"),
        ("value", "\"paid 10\""),
        ("headers_count", "0"),
        ("length", "14"),
        ("attributes", "0"),
        ("timestamp_delta", "5, so 1700000000005"),
        ("offset_delta", "1, so offset 41"),
        ("key_length", "-1: null"),
        ("value_length", "0: empty"),
        ("headers_count", "1"),
        ("header_key_length", "5"),
        ("header_key", "\"trace\""),
        ("header_value_length", "1"),
        ("header_value", "\"7\""),
    ];
    assert_eq!(lines(&parts), expected);
    assert_eq!(parts[13].of, Some(0));
    assert_eq!(parts[22].of, Some(1));
}

#[test]
fn opens_what_is_compressed() {
    for codec in Compression::ALL.into_iter().filter(|codec| *codec != Compression::None) {
        let bytes = example(codec);
        let parts = anatomy::batch(&bytes);
        assert!(tile(&parts, bytes.len()));
        assert_eq!(parts[13].text, format!("{codec}: 34 bytes when decompressed"));
        let plain = anatomy::decompressed(&bytes).unwrap().unwrap();
        let inside = anatomy::records(&BatchHeader::parse(&bytes).unwrap(), &plain);
        assert!(tile(&inside, plain.len()));
        assert_eq!(inside[5].text, "\"alice\"");
    }
    assert!(anatomy::decompressed(&example(Compression::None)).is_none());
}

#[test]
fn says_what_is_wrong_and_goes_on() {
    let mut bytes = example(Compression::None);
    // The length of the first record's key: it now passes the end of its record.
    bytes[65] = 0x7e;
    let parts = anatomy::batch(&bytes);
    assert!(tile(&parts, bytes.len()));
    assert!(parts[4].text.contains(", but the bytes give "), "{}", parts[4].text);
    assert_eq!(lines(&parts)[18], (UNREADABLE, "a length of 63 passes the end"));
    assert_eq!(lines(&parts)[19], ("length", "14"));

    let parts = anatomy::batch(&bytes[..30]);
    assert_eq!(lines(&parts)[7], (UNREADABLE, "cut off: the bytes end within base_timestamp"));

    let bytes = [example(Compression::None), vec![0; 4]].concat();
    assert_eq!(lines(&anatomy::batch(&bytes)).last(), Some(&(UNREADABLE, "behind the batch")));
}

#[test]
fn a_record_that_ends_too_early_bears_the_blame() {
    let mut bytes = example(Compression::None);
    // The first record's length: 14 instead of 18, so it ends within its value.
    bytes[61] = 28;
    let parts = anatomy::batch(&bytes);
    assert!(tile(&parts, bytes.len()));
    assert_eq!(lines(&parts)[20], (UNREADABLE, "a length of 7 passes the end"));
    // 10: it ends right behind its value's length.
    bytes[61] = 20;
    let parts = anatomy::batch(&bytes);
    assert!(tile(&parts, bytes.len()));
    assert_eq!(lines(&parts)[19], ("value_length", "7; a length of 7 passes the end"));
}

#[test]
fn takes_indexes_apart() {
    let bytes = [0, 0, 0, 41, 0, 0, 16, 34, 9];
    let parts = anatomy::offset_index(&bytes, 100);
    assert!(tile(&parts, bytes.len()));
    let expected =
        [("relative_offset", "41, so offset 141"), ("position", "byte 4130"), (UNREADABLE, "an entry has 8 bytes")];
    assert_eq!(lines(&parts), expected);

    let bytes = [0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 2];
    let parts = anatomy::time_index(&bytes, 7);
    assert_eq!(lines(&parts), [("timestamp", "9"), ("relative_offset", "2, so offset 9")]);
}

#[test]
fn quotes_so_that_nothing_looks_like_something_else() {
    assert_eq!(quoted(None), "null");
    assert_eq!(quoted(Some(b"")), r#""""#);
    assert_eq!(quoted(Some(b"null")), r#""null""#);
    assert_eq!(quoted(Some("it's \"ä\"\t\\".as_bytes())), r#""it's \"ä\"\t\\""#);
    assert_eq!(quoted(Some(b"a\xffb\0")), r#""a\xffb\0""#);
}

proptest! {
    #[test]
    fn leaves_no_byte_out(
        codec in prop::sample::select(Compression::ALL.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = example(codec);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        prop_assert!(tile(&anatomy::batch(&bytes), bytes.len()));
    }

    #[test]
    fn leaves_no_byte_of_noise_out(bytes in prop::collection::vec(any::<u8>(), 0..200), header in any::<[u8; 32]>()) {
        let mut batch = example(Compression::None);
        batch[27..59].copy_from_slice(&header);
        let header = BatchHeader::parse(&batch).unwrap();
        prop_assert!(tile(&anatomy::records(&header, &bytes), bytes.len()));
        prop_assert!(tile(&anatomy::offset_index(&bytes, 0), bytes.len()));
        prop_assert!(tile(&anatomy::time_index(&bytes, 0), bytes.len()));
    }
}
