//! `retain`.

use crate::program::{Program, Ran};

/// Three segments of two batches, a second apart from batch to batch.
fn seconds() -> Program {
    let program = Program::new();
    for second in 0..6 {
        let arguments = format!("append data --segment-bytes 160 --timestamp {}", 1_700_000_000_000i64 + second * 1000);
        program.run_with(&arguments, format!("value {second}\n"));
    }
    program
}

#[test]
fn deletes_the_oldest_segments_by_size() {
    let program = seconds();
    let expected = "deleted nothing\nthe log has 450 bytes and starts at offset 0\n";
    assert_eq!(program.run("retain data --bytes 450"), Ran::ok(expected));
    let expected = "deleted 00000000000000000000.log: offsets 0 to 1, 150 bytes\n\
                    the log has 300 bytes and starts at offset 2\n";
    assert_eq!(program.run("retain data --bytes 300"), Ran::ok(expected));
    let expected = "segment-log: offset 0 is not in the log, which holds 2 to before 6\n";
    assert_eq!(program.run("read data --from 0"), Ran::failed(3, "", expected));
    assert_eq!(program.run("read data --max 1"), Ran::ok("2 1700000002000 null \"value 2\"\n"));
}

#[test]
fn deletes_the_oldest_segments_by_age() {
    let program = seconds();
    // The second segment's youngest record is of second 3.
    let expected = "deleted 00000000000000000000.log: offsets 0 to 1, 150 bytes\n\
                    the log has 300 bytes and starts at offset 2\n";
    assert_eq!(program.run("retain data --ms 1000 --now 1700000004000"), Ran::ok(expected));
    let expected = "deleted 00000000000000000002.log: offsets 2 to 3, 150 bytes\n\
                    the log has 150 bytes and starts at offset 4\n";
    assert_eq!(program.run("retain data --ms 1000 --now 2023-11-14T22:13:24.001Z"), Ran::ok(expected));
}

#[test]
fn offsets_go_on_after_everything_is_deleted() {
    let program = seconds();
    let Ran { out, code, .. } = program.run("retain data --ms 0 --now 1800000000000");
    assert_eq!(code, 0);
    assert!(out.ends_with("the log has 0 bytes and starts at offset 6\n"), "{out}");
    assert_eq!(program.run("read data"), Ran::ok(""));
    assert_eq!(program.run_with("append data", "next\n"), Ran::ok("appended 1 record in 1 batch: offset 6\n"));
    // The counts remember what the log has forgotten, and a replay does not.
    let counted = "from the snapshot at offset 7, and 0 batches after it\n        7  null\n";
    assert_eq!(program.run("count data"), Ran::ok(counted));
    let replayed = "from nothing, and 1 batch from offset 6 on\n        1  null\n";
    assert_eq!(program.run("count data --replay"), Ran::ok(replayed));
}
