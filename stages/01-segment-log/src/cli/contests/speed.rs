//! The log beside plain files, and an index beside none.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{Read, Write};

use bytes::{Bytes, BytesMut};
use contest::{Contest, Finding, Outcome, Scale, Scratch, Stopwatch, Unit};
use segment_log::batch::DECOMPRESSED_LIMIT;
use segment_log::scan::LONG;
use segment_log::{Batch, Log, LogConfig, Offset, batches};

use super::workload::{self, MIB, OpenLog, Random, one_segment};

/// Batches that are made ready at a time, as if they had come from a socket a moment ago.
const READY: usize = 16;

/// What a fetch asks for (`max.partition.fetch.bytes`).
const FETCH: usize = 1 << 20;

/// 64 KiB, within a few bytes.
fn template() -> Outcome<Bytes> {
    workload::batch(62, 1024)
}

/// Does `work` on about `total` bytes of batches. Each is a buffer of its own, made off the clock and given away.
fn feed(
    watch: &mut Stopwatch,
    template: &Bytes,
    total: u64,
    mut work: impl FnMut(BytesMut) -> Outcome<()>,
) -> Outcome<u64> {
    let mut done = 0;
    while done < total {
        let ready: Vec<_> = (0..READY).map(|_| BytesMut::from(&template[..])).collect();
        watch.time(|| ready.into_iter().try_for_each(&mut work))?;
        done += (READY * template.len()) as u64;
    }
    Ok(done)
}

fn plain_write(watch: &mut Stopwatch, place: &Scratch, template: &Bytes, total: u64) -> Outcome<u64> {
    let path = place.fresh();
    let mut file = File::create(&path)?;
    let done = feed(watch, template, total, |bytes| Ok(file.write_all(&bytes)?))?;
    fs::remove_file(path)?;
    Ok(done)
}

pub(super) fn append(place: &Scratch, scale: &Scale) -> Outcome<Finding> {
    let (template, total) = (&template()?, scale.bytes(192 * MIB));
    Contest::new("append", "append: batches of 64 KiB, records of 1 KiB", Unit::Bytes)
        .goal(0.7)
        .entrant("plain write of the same bytes", |watch| plain_write(watch, place, template, total))
        .entrant("append, checksum and records verified", |watch| {
            let mut log = workload::log(place, one_segment())?;
            feed(watch, template, total, |bytes| workload::append(&mut log, bytes))
        })
        .hold(scale.rounds(15))
}

pub(super) fn cost(place: &Scratch, scale: &Scale) -> Outcome<Finding> {
    let (template, total) = (&template()?, scale.bytes(192 * MIB));
    Contest::new("cost", "where an append's time goes: each part alone", Unit::Bytes)
        .entrant("plain write", |watch| plain_write(watch, place, template, total))
        .entrant("checksum (CRC-32C)", |watch| {
            feed(watch, template, total, |bytes| {
                black_box(Batch::from_bytes(bytes)?);
                Ok(())
            })
        })
        .entrant("reading every record", |watch| {
            let batch = Batch::from_bytes(BytesMut::from(&template[..]))?;
            let judge = |_| -> Outcome<()> {
                let largest = batch.view().records(DECOMPRESSED_LIMIT)?.verify_as_produced()?;
                black_box(largest);
                Ok(())
            };
            feed(watch, template, total, judge)
        })
        .hold(scale.rounds(9))
}

pub(super) fn read(place: &Scratch, scale: &Scale) -> Outcome<Finding> {
    let log = &filled(place, &template()?, scale.bytes(192 * MIB))?;
    let path = log.segments().next().ok_or("the log has a segment")?.path();
    Contest::new("read", "read: 1 MiB at a time, from the page cache", Unit::Bytes)
        .goal(0.9)
        .entrant("plain read of the same bytes", |watch| {
            let mut file = File::open(path)?;
            watch.time(|| plain_read(&mut file, log.size()))
        })
        .entrant("read, and find where to go on", |watch| watch.time(|| read_all(log)))
        .hold(scale.rounds(15))
}

fn filled(place: &Scratch, template: &Bytes, total: u64) -> Outcome<OpenLog> {
    let mut log = workload::log(place, one_segment())?;
    while log.size() < total {
        workload::append(&mut log, BytesMut::from(&template[..]))?;
    }
    Ok(log)
}

/// Each piece into a buffer of its own, as whoever answers a request needs it.
fn plain_read(file: &mut File, size: u64) -> Outcome<u64> {
    let mut left = size as usize;
    while left > 0 {
        let mut bytes = vec![0; FETCH.min(left)];
        file.read_exact(&mut bytes)?;
        left -= black_box(bytes).len();
    }
    Ok(size)
}

/// As a consumer reads: each request goes on where the last answer's whole batches end.
fn read_all(log: &Log) -> Outcome<u64> {
    let (mut next, mut moved) = (log.log_start(), 0);
    while next < log.end() {
        let bytes = log.read(next, FETCH)?.to_bytes()?;
        moved += bytes.len() as u64;
        for batch in batches(&bytes) {
            next = batch?.next_offset();
        }
        black_box(bytes);
    }
    Ok(moved)
}

pub(super) fn lookup(place: &Scratch, scale: &Scale) -> Outcome<Finding> {
    let log = &filled_with_small(place, scale.bytes(64 * MIB))?;
    let random = |seed| {
        let mut random = Random(seed);
        move || (random.next() % log.end() as u64) as Offset
    };
    let (few, many) = (scale.count(20), scale.count(20_000));
    Contest::new("lookup", "find an offset in a segment of 64 MiB", Unit::Lookups)
        .entrant("from the segment's beginning", move |watch| {
            let mut offset = random(1);
            watch.time(|| (0..few).try_for_each(|_| walk(log, offset())))?;
            Ok(few)
        })
        .entrant("by the index", move |watch| {
            let mut offset = random(2);
            let find = |_| -> Outcome<()> {
                black_box(log.read(offset(), 1)?);
                Ok(())
            };
            watch.time(|| (0..many).try_for_each(find))?;
            Ok(many)
        })
        .hold(scale.rounds(7))
}

/// Batches of one record of 1 KiB, and the usual index entry each 4 KiB.
fn filled_with_small(place: &Scratch, total: u64) -> Outcome<OpenLog> {
    let mut log = workload::log(place, LogConfig::default())?;
    let template = workload::batch(1, 1024)?;
    while log.size() < total {
        workload::append(&mut log, BytesMut::from(&template[..]))?;
    }
    Ok(log)
}

fn walk(log: &Log, offset: Offset) -> Outcome<()> {
    let segment = log.segments().next().ok_or("the log has a segment")?;
    let mut scan = segment.scan(0, LONG);
    while let Some((position, header)) = scan.next_header()? {
        if header.last_offset() >= offset {
            black_box(position);
            return Ok(());
        }
    }
    Err("the offset is in the log".into())
}
