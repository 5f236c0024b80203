//! A controller and brokers as processes: a leader dies, comes back, stops in order.

use std::collections::BTreeSet;

use crate::program::{Machines, Ran, Signal, eventually, line_of, signal};

const RECORDS: u64 = 200;

fn lines() -> String {
    (0..RECORDS).map(|number| format!("line {number}\n")).collect()
}

#[test]
fn what_is_committed_survives_its_leader() {
    let mut machines = Machines::new(3);
    machines.make_orders();
    let produced = machines.run_with("produce orders --linger-ms 0 --batch-size 500", lines());
    assert!(produced.out.starts_with("produced 200 records in "), "{produced:?}");
    machines.until_all_have(RECORDS);
    let (leader, epoch, in_sync) = machines.leader().unwrap();
    assert_eq!((epoch, in_sync), (0, 3));

    // It dies, and another leads, which lacks nothing.
    machines.brokers.remove(&leader).unwrap().kill();
    let (next, ..) = eventually(|| machines.leader().filter(|(next, ..)| *next != leader)).expect("another leader");
    assert_eq!(consumed(&machines), lines());
    assert_eq!(machines.run_with("produce orders", "more\n").code, 0, "it takes records");

    // It comes back, on another port, and copies what it lacks.
    machines.serve(leader);
    machines.until_all_have(RECORDS + 1);
    eventually(|| machines.leader().filter(|(_, _, in_sync)| *in_sync == 3)).expect("all in sync");

    // The new one stops in order: it gives its place away before it goes, and nobody waits for a timeout.
    let Ran { out, err, code } = machines.brokers.remove(&next).unwrap().stop();
    assert_eq!((code, out.as_str()), (0, "stopped: 1 replica, all closed in order\n"), "{err}");
    // Whoever is asked may read of it a moment later.
    let (last, epoch, _) = eventually(|| machines.leader().filter(|(last, ..)| *last != next)).expect("another leader");
    assert_eq!(epoch, 2, "broker {last} leads");
    assert_eq!(consumed(&machines), lines() + "more\n");
}

/// A broker may name a leader that has not heard of it yet, and refuses: then it is asked again.
fn consumed(machines: &Machines) -> String {
    machines.until("consume orders --until-end --format value", |_| true)
}

#[test]
fn each_copy_is_shown_as_its_broker_knows_it() {
    let machines = Machines::new(2);
    machines.make_orders();
    assert_eq!(machines.run_with("produce orders", "one\ntwo\n").code, 0);
    machines.until_all_have(2);
    let (leader, ..) = machines.leader().unwrap();
    let out = machines.run("describe --replicas").out;
    let rows: Vec<_> = out.lines().collect();
    assert_eq!(rows[0], "partition  broker  role       epoch  start  high watermark  end");
    for id in [1, 2] {
        let role = if id == leader { "leads    ".to_owned() } else { format!("follows {leader}") };
        assert_eq!(rows[id as usize], format!("orders-0        {id}  {role}      0      0               2    2"));
    }
    assert_eq!(machines.run("describe nothing --replicas").code, 3);
    machines.run("create-topic other");
    machines.until("describe --replicas", |out| partitions(out) == ["orders-0", "other-0"].map(str::to_owned).into());
    assert_eq!(partitions(&machines.run("describe orders --replicas").out), ["orders-0".to_owned()].into());
    let overview = machines.run("describe").out;
    assert!(overview.contains("\norders           1       2        2\n"), "{overview}");
}

fn partitions(out: &str) -> BTreeSet<String> {
    out.lines().skip(1).filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn signals_stop_it_and_a_second_one_does_not_wait() {
    let mut machines = Machines::new(2);
    machines.make_orders();
    let broker = machines.brokers.remove(&1).unwrap();
    signal(&broker.child, Signal::INT);
    assert_eq!(broker.end(), Ran::ok("stopped: 1 replica, all closed in order\n"));
    let controller = machines.controller.take().unwrap();
    signal(&controller.child, Signal::INT);
    assert_eq!(controller.end(), Ran::ok("stopped: the log of decisions is closed in order\n"));

    // Nobody gives it leave any more, so it waits. Its log says when it does.
    let mut broker = machines.brokers.remove(&2).unwrap();
    let mut log = broker.child.stderr.take().unwrap();
    signal(&broker.child, Signal::TERM);
    while !line_of(&mut log).contains("not given leave yet") {}
    signal(&broker.child, Signal::TERM);
    let ran = broker.end();
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut log, &mut rest).unwrap();
    assert!(rest.ends_with("replication: SIGTERM ended it before its work was done\n"), "{rest}");
}

#[test]
fn a_broker_waits_for_its_controller() {
    let machines = Machines::new(0);
    let nobody = machines.serve_arguments(1, "data-1").replace(&machines.controller_at, "127.0.0.1:1");
    let mut child = machines.program.start(&nobody);
    let mut log = child.stderr.take().unwrap();
    assert!(line_of(&mut log).contains("WARN not registered yet: cannot reach 127.0.0.1:1: "));
    signal(&child, Signal::TERM);
    let ran = crate::program::ended(child);
    assert_eq!((ran.code, ran.out.as_str()), (0, "stopped: 0 replicas, all closed in order\n"));
}
