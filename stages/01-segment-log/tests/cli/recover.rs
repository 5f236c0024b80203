//! `recover`.

use crate::program::{Program, Ran, TIME};

const LOG: &str = "data/log-0/00000000000000000000.log";

/// Six segments' worth of records in segments of two batches.
fn rolled() -> Program {
    let program = Program::new();
    let lines: String = (0..6).map(|number| format!("value {number}\n")).collect();
    program.run_with(&format!("append data --batch 1 --segment-bytes 160 {TIME}"), lines);
    program
}

#[test]
fn finds_nothing_where_nothing_is_wrong() {
    let program = rolled();
    let expected = "\
00000000000000000000.log       2 batches         150 bytes  intact
00000000000000000002.log       2 batches         150 bytes  intact
00000000000000000004.log       2 batches         150 bytes  intact
6 batches verified; the log starts at offset 0 and ends at 6
";
    assert_eq!(program.run("recover data"), Ran::ok(expected));
    assert_eq!(program.run("recover data"), Ran::ok(expected));
}

#[test]
fn cuts_a_torn_end() {
    let program = rolled();
    let last = "data/log-0/00000000000000000004.log";
    let mut bytes = program.read_file(last);
    let torn = bytes[..40].to_vec();
    bytes.extend(torn);
    program.write_file(last, bytes);
    program.unmark();
    let expected = "\
00000000000000000000.log       2 batches         150 bytes  intact
00000000000000000002.log       2 batches         150 bytes  intact
00000000000000000004.log       2 batches         150 bytes  torn: cut 40 bytes from byte 150 on
  the batch is cut off: it needs 61 bytes and 40 are there
6 batches verified; the log starts at offset 0 and ends at 6
";
    assert_eq!(program.run("recover data"), Ran::ok(expected));
    assert_eq!(program.read_file(last).len(), 150);
    assert!(
        program
            .run("recover data")
            .out
            .ends_with("150 bytes  intact\n6 batches verified; the log starts at offset 0 and ends at 6\n")
    );
}

#[test]
fn other_commands_cut_it_too_and_say_so() {
    let program = Program::with_records();
    let mut bytes = program.read_file(LOG);
    bytes.extend([0; 10]);
    program.write_file(LOG, bytes);
    program.unmark();
    let Ran { err, code, .. } = program.run("read data");
    assert_eq!(code, 0);
    let expected = "segment-log: the log was not closed in order, and its end is torn: \
                    data/log-0/00000000000000000000.log, byte 187: the batch is cut off: it needs 61 bytes and 10 are there\n\
                    segment-log: cut 10 bytes from there on; the log now ends at offset 4\n";
    assert_eq!(err, expected);
}

#[test]
fn reports_damage_and_cuts_nothing() {
    let program = rolled();
    let closed = "data/log-0/00000000000000000002.log";
    program.flip(closed, 75 + 70);
    let before = program.read_file(closed);
    // Opening the log reads no closed segment, so nobody has noticed yet.
    assert_eq!(program.run("read data --max 1").code, 0);

    let Ran { out, err, code } = program.run("recover data");
    assert_eq!(code, 4);
    assert!(
        out.contains("\n00000000000000000002.log         1 batch          75 bytes  damaged at byte 75\n"),
        "{out}"
    );
    assert!(out.contains("\n00000000000000000004.log       2 batches         150 bytes  intact\n"), "{out}");
    assert!(err.starts_with(&format!("segment-log: {closed}, byte 75: the checksum does not match: ")), "{err}");
    assert!(err.ends_with("Nothing of it was cut. A copy of the file is the way back, if there is one\n"), "{err}");
    assert_eq!(program.read_file(closed), before);
}

#[test]
fn damage_below_the_recovery_point_is_never_cut() {
    let program = Program::with_records();
    program.flip(LOG, 70);
    program.unmark();
    let before = program.read_file(LOG);
    for _ in 0..2 {
        let Ran { out, err, code } = program.run("recover data");
        assert_eq!(code, 4);
        assert_eq!(out, "00000000000000000000.log       0 batches           0 bytes  damaged at byte 0\n");
        assert!(err.starts_with(&format!("segment-log: {LOG}, byte 0: the checksum does not match: ")), "{err}");
        assert_eq!(program.run("read data").code, 4, "the log does not open");
    }
    assert_eq!(program.read_file(LOG), before);
}

#[test]
fn rebuilds_indexes_that_do_not_fit() {
    let program = Program::new();
    let lines: String = (0..200).map(|number| format!("{number} {}\n", "x".repeat(100))).collect();
    program.run_with(&format!("append data --batch 1 --segment-bytes 17000 {TIME}"), lines);
    let index = "data/log-0/00000000000000000000.index";
    let good = program.read_file(index);
    // Not the last entry: opening the log looks at that one.
    program.flip(index, 7);
    let time_index = "data/log-0/00000000000000000000.timeindex";
    let good_times = program.read_file(time_index);
    std::fs::remove_file(program.path(time_index)).unwrap();

    let Ran { out, err, code } = program.run("recover data");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("\n  rebuilt 00000000000000000000.index: entry 0 points at byte "), "{out}");
    assert!(out.contains("\n  rebuilt 00000000000000000000.timeindex: it is missing\n"), "{out}");
    assert_eq!(program.read_file(index), good);
    assert_eq!(program.read_file(time_index), good_times);
    assert!(!program.run("recover data").out.contains("rebuilt"));
}

#[test]
fn segments_that_overlap_are_damage() {
    let program = rolled();
    let bytes = program.read_file("data/log-0/00000000000000000002.log");
    program.write_file("data/log-0/00000000000000000003.log", bytes);
    let Ran { out, code, .. } = program.run("recover data");
    assert_eq!(code, 4);
    assert!(out.contains("00000000000000000003.log"), "{out}");
}

#[test]
fn sweeps_what_a_crash_left_unfinished() {
    let program = Program::with_records();
    program.unmark();
    program.write_file("data/log-0/00000000000000000009.snapshot.tmp", "half");
    program.write_file("data/log-0/00000000000000000009.index", "no log");
    let expected = "\
00000000000000000000.log       2 batches         187 bytes  intact
removed 00000000000000000009.index: a crash left it unfinished
removed 00000000000000000009.snapshot.tmp: a crash left it unfinished
2 batches verified; the log starts at offset 0 and ends at 4
";
    assert_eq!(program.run("recover data"), Ran::ok(expected));
}
