//! One process at a time.

use std::io::Write;

use crate::program::{Program, Ran, TIME, ended, next_line};

#[test]
fn the_second_process_is_told_who_has_the_folder() {
    let program = Program::new();
    let mut writer = program.start(&format!("append data --batch 1 --each {TIME}"));
    writer.stdin.as_mut().unwrap().write_all(b"one\n").unwrap();
    assert_eq!(next_line(&mut writer), "batch of 1 record: offset 0");

    let holder = writer.id();
    let expected = format!(
        "segment-log: data is in use by process {holder}: a data folder has one writer at a time\n\
         segment-log: `segment-log dump DIR` looks without taking the folder\n"
    );
    for command in ["read data", "append data", "count data", "recover data", "retain data --ms 0"] {
        assert_eq!(program.run(command), Ran::failed(5, "", &expected), "{command}");
    }
    let Ran { out, err, code } = program.run("dump data --records");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.starts_with("data: in use, or not closed in order\n"), "{out}");
    assert!(out.contains("0 1700000000000 null \"one\"\n"), "{out}");

    writer.stdin.as_mut().unwrap().write_all(b"two\n").unwrap();
    drop(writer.stdin.take());
    let expected = "batch of 1 record: offset 1\nappended 2 records in 2 batches: offsets 0 to 1\n";
    assert_eq!(ended(writer), Ran::ok(expected));
    assert_eq!(
        program.run("count data"),
        Ran::ok("from the snapshot at offset 2, and 0 batches after it\n        2  null\n")
    );
}
