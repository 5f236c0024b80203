//! `consume`.

use terminal::Signal;

use crate::program::{Program, Ran, Server, TIME, ended, next_line, signal};

/// Five records in three partitions.
fn with_records() -> (Program, Server) {
    let (program, server) = Program::with_topic();
    for (partition, time, lines) in [
        (0, "2023-11-14T22:13:20Z", "alice:paid 10\nbob:paid 7\n"),
        (0, "2023-11-14T22:13:21Z", "alice:paid 3\n"),
        (2, "2023-11-14T22:13:20Z", "carol:\nerin:paid 1\n"),
    ] {
        let arguments = format!("produce orders --partition {partition} --timestamp {time} --key-separator :");
        assert_eq!(program.run_with(&arguments, lines).code, 0);
    }
    (program, server)
}

const FIRST: &str = "orders-0 0 1700000000000 \"alice\" \"paid 10\"\norders-0 1 1700000000000 \"bob\" \"paid 7\"\n";
const LATER: &str = "orders-0 2 1700000001000 \"alice\" \"paid 3\"\n";
const OTHER: &str = "orders-2 0 1700000000000 \"carol\" \"\"\norders-2 1 1700000000000 \"erin\" \"paid 1\"\n";

#[test]
fn it_begins_where_it_is_told() {
    let (program, _server) = with_records();
    for (arguments, expected) in [
        ("--until-end", format!("{FIRST}{LATER}{OTHER}")),
        ("--max 2", FIRST.to_owned()),
        ("--max 0", String::new()),
        ("--partition 2 --until-end", OTHER.to_owned()),
        ("--partition 1 --until-end", String::new()),
        ("--partition 2 --partition 1 --partition 2 --until-end", OTHER.to_owned()),
        ("--partition 0 --from 2 --until-end", LATER.to_owned()),
        ("--partition 0 --from 3 --until-end", String::new()),
        ("--from latest --until-end", String::new()),
        ("--from earliest --partition 2 --max 2", OTHER.to_owned()),
        ("--from 2023-11-14T22:13:21Z --until-end", LATER.to_owned()),
        ("--from @1700000000001 --until-end", LATER.to_owned()),
        ("--from @1700000001001 --until-end", String::new()),
        ("--until-end --max-poll-records 1 --max-partition-fetch-bytes 1 --fetch-max-bytes 1", String::new()),
    ] {
        let ran = program.run(&format!("consume orders {arguments}"));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments}");
        if arguments.contains("fetch-max") {
            // Each batch comes alone, so the partitions take turns.
            let mut lines: Vec<_> = ran.out.lines().collect();
            lines.sort_unstable();
            assert_eq!(lines.join("\n") + "\n", format!("{FIRST}{LATER}{OTHER}"));
        } else {
            assert_eq!(ran.out, expected, "{arguments}");
        }
    }
}

#[test]
fn an_offset_that_is_not_there_is_not_found_unless_one_may_go_elsewhere() {
    let (program, _server) = with_records();
    let expected = "partitioning: orders-0 has no offset 4: it holds 0 to before 3, and auto.offset.reset=none forbids another\n\
                    partitioning: --from earliest begins where the partition begins\n";
    let from_4 = "consume orders --partition 0 --from 4 --until-end";
    assert_eq!(program.run(from_4), Ran::failed(3, "", expected));
    assert_eq!(program.run(&format!("{from_4} --reset earliest")), Ran::ok(&format!("{FIRST}{LATER}")));
    assert_eq!(program.run(&format!("{from_4} --reset latest")), Ran::ok(""));

    let expected = "partitioning: the topic orders has no partition 7: it has 3, numbered from 0\n\
                    partitioning: `partitioning describe TOPIC` shows what partitions there are\n";
    assert_eq!(program.run("consume orders --partition 0 --partition 7"), Ran::failed(3, "", expected));
}

