//! The notebook, and the file that it becomes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;

use history::{
    Anomaly, Decision, Floors, History, Kind, Operation, Partition, Record, Recorder, Rules, Sent, Verdict, check,
};

fn orders() -> Partition {
    Arc::from("orders-0")
}

/// One note of each kind, and one that never ended.
fn one_of_each() -> History {
    let recorder = Recorder::new();
    let (producer, consumer) = (recorder.client("producer-1"), recorder.client("consumer-1"));
    producer.send(10, &orders(), 1).acked(20, Some(0));
    producer.send(30, &orders(), 2).acked(40, None);
    producer.send(50, &orders(), 3).failed(60);
    producer.send(70, &orders(), 4).unknown(80);
    drop(producer.send(90, &orders(), 5));
    recorder.client("producer-0").send(92, &orders(), 7).fenced(95);
    let transaction = producer.begin(100);
    transaction.send(110, &orders(), 6).acked(120, Some(3));
    transaction.commit(130).end(140, Decision::Unknown);
    let second = producer.begin(150);
    second.poll(160).gave(170, vec![]);
    second.consume(175, BTreeMap::from([(orders(), 2)]));
    second.abort(180).end(190, Decision::Aborted);
    consumer.assign(200, vec![orders()]);
    consumer.seek(210, &orders());
    consumer.poll(220).gave(230, vec![Record::new("orders-0", 0, 1), Record::new("orders-0", 1, 2)]);
    consumer.drain(240).reached(250, BTreeMap::from([(orders(), 5)]));
    recorder.history()
}

const LINES: &str = r#"{"process":"producer-1","began":10,"ended":20,"kind":{"send":{"partition":"orders-0","value":1,"outcome":{"acked":{"offset":0}}}}}
{"process":"producer-1","began":30,"ended":40,"kind":{"send":{"partition":"orders-0","value":2,"outcome":{"acked":{"offset":null}}}}}
{"process":"producer-1","began":50,"ended":60,"kind":{"send":{"partition":"orders-0","value":3,"outcome":"failed"}}}
{"process":"producer-1","began":70,"ended":80,"kind":{"send":{"partition":"orders-0","value":4,"outcome":"unknown"}}}
{"process":"producer-1","began":90,"ended":null,"kind":{"send":{"partition":"orders-0","value":5,"outcome":"unknown"}}}
{"process":"producer-0","began":92,"ended":95,"kind":{"send":{"partition":"orders-0","value":7,"outcome":"fenced"}}}
{"process":"producer-1","began":100,"ended":100,"kind":{"begin":{"transaction":0}}}
{"process":"producer-1","began":110,"ended":120,"kind":{"send":{"partition":"orders-0","value":6,"transaction":0,"outcome":{"acked":{"offset":3}}}}}
{"process":"producer-1","began":130,"ended":140,"kind":{"commit":{"transaction":0,"outcome":"unknown"}}}
{"process":"producer-1","began":150,"ended":150,"kind":{"begin":{"transaction":1}}}
{"process":"producer-1","began":160,"ended":170,"kind":{"poll":{"records":[],"transaction":1}}}
{"process":"producer-1","began":175,"ended":175,"kind":{"consume":{"transaction":1,"offsets":{"orders-0":2}}}}
{"process":"producer-1","began":180,"ended":190,"kind":{"abort":{"transaction":1,"outcome":"aborted"}}}
{"process":"consumer-1","began":200,"ended":200,"kind":{"assign":{"partitions":["orders-0"]}}}
{"process":"consumer-1","began":210,"ended":210,"kind":{"seek":{"partition":"orders-0"}}}
{"process":"consumer-1","began":220,"ended":230,"kind":{"poll":{"records":[["orders-0",0,1],["orders-0",1,2]]}}}
{"process":"consumer-1","began":240,"ended":250,"kind":{"drained":{"ends":{"orders-0":5}}}}
"#;

#[test]
fn a_history_becomes_a_file_and_a_file_a_history() {
    let history = one_of_each();
    let mut file = Vec::new();
    history.write(&mut file).unwrap();
    assert_eq!(String::from_utf8(file).unwrap(), LINES);
    assert_eq!(History::read(LINES.as_bytes()).unwrap(), history);
    // The last line may lack its end, as in a file that an editor wrote.
    assert_eq!(History::read(LINES.trim_end().as_bytes()).unwrap(), history);
    assert_eq!(History::read(&b""[..]).unwrap(), History::default());
}

