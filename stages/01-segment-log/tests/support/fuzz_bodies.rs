//! What must hold of arbitrary bytes. The fuzz targets and the test that replays the corpus share it.
#![allow(dead_code, reason = "each target uses one of the two")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::BytesMut;
use segment_log::batch::{BatchHeader, LOG_OVERHEAD, checksum};
use segment_log::disk::RealDisk;
use segment_log::{
    Batch, BatchBuilder, BatchError, BatchView, Compression, KeyCounts, Log, LogConfig, LogDir, Origin, Record, batches,
};

/// What a batch may grow to.
pub(crate) const LIMIT: usize = 1 << 20;

/// Bytes as a batch: they are read or refused, and what is read can be written again. A fuzzer cannot guess a checksum,
/// so they are also looked at with the checksum set right.
pub(crate) fn batch(data: &[u8]) {
    let walked: usize = batches(data).map_while(Result::ok).map(|batch| batch.size()).sum();
    assert!(walked <= data.len());
    let _ = open(data);
    if let Ok(view) = open(&signed(data)) {
        let records = read(&view.view()).unwrap_or_default();
        if !records.is_empty() {
            write_again(&view.view(), &records);
        }
    }
}

/// The batch in `data`, if all of `data` is one.
pub(crate) fn open(data: &[u8]) -> Result<Batch, BatchError> {
    let batch = Batch::from_bytes(BytesMut::from(data))?;
    assert_eq!(batch.view().bytes(), data);
    Ok(batch)
}

/// All records of a batch.
pub(crate) fn read(batch: &BatchView<'_>) -> Result<Vec<(i64, Record)>, BatchError> {
    let opened = batch.records(LIMIT)?;
    let records: Vec<_> = opened.iter().collect::<Result<_, _>>()?;
    assert_eq!(records.len(), batch.records_count() as usize);
    assert!(records.is_sorted_by_key(|record| record.offset));
    let bytes: usize =
        records.iter().map(|record| record.key.map_or(0, <[u8]>::len) + record.value.map_or(0, <[u8]>::len)).sum();
    assert!(bytes <= LIMIT.max(batch.size()));
    Ok(records.iter().map(|record| (record.offset, record.to_record())).collect())
}

fn write_again(batch: &BatchView<'_>, records: &[(i64, Record)]) {
    let mut builder = BatchBuilder::new(Compression::None).place(batch.base_offset(), batch.leader_epoch());
    for (offset, record) in records {
        builder.push_at((offset - batch.base_offset()) as i32, record);
    }
    builder.keep_range(batch.last_offset_delta());
    let again = builder.build().expect("nothing is compressed");
    assert_eq!(read(&again.view()).expect("it was made of records"), records);
    assert_eq!(again.view().last_offset(), batch.last_offset());
}

/// `data` with the right checksum, if it is long enough to have one.
pub(crate) fn signed(data: &[u8]) -> Vec<u8> {
    let mut bytes = data.to_vec();
    if BatchHeader::parse(&bytes).is_ok() {
        let crc = checksum(&bytes);
        bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    }
    bytes
}

/// Bytes as the files of a data folder: it opens or says why not. If it opens, what it serves is whole, a second opening
/// finds the same, and the log goes on.
///
/// The first byte says whether the folder is marked as closed in order (1) and whether the batches in `.log` files get
/// their right checksums (2). Then come files: a byte for kind and base offset ([`file_name`]), two for the length, the
/// content.
pub(crate) fn recovery(data: &[u8]) {
    let folder = tempfile::TempDir::new_in(scratch()).expect("a folder");
    let Some((&flags, files)) = data.split_first() else { return };
    lay_out(folder.path(), flags, files);
    let Some(first) = life(folder.path(), false) else { return };
    let second = life(folder.path(), true).expect("what was opened once can be opened again");
    assert_eq!(first, second);
    life(folder.path(), false).expect("a log that took another batch can be opened again");
}

fn scratch() -> PathBuf {
    let in_memory = Path::new("/dev/shm");
    if in_memory.is_dir() { in_memory.to_owned() } else { std::env::temp_dir() }
}

