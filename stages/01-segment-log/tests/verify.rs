//! Verification: every batch is read, and every index entry is held against the batches.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use segment_log::batch::BatchError;
use segment_log::disk::{Disk, ReadOnlyDisk, RealDisk};
use segment_log::index::check::without_room;
use segment_log::index::{OffsetEntry, TimeEntry};
use segment_log::log::verify;
use segment_log::{BatchBuilder, Compression, Error, LogConfig, LogDir, Origin, Record};
use tempfile::TempDir;

const INDEX: &str = "00000000000000000000.index";
const TIME_INDEX: &str = "00000000000000000000.timeindex";

/// Two segments of eight and two batches of 100 bytes, two records each, ten milliseconds apart; an entry for every
/// other batch.
fn closed_log() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let config = LogConfig { segment_bytes: 800, index_interval_bytes: 150, ..LogConfig::default() };
    let dir = LogDir::open(Arc::new(RealDisk), folder.path()).unwrap();
    let (mut log, _) = dir.open_log("log-0", config, (), 0).unwrap();
    for number in 0..10 {
        let mut builder = BatchBuilder::new(Compression::None);
        builder.push(&Record::new(1000 + number * 10, None, "123456789"));
        builder.push(&Record::new(1001 + number * 10, None, "1234567890123456"));
        let batch = builder.build().unwrap();
        assert_eq!(batch.view().size(), 100);
        log.append(batch, Origin::Client { leader_epoch: 0 }, 0).unwrap();
    }
    log.close().unwrap();
    dir.close().unwrap();
    let path = folder.path().join("log-0");
    (folder, path)
}

fn rules(dir: &Path) -> Vec<String> {
    let reports = verify(&ReadOnlyDisk, dir).unwrap();
    let faults = reports.into_iter().flat_map(|report| report.indexes);
    faults.map(|fault| format!("{}: {}", fault.file.file_name().unwrap().display(), fault.rule)).collect()
}

/// Changes bytes of a file, and changes them back after the look.
fn rules_with(dir: &Path, file: &str, change: impl FnOnce(&mut Vec<u8>)) -> Vec<String> {
    let path = dir.join(file);
    let before = std::fs::read(&path).unwrap();
    let mut bytes = before.clone();
    change(&mut bytes);
    assert_ne!(bytes, before);
    std::fs::write(&path, bytes).unwrap();
    let rules = rules(dir);
    std::fs::write(&path, before).unwrap();
    rules
}

#[test]
fn a_good_log_passes() {
    let (_folder, dir) = closed_log();
    let reports = verify(&ReadOnlyDisk, &dir).unwrap();
    let facts = reports.iter().map(|report| (report.base_offset, report.batches, report.intact, report.next_offset));
    assert_eq!(facts.collect::<Vec<_>>(), [(0, 8, 800, 16), (16, 2, 200, 20)]);
    assert!(reports.iter().all(|report| report.damage.is_none() && report.indexes.is_empty()), "{reports:?}");
}

#[test]
fn a_log_that_kafka_wrote_passes() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixture = here.ancestors().map(|folder| folder.join("tests/fixtures/segment")).find(|folder| folder.is_dir());
    let reports = verify(&ReadOnlyDisk, &fixture.expect("the stage lies inside the course")).unwrap();
    assert_eq!(reports.iter().map(|report| report.base_offset).collect::<Vec<_>>(), [5000, 5244]);
    for report in reports {
        assert!(report.damage.is_none() && report.indexes.is_empty(), "{report:?}");
        assert_eq!(report.intact, report.size);
    }
}

#[test]
fn an_open_log_passes() {
    let (folder, path) = closed_log();
    let dir = LogDir::open(Arc::new(RealDisk), folder.path()).unwrap();
    // The active segment's indexes have room for more.
    let (_log, _) = dir.open_log("log-0", LogConfig::default(), (), 0).unwrap();
    assert_eq!(rules(&path), Vec::<String>::new());
}

#[test]
fn a_flipped_bit_in_any_byte_of_a_batch_is_found() {
    let (_folder, dir) = closed_log();
    let path = dir.join("00000000000000000000.log");
    let good = std::fs::read(&path).unwrap();
    // The log's own fields before the checksum's range have rules of their own; a leader epoch has none.
    for at in (300..400).filter(|at| !(312..316).contains(at)) {
        let mut bytes = good.clone();
        bytes[at] ^= 0x80;
        std::fs::write(&path, bytes).unwrap();
        let report = verify(&ReadOnlyDisk, &dir).unwrap().remove(0);
        let Some(Error::Corrupt { position, file, .. }) = &report.damage else { panic!("byte {at}: {report:?}") };
        assert!([300, 400].contains(position), "byte {at}: {report:?}");
        assert_eq!((file, report.intact), (&path, *position));
        assert!(report.indexes.is_empty(), "what lies behind the damage is not judged: {report:?}");
    }
}

