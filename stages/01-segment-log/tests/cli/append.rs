//! `append`.

use crate::program::{Program, Ran, TIME};

#[test]
fn reports_what_it_appended() {
    let program = Program::new();
    let append = format!("append data {TIME}");
    assert_eq!(program.run_with(&append, "a\nb\nc"), Ran::ok("appended 3 records in 1 batch: offsets 0 to 2\n"));
    assert_eq!(program.run_with(&append, "d\n"), Ran::ok("appended 1 record in 1 batch: offset 3\n"));
    assert_eq!(program.run(&append), Ran::ok("appended nothing\n"));
    let each = "batch of 2 records: offsets 4 to 5\nbatch of 1 record: offset 6\n\
                appended 3 records in 2 batches: offsets 4 to 6\n";
    assert_eq!(program.run_with(&format!("{append} --batch 2 --each"), "e\nf\ng\n"), Ran::ok(each));
}

#[test]
fn keeps_every_byte_of_a_line() {
    let program = Program::new();
    let input = b"plain\n\ntab\there\n\xff\xfe\r\n  \n";
    program.run_with(&format!("append data {TIME}"), input);
    let Ran { out, .. } = program.run("read data");
    let expected = [r#""plain""#, r#""""#, r#""tab\there""#, r#""\xff\xfe\r""#, r#""  ""#];
    let expected = expected.iter().enumerate().map(|(offset, value)| format!("{offset} 1700000000000 null {value}\n"));
    assert_eq!(out, expected.collect::<String>());
}

#[test]
fn compresses_with_every_codec() {
    let lines: String = (0..300).map(|number| format!("event number {number}\n")).collect();
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let program = Program::new();
        program.run_with(&format!("append data --compression {codec} {TIME}"), &lines);
        assert_eq!(program.run("read data --format value"), Ran::ok(&lines));
        let Ran { out, .. } = program.run("dump data");
        assert!(out.contains(&format!("  {codec} ")), "{out}");
    }
}

#[test]
fn a_bad_line_loses_no_good_one() {
    let program = Program::new();
    let ran = program.run_with(&format!("append data --key-separator = {TIME}"), "a=1\nb=2\noops\nc=3\n");
    let expected = Ran::failed(
        1,
        "appended 2 records in 1 batch: offsets 0 to 1\n",
        "segment-log: line 3 has no `=`: it must separate a key from a value\n",
    );
    assert_eq!(ran, expected);
    let expected = "0 1700000000000 \"a\" \"1\"\n1 1700000000000 \"b\" \"2\"\n";
    assert_eq!(program.run("read data"), Ran::ok(expected));
}

#[test]
fn a_separator_may_have_many_bytes_and_come_twice() {
    let program = Program::new();
    program.run_with(&format!("append data --key-separator => {TIME}"), "a=>b=>c\n=>\n");
    let expected = "0 1700000000000 \"a\" \"b=>c\"\n1 1700000000000 \"\" \"\"\n";
    assert_eq!(program.run("read data"), Ran::ok(expected));
}

#[test]
fn a_line_must_fit_a_batch() {
    let program = Program::new();
    let limit = (1 << 20) + 12;
    for length in [limit, 3 * limit] {
        let ran = program.run_with(&format!("append data {TIME}"), format!("short\n{}\nrest\n", "x".repeat(length)));
        let rule = "line 2 does not fit: a batch has at most 1048588 bytes (max.message.bytes), its header included";
        assert_eq!((ran.code, ran.err), (1, format!("segment-log: {rule}\n")));
        assert!(ran.out.starts_with("appended 1 record in 1 batch"), "{}", ran.out);
    }
    // 61 bytes of header, and what a record takes beside its value.
    let ran = program.run_with("append fits", "x".repeat(limit - 61 - 30));
    assert_eq!(ran, Ran::ok("appended 1 record in 1 batch: offset 0\n"));

    let ran = program.run_with("append small --segment-bytes 100", "short\n0123456789012345678901234567890123456789\n");
    let rule = "line 2 does not fit: a batch has at most 100 bytes (segment.bytes), its header included";
    assert_eq!(ran, Ran::failed(1, "appended 1 record in 1 batch: offset 0\n", &format!("segment-log: {rule}\n")));
}

#[test]
fn a_batch_ends_where_the_next_record_would_not_fit() {
    let program = Program::new();
    let lines = format!("{0}\n{0}\n{0}\n", "x".repeat(400_000));
    let expected = "batch of 2 records: offsets 0 to 1\nbatch of 1 record: offset 2\n\
                    appended 3 records in 2 batches: offsets 0 to 2\n";
    assert_eq!(program.run_with("append data --each", lines), Ran::ok(expected));
}

#[test]
fn rolls_and_saves_the_counts_at_each_roll() {
    let program = Program::new();
    let lines: String = (0..6).map(|number| format!("key:{number}\n")).collect();
    program.run_with(&format!("append data --batch 1 --segment-bytes 160 --key-separator : {TIME}"), lines);
    let files: Vec<_> = std::fs::read_dir(program.path("data/log-0"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for base in [0, 2, 4] {
        assert!(files.contains(&format!("{base:020}.log")), "{files:?}");
    }
    for snapshot in [2, 4, 6] {
        assert!(files.contains(&format!("{snapshot:020}.snapshot")), "{files:?}");
    }
}

#[test]
fn every_flush_policy_appends() {
    let program = Program::new();
    for (first, policy) in ["never", "every-append", "every-3"].into_iter().enumerate() {
        let ran = program.run_with(&format!("append data --flush {policy} --batch 1"), "a\n");
        assert_eq!(ran, Ran::ok(&format!("appended 1 record in 1 batch: offset {first}\n")));
    }
}

#[test]
fn a_setting_out_of_range_is_named() {
    let program = Program::new();
    let ran = program.run_with("append data --segment-bytes 0", "a\n");
    assert_eq!(ran, Ran::failed(1, "", "segment-log: segment.bytes is 0, and it is from 1 to 2147483647\n"));
}