#[test]
fn a_file_is_judged_as_the_run_was() {
    let judged = |history: &History| check(history, &Rules::strict()).to_string();
    assert_eq!(judged(&History::read(LINES.as_bytes()).unwrap()), judged(&one_of_each()));
}

#[test]
fn what_is_no_operation_is_refused_with_its_line() {
    let first = LINES.lines().next().unwrap();
    let refused = |line: &str| History::read(format!("{first}\n{line}\n").as_bytes()).unwrap_err().to_string();
    for (line, why) in [
        ("", "line 2: no operation: EOF"),
        ("{", "line 2: no operation: EOF"),
        (&first.replace("began", "begun"), "line 2: no operation: unknown field `begun`"),
        (&first.replace("10", "-10"), "line 2: no operation: invalid value"),
        (&first.replace("acked", "asked"), "line 2: no operation: unknown variant `asked`"),
        (&first.replace("\"value\":1,", ""), "line 2: no operation: missing field `value`"),
        (&format!("{first}{first}"), "line 2: no operation: trailing characters"),
    ] {
        let said = refused(line);
        assert!(said.starts_with(why), "{line}: {said}");
    }
    let long = format!("{first}\n{}", " ".repeat(16 * 1024 * 1024 + 1));
    let said = History::read(long.as_bytes()).unwrap_err().to_string();
    assert_eq!(said, "line 2: is longer than 16777216 bytes");
}

#[test]
fn a_file_that_cannot_be_read_is_no_end() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let said = History::read(std::io::BufReader::new(Broken)).unwrap_err().to_string();
    assert_eq!(said, "line 1: cannot be read: the disk is gone");
}

#[test]
fn no_two_events_have_one_time_and_time_never_goes_back() {
    let recorder = Recorder::new();
    let (one, two) = (recorder.client("one"), recorder.client("two"));
    let first = one.send(100, &orders(), 1);
    let second = two.send(100, &orders(), 2);
    second.acked(100, Some(0));
    // This client read the clock before the others, and came late.
    one.seek(90, &orders());
    first.acked(100, Some(1));
    two.seek(1000, &orders());
    let history = recorder.history();
    let times: Vec<_> = history.operations().iter().map(|operation| (operation.began, operation.ended)).collect();
    assert_eq!(times, [(100, Some(104)), (101, Some(102)), (103, Some(103)), (1000, Some(1000))]);
}

#[test]
fn transactions_have_numbers_of_their_own() {
    let recorder = Recorder::new();
    let ids = ["one", "two", "one"].map(|name| recorder.client(name).begin(0).id());
    assert_eq!(ids, [0, 1, 2]);
}

#[test]
fn clients_on_many_threads_write_into_one_history() {
    let recorder = Recorder::new();
    thread::scope(|scope| {
        for thread in 0..4 {
            let (client, partition) = (recorder.client(format!("producer-{thread}")), format!("orders-{thread}"));
            scope.spawn(move || {
                for number in 0..500 {
                    let value = thread * 500 + number;
                    client.send(0, &partition.as_str().into(), value).acked(0, Some(number as i64));
                }
            });
        }
    });
    let history = recorder.history();
    assert_eq!(history.operations().len(), 2000);
    // In the order in which they began, each process's own in the order in which it did.
    assert!(history.operations().is_sorted_by_key(|operation| operation.began));
    for thread in 0..4 {
        let own = history.operations().iter().filter(|operation| *operation.process == format!("producer-{thread}"));
        assert!(own.is_sorted_by_key(value));
    }
}

fn value(operation: &Operation) -> u64 {
    match operation.kind {
        Kind::Send { value, outcome: Sent::Acked { .. }, .. } => value,
        _ => panic!("{operation:?}"),
    }
}

fn judged(history: &History, floors: Floors) -> Verdict {
    check(history, &Rules::strict().floors(floors))
}