#[test]
fn a_batch_must_come_after_the_one_before() {
    let (_folder, dir) = closed_log();
    let path = dir.join("00000000000000000016.log");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, [&bytes[..], &bytes[..100]].concat()).unwrap();
    let report = verify(&ReadOnlyDisk, &dir).unwrap().remove(1);
    let damage = report.damage.unwrap();
    let is_field =
        matches!(damage, Error::Corrupt { position: 200, rule: BatchError::Field { field: "base_offset", .. }, .. });
    assert!(is_field, "{damage}");
}

#[test]
fn an_index_must_not_mislead() {
    let (_folder, dir) = closed_log();
    assert_eq!(
        rules_with(&dir, INDEX, |bytes| bytes[7] += 1),
        [format!("{INDEX}: entry 0 points at byte 201, where no batch starts")]
    );
    let rule = "entry 2 speaks of a batch that is not in the segment";
    assert_eq!(rules_with(&dir, INDEX, |bytes| bytes[22] += 16), [format!("{INDEX}: {rule}")]);
    let rule = "entry 0 points at byte 200, and the batch there starts behind its offset";
    assert_eq!(rules_with(&dir, INDEX, |bytes| bytes[3] = 3), [format!("{INDEX}: {rule}")]);
    let rule = "entry 1 does not come after the one before it";
    assert_eq!(rules_with(&dir, INDEX, |bytes| bytes[11] = bytes[3]), [format!("{INDEX}: {rule}")]);
    let rule = "it has 23 bytes, and its entries have 8 each";
    assert_eq!(rules_with(&dir, INDEX, |bytes| bytes.truncate(23)), [format!("{INDEX}: {rule}")]);
    std::fs::remove_file(dir.join(INDEX)).unwrap();
    assert_eq!(rules(&dir), [format!("{INDEX}: it is missing")]);
}

#[test]
fn a_time_index_must_not_mislead() {
    let (_folder, dir) = closed_log();
    // Up to offset 5 the youngest record is of time 1021.
    let rule = "entry 0 has timestamp 1020, and a batch up to its offset has 1021";
    assert_eq!(rules_with(&dir, TIME_INDEX, |bytes| bytes[7] -= 1), [format!("{TIME_INDEX}: {rule}")]);
    let rule = "its last entry has timestamp 1327, and no batch is as young";
    assert_eq!(rules_with(&dir, TIME_INDEX, |bytes| bytes[42] += 1), [format!("{TIME_INDEX}: {rule}")]);
    let rule = "entry 3 speaks of a batch that is not in the segment";
    assert_eq!(rules_with(&dir, TIME_INDEX, |bytes| bytes[47] += 1), [format!("{TIME_INDEX}: {rule}")]);
}

#[test]
fn an_entry_may_say_less_than_it_could() {
    let (_folder, dir) = closed_log();
    // Pointing further back than it must only makes the walk longer.
    assert_eq!(rules_with(&dir, INDEX, |bytes| bytes[3] += 1), Vec::<String>::new());
}

#[test]
fn a_segment_is_shorter_than_2_gib() {
    let (_folder, dir) = closed_log();
    let file = RealDisk.open(&dir.join("00000000000000000016.log")).unwrap();
    file.set_len(1 << 31).unwrap();
    let report = verify(&ReadOnlyDisk, &dir).unwrap().remove(1);
    let damage = report.damage.unwrap();
    assert!(
        damage.to_string().ends_with("a segment is shorter than 2 GiB, and this file has 2147483648 bytes"),
        "{damage}"
    );
}

#[test]
fn room_for_more_is_not_an_entry() {
    let entries = [[0, 0, 0, 5, 0, 0, 1, 0], [0, 0, 0, 9, 0, 0, 2, 0]].concat();
    let with_room = [&entries[..], &[0; 24]].concat();
    assert_eq!(without_room::<OffsetEntry>(&with_room), entries);
    assert_eq!(without_room::<OffsetEntry>(&entries), entries);
    assert_eq!(without_room::<OffsetEntry>(&[0; 16]), []);
    // Time 0 at offset 0 is an entry, if it stands alone.
    assert_eq!(without_room::<TimeEntry>(&[0; 12]), [0; 12]);
}

#[test]
fn a_read_only_disk_changes_nothing() {
    let (_folder, dir) = closed_log();
    let path = dir.join(INDEX);
    let file = ReadOnlyDisk.open(&path).unwrap();
    assert!(file.write_at(b"x", 0).is_err());
    assert!(file.set_len(0).is_err());
    assert!(ReadOnlyDisk.create(&path).is_err());
    assert!(ReadOnlyDisk.remove(&path).is_err());
    assert!(ReadOnlyDisk.rename(&path, &dir.join("other")).is_err());
    assert!(ReadOnlyDisk.create_dir_all(&dir.join("new")).is_err());
    assert!(ReadOnlyDisk.remove_dir(&dir).is_err());
    assert_eq!(file.len().unwrap(), 24);
}
