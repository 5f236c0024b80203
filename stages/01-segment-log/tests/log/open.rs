//! Opening: clean and unclean, indexes that are missing or stale, files without an owner.

use segment_log::disk::Disk;
use segment_log::{Error, LogConfig};

use crate::judging::{Folder, Open, small};

/// Seven batches in three segments, closed in order.
fn closed(folder: &Folder) {
    folder.with_batches(7).close();
}

fn rebuilt(open: &Open) -> Vec<String> {
    let name = |path: &std::path::Path| path.file_name().expect("a file").to_string_lossy().into_owned();
    open.recovery.rebuilt.iter().map(|(path, _)| name(path)).collect()
}

#[test]
fn after_a_clean_stop_nothing_is_read_again() {
    let folder = Folder::new();
    closed(&folder);
    let open = folder.open(small());
    assert!(open.recovery.was_clean && open.dir.was_clean());
    assert_eq!((open.recovery.verified, open.recovery.replayed, open.recovery.snapshot), (0, 0, Some(21)));
    assert_eq!((open.batches().len(), open.counted()), (7, 21));
}

#[test]
fn after_a_crash_only_the_last_segment_is_read() {
    let folder = Folder::new();
    drop(folder.with_batches(8));
    let open = folder.open(small());
    assert!(!open.recovery.was_clean && !open.dir.was_clean());
    assert_eq!((open.recovery.verified, open.recovery.cut.is_none()), (2, true));
    assert_eq!((open.batches().len(), open.counted()), (8, 24));
}

#[test]
fn an_index_that_is_missing_or_wrong_is_made_again() {
    type Damage = fn(&Folder, &str);
    let remove: Damage = |folder, name| std::fs::remove_file(folder.file(name)).expect("it is there");
    let odd: Damage = |folder, name| std::fs::write(folder.file(name), [1; 7]).expect("it can be written");
    let empty: Damage = |folder, name| std::fs::write(folder.file(name), []).expect("it can be written");
    let other: Damage = |folder, name| {
        let mut bytes = std::fs::read(folder.file(name)).expect("it is there");
        *bytes.last_mut().expect("it has entries") ^= 1;
        std::fs::write(folder.file(name), bytes).expect("it can be written");
    };
    let descending: Damage = |folder, name| {
        let mut bytes = std::fs::read(folder.file(name)).expect("it is there");
        let size = if name.ends_with(".index") { 8 } else { 12 };
        bytes.rotate_left(size);
        std::fs::write(folder.file(name), bytes).expect("it can be written");
    };
    for (case, damage) in
        [("removed", remove), ("odd", odd), ("empty", empty), ("other", other), ("descending", descending)]
    {
        for name in ["00000000000000000009.index", "00000000000000000009.timeindex"] {
            let folder = Folder::new();
            closed(&folder);
            let good = std::fs::read(folder.file(name)).expect("it is there");
            damage(&folder, name);
            let open = folder.open(small());
            assert_eq!(rebuilt(&open), ["00000000000000000009.index"], "{name} {case}");
            assert_eq!(open.recovery.verified, 3, "its segment was read");
            assert_eq!(open.batches().len(), 7);
            assert_eq!(std::fs::read(folder.file(name)).expect("it is there"), good, "{name} {case}");
        }
    }
}

#[test]
fn the_active_segments_index_is_made_again_too() {
    let folder = Folder::new();
    folder.with_batches(8).close();
    let good = std::fs::read(folder.file("00000000000000000018.index")).expect("it is there");
    assert_eq!(good.len(), 8, "the second batch has an entry");
    std::fs::write(folder.file("00000000000000000018.index"), []).expect("it can be written");
    let mut open = folder.open(small());
    assert_eq!(rebuilt(&open), ["00000000000000000018.index"]);
    open.append();
    open.close();
    assert_eq!(std::fs::read(folder.file("00000000000000000018.index")).expect("it is there")[..8], good);
}

#[test]
fn a_stale_index_in_a_clean_folder_does_not_hide_batches() {
    let folder = Folder::new();
    closed(&folder);
    // The index of a shorter segment: its last entry is right, and one is missing behind it.
    let path = folder.file("00000000000000000009.index");
    let good = std::fs::read(&path).expect("it is there");
    std::fs::write(&path, &good[..8]).expect("it can be written");
    let open = folder.open(small());
    let (_, why) = &open.recovery.rebuilt[0];
    assert!(why.ends_with("entries are missing at its end"), "{why}");
    assert_eq!(std::fs::read(&path).expect("it is there"), good);
}

#[test]
fn files_without_an_owner_are_swept_away() {
    let folder = Folder::new();
    closed(&folder);
    for name in ["00000000000000000500.index", "00000000000000000500.timeindex", "00000000000000000018.snapshot.tmp"] {
        std::fs::write(folder.file(name), "left over").expect("it can be written");
    }
    std::fs::write(folder.file("notes.txt"), "not ours").expect("it can be written");
    let open = folder.open(small());
    assert_eq!(open.recovery.swept.len(), 3, "{:?}", open.recovery.swept);
    assert!(open.recovery.swept.iter().all(|path| !path.exists()));
    assert!(folder.file("notes.txt").exists(), "what is not ours stays");
}