fn lay_out(root: &Path, flags: u8, mut files: &[u8]) {
    fs::create_dir(root.join("log-0")).expect("a folder");
    if flags & 1 != 0 {
        fs::write(root.join(".kafka_cleanshutdown"), "").expect("a file");
    }
    while let [kind, high, low, rest @ ..] = files {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (content, after) = rest.split_at(length);
        let name = file_name(*kind);
        let is_signed = flags & 2 != 0 && name.ends_with(".log");
        let content = if is_signed { sign_all(content) } else { content.to_vec() };
        fs::write(root.join(name), content).expect("a file");
        files = after;
    }
}

/// The file that the lower three bits of `kind` name, for the segment that the upper ones name.
pub(crate) fn file_name(kind: u8) -> String {
    const BASES: [i64; 8] = [0, 1, 2, 3, 10, 1000, i32::MAX as i64, i64::MAX];
    let base = BASES[usize::from(kind >> 3) % BASES.len()];
    match kind & 7 {
        0 => format!("log-0/{base:020}.log"),
        1 => format!("log-0/{base:020}.index"),
        2 => format!("log-0/{base:020}.timeindex"),
        3 => format!("log-0/{base:020}.snapshot"),
        4 => "recovery-point-offset-checkpoint".to_owned(),
        5 => "log-start-offset-checkpoint".to_owned(),
        6 => format!("log-0/{base:020}.index.tmp"),
        _ => ".lock".to_owned(),
    }
}

/// The batches in `content` with their right checksums, as far as there are batches.
fn sign_all(content: &[u8]) -> Vec<u8> {
    let mut bytes = content.to_vec();
    let mut start = 0;
    while let Ok(size) = BatchHeader::parse(&bytes[start..]).map(|header| header.size()) {
        let Some(batch) = bytes.get_mut(start..start + size).filter(|batch| batch.len() > LOG_OVERHEAD) else { break };
        let crc = checksum(batch);
        batch[17..21].copy_from_slice(&crc.to_be_bytes());
        start += size;
    }
    bytes
}

/// What an opened log shows.
#[derive(Debug, PartialEq)]
struct Seen {
    start: i64,
    end: i64,
    batches: Vec<Vec<u8>>,
    /// Whether the walk came to the end. A closed segment is believed until it is read, and may then turn out damaged.
    whole: bool,
    fold: KeyCounts,
}

/// Opens the log, asks it everything, and leaves it: closed in order after another batch, or dropped.
fn life(root: &Path, go_on: bool) -> Option<Seen> {
    let folder = LogDir::open(Arc::new(RealDisk), root).ok()?;
    let config = LogConfig {
        segment_bytes: 1 << 20,
        segment_index_bytes: 600,
        index_interval_bytes: 80,
        ..LogConfig::default()
    };
    let (mut log, _) = folder.open_log("log-0", config, KeyCounts::default(), 1_000).ok()?;
    let seen = look(&log);
    if go_on && append(&mut log) {
        log.close().expect("a log that takes a batch can be closed");
        assert!(folder.close().expect("the folder too"));
    }
    Some(seen)
}

fn look(log: &Log<KeyCounts>) -> Seen {
    let (start, end) = (log.log_start(), log.end());
    assert!(start <= end);
    let mut walk = log.batches(start);
    let batches: Vec<_> = walk.by_ref().map_while(Result::ok).collect();
    let whole = batches.last().map_or(start, |batch| batch.view().next_offset()) >= end;
    for batch in &batches {
        batch.view().verify().expect("a served batch is whole");
        let at = batch.view().last_offset();
        let slice = log.read(at, 1).and_then(|slice| slice.to_bytes());
        if whole {
            assert_eq!(&slice.expect("it was just walked over")[..], batch.view().bytes());
        }
    }
    for time in [-1, 0, 1_000, i64::MAX] {
        let _ = log.find_time(time);
    }
    let _ = log.read(end, 1);
    let batches = batches.into_iter().map(|batch| batch.into_bytes().to_vec()).collect();
    Seen { start, end, batches, whole, fold: log.fold().clone() }
}

/// Appends a batch. `false` if the log has no offsets left for it.
fn append(log: &mut Log<KeyCounts>) -> bool {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.push(&Record::new(1_000, "key", "value"));
    let appended =
        log.append(builder.build().expect("nothing is compressed"), Origin::Client { leader_epoch: 0 }, 1_000);
    appended.is_ok()
}
