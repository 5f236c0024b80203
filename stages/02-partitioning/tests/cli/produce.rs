//! `produce`.

use std::io::Write;

use terminal::Signal;

use crate::program::{Program, Ran, TIME, ended, next_line, signal};

#[test]
fn lines_with_keys_go_where_their_keys_go() {
    let (program, _server) = Program::with_topic();
    let input = "alice:paid 10\nbob:paid 7\nalice:paid 3\ncarol:\n";
    let ran = program.run_with(&format!("produce orders --key-separator : --each {TIME}"), input);
    let expected = "orders-0 0 1700000000000 \"alice\" \"paid 10\"\n\
                    orders-0 1 1700000000000 \"bob\" \"paid 7\"\n\
                    orders-0 2 1700000000000 \"alice\" \"paid 3\"\n\
                    orders-2 0 1700000000000 \"carol\" \"\"\n\
                    produced 4 records in 2 batches\n\
                    \u{20} orders-0: 3 records, offsets 0 to 2\n\
                    \u{20} orders-2: 1 record, offset 0\n";
    assert_eq!(ran, Ran::ok(expected));
    assert_eq!(program.run("produce orders"), Ran::ok("produced nothing\n"));
}

#[test]
fn each_partitioner_places_records() {
    let (program, _server) = Program::with_topic();
    let lines: String = (0..60).map(|number| format!("{number:04}\n")).collect();
    let counts = |arguments: &str| {
        let Ran { out, code, .. } = program.run_with(&format!("produce orders {arguments}"), &lines);
        assert_eq!(code, 0, "{out}");
        let count = |line: &str| line.split_whitespace().nth(1).unwrap().parse::<u32>().unwrap();
        out.lines().skip(1).map(count).collect::<Vec<_>>()
    };
    assert_eq!(counts("--partitioner round-robin"), [20, 20, 20]);
    assert_eq!(counts("--partition 1"), [60]);
    assert_eq!(counts("--partitioner sticky --seed 1"), [60], "they all fit into one batch");
    assert_eq!(counts("--partitioner sticky-by-bytes --seed 1"), [60]);
    assert_eq!(counts("--seed 1"), [60]);
    assert!(counts("--partitioner sticky-by-bytes --batch-size 100 --seed 1").len() > 1);
}

#[test]
fn a_seed_repeats_what_chance_did() {
    let (program, _server) = Program::with_topic();
    let place = |seed: u32| {
        let Ran { out, .. } = program.run_with(&format!("produce orders --seed {seed} --each"), "one\n");
        out.split(' ').next().unwrap().to_owned()
    };
    let first: Vec<_> = (0..6).map(place).collect();
    assert_eq!((0..6).map(place).collect::<Vec<_>>(), first);
    assert!(first.iter().any(|at| *at != first[0]), "other seeds choose others: {first:?}");
}

#[test]
fn batches_are_as_large_as_they_may_be() {
    let (program, _server) = Program::with_topic();
    let lines = format!("{}\n", "x".repeat(100)).repeat(100);
    for (arguments, batches) in
        [("", "1 batch"), ("--batch-size 0", "100 batches"), ("--batch-size 1000", "13 batches")]
    {
        let ran = program.run_with(&format!("produce orders --partition 0 {arguments}"), &lines);
        assert!(ran.out.starts_with(&format!("produced 100 records in {batches}\n")), "{arguments}: {}", ran.out);
    }
}

#[test]
fn every_byte_of_a_line_is_kept_whatever_the_codec() {
    let input = b"plain\n\ntab\there\n\xff\xfe\r\n  \nlast";
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let (program, _server) = Program::with_topic();
        let produced = program.run_with(&format!("produce orders --partition 1 --compression {codec} {TIME}"), input);
        assert_eq!(produced.code, 0, "{codec}: {}", produced.err);
        let lines = [r#""plain""#, r#""""#, r#""tab\there""#, r#""\xff\xfe\r""#, r#""  ""#, r#""last""#];
        let lines = lines.iter().enumerate();
        let expected: String =
            lines.map(|(offset, value)| format!("orders-1 {offset} 1700000000000 null {value}\n")).collect();
        assert_eq!(program.run("consume orders --until-end"), Ran::ok(&expected), "{codec}");
        let dumped = program.read_file("data/orders-1/00000000000000000000.log");
        let attributes = u16::from_be_bytes([dumped[21], dumped[22]]);
        let number = ["none", "gzip", "snappy", "lz4", "zstd"].iter().position(|name| *name == codec).unwrap();
        assert_eq!(usize::from(attributes & 7), number, "{codec} is what is stored");
    }
}

#[test]
fn a_bad_line_loses_no_good_one() {
    let (program, _server) = Program::with_topic();
    let ran = program.run_with(&format!("produce orders --key-separator = {TIME}"), "a=1\nb=2\noops\nc=3\n");
    assert_eq!(ran.code, 1);
    assert_eq!(ran.err, "partitioning: line 3 has no `=`: it must separate a key from a value\n");
    assert!(ran.out.starts_with("produced 2 records in "), "{}", ran.out);
    assert_eq!(program.run("consume orders --until-end --format value").out.lines().count(), 2);
}

