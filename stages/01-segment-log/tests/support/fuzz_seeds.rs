//! Inputs made by hand: one for each thing that could go wrong, so that a fuzzer need not find them again.

use std::path::Path;
use std::sync::Arc;

use bytes::BufMut;
use segment_log::batch::{FIELDS, HEADER_LEN};
use segment_log::control::{Marker, Outcome};
use segment_log::disk::RealDisk;
use segment_log::{Batch, BatchBuilder, Compression, Header, KeyCounts, LogConfig, LogDir, Origin, Record, varint};

use super::bodies::file_name;

/// A name, the input, and what becomes of it: a number of records, or a part of the error.
pub(crate) type Seed = (String, Vec<u8>, Result<usize, &'static str>);

/// Batches, good and bad. Their checksums are set right before they are read.
pub(crate) fn batches() -> Vec<Seed> {
    let mut seeds: Vec<Seed> = Vec::new();
    let mut add = |name: &str, bytes: Vec<u8>, becomes| seeds.push((name.to_owned(), bytes, becomes));
    for codec in Compression::ALL {
        add(codec.name(), three(codec), Ok(3));
    }
    add("snappy-raw", compressed(2, &snap::raw::Encoder::new().compress_vec(&three_records()).expect("memory")), Ok(3));
    add("gaps", gaps(), Ok(2));
    add("nothing-left", bytes(empty_range()), Ok(0));
    let marker = Marker { outcome: Outcome::Commit, coordinator_epoch: 4 };
    add("marker", bytes(BatchBuilder::control(marker, 7, 1, 1_000).build().expect("plain")), Ok(1));
    for (codec, mebibytes) in [(Compression::Gzip, 8), (Compression::Lz4, 2), (Compression::Zstd, 64)] {
        add(&format!("bomb-{codec}"), bomb(codec, mebibytes << 20), Err("grow beyond"));
    }
    add("bomb-snappy", compressed(2, &[0xff, 0xff, 0xff, 0xff, 0x07, 0]), Err("grow beyond"));
    add(
        "bomb-xerial",
        compressed(2, &[&b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01\0\0\0\x06"[..], &[0xff, 0xff, 0xff, 0xff, 7, 0]].concat()),
        Err("grow beyond"),
    );
    add("xerial-negative", compressed(2, b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01\xff\xff\xff\xff"), Err("negative"));
    add(
        "zstd-window-of-2-gib",
        compressed(4, &[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x03, 0, 0]),
        Err("zstd cannot read"),
    );
    add("zstd-cut-off", three(Compression::Zstd)[..HEADER_LEN + 20].to_vec(), Err("cut off"));
    add("codec-7", with_field(three(Compression::None), "attributes", &7i16.to_be_bytes()), Err("codec 7"));
    damaged_headers(&mut add);
    damaged_records(&mut add);
    seeds
}

fn damaged_headers(add: &mut impl FnMut(&str, Vec<u8>, Result<usize, &'static str>)) {
    let plain = || three(Compression::None);
    add("no-bytes", Vec::new(), Err("cut off"));
    add("zeros", vec![0; 200], Err("batch_length is 0"));
    add("magic-1", with_field(plain(), "magic", &[1]), Err("magic is 1"));
    add("length-negative", with_field(plain(), "batch_length", &(-1i32).to_be_bytes()), Err("batch_length is -1"));
    add("length-48", with_field(plain(), "batch_length", &48i32.to_be_bytes()), Err("batch_length is 48"));
    add("length-2-gib", with_field(plain(), "batch_length", &i32::MAX.to_be_bytes()), Err("cut off"));
    add("base-negative", with_field(plain(), "base_offset", &(-1i64).to_be_bytes()), Err("offsets start at 0"));
    add("base-last", with_field(plain(), "base_offset", &i64::MAX.to_be_bytes()), Err("below 2^63-1"));
    add("count-negative", with_field(plain(), "records_count", &(-1i32).to_be_bytes()), Err("records_count is -1"));
    let many = with_field(plain(), "records_count", &i32::MAX.to_be_bytes());
    add("count-beyond-delta", many.clone(), Err("at most last_offset_delta + 1"));
    let many = with_field(many, "last_offset_delta", &(i32::MAX - 1).to_be_bytes());
    add("count-2-billion", many, Err("cut off"));
    add("delta-negative", with_field(plain(), "last_offset_delta", &(-2i32).to_be_bytes()), Err("last_offset_delta"));
}

fn damaged_records(add: &mut impl FnMut(&str, Vec<u8>, Result<usize, &'static str>)) {
    // Attributes, timestamp delta and offset delta of a record, and then `rest`.
    let one = |rest: &[u8]| with_records(1, &record(&[&[0, 0, 0], rest].concat()));
    add("record-empty", with_records(1, &record(&[])), Err("passes the end"));
    add("record-length-negative", with_records(1, &[0x01]), Err("negative"));
    add(
        "record-length-64-bits",
        with_records(1, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
        Err("32 bits"),
    );
    add("varint-overlong", with_records(1, &[0xff; 11]), Err("longer than 64 bits"));
    add("varint-cut-off", with_records(1, &[0x80]), Err("cut off"));
    add("key-length-minus-2", one(&[0x03, 0x01, 0]), Err("negative"));
    add("key-beyond-end", one(&[0x7e, b'k']), Err("passes the end"));
    add("value-of-2-gib", one(&[0x01, 0xfe, 0xff, 0xff, 0xff, 0x0f]), Err("passes the end"));
    add("headers-2-billion", one(&[0x01, 0x01, 0xfe, 0xff, 0xff, 0xff, 0x0f]), Err("cut off"));
    add("headers-negative", one(&[0x01, 0x01, 0x01]), Err("negative number of headers"));
    add("header-without-name", one(&[0x01, 0x01, 0x02, 0x01, 0x01]), Err("no name"));
    add("header-not-utf8", one(&[0x01, 0x01, 0x02, 0x02, 0xff, 0x01]), Err("UTF-8"));
    add("record-too-long", one(&[0x01, 0x01, 0x00, 0x00]), Err("more than its fields"));
    let two = |deltas: [u8; 2]| deltas.map(|delta| record(&[0, 0, delta, 1, 1, 0])).concat();
    add("deltas-descend", with_records(2, &two([2, 0])), Err("ascend"));
    add("delta-beyond-last", with_records(2, &two([0, 4])), Err("ascend"));
    add("bytes-follow", with_records(1, &two([0, 2])), Err("bytes follow"));
}

fn record(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    varint::encode(body.len() as i64, &mut bytes);
    bytes.put_slice(body);
    bytes
}

/// Three records with all that a record may have.
fn three(codec: Compression) -> Vec<u8> {
    let mut builder = BatchBuilder::new(codec).producer(9, 2, 100);
    builder.push(&Record::new(1_000, "key", "value value value value"));
    builder.push(&Record { timestamp: 990, key: None, value: None, headers: Vec::new() });
    let headers = ["a", "", "a"].map(|key| Header { key: key.to_owned(), value: (key == "a").then(|| "h".into()) });
    builder.push(&Record { headers: headers.to_vec(), ..Record::new(1_300, "", "") });
    bytes(builder.build().expect("small"))
}

fn three_records() -> Vec<u8> {
    three(Compression::None).split_off(HEADER_LEN)
}

fn gaps() -> Vec<u8> {
    let mut builder = BatchBuilder::new(Compression::None).place(40, 3);
    builder.push_at(2, &Record::new(5, "k", "v"));
    builder.push_at(7, &Record::new(6, "k", "v"));
    builder.keep_range(9);
    bytes(builder.build().expect("plain"))
}

/// What compaction leaves of a batch if all its records are gone.
fn empty_range() -> Batch {
    let mut builder = BatchBuilder::new(Compression::None).place(3, 1);
    builder.keep_range(6);
    builder.build().expect("plain")
}

fn bytes(batch: Batch) -> Vec<u8> {
    batch.into_bytes().to_vec()
}

fn with_field(mut batch: Vec<u8>, name: &str, value: &[u8]) -> Vec<u8> {
    let (_, range) = FIELDS.into_iter().find(|(field, _)| *field == name).expect("a field of the header");
    batch[range].copy_from_slice(value);
    batch
}

/// A batch of `count` records, as its header says, that holds these bytes.
fn with_records(count: i32, records: &[u8]) -> Vec<u8> {
    let mut batch = three(Compression::None);
    batch.truncate(HEADER_LEN);
    batch.extend_from_slice(records);
    let length = (batch.len() - 12) as i32;
    let batch = with_field(batch, "batch_length", &length.to_be_bytes());
    let batch = with_field(batch, "records_count", &count.to_be_bytes());
    with_field(batch, "last_offset_delta", &(count - 1).to_be_bytes())
}

/// A batch whose attributes name `codec`, with these bytes as the compressed records.
fn compressed(codec: i16, stored: &[u8]) -> Vec<u8> {
    with_field(with_records(3, stored), "attributes", &codec.to_be_bytes())
}

fn bomb(codec: Compression, size: usize) -> Vec<u8> {
    let mut stored = Vec::new();
    codec.compress(&vec![0; size], &mut stored).expect("memory");
    compressed(codec.bits(), &stored)
}

/// Data folders, good and bad; see [`recovery`](super::bodies::recovery).
pub(crate) fn folders() -> Vec<(String, Vec<u8>)> {
    let closed = packed(true);
    let dropped = packed(false);
    let mut seeds: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |name: &str, folder: Vec<u8>| seeds.push((name.to_owned(), folder));
    add("nothing", vec![0]);
    add("closed", pack(1, &closed));
    add("dropped", pack(0, &dropped));
    for base in [0, 3, 10] {
        let log = kind_of(&format!("log-0/{base:020}.log"));
        add(&format!("torn-{base}"), pack(2, &edit(&dropped, log, |bytes| bytes.truncate(bytes.len() * 2 / 3))));
        add(&format!("flipped-{base}"), pack(0, &edit(&dropped, log, |bytes| flip(bytes))));
        add(&format!("flipped-signed-{base}"), pack(2, &edit(&dropped, log, |bytes| flip(bytes))));
        add(&format!("zeros-{base}"), pack(0, &edit(&dropped, log, |bytes| bytes.extend([0; 100]))));
        add(&format!("gone-{base}"), pack(1, &edit(&closed, log, Vec::clear)));
    }
    for (kind, what) in [(1, "index"), (2, "timeindex"), (3, "snapshot")] {
        for base in [0u8, 3 << 3, 4 << 3] {
            let name = format!("{what}-{}", base >> 3);
            add(&format!("flipped-{name}"), pack(1, &edit(&closed, kind | base, |bytes| flip(bytes))));
            add(
                &format!("cut-{name}"),
                pack(1, &edit(&closed, kind | base, |bytes| bytes.truncate(bytes.len() / 2 + 1))),
            );
            add(&format!("ones-{name}"), pack(1, &edit(&closed, kind | base, |bytes| *bytes = vec![0xff; 24])));
        }
    }
    for (name, text) in checkpoints() {
        add(&format!("recovery-point-{name}"), pack(0, &edit(&dropped, 4, |bytes| *bytes = text.into())));
        add(&format!("log-start-{name}"), pack(0, &edit(&dropped, 5, |bytes| *bytes = text.into())));
    }
    let (first, batch) = (kind_of("log-0/00000000000000000000.log"), three(Compression::None));
    add("segments-overlap", pack(2, &[(first, [&batch[..], &batch].concat()), (first | 1 << 3, batch.clone())]));
    add("segment-at-the-last-offset", pack(2, &[(first | 7 << 3, batch.clone())]));
    let high = with_field(batch.clone(), "base_offset", &(i64::MAX - 3).to_be_bytes());
    add("batch-at-the-last-offset", pack(2, &[(first | 7 << 3, high.clone()), (first, high)]));
    add(
        "batch-far-from-its-segment",
        pack(2, &[(first, with_field(batch, "base_offset", &(1i64 << 33).to_be_bytes()))]),
    );
    add("left-over", pack(0, &[(6, vec![1, 2, 3]), (1 | 2 << 3, vec![0; 8]), (7, b"999".to_vec())]));
    seeds
}

fn checkpoints() -> [(&'static str, &'static str); 7] {
    [
        ("empty", ""),
        ("version-9", "9\n0\n"),
        ("count-huge", "0\n18446744073709551616\n"),
        ("beyond-end", "0\n1\nlog 0 4000\n"),
        ("inside", "0\n1\nlog 0 5\n"),
        ("negative", "0\n1\nlog 0 -5\n"),
        ("last", "0\n1\nlog 0 9223372036854775807\n"),
    ]
}

type Files = Vec<(u8, Vec<u8>)>;

fn edit(files: &Files, kind: u8, change: impl FnOnce(&mut Vec<u8>)) -> Files {
    let mut files = files.clone();
    match files.iter_mut().find(|(of, _)| *of == kind) {
        Some((_, content)) => change(content),
        None => {
            let mut content = Vec::new();
            change(&mut content);
            files.push((kind, content));
        }
    }
    files
}

fn flip(bytes: &mut [u8]) {
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 0x10;
    }
}

fn pack(flags: u8, files: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut packed = vec![flags];
    for (kind, content) in files {
        packed.put_u8(*kind);
        packed.put_u16(content.len() as u16);
        packed.put_slice(content);
    }
    packed
}

fn kind_of(name: &str) -> u8 {
    (0..64).find(|&kind| file_name(kind) == name).expect("the name of a file that a seed may have")
}

/// A real log's files: segments from 0, 3 and 10, closed in order or not.
fn packed(close: bool) -> Files {
    let root = tempfile::tempdir().expect("a folder");
    let folder = LogDir::open(Arc::new(RealDisk), root.path()).expect("a new folder");
    let config = LogConfig { segment_bytes: 340, index_interval_bytes: 50, ..LogConfig::default() };
    let config = LogConfig { segment_index_bytes: 240, retention_ms: None, ..config };
    let (mut log, _) = folder.open_log("log-0", config, KeyCounts::default(), 1_000).expect("a new log");
    for (records, size) in [(3, 60), (1, 20), (1, 20), (5, 4), (2, 60)] {
        let mut builder = BatchBuilder::new(Compression::None);
        (0..records).for_each(|number| builder.push(&Record::new(1_000 + number, "key", vec![b'v'; size])));
        log.append(builder.build().expect("plain"), Origin::Client { leader_epoch: 0 }, 1_000).expect("it fits");
    }
    let bases: Vec<_> = log.segments().map(|segment| segment.base_offset()).collect();
    assert_eq!(bases, [0, 3, 10], "the segments that a seed may have");
    log.flush().expect("a disk");
    folder.checkpoint().expect("a disk");
    if close {
        log.close().expect("a disk");
        folder.close().expect("a disk");
    }
    let read = |kind: u8| Some((kind, std::fs::read(Path::new(root.path()).join(file_name(kind))).ok()?));
    (0..64).filter(|kind| kind & 7 < 6 && (kind & 7 < 4 || kind >> 3 == 0)).filter_map(read).collect()
}
