//! `read`.

use std::io::Write;

use crate::program::{Program, Ran, TIME, ended, next_line};

#[test]
fn prints_records_from_an_offset() {
    let program = Program::with_records();
    let all = "0 1700000000000 \"alice\" \"paid 10\"\n1 1700000000000 \"bob\" \"paid 7\"\n\
               2 1700000000000 \"alice\" \"paid 3\"\n3 1700000000000 \"alice\" \"\"\n";
    assert_eq!(program.run("read data"), Ran::ok(all));
    // Offset 1 lies inside the first batch.
    assert_eq!(program.run("read data --from 1"), Ran::ok(&all[34..]));
    assert_eq!(program.run("read data --from 1 --max 1"), Ran::ok("1 1700000000000 \"bob\" \"paid 7\"\n"));
    assert_eq!(program.run("read data --from 4"), Ran::ok(""));
    assert_eq!(program.run("read data --format value --max 2"), Ran::ok("paid 10\npaid 7\n"));
}

#[test]
fn an_offset_that_is_not_there_is_not_found() {
    let program = Program::with_records();
    for offset in ["5", "-1"] {
        let expected = format!("segment-log: offset {offset} is not in the log, which holds 0 to before 4\n");
        assert_eq!(program.run(&format!("read data --from {offset}")), Ran::failed(3, "", &expected));
    }
}

#[test]
fn prints_records_from_a_time() {
    let program = Program::new();
    for (time, line) in [("2023-11-14T22:13:20Z", "first"), ("2023-11-14T22:13:21Z", "second")] {
        program.run_with(&format!("append data --timestamp {time}"), line);
    }
    let (first, second) = ("0 1700000000000 null \"first\"\n", "1 1700000001000 null \"second\"\n");
    assert_eq!(program.run("read data --from-time 0"), Ran::ok(&format!("{first}{second}")));
    assert_eq!(program.run("read data --from-time 1700000000001"), Ran::ok(second));
    assert_eq!(program.run("read data --from-time 2023-11-14T22:13:21Z"), Ran::ok(second));
    let note = "segment-log: no record has timestamp 1700000001001 or a later one; the log ends at offset 2\n";
    assert_eq!(program.run("read data --from-time 2023-11-14T22:13:21.001Z"), Ran::failed(0, "", note));
}

#[test]
fn ends_quietly_when_nobody_reads_on() {
    let program = Program::new();
    // More than a pipe holds.
    let lines: String = (0..20_000).map(|number| format!("line {number}\n")).collect();
    program.run_with(&format!("append data {TIME}"), lines);
    let mut reader = program.start("read data");
    assert_eq!(next_line(&mut reader), "0 1700000000000 null \"line 0\"");
    drop(reader.stdout.take());
    assert_eq!(ended(reader), Ran::ok(""));
    // It closed the log in order all the same.
    assert_eq!(program.run("read data --max 1"), Ran::ok("0 1700000000000 null \"line 0\"\n"));
}

#[test]
fn stops_at_damage_and_says_where() {
    let program = Program::with_records();
    program.flip("data/log-0/00000000000000000000.log", 96 + 70);
    let Ran { out, err, code } = program.run("read data");
    assert_eq!(code, 4);
    assert_eq!(out.lines().count(), 2, "the batch before the damage is served: {out}");
    let place =
        "segment-log: data/log-0/00000000000000000000.log, byte 96: the checksum does not match: the header says ";
    assert!(err.starts_with(place), "{err}");
    assert!(err.ends_with("`segment-log recover DIR` reads the whole log, `segment-log dump DIR` shows it\n"), "{err}");
}

#[test]
fn what_was_reported_survives_the_process() {
    let program = Program::new();
    let mut writer = program.start(&format!("append data --batch 1 --each {TIME}"));
    writer.stdin.as_mut().unwrap().write_all(b"one\ntwo\n").unwrap();
    assert_eq!(next_line(&mut writer), "batch of 1 record: offset 0");
    assert_eq!(next_line(&mut writer), "batch of 1 record: offset 1");
    writer.kill().unwrap();
    writer.wait().unwrap();

    let Ran { out, err, code } = program.run("read data");
    assert_eq!((code, out.as_str()), (0, "0 1700000000000 null \"one\"\n1 1700000000000 null \"two\"\n"));
    let note = "segment-log: the log was not closed in order; 2 batches of its last segment verified, nothing cut\n";
    assert_eq!(err, note);
    assert_eq!(program.run("read data").err, "", "it is closed in order now");
}
