//! What was acknowledged stays, however the broker ends.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::thread;

use crate::program::{Program, Server, ended};

/// Produces without end, ends the broker by `end` in the middle of it, and starts it again. Then every line that was
/// acknowledged must be there, at its offset.
fn ended_in_the_middle(end: impl FnOnce(Server)) -> (Program, Server) {
    let (mut program, server) = Program::with_topic();
    let produce = "produce orders --linger-ms 0 --batch-size 500 --max-block-ms 1000 --each --partitioner round-robin";
    let mut producer = program.start(produce);
    let mut input = producer.stdin.take().unwrap();
    let feed = thread::spawn(move || {
        // Until the producer has had enough.
        for number in 0u64.. {
            if writeln!(input, "line {number}").is_err() {
                return;
            }
        }
    });
    let mut printed = BufReader::new(producer.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut acknowledged: Vec<_> = printed.by_ref().take(1000).collect();
    end(server);
    acknowledged.extend(printed.filter(|line| line.starts_with("orders-")));
    let failed = ended(producer);
    assert!(matches!(failed.code, 1 | 6), "the broker was gone: {}", failed.err);
    feed.join().unwrap();

    let server = program.serve("--log warn");
    let there = program.run("consume orders --until-end");
    assert_eq!((there.code, there.err.as_str()), (0, ""));
    let there: BTreeSet<_> = there.out.lines().collect();
    let lost: Vec<_> = acknowledged.iter().filter(|line| !there.contains(line.as_str())).collect();
    assert!(lost.is_empty(), "of {} acknowledged records {} are lost: {lost:?}", acknowledged.len(), lost.len());
    (program, server)
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let (program, server) = ended_in_the_middle(Server::kill);
    assert_eq!(program.run("describe").code, 0);
    let stopped = server.stop();
    assert_eq!(stopped.out, "stopped: 1 topic with 3 partitions, all closed in order\n");
}

#[test]
fn a_stop_answers_what_was_taken() {
    let (_program, server) = ended_in_the_middle(|server| {
        let stopped = server.stop();
        assert_eq!(stopped.code, 0, "{}", stopped.err);
        assert_eq!(stopped.out, "stopped: 1 topic with 3 partitions, all closed in order\n");
    });
    let stopped = server.stop();
    assert_eq!(stopped.err, "", "a folder that was closed in order has nothing to mend");
}