#[test]
fn an_idle_run_cannot_pass() {
    let verdict = check(&History::default(), &Rules::default());
    assert!(!verdict.is_clean());
    assert_eq!(verdict.broken(), []);
    insta::assert_snapshot!(verdict.to_string(), @"
    not clean: the run did too little
      0 acknowledged sends, and at least 1 were asked for
      0 polled records, and at least 1 were asked for

    the run
      partitions    0, of which 0 read to the end
      sends         0 by 0 producers: 0 acknowledged, 0 failed, 0 in doubt
      polls         0 by 0 consumers: 0 records, 0 values
    ");
}

#[test]
fn each_floor_counts_what_it_says() {
    let recorder = Recorder::new();
    let transaction = recorder.client("producer-1").begin(0);
    transaction.send(0, &orders(), 1).acked(0, Some(0));
    transaction.commit(0).end(0, Decision::Committed);
    recorder.client("producer-2").send(0, &Arc::from("orders-1"), 2).unknown(0);
    recorder.client("consumer-1").poll(0).gave(0, vec![Record::new("orders-0", 0, 1)]);
    let worker = recorder.client("worker-1");
    // One takes what it polled before, and one polls inside; one poll that gives nothing is no input.
    for (number, decision) in
        [Decision::Committed, Decision::Committed, Decision::Aborted, Decision::Unknown].into_iter().enumerate()
    {
        let transaction = worker.begin(0);
        match number {
            0 => transaction.consume(0, BTreeMap::from([(orders(), 1)])),
            1 => transaction.poll(0).gave(0, vec![Record::new("orders-0", 0, 1)]),
            _ => transaction.poll(0).gave(0, vec![]),
        }
        if number == 0 {
            transaction.send(0, &orders(), 3).unknown(0);
            transaction.send(0, &Arc::from("orders-1"), 4).unknown(0);
        }
        transaction.commit(0).end(0, decision);
        worker.seek(0, &orders());
    }
    // Of these nobody knows, and nobody asked for the commit.
    worker.begin(0).abort(0).end(0, Decision::Unknown);
    recorder.client("consumer-1").drain(0).reached(0, BTreeMap::from([(orders(), 2)]));
    let history = recorder.history();

    let exact = Floors {
        acked: 1,
        records: 2,
        producers: 3,
        consumers: 2,
        partitions: 2,
        drained: 1,
        committed: 3,
        aborted: 1,
        in_doubt: 1,
        spread: 1,
        reading: 2,
    };
    assert!(judged(&history, exact).is_clean());
    for (floors, what) in [
        (Floors { acked: 2, ..exact }, "1 acknowledged sends"),
        (Floors { records: 3, ..exact }, "2 polled records"),
        (Floors { producers: 4, ..exact }, "3 producers"),
        (Floors { consumers: 3, ..exact }, "2 consumers"),
        (Floors { partitions: 3, ..exact }, "2 partitions"),
        (Floors { drained: 2, ..exact }, "1 partitions read to their end"),
        (Floors { committed: 4, ..exact }, "3 committed transactions"),
        (Floors { aborted: 2, ..exact }, "1 aborted transactions"),
        (Floors { in_doubt: 2, ..exact }, "1 transactions in doubt"),
        (Floors { spread: 2, ..exact }, "1 committed transactions of several partitions"),
        (Floors { reading: 3, ..exact }, "2 committed transactions with reads inside"),
    ] {
        let verdict = judged(&history, floors);
        let short: Vec<_> = verdict.shortfalls().iter().map(ToString::to_string).collect();
        assert!(!verdict.is_clean() && short.len() == 1 && short[0].starts_with(what), "{what}: {short:?}");
    }
}

#[test]
fn strict_rules_allow_what_kafka_allows_and_nothing_else() {
    let allowed =
        |rules: &Rules| -> Vec<Anomaly> { Anomaly::ALL.into_iter().filter(|&anomaly| rules.allows(anomaly)).collect() };
    let writes_mix = [Anomaly::SendSkip, Anomaly::WriteCycle, Anomaly::MixedCycle];
    assert_eq!(allowed(&Rules::strict()), writes_mix);
    assert_eq!(allowed(&Rules::strict().process_order()), writes_mix);
    let isolated = Rules::strict().isolated_writes();
    assert_eq!(allowed(&isolated), []);
    let unclean = [Anomaly::InconsistentOffset, Anomaly::LostWrite, Anomaly::Unseen];
    assert_eq!(allowed(&isolated.clone().unclean_elections()), unclean);
    assert_eq!(allowed(&isolated.clone().retries_without_idempotence(1)), [Anomaly::Duplicate]);
    let uncommitted = [Anomaly::AbortedRead, Anomaly::PrecommittedRead, Anomaly::CircularFlow];
    assert_eq!(allowed(&isolated.read_uncommitted()), uncommitted);
    assert!(Rules::strict().retries_without_idempotence(2).allows(Anomaly::NonmonotonicSend));
    assert_eq!(allowed(&Anomaly::ALL.into_iter().fold(Rules::strict(), Rules::allow)), Anomaly::ALL);
}
