//! One choice at a time: what it buys, seen by doing without.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;

use bytes::BytesMut;
use contest::{Contest, Finding, Outcome, Scale, Scratch, Stopwatch, Unit};
use segment_log::{EveryAppend, EveryMessages, FlushPolicy, LogConfig, PageCache};

use super::workload::{self, MIB, one_segment};

/// A log only ever writes at its end. Here is why.
pub(super) fn order(place: &Scratch, scale: &Scale) -> Outcome<Finding> {
    let (room, total) = (scale.bytes(256 * MIB).next_power_of_two(), scale.bytes(32 * MIB));
    let path = place.fresh();
    let mut file = File::create(&path)?;
    let zeros = vec![0; MIB as usize];
    (0..room.div_ceil(MIB)).try_for_each(|_| file.write_all(&zeros))?;
    file.sync_data()?;
    let write = |watch: &mut Stopwatch, block: u64, is_random: bool| -> Outcome<u64> {
        let mut file = File::options().write(true).open(&path)?;
        let bytes = vec![7; block as usize];
        let (blocks, places) = (total / block, room / block);
        watch.time(|| {
            for number in 0..blocks {
                // An odd factor visits each of 2^n places once before it comes back.
                let at = if is_random { number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % places } else { number };
                file.seek(SeekFrom::Start(at * block))?;
                file.write_all(&bytes)?;
            }
            file.sync_data()
        })?;
        Ok(blocks * block)
    };
    let finding = Contest::new("order", "writes into a file of 256 MiB, then a flush", Unit::Bytes)
        .entrant("64 KiB, one after the other", |watch| write(watch, 64 << 10, false))
        .entrant("64 KiB, here and there", |watch| write(watch, 64 << 10, true))
        .entrant("4 KiB, one after the other", |watch| write(watch, 4 << 10, false))
        .entrant("4 KiB, here and there", |watch| write(watch, 4 << 10, true))
        .hold(scale.rounds(5));
    fs::remove_file(&path)?;
    finding
}

/// What a batch saves: a header, a checksum and a call into the system for each record.
pub(super) fn batch(place: &Scratch, scale: &Scale) -> Outcome<Finding> {
    let mut contest = Contest::new("batch", "append: values of 100 bytes, more or fewer to a batch", Unit::Records);
    for (records, total) in [(1, 50_000), (10, 200_000), (100, 400_000), (1000, 400_000)] {
        let template = workload::batch(records, 100)?;
        let batches = scale.count(total).div_ceil(records);
        let bytes = template.len() as u64 / records;
        let name = format!("{records} a batch: {bytes} bytes each on the disk");
        contest = contest.entrant(name, move |watch| {
            let mut log = workload::log(place, one_segment())?;
            let ready: Vec<_> = (0..batches).map(|_| BytesMut::from(&template[..])).collect();
            watch.time(|| ready.into_iter().try_for_each(|bytes| workload::append(&mut log, bytes)))?;
            Ok(batches * records)
        });
    }
    contest.hold(scale.rounds(7))
}

/// What it costs to survive a power failure.
pub(super) fn flush(place: &Scratch, scale: &Scale) -> Outcome<Finding> {
    let template = &workload::batch(1, 1024)?;
    let mut contest = Contest::new("flush", "append: one record of 1 KiB a batch, flushed", Unit::Records);
    let policies: [(&str, Arc<dyn FlushPolicy>, u64); 3] = [
        ("by the system, sometime", Arc::new(PageCache), 20_000),
        ("every 100 records", Arc::new(EveryMessages(100)), 10_000),
        ("every append", Arc::new(EveryAppend), 500),
    ];
    for (name, flush, total) in policies {
        let total = scale.count(total);
        contest = contest.entrant(name, move |watch| {
            let mut log = workload::log(place, LogConfig { flush: flush.clone(), ..one_segment() })?;
            let ready: Vec<_> = (0..total).map(|_| BytesMut::from(&template[..])).collect();
            watch.time(|| ready.into_iter().try_for_each(|bytes| workload::append(&mut log, bytes)))?;
            Ok(total)
        });
    }
    contest.hold(scale.rounds(5))
}

/// What a roll costs: the closed segment is flushed.
pub(super) fn roll(place: &Scratch, scale: &Scale) -> Outcome<Finding> {
    let (template, total) = (&workload::batch(62, 1024)?, scale.bytes(256 * MIB));
    let mut contest = Contest::new("roll", "append: 256 MiB in segments", Unit::Bytes);
    let segments = [("of 2 GiB, so one", i32::MAX as u64), ("of 64 MiB", 64 * MIB), ("of 16 MiB", 16 * MIB)];
    for (name, segment_bytes) in segments {
        let segment_bytes = scale.bytes(segment_bytes).max(template.len() as u64) as u32;
        contest = contest.entrant(name, move |watch| {
            let mut log = workload::log(place, LogConfig { segment_bytes, ..one_segment() })?;
            let mut done = 0;
            while done < total {
                let bytes = BytesMut::from(&template[..]);
                done += bytes.len() as u64;
                watch.time(|| workload::append(&mut log, bytes))?;
            }
            Ok(done)
        });
    }
    contest.hold(scale.rounds(3))
}
