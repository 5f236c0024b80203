//! The data folder: lock, names, checkpoints, the mark of a clean stop, several logs.

use std::sync::Arc;

use segment_log::disk::RealDisk;
use segment_log::{Error, Log, LogConfig, LogDir};

use crate::judging::{CLIENT, Folder, sized, small};

fn open_dir(folder: &Folder) -> LogDir {
    LogDir::open(folder.disk.clone(), folder.path()).unwrap_or_else(|error| panic!("the folder does not open: {error}"))
}

fn open_log(dir: &LogDir, name: &str) -> Log {
    dir.open_log(name, small(), (), 0).unwrap_or_else(|error| panic!("{name} does not open: {error}")).0
}

fn append(log: &mut Log) {
    log.append(sized(0, 3, 100, 0), CLIENT, 0).expect("it is appended");
}

fn text(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn a_folder_has_one_user() {
    let folder = Folder::new();
    let dir = open_dir(&folder);
    let error = LogDir::open(Arc::new(RealDisk), folder.path()).expect_err("it is in use");
    let place = folder.path().display();
    let process = std::process::id();
    assert_eq!(
        error.to_string(),
        format!("{place} is in use by process {process}: a data folder has one writer at a time")
    );
    drop(dir);
    assert!(LogDir::open(Arc::new(RealDisk), folder.path()).is_ok());
}

#[test]
fn a_log_keeps_its_folder_locked() {
    let folder = Folder::new();
    let dir = open_dir(&folder);
    let log = open_log(&dir, "log-0");
    drop(dir);
    assert!(matches!(LogDir::open(Arc::new(RealDisk), folder.path()), Err(Error::Locked { .. })));
    drop(log);
    assert!(LogDir::open(Arc::new(RealDisk), folder.path()).is_ok());
}

#[test]
fn a_log_has_one_user() {
    let folder = Folder::new();
    let dir = open_dir(&folder);
    let log = open_log(&dir, "log-0");
    let error = dir.open_log("log-0", small(), (), 0).expect_err("it is open");
    assert!(matches!(&error, Error::Locked { dir, holder } if dir.ends_with("log-0") && holder == " by this process"));
    assert!(matches!(dir.delete_log("log-0"), Err(Error::Locked { .. })));
    drop(log);
    open_log(&dir, "log-0");
}

#[test]
fn a_name_is_a_topic_and_a_partition() {
    let folder = Folder::new();
    let dir = open_dir(&folder);
    for name in ["log", "-0", "log-", "log-x", "log-00", "../log-0", "log 1-0", ""] {
        for error in [dir.open_log(name, small(), (), 0).map(drop), dir.delete_log(name)] {
            let error = error.expect_err(name);
            assert!(matches!(&error, Error::Name { name: named } if named == name) && error.is_invalid(), "{error}");
        }
    }
    assert_eq!(dir.log_names().expect("it lists"), Vec::<String>::new());
    for name in ["orders-1", "a.b_c-0", "orders-0"] {
        drop(open_log(&dir, name));
    }
    std::fs::create_dir(folder.path().join("lost+found")).expect("a folder that is not ours");
    assert_eq!(dir.log_names().expect("it lists"), ["a.b_c-0", "orders-0", "orders-1"]);
}

#[test]
fn settings_are_checked_before_anything_is_made() {
    let folder = Folder::new();
    let dir = open_dir(&folder);
    for (config, key) in [
        (LogConfig { segment_bytes: 0, ..small() }, "segment.bytes"),
        (LogConfig { segment_bytes: 1 << 31, ..small() }, "segment.bytes"),
        (LogConfig { segment_ms: 0, ..small() }, "segment.ms"),
        (LogConfig { segment_index_bytes: 23, ..small() }, "segment.index.bytes"),
        (LogConfig { segment_index_bytes: 1 << 31, ..small() }, "segment.index.bytes"),
        (LogConfig { retention_ms: Some(-1), ..small() }, "retention.ms"),
    ] {
        let error = dir.open_log("log-0", config, (), 0).expect_err(key);
        assert!(matches!(&error, Error::Config { key: named, .. } if named == key) && error.is_invalid(), "{error}");
        assert!(error.to_string().starts_with(&format!("{key} is ")), "{error}");
    }
    assert!(dir.log_names().expect("it lists").is_empty());
    assert!(LogConfig::default().checked().is_ok());
}

#[test]
fn what_is_not_there_is_not_found() {
    let folder = Folder::new();
    let missing = folder.path().join("missing");
    let error = LogDir::open_existing(Arc::new(RealDisk), &missing).expect_err("there is none");
    assert_eq!(error.to_string(), format!("there is no data folder at {}", missing.display()));
    assert!(error.is_not_found() && !missing.exists());
    let dir = LogDir::open_existing(folder.disk.clone(), folder.path()).expect("it is there");
    assert_eq!(dir.path(), folder.path());
    let error = dir.delete_log("log-0").expect_err("there is none");
    assert!(matches!(&error, Error::NotFound { what: "log", .. }) && error.is_not_found(), "{error}");
    assert!(dir.checkpoint().is_ok(), "a log that was not there leaves no line");
    assert_eq!(text(&folder, "recovery-point-offset-checkpoint"), "0\n0\n");
    let file = folder.path().join(".lock");
    assert!(matches!(LogDir::open_existing(Arc::new(RealDisk), file), Err(Error::Io { action: "list", .. })));
}

#[test]
fn the_mark_is_set_when_every_log_was_closed() {
    let folder = Folder::new();
    let dir = open_dir(&folder);
    assert!(!dir.was_clean(), "a new folder was never closed");
    let (mut first, mut second) = (open_log(&dir, "a-0"), open_log(&dir, "b-0"));
    append(&mut first);
    append(&mut second);
    first.close().expect("it is closed");
    drop(second);
    assert!(!dir.close().expect("it is closed"), "b-0 was not");
    assert!(!folder.path().join(".kafka_cleanshutdown").exists());

    let dir = open_dir(&folder);
    let (first, recovery) = dir.open_log("a-0", small(), (), 0).expect("it opens");
    assert!(!recovery.was_clean, "without the mark nothing is believed");
    let second = open_log(&dir, "b-0");
    first.close().expect("it is closed");
    second.close().expect("it is closed");
    assert!(dir.close().expect("it is closed"));
    assert!(folder.path().join(".kafka_cleanshutdown").exists());
}

#[test]
fn a_log_that_was_not_touched_stays_as_clean_as_it_was() {
    let folder = Folder::new();
    let dir = open_dir(&folder);
    for name in ["a-0", "b-0"] {
        let mut log = open_log(&dir, name);
        append(&mut log);
        log.close().expect("it is closed");
    }
    assert!(dir.close().expect("it is closed"));

    let dir = open_dir(&folder);
    assert!(dir.was_clean() && folder.path().join(".kafka_cleanshutdown").exists(), "nothing was touched yet");
    let a = open_log(&dir, "a-0");
    assert!(
        !folder.path().join(".kafka_cleanshutdown").exists(),
        "the mark goes before the first log can be written to"
    );
    a.close().expect("it is closed");
    let (again, recovery) = dir.open_log("a-0", small(), (), 0).expect("it opens");
    assert!(recovery.was_clean, "it was closed a moment ago");
    drop(again);
    let (again, recovery) = dir.open_log("a-0", small(), (), 0).expect("it opens");
    assert!(!recovery.was_clean, "it was dropped");
    again.close().expect("it is closed");
    assert!(dir.close().expect("it is closed"), "b-0 was closed the last time");

    // A crash of the folder's user, who touched nothing, and then of one who touched the other log.
    drop(open_dir(&folder));
    let dir = open_dir(&folder);
    let (log, recovery) = dir.open_log("b-0", small(), (), 0).expect("it opens");
    assert!(recovery.was_clean && log.end() == 3);
    drop((log, dir));
    let dir = open_dir(&folder);
    let (log, recovery) = dir.open_log("a-0", small(), (), 0).expect("it opens");
    assert!(!recovery.was_clean && log.end() == 3);
}

#[test]
fn checkpoints_are_kafkas_text() {
    let folder = Folder::new();
    let dir = open_dir(&folder);
    let (mut first, mut second) = (open_log(&dir, "orders-0"), open_log(&dir, "a-b-7"));
    for _ in 0..4 {
        append(&mut first);
    }
    append(&mut second);
    second.flush().expect("it flushes");
    dir.checkpoint().expect("it is written");
    assert_eq!(text(&folder, "recovery-point-offset-checkpoint"), "0\n2\na-b 7 3\norders 0 9\n");
    assert!(!folder.path().join("log-start-offset-checkpoint").exists(), "no start has moved");
    first.delete_before(4, 0).expect("the start moves");
    assert_eq!(text(&folder, "log-start-offset-checkpoint"), "0\n1\norders 0 4\n");
    first.truncate(2, 0).expect("it truncates");
    let lowered = "both points speak of nothing that is gone";
    assert_eq!(text(&folder, "recovery-point-offset-checkpoint"), "0\n2\na-b 7 3\norders 0 0\n", "{lowered}");
    assert_eq!(text(&folder, "log-start-offset-checkpoint"), "0\n1\norders 0 0\n", "{lowered}");
}

#[test]
fn a_damaged_checkpoint_is_reported_with_its_line() {
    for name in ["recovery-point-offset-checkpoint", "log-start-offset-checkpoint"] {
        let folder = Folder::new();
        let path = folder.path().join(name);
        for (content, rule) in
            [(&b"0\n1\nlog 0\n"[..], "line 3 is `topic partition offset`, not `log 0`"), (b"\xff", "it is not text")]
        {
            std::fs::write(&path, content).expect("it can be written");
            let error = LogDir::open(folder.disk.clone(), folder.path()).expect_err("it is damaged");
            assert_eq!(error.to_string(), format!("{}: {rule}", path.display()));
            assert!(error.is_corrupt());
        }
        std::fs::remove_file(&path).expect("it is there");
        open_dir(&folder);
    }
}

#[test]
fn a_deleted_log_is_gone_with_all_that_was_known_of_it() {
    let folder = Folder::new();
    let dir = open_dir(&folder);
    let mut log = open_log(&dir, "a-0");
    for _ in 0..5 {
        append(&mut log);
    }
    log.delete_before(4, 0).expect("the start moves");
    log.close().expect("it is closed");
    dir.checkpoint().expect("it is written");
    dir.delete_log("a-0").expect("it is deleted");
    assert_eq!(dir.log_names().expect("it lists"), Vec::<String>::new());
    assert_eq!(text(&folder, "recovery-point-offset-checkpoint"), "0\n0\n");
    assert_eq!(text(&folder, "log-start-offset-checkpoint"), "0\n0\n");
    let log = open_log(&dir, "a-0");
    assert_eq!((log.log_start(), log.end()), (0, 0), "a new log of the same name begins at 0");
    log.close().expect("it is closed");
    assert!(dir.close().expect("it is closed"));
}

#[test]
fn a_deletion_leaves_what_is_not_ours() {
    let folder = Folder::new();
    let dir = open_dir(&folder);
    drop(open_log(&dir, "a-0"));
    let notes = folder.path().join("a-0").join("notes.txt");
    std::fs::write(&notes, "mine").expect("it can be written");
    assert!(matches!(dir.delete_log("a-0"), Err(Error::Io { action: "remove", .. })));
    assert!(notes.exists() && !folder.path().join("a-0").join("00000000000000000000.log").exists());
}
