//! Disks fail. After a failed write the append is taken back; after a failed flush the log stops, and says so.

use std::sync::Arc;

use segment_log::{Error, EveryAppend, LogConfig, Offset, Origin};

use crate::judging::{CLIENT, Folder, Open, sized, small, three};

fn append(open: &mut Open) -> segment_log::Result<Offset> {
    open.log.append(sized(0, 3, 100, 1_000 + open.log.end()), CLIENT, 0).map(|appended| appended.base_offset)
}

/// The batches that a log of whole batches holds up to `end`.
fn batches_to(end: Offset) -> Vec<(Offset, Offset)> {
    (0..end / 3).map(|batch| (3 * batch, 3 * batch + 2)).collect()
}

#[track_caller]
fn assert_stopped(open: &mut Open, expected: &str) {
    let mut changes: Vec<(&str, segment_log::Result<()>)> = vec![
        ("append", append(open).map(drop)),
        ("flush", open.log.flush()),
        ("truncate", open.log.truncate(0, 0).map(drop)),
        ("reset", open.log.reset(0, 0)),
        ("retain", open.log.retain(0).map(drop)),
        ("retain_below", open.log.retain_below(0, 0).map(drop)),
        ("delete_before", open.log.delete_before(0, 0).map(drop)),
    ];
    for (name, result) in changes.drain(..) {
        match result {
            Err(Error::Stopped { action, .. }) => assert_eq!(action, expected, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_failed_write_is_taken_back() {
    for file in [".log", ".index", ".timeindex"] {
        let folder = Folder::new();
        let mut open = folder.with_batches(4);
        let length = || std::fs::metadata(folder.segment(9)).expect("it is there").len();
        folder.disk.fail("write", file, 0);
        let error = append(&mut open).expect_err("the disk was told to fail");
        assert!(matches!(error, Error::Io { action: "write", .. }), "{file}: {error}");
        assert_eq!((open.log.end(), open.counted(), length()), (12, 12, 100), "{file}: as before");
        assert_eq!(open.batches(), batches_to(12), "{file}");
        // A log that took a write back goes on.
        assert_eq!(append(&mut open).expect("the disk works again"), 12, "{file}");
        assert_eq!(append(&mut open).expect("the disk works again"), 15, "{file}");
        assert_eq!(open.batches(), batches_to(18), "{file}");
        open.close();
        let index =
            |suffix: &str| std::fs::read(folder.file(&format!("00000000000000000009.{suffix}"))).expect("there");
        let (offsets, times) = (index("index"), index("timeindex"));
        std::fs::remove_file(folder.file("00000000000000000009.index")).expect("it is there");
        let open = folder.open(small());
        assert_eq!((open.batches(), open.recovery.rebuilt.len()), (batches_to(18), 1), "{file}");
        open.close();
        assert_eq!((index("index"), index("timeindex")), (offsets, times), "{file}: as if nothing had failed");
    }
}

#[test]
fn a_write_that_cannot_be_taken_back_stops_the_log() {
    let folder = Folder::new();
    let mut open = folder.with_batches(4);
    // The write fails, and so does the cut that would take it back.
    folder.disk.fail_power_after(0);
    let error = append(&mut open).expect_err("the power has failed");
    assert!(matches!(error, Error::Stopped { action: "take back a failed write to", .. }), "{error}");
    folder.disk.mend();
    assert_stopped(&mut open, "take back a failed write to");
    assert_eq!(open.batches(), batches_to(12), "it can still be read");
    drop(open);
    let mut open = folder.open(small());
    assert_eq!(
        open.recovery.cut.as_ref().map(|cut| (cut.position, cut.bytes)),
        Some((100, 50)),
        "half a batch was there"
    );
    assert_eq!(append(&mut open).expect("it is open again"), 12);
}

#[test]
fn a_failed_flush_stops_the_log_for_good() {
    let folder = Folder::new();
    let mut open = folder.with_batches(4);
    folder.disk.fail("sync", ".log", 0);
    assert!(matches!(open.log.flush(), Err(Error::Io { action: "flush", .. })));
    assert_eq!(open.log.recovery_point(), 9);
    // The disk works again, and a second flush might answer "fine" for bytes that were dropped.
    assert_stopped(&mut open, "flush");
    let error = append(&mut open).expect_err("it stopped").to_string();
    assert_eq!(open.log.stopped().as_deref(), Some(error.as_str()), "whoever asks is told the same");
    let path = folder.segment(9);
    assert_eq!(
        error,
        format!("the log stopped when it could not flush {}: what is on the disk is unknown", path.display())
    );
    assert_eq!(open.batches(), batches_to(12), "it can still be read");
    let Open { log, dir, .. } = open;
    assert!(matches!(log.close(), Err(Error::Stopped { .. })));
    assert!(!dir.close().expect("it is closed"), "this is no clean stop");
    assert_eq!(folder.open(small()).batches(), batches_to(12));
}

#[test]
fn an_append_that_cannot_be_flushed_is_not_answered() {
    let folder = Folder::new();
    let mut open = folder.open(LogConfig { flush: Arc::new(EveryAppend), ..small() });
    append(&mut open).expect("the disk works");
    folder.disk.fail("sync", ".log", 0);
    assert!(matches!(append(&mut open), Err(Error::Io { action: "flush", .. })));
    assert_stopped(&mut open, "flush");
}

/// The power fails after each step of an append that rolls, and of everything else that changes files.
#[test]
fn a_power_failure_at_any_step_loses_no_flushed_batch() {
    type Change = fn(Open) -> segment_log::Result<()>;
    let roll: Change = |mut open| append(&mut open).map(drop);
    let close: Change = |open| {
        open.log.close()?;
        open.dir.close().map(drop)
    };
    let delete: Change = |mut open| open.log.delete_before(10, 0).map(drop);
    let retain: Change = |mut open| open.log.retain(i64::MAX).map(drop);
    let reset: Change = |mut open| open.log.reset(18, 0);
    let copy: Change = |mut open| open.log.append(three(400), Origin::Replication, 0).map(drop);
    for (name, change) in
        [("roll", roll), ("close", close), ("delete", delete), ("retain", retain), ("reset", reset), ("copy", copy)]
    {
        for steps in 0.. {
            let folder = Folder::new();
            let mut open = folder.open(LogConfig { retention_ms: Some(1), ..small() });
            (0..6).for_each(|_| open.append());
            open.log.flush().expect("it flushes");
            open.dir.checkpoint().expect("it is written");
            folder.disk.fail_power_after(steps);
            let finished = change(open).is_ok();
            folder.disk.mend();
            let context = format!("{name}, {steps} steps");
            let open = folder.try_open(small()).unwrap_or_else(|error| panic!("{context}: {error}"));
            let batches = open.batches();
            let is_whole = batches.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0 || pair[1].0 == 400);
            assert!(is_whole, "{context}: {batches:?} has a hole");
            if !["retain", "delete", "reset"].contains(&name) {
                assert!(batches.starts_with(&batches_to(18)), "{context}: {batches:?} lost what was flushed");
            }
            let expected: u64 =
                if name == "reset" && batches.is_empty() { open.counted() } else { open.log.end() as u64 };
            if name != "copy" {
                assert_eq!(open.counted(), expected, "{context}: the fold is what the log gives");
            }
            if finished {
                break;
            }
        }
    }
}

#[test]
fn a_roll_that_fails_stops_the_log() {
    for (action, file) in [("sync", ".index"), ("create", ".log"), ("sync_dir", "log-0"), ("rename", ".snapshot.tmp")] {
        let folder = Folder::new();
        let mut open = folder.with_batches(3);
        folder.disk.fail(action, file, 0);
        let error = append(&mut open).expect_err("the disk was told to fail");
        assert!(matches!(error, Error::Io { .. }), "{action} {file}: {error}");
        assert!(matches!(append(&mut open), Err(Error::Stopped { .. })), "{action} {file}");
        drop(open);
        let mut open = folder.open(small());
        assert_eq!(open.batches(), batches_to(9), "{action} {file}");
        assert_eq!(append(&mut open).expect("it is open again"), 9, "{action} {file}");
    }
}

#[test]
fn a_removal_that_fails_stops_the_log() {
    for change in [0, 1, 2] {
        let folder = Folder::new();
        let mut open = folder.with_batches(7);
        folder.disk.fail("remove", ".log", 0);
        let result = match change {
            0 => open.log.delete_before(12, 0).map(drop),
            1 => open.log.truncate(10, 0).map(drop),
            _ => open.log.reset(50, 0),
        };
        assert!(matches!(result, Err(Error::Io { action: "remove", .. })), "{result:?}");
        assert_stopped(&mut open, "remove");
    }
}

#[test]
fn an_opening_that_fails_says_what_could_not_be_done() {
    for (action, file, expected) in [
        ("create", ".log", "create"),
        ("create", ".index", "create"),
        ("extend", ".timeindex", "resize"),
        ("sync_dir", "log-0", "flush"),
    ] {
        let folder = Folder::new();
        folder.disk.fail(action, file, 0);
        match folder.try_open(small()).map(|open| open.log.end()) {
            Err(Error::Io { action: named, .. }) => assert_eq!(named, expected, "{action} {file}"),
            other => panic!("{action} {file}: {other:?}"),
        }
        // What failed left the log unopened, not in use.
        assert_eq!(folder.open(small()).log.end(), 0, "{action} {file}");
    }
}
