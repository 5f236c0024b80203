//! A log's fold, from opening to opening.

use segment_log::{LogDir, Offset};

use crate::judging::{CLIENT, Folder, sized, small};

#[test]
fn replay_begins_at_the_newest_snapshot_that_can_be_read() {
    let folder = Folder::new();
    let mut open = folder.open(small());
    assert_eq!((open.recovery.snapshot, open.recovery.replayed), (None, 0));
    (0..8).for_each(|_| open.append());
    drop(open);

    let open = folder.open(small());
    assert_eq!((open.recovery.snapshot, open.recovery.replayed), (Some(18), 2), "a snapshot is saved at each roll");
    assert_eq!(open.counted(), 24);
    open.close();

    let open = folder.open(small());
    assert_eq!((open.recovery.snapshot, open.recovery.replayed), (Some(24), 0), "and one at a clean stop");
    assert_eq!(open.counted(), 24);
    drop(open);

    // A snapshot is only a shortcut: a damaged one is passed over.
    let damage = |offset: Offset| {
        let path = folder.file(&format!("{offset:020}.snapshot"));
        let mut bytes = std::fs::read(&path).expect("the snapshot is there");
        *bytes.last_mut().expect("it holds a state") ^= 1;
        std::fs::write(&path, bytes).expect("it can be written");
    };
    for (damaged, expected) in [(24, (Some(18), 2)), (18, (Some(9), 5)), (9, (None, 8))] {
        damage(damaged);
        let open = folder.open(small());
        assert_eq!((open.recovery.snapshot, open.recovery.replayed), expected);
        assert_eq!(open.counted(), 24);
    }
}

#[test]
fn what_retention_takes_the_fold_keeps() {
    let folder = Folder::new();
    let mut open = folder.with_batches(8);
    open.log.delete_before(18, 0).expect("the start moves");
    assert_eq!((open.log.log_start(), open.counted()), (18, 24));
    drop(open);
    let open = folder.open(small());
    assert_eq!((open.recovery.snapshot, open.counted()), (Some(18), 24), "the snapshot knows what is gone");
}

#[test]
fn without_a_state_no_snapshot_is_saved() {
    let folder = Folder::new();
    let dir = LogDir::open(folder.disk.clone(), folder.path()).expect("a new folder");
    let (mut log, _) = dir.open_log("log-0", small(), (), 0).expect("a new log");
    for _ in 0..4 {
        log.append(sized(0, 3, 100, 1_000), CLIENT, 0).expect("it is appended");
    }
    log.close().expect("it is closed");
    let names = std::fs::read_dir(folder.path().join("log-0")).expect("it lists");
    assert!(names.flatten().all(|name| !name.file_name().to_string_lossy().ends_with(".snapshot")));
}