#[test]
fn records_are_printed_as_the_format_says() {
    let (program, _server) = with_records();
    let values = program.run("consume orders --partition 2 --until-end --format value");
    assert_eq!(values, Ran::ok("\npaid 1\n"));
    let format = r"%t/%p@%o\t%T %k=%v [%h] 100%%\\\n";
    let filled = program.run_each(&["consume", "orders", "--partition", "2", "--max", "1", "--format", format], "");
    assert_eq!(filled, Ran::ok("orders/2@0\t1700000000000 carol= [] 100%\\\n"));
    let null = program.run_with("produce orders --partition 1", "no key\n");
    assert_eq!(null.code, 0);
    let filled = program.run_each(&["consume", "orders", "--partition", "1", "--max", "1", "--format", "<%k|%v>"], "");
    assert_eq!(filled, Ran::ok("<|no key>"));
}

#[test]
fn it_goes_on_until_ctrl_c() {
    let (program, _server) = with_records();
    let mut reader = program.start("consume orders --partition 0 --from latest");
    let mut earlier = program.start("consume orders --partition 0");
    for _ in 0..3 {
        assert!(next_line(&mut earlier).starts_with("orders-0 "));
    }
    // The one that begins at the end stands there from some moment on. From its first line on it surely listens.
    let (first, sent) = std::thread::scope(|scope| {
        let first = scope.spawn(|| next_line(&mut reader));
        let mut sent = 0;
        while !first.is_finished() {
            assert!(sent < 1000, "it reads none of {sent} records");
            program.run_with(&format!("produce orders --partition 0 {TIME}"), "new\n");
            sent += 1;
        }
        (first.join().expect("a line"), sent)
    });
    assert!(first.ends_with("null \"new\""), "{first}");
    for offset in 3..3 + sent {
        assert_eq!(next_line(&mut earlier), format!("orders-0 {offset} 1700000000000 null \"new\""));
    }
    for child in [&earlier, &reader] {
        signal(child, Signal::INT);
    }
    assert_eq!(ended(earlier), Ran::ok(""));
    let Ran { out, code, .. } = ended(reader);
    assert!(code == 0 && !out.contains("paid"), "{out}");
}

#[test]
fn it_ends_quietly_when_nobody_reads_on() {
    let (program, _server) = Program::with_topic();
    // More than a pipe holds.
    let lines: String = (0..20_000).map(|number| format!("line {number}\n")).collect();
    program.run_with(&format!("produce orders --partition 0 {TIME}"), lines);
    let mut reader = program.start("consume orders");
    assert_eq!(next_line(&mut reader), "orders-0 0 1700000000000 null \"line 0\"");
    drop(reader.stdout.take());
    assert_eq!(ended(reader), Ran::ok(""));

    // It has printed all that there is, and waits for more.
    let mut reader = program.start("consume orders --from 19999 --partition 0");
    assert_eq!(next_line(&mut reader), "orders-0 19999 1700000000000 null \"line 19999\"");
    drop(reader.stdout.take());
    assert_eq!(ended(reader), Ran::ok(""));
}

#[test]
fn damage_is_told_with_its_place_after_what_comes_before_it() {
    let (program, _server) = with_records();
    let log = "data/orders-0/00000000000000000000.log";
    let first = program.read_file(log)[8..12].try_into().map(u32::from_be_bytes).unwrap() as usize + 12;
    program.flip(log, first + 70);
    let Ran { out, err, code } = program.run("consume orders --partition 0");
    assert_eq!((code, out.as_str()), (4, FIRST), "the batch before it is whole: {err}");
    assert!(err.starts_with("partitioning: orders-0, offset 2: the checksum does not match"), "{err}");
    assert!(err.contains("`segment-log dump DIR/TOPIC-PARTITION --records`"), "{err}");
    assert_eq!(program.run("consume orders --partition 2 --until-end"), Ran::ok(OTHER), "others are not concerned");
}
