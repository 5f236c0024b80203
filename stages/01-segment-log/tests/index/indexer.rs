//! Which batches get an index entry, and what stands in it. Judges exercise 1.5.

use segment_log::batch::{BatchHeader, FIELDS, HEADER_LEN, batches};
use segment_log::index::{Entry, NewEntries, OffsetEntry, SparseIndexer, TimeEntry};
use story::judge::{self, Field};

use crate::judging::fixture;

const APPLY: &str = "src/index.rs, fn SparseIndexer::apply";

/// The entries that a batch gave, as a judgement shows them.
fn told(entries: Option<NewEntries>) -> String {
    let Some(NewEntries { offset, time }) = entries else { return "no entry".to_owned() };
    let time = time.map(|time| format!("({}, {})", time.timestamp, time.relative_offset));
    let time = time.unwrap_or_else(|| "none".to_owned());
    format!("offset entry ({}, {})\ntime entry {time}", offset.relative_offset, offset.position)
}

/// The entries (last offset, position) and (timestamp, last offset), offsets counted from the segment's base.
fn entries(offset: (u32, u32), time: Option<(i64, u32)>) -> Option<NewEntries> {
    let (relative_offset, position) = offset;
    let time = time.map(|(timestamp, relative_offset)| TimeEntry { timestamp, relative_offset });
    Some(NewEntries { offset: OffsetEntry { relative_offset, position }, time })
}

#[track_caller]
fn judge_entries(rule: &str, expected: Option<NewEntries>, found: Option<NewEntries>) {
    judge::text(rule, &told(expected), &told(found), APPLY);
}

/// A batch as an indexer sees it.
#[derive(Debug, Clone, Copy)]
struct Shape {
    base_offset: i64,
    records: i32,
    size: i32,
    max_timestamp: i64,
}

/// A header and nothing behind it: an indexer does not read records.
fn header(shape: Shape) -> [u8; HEADER_LEN] {
    let mut bytes = [0; HEADER_LEN];
    let mut field = |name: &str, value: &[u8]| {
        let (_, range) = FIELDS.into_iter().find(|(known, _)| *known == name).expect("the field's name");
        bytes[range].copy_from_slice(value);
    };
    field("base_offset", &shape.base_offset.to_be_bytes());
    field("batch_length", &(shape.size - 12).to_be_bytes());
    field("magic", &[2]);
    field("last_offset_delta", &(shape.records - 1).to_be_bytes());
    field("max_timestamp", &shape.max_timestamp.to_be_bytes());
    bytes
}

/// A segment from offset 5000 on, batch after batch.
struct Walk {
    indexer: SparseIndexer,
    position: u32,
    next: i64,
}

impl Walk {
    fn new(interval: u32) -> Self {
        Walk { indexer: SparseIndexer::new(5_000, interval), position: 0, next: 5_000 }
    }

    /// Adds a batch, and gives the entries that it gave.
    fn batch(&mut self, records: i32, size: i32, max_timestamp: i64) -> Option<NewEntries> {
        let bytes = header(Shape { base_offset: self.next, records, size, max_timestamp });
        let entries = self.indexer.apply(&BatchHeader::parse(&bytes).expect("a header"), self.position);
        self.position += size as u32;
        self.next += i64::from(records);
        entries
    }

    /// Adds so many batches of 10 records and `size` bytes. Gives the positions of those that got an entry.
    fn positions(&mut self, count: usize, size: i32) -> Vec<u32> {
        let offered = (0..count).filter_map(|_| self.batch(10, size, 1));
        offered.map(|entries| entries.offset.position).collect()
    }
}

#[test]
fn the_first_batch_gets_no_entry() {
    for size in [100, 5_000, 1_000_000] {
        let rule = format!("the first batch ({size} bytes) gets no entry: a walk starts at byte 0 anyhow");
        judge_entries(&rule, None, Walk::new(4_096).batch(10, size, 1));
    }
}

#[test]
fn an_entry_is_due_when_more_than_the_interval_came_before() {
    let rule = "interval 4096, batches of 1000 bytes: the batch behind each 5000 bytes gets an entry";
    judge::eq(rule, vec![5_000, 10_000, 15_000], Walk::new(4_096).positions(16, 1_000), APPLY);
    let rule = "interval 4096, batches of 2048 bytes: 4096 bytes are not more than 4096";
    judge::eq(rule, vec![6_144, 12_288], Walk::new(4_096).positions(8, 2_048), APPLY);
    let rule = "interval 4096, batches of 9000 bytes: each but the first gets an entry";
    judge::eq(rule, vec![9_000, 18_000, 27_000], Walk::new(4_096).positions(4, 9_000), APPLY);
    let rule = "interval 0: each batch but the first gets an entry";
    judge::eq(rule, vec![100, 200], Walk::new(0).positions(3, 100), APPLY);
}