#[test]
fn snapshots_beyond_the_end_are_forgotten() {
    let folder = Folder::new();
    drop(folder.with_batches(7));
    std::fs::copy(folder.file("00000000000000000018.snapshot"), folder.file("00000000000000000500.snapshot"))
        .expect("a snapshot of a time that was lost");
    let open = folder.open(small());
    assert_eq!((open.recovery.snapshot, open.counted()), (Some(18), 21));
    assert!(!folder.file("00000000000000000500.snapshot").exists());
}

#[test]
fn segments_that_overlap_are_refused() {
    let folder = Folder::new();
    closed(&folder);
    for suffix in ["log", "index", "timeindex"] {
        let name = |base: i64| folder.file(&format!("{base:020}.{suffix}"));
        std::fs::rename(name(18), name(16)).expect("it can be renamed");
    }
    match folder.try_open(small()).map(|open| open.segments()) {
        Err(Error::BadFile { file, rule }) => {
            assert_eq!(file, folder.segment(16));
            assert_eq!(rule, "it begins at offset 16, and the segment before it reaches to 18");
        }
        other => panic!("{other:?}"),
    }
}

/// A batch that says it stands before its segment: the checksum does not cover its offset, so the place must.
#[test]
fn a_batch_that_does_not_belong_to_its_segment_is_damage() {
    let folder = Folder::new();
    closed(&folder);
    folder.damage(9, |bytes| bytes[107] = 3);
    std::fs::remove_file(folder.file("00000000000000000009.index")).expect("it is there");
    match folder.try_open(small()).map(|open| open.segments()) {
        Err(error @ Error::Corrupt { position: 100, .. }) => {
            assert!(error.to_string().ends_with("byte 100: base_offset is 3, and it comes after the batch before"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_beyond_2_gib_is_no_segment() {
    let folder = Folder::new();
    closed(&folder);
    // A hole takes no room on the disk.
    let file = std::fs::OpenOptions::new().write(true).open(folder.segment(9)).expect("it is there");
    file.set_len(1 << 31).expect("a hole");
    match folder.try_open(small()).map(|open| open.segments()) {
        Err(Error::BadFile { file, rule }) => {
            assert_eq!(file, folder.segment(9));
            assert_eq!(rule, "a segment is shorter than 2 GiB, and this file has 2147483648 bytes");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_start_beyond_what_survived_begins_anew_there() {
    let folder = Folder::new();
    let mut open = folder.with_batches(8);
    open.log.delete_before(23, 0).expect("the start moves");
    drop(open);
    folder.damage(18, |bytes| bytes.truncate(120));
    let mut open = folder.open(small());
    assert_eq!((open.log.log_start(), open.log.end(), open.segments()), (23, 23, vec![23]));
    open.append();
    open.close();
    assert_eq!(folder.open(small()).batches(), [(23, 25)]);
}

#[test]
fn other_settings_are_borne() {
    let folder = Folder::new();
    let mut open = folder.open(LogConfig {
        segment_bytes: 100_000,
        index_interval_bytes: 0,
        segment_index_bytes: 60_000,
        ..small()
    });
    (0..200).for_each(|_| open.append());
    drop(open);
    // Fewer entries would fit today than the segment needs.
    let mut open = folder.open(LogConfig { segment_index_bytes: 24, ..small() });
    assert_eq!((open.batches().len(), open.counted()), (200, 600));
    open.append();
    assert_eq!(open.log.end(), 603);
}

#[test]
fn a_log_that_was_never_written_to_opens_again() {
    for clean in [true, false] {
        let folder = Folder::new();
        let open = folder.open(small());
        assert_eq!((open.log.log_start(), open.log.end(), open.segments()), (0, 0, vec![0]));
        if clean {
            open.close()
        } else {
            drop(open)
        }
        let open = folder.open(small());
        assert_eq!((open.recovery.was_clean, open.log.end(), open.batches()), (clean, 0, vec![]));
    }
}

/// The real disk below everything: what a log asks of it.
#[test]
fn the_real_disk_keeps_the_contract() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disk = segment_log::disk::RealDisk;
    let path = folder.path().join("file");
    assert_eq!(disk.open(&path).expect_err("it is not there").kind(), std::io::ErrorKind::NotFound);
    let file = disk.create(&path).expect("a new file");
    assert!(file.is_empty().expect("it has a length"));
    file.write_at(b"abc", 5).expect("it writes");
    let mut buffer = [9; 12];
    assert_eq!(file.read_at(&mut buffer, 0).expect("it reads"), 8, "fewer bytes mean the end");
    assert_eq!(&buffer[..8], b"\0\0\0\0\0abc", "a gap reads as zeros");
    assert!(file.try_lock().expect("it locks"));
    let other = disk.open(&path).expect("it is there");
    assert!(!other.try_lock().expect("it answers"), "another handle holds it");
    drop(file);
    assert!(other.try_lock().expect("it answers"));
    disk.rename(&path, &folder.path().join("a")).expect("it renames");
    disk.create_dir_all(&folder.path().join("b/c")).expect("it makes folders");
    assert_eq!(disk.list(folder.path()).expect("it lists"), ["a", "b"]);
    assert!(disk.remove_dir(&folder.path().join("b")).is_err(), "it is not empty");
    disk.sync_dir(folder.path()).expect("it flushes");
}
