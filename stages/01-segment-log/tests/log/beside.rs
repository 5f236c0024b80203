//! Small files beside a log, and offsets for many logs in a file of the folder: what stages above keep here.

use std::collections::BTreeMap;

use segment_log::log::BESIDE;
use segment_log::{Error, Fold, KeyCounts, Log, LogDir};

use crate::judging::{CLIENT, Folder, sized, small};

const EPOCHS: &str = "leader-epoch-checkpoint";
const TOPIC: &str = "partition.metadata";
const OFFSETS: &str = "replication-offset-checkpoint";

fn open_dir(folder: &Folder) -> LogDir {
    LogDir::open(folder.disk.clone(), folder.path()).unwrap_or_else(|error| panic!("the folder does not open: {error}"))
}

fn open_log(dir: &LogDir, name: &str) -> Log<KeyCounts> {
    dir.open_log(name, small(), KeyCounts::default(), 0).unwrap_or_else(|error| panic!("{name}: {error}")).0
}

#[test]
fn a_file_beside_a_log_is_written_whole_and_read_whole() {
    let folder = Folder::new();
    let open = folder.open(small());
    assert_eq!(BESIDE, [EPOCHS, TOPIC]);
    for name in BESIDE {
        assert_eq!(open.log.read_beside(name).expect("it reads"), None, "there is none yet");
        for bytes in [&b"a longer text"[..], b"short", b""] {
            open.log.write_beside(name, bytes).expect("it is written");
            assert_eq!(open.log.read_beside(name).expect("it reads").as_deref(), Some(bytes));
            assert_eq!(open.dir.read_beside("log-0", name).expect("it reads").as_deref(), Some(bytes));
        }
    }
    assert_eq!(open.dir.read_beside("log-1", TOPIC).expect("it reads"), None, "there is no such log");
    open.close();
    let open = folder.open(small());
    assert_eq!(open.log.read_beside(TOPIC).expect("it reads").as_deref(), Some(&b""[..]));
    assert!(open.recovery.swept.is_empty(), "it has an owner");
}

#[test]
fn a_file_beside_a_log_that_cannot_be_written_is_what_it_was() {
    let folder = Folder::new();
    let open = folder.open(small());
    open.log.write_beside(TOPIC, b"one").expect("it is written");
    for action in ["create", "write", "sync", "rename"] {
        folder.disk.fail(action, "partition.metadata.tmp", 0);
        assert!(matches!(open.log.write_beside(TOPIC, b"two"), Err(Error::Io { .. })), "{action}");
        assert_eq!(open.log.read_beside(TOPIC).expect("it reads").as_deref(), Some(&b"one"[..]), "{action}");
    }
    assert_eq!(open.log.stopped(), None, "the log goes on");
}

#[test]
#[should_panic(expected = "notes.txt is no name of a file beside a log")]
fn other_names_are_not_for_files_beside_a_log() {
    let folder = Folder::new();
    let open = folder.open(small());
    let _ = open.log.write_beside("notes.txt", b"mine");
}

#[test]
fn a_deletion_takes_the_files_beside_a_log_along() {
    let folder = Folder::new();
    let dir = open_dir(&folder);
    let log = open_log(&dir, "a-0");
    for name in BESIDE {
        log.write_beside(name, b"of a-0").expect("it is written");
    }
    drop(log);
    dir.delete_log("a-0").expect("it is deleted");
    assert!(!folder.path().join("a-0").exists());
    let log = open_log(&dir, "a-0");
    assert_eq!(log.read_beside(TOPIC).expect("it reads"), None, "a log of the same name has none of them");
}

/// Batches go first: a crash in the middle leaves a folder that says of which topic it was, and never records of no topic.
#[test]
fn a_deletion_that_is_cut_short_leaves_the_files_beside_to_the_last() {
    let folder = Folder::new();
    let dir = open_dir(&folder);
    let mut log = open_log(&dir, "a-0");
    log.append(sized(0, 3, 100, 0), CLIENT, 0).expect("it is appended");
    log.write_beside(TOPIC, b"of a-0").expect("it is written");
    drop(log);
    folder.disk.fail("remove", TOPIC, 0);
    assert!(dir.delete_log("a-0").is_err());
    let left: Vec<_> = std::fs::read_dir(folder.path().join("a-0")).expect("it is there").flatten().collect();
    assert!(left.iter().all(|entry| !entry.file_name().to_string_lossy().ends_with(".log")), "{left:?}");
    assert_eq!(dir.read_beside("a-0", TOPIC).expect("it reads").as_deref(), Some(&b"of a-0"[..]));
    dir.delete_log("a-0").expect("the second time it is deleted");
    assert!(!folder.path().join("a-0").exists());
}