#[test]
fn an_entry_names_the_batchs_last_offset_and_first_byte() {
    let mut walk = Walk::new(1_000);
    walk.batch(10, 600, 1);
    walk.batch(10, 600, 2);
    let rule = "5020 to 5026 at byte 1200, in a segment from 5000 on, is the entry (26, 1200)";
    judge_entries(rule, entries((26, 1_200), Some((3, 26))), walk.batch(7, 600, 3));
}

#[test]
fn a_time_entry_names_the_largest_timestamp_so_far() {
    let mut walk = Walk::new(1_000);
    walk.batch(10, 1_100, 700);
    let rule = "times 700, then 300: the largest so far is 700, of the batch that ends at 9";
    judge_entries(rule, entries((19, 1_100), Some((700, 9))), walk.batch(10, 1_100, 300));
    let rule = "then 900: the largest so far is this batch's own, which ends at 29";
    judge_entries(rule, entries((29, 2_200), Some((900, 29))), walk.batch(10, 1_100, 900));
    let rule = "then 900 again: the first batch that had it counts";
    judge_entries(rule, entries((39, 3_300), Some((900, 29))), walk.batch(10, 1_100, 900));
}

#[test]
fn batches_without_an_entry_count_for_the_largest_timestamp() {
    let mut walk = Walk::new(1_000);
    walk.batch(10, 400, 100);
    walk.batch(10, 400, 5_000);
    walk.batch(10, 400, 200);
    let rule = "the second batch had the largest time, 5000, and got no entry itself";
    judge_entries(rule, entries((39, 1_200), Some((5_000, 19))), walk.batch(10, 400, 300));
    let found = walk.indexer.time_entry();
    let expected = Some(TimeEntry { timestamp: 5_000, relative_offset: 19 });
    judge::eq("time_entry() tells what apply learned", expected, found, APPLY);
}

#[test]
fn without_timestamps_there_is_no_time_entry() {
    let mut walk = Walk::new(1_000);
    walk.batch(10, 1_100, -1);
    let rule = "-1 is \"no timestamp\": an offset entry and no time entry";
    judge_entries(rule, entries((19, 1_100), None), walk.batch(10, 1_100, -1));
}

#[test]
fn offsets_and_positions_may_be_large() {
    let mut indexer = SparseIndexer::new(1 << 40, 4_096);
    for (base_offset, position) in [(1 << 40, 0), ((1 << 40) + 2_000_000_000, 2_000_000_000)] {
        let bytes = header(Shape { base_offset, records: 1, size: 9_000, max_timestamp: 5 });
        let found = indexer.apply(&BatchHeader::parse(&bytes).expect("a header"), position);
        let expected = entries((2_000_000_000, position), Some((5, 0))).filter(|_| position > 0);
        judge_entries("offsets count from the segment's base offset, which may be anything", expected, found);
    }
}

/// The fold, over the segment that Kafka's own log wrote: entry for entry what Kafka wrote into its indexes.
#[test]
fn folds_kafkas_segments_into_kafkas_indexes() {
    for base in [5_000i64, 5_244] {
        let file = |suffix: &str| fixture(&format!("segment/{base:020}.{suffix}"));
        let (log, mut indexer, mut position) = (file("log"), SparseIndexer::new(base, 2_048), 0);
        let (mut offsets, mut times, mut last_time) = (Vec::new(), Vec::new(), -1);
        // As a segment does: a time entry that says nothing new is left out, and the last one closes the index.
        let mut push_time = |entry: Option<TimeEntry>| {
            if let Some(entry) = entry.filter(|entry| entry.timestamp > last_time) {
                last_time = entry.timestamp;
                entry.encode(&mut times);
            }
        };
        for batch in batches(&log) {
            let batch = batch.expect("Kafka wrote it");
            if let Some(entries) = indexer.apply(&batch, position) {
                entries.offset.encode(&mut offsets);
                push_time(entries.time);
            }
            position += batch.size() as u32;
        }
        push_time(indexer.time_entry());
        let rule = format!("the fold over Kafka's segment {base} gives the `.index` that Kafka wrote");
        judge_files(&rule, &[("relative offset", 4), ("position", 4)], &file("index"), &offsets);
        let rule = format!("the fold over Kafka's segment {base} gives the `.timeindex` that Kafka wrote");
        judge_files(&rule, &[("timestamp", 8), ("relative offset", 4)], &file("timeindex"), &times);
    }
}

/// Compares index files, entry by entry and field by field.
fn judge_files(rule: &str, parts: &[(&str, usize)], expected: &[u8], found: &[u8]) {
    let size: usize = parts.iter().map(|(_, size)| size).sum();
    let entries = expected.len().max(found.len()).div_ceil(size);
    let names =
        (0..entries).flat_map(|entry| parts.iter().map(move |(name, size)| (format!("{entry}: {name}"), *size)));
    let names: Vec<_> = names.collect();
    let mut at = 0;
    let fields = names.iter().map(|(name, size)| {
        at += size;
        Field::new(name, at - size..at)
    });
    judge::bytes(rule, &fields.collect::<Vec<_>>(), expected, found, APPLY);
}