#[test]
fn a_separator_may_have_many_bytes_and_come_twice() {
    let (program, _server) = Program::with_topic();
    program.run_with("produce orders --key-separator => --partition 0", "a=>b=>c\n=>\n");
    let ran = program.run_each(&["consume", "orders", "--until-end", "--format", r"[%k] [%v]\n"], "");
    assert_eq!(ran, Ran::ok("[a] [b=>c]\n[] []\n"));
}

#[test]
fn a_line_must_fit_a_request() {
    let (program, _server) = Program::with_topic();
    let produce = "produce orders --partition 0 --max-request-size 1000";
    for (length, rule) in [
        (999, "line 2 does not fit: the record takes up to 1085 bytes, and max.request.size allows 1000"),
        (1000, "line 2 does not fit: the record takes up to 1086 bytes, and max.request.size allows 1000"),
        (1001, "line 2 is longer than max.request.size = 1000 bytes"),
        (5_000_000, "line 2 is longer than max.request.size = 1000 bytes"),
    ] {
        let ran = program.run_with(produce, format!("short\n{}\nrest\n", "x".repeat(length)));
        assert_eq!((ran.code, ran.err), (1, format!("partitioning: {rule}\n")), "{length}");
        assert!(ran.out.starts_with("produced 1 record in 1 batch\n"), "{}", ran.out);
    }
    let ran = program.run_with("produce orders --buffer-memory 1000", "x".repeat(2000));
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("line 1 does not fit") && ran.err.contains("buffer.memory allows 1000"), "{}", ran.err);
}

#[test]
fn more_goes_through_a_small_memory() {
    let (program, _server) = Program::with_topic();
    let lines: String = (0..5000).map(|number| format!("{number}\n")).collect();
    let ran = program.run_with("produce orders --partition 2 --buffer-memory 2000 --batch-size 1000 --each", lines);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("\norders-2 4999 "), "the order is that of the input");
    assert!(ran.out.contains("\nproduced 5000 records in "));
}

#[test]
fn what_the_broker_refuses_is_counted_and_the_first_reason_told() {
    let (program, _server) = Program::with_broker();
    program.run("create-topic orders --config max.message.bytes=100");
    let lines = format!("short\n{0}\n{0}\nshort\n", "x".repeat(100));
    let ran = program.run_with("produce orders --batch-size 0", lines);
    let expected = "partitioning: 2 records failed, the first of them from line 2: the batch has 170 bytes, and \
                    max.message.bytes allows 100 (MESSAGE_TOO_LARGE)\n";
    assert_eq!(
        ran,
        Ran::failed(1, "produced 2 records in 4 batches\n  orders-0: 2 records, offsets 0 to 1\n", expected)
    );
    let ran = program.run_with("produce orders", "x".repeat(100));
    assert!(ran.err.starts_with("partitioning: the record of line 1 failed: the batch has 170 bytes"), "{}", ran.err);
}

#[test]
fn what_is_not_there_is_told_before_the_input_ends() {
    let (program, _server) = Program::with_topic();
    for (command, rule) in [
        ("produce nothing", "there is no topic `nothing` (UNKNOWN_TOPIC_OR_PARTITION)"),
        ("produce orders --partition 3", "the topic orders has no partition 3: it has 3, numbered from 0"),
    ] {
        let mut child = program.start(command);
        // The input stays open, and nobody waits for its end, nor for `max.block.ms`.
        let mut input = child.stdin.take().unwrap();
        input.write_all(b"first\n").unwrap();
        let ran = ended(child);
        assert_eq!((ran.code, ran.out.as_str()), (3, "produced nothing\n"), "{}", ran.err);
        assert!(ran.err.starts_with(&format!("partitioning: {rule}\n")), "{}", ran.err);
    }
}

#[test]
fn ctrl_c_ends_the_input_and_loses_nothing() {
    let (program, _server) = Program::with_topic();
    let mut child = program.start("produce orders --partition 0 --linger-ms 0 --each");
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"first\n").unwrap();
    assert!(next_line(&mut child).ends_with("null \"first\""));
    signal(&child, Signal::INT);
    assert_eq!(ended(child), Ran::ok("produced 1 record in 1 batch\n  orders-0: 1 record, offset 0\n"));
    drop(input);
}

#[test]
fn who_does_not_read_the_report_stops_no_record() {
    let (program, _server) = Program::with_topic();
    let mut child = program.start("produce orders --partition 0 --linger-ms 0 --each");
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"first\n").unwrap();
    next_line(&mut child);
    drop(child.stdout.take());
    input.write_all(&b"more\n".repeat(99)).unwrap();
    drop(input);
    assert_eq!(ended(child), Ran::ok(""));
    assert_eq!(program.run("consume orders --until-end --format value").out.lines().count(), 100);
}