#[test]
fn offsets_of_many_logs_are_kept_in_kafkas_form() {
    let folder = Folder::new();
    let dir = open_dir(&folder);
    assert_eq!(dir.read_offsets(OFFSETS).expect("it reads"), BTreeMap::new(), "there is no such file yet");
    let offsets = BTreeMap::from([("orders-0".to_owned(), 7), ("a-b-12".to_owned(), 0)]);
    dir.write_offsets(OFFSETS, &offsets).expect("it is written");
    let path = folder.path().join(OFFSETS);
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "0\n2\na-b 12 0\norders 0 7\n");
    assert_eq!(dir.read_offsets(OFFSETS).expect("it reads"), offsets);
    let fewer = BTreeMap::from([("orders-0".to_owned(), 9)]);
    dir.write_offsets(OFFSETS, &fewer).expect("it is written");
    assert_eq!(dir.read_offsets(OFFSETS).expect("it reads"), fewer, "it is written whole, each time");
    drop(dir);
    assert_eq!(open_dir(&folder).read_offsets(OFFSETS).expect("it reads"), fewer);
}

#[test]
fn offsets_that_cannot_be_are_refused() {
    let folder = Folder::new();
    let dir = open_dir(&folder);
    let offsets = BTreeMap::from([("a-0".to_owned(), 1), ("no log".to_owned(), 2)]);
    let error = dir.write_offsets(OFFSETS, &offsets).expect_err("a log's name is `topic-partition`");
    assert!(matches!(&error, Error::Name { name } if name == "no log"), "{error}");
    assert!(!folder.path().join(OFFSETS).exists(), "nothing is written");
    std::fs::write(folder.path().join(OFFSETS), "0\n1\nlog 0\n").expect("it can be written");
    let error = dir.read_offsets(OFFSETS).expect_err("it is damaged");
    let rule = "line 3 is `topic partition offset`, not `log 0`";
    assert_eq!(error.to_string(), format!("{}: {rule}", folder.path().join(OFFSETS).display()));
    assert!(error.is_corrupt());
    folder.disk.fail("rename", "replication-offset-checkpoint.tmp", 0);
    assert!(matches!(dir.write_offsets(OFFSETS, &BTreeMap::new()), Err(Error::Io { .. })));
    assert!(dir.read_offsets(OFFSETS).is_err(), "it is what it was");
}

#[test]
fn a_log_that_is_deleted_leaves_offsets_to_whoever_keeps_them() {
    let folder = Folder::new();
    let dir = open_dir(&folder);
    drop(open_log(&dir, "a-0"));
    let offsets = BTreeMap::from([("a-0".to_owned(), 5)]);
    dir.write_offsets(OFFSETS, &offsets).expect("it is written");
    dir.delete_log("a-0").expect("it is deleted");
    assert_eq!(dir.read_offsets(OFFSETS).expect("it reads"), offsets);
}

#[test]
fn what_is_noted_in_a_fold_is_there_as_long_as_no_replay_takes_it() {
    let folder = Folder::new();
    let mut open = folder.with_batches(2);
    let note = |open: &mut crate::judging::Open| {
        let mut more = KeyCounts::default();
        more.restore(Some(&open.log.fold().snapshot())).expect("its own snapshot");
        let batch = sized(100, 3, 100, 0);
        more.apply(&batch.view(), &segment_log::Appended::of(&batch.view()));
        *open.log.fold_mut() = more;
    };
    note(&mut open);
    assert_eq!(open.counted(), 9, "six that batches tell, and three that were noted");
    open.close();
    let mut open = folder.open(small());
    assert_eq!(open.counted(), 9, "a clean stop saves the state");
    open.log.truncate(3, 0).expect("it truncates");
    assert_eq!(open.counted(), 3, "a truncation replays");
    note(&mut open);
    drop(open);
    assert_eq!(folder.open(small()).counted(), 3, "so does a start after a crash");
}
