//! `cluster`, with somebody who types.

use crate::program::{Program, Ran};
use crate::prompt::Prompt;

#[test]
fn a_leader_dies_and_comes_back() {
    let mut prompt = Prompt::of(3, "");
    assert_eq!(prompt.order("show").lines().last(), Some("no topics: `topic orders 1 3` makes one"));
    prompt.make_orders();
    assert_eq!(prompt.order("produce orders paid 10"), "orders-0@0 acknowledged");
    assert_eq!(prompt.order("produce orders paid\t 7 "), "orders-0@1 acknowledged");
    prompt.rest();

    assert_eq!(prompt.order("kill 1"), "broker 1 is dead");
    prompt.rest();
    let shown = prompt.show();
    assert!(shown.contains("\nbroker 1    dead, was at BROKER-1, fenced\nbroker 2    runs at BROKER-2\n"), "{shown}");
    assert!(shown.contains("\norders-0  broker 2 leads in epoch "), "{shown}");
    assert!(shown.contains(" · in sync 2,3 · replicas 1,2,3\n  broker 1  leads, dead  █"), "{shown}");
    assert!(shown.contains("\n  broker 3  follows 2    █"), "{shown}");
    assert_eq!(prompt.order("consume orders"), "orders-0@0 \"paid 10\"\norders-0@1 \"paid\\t 7\"");
    assert_eq!(prompt.order("produce orders paid 3"), "orders-0@2 acknowledged");

    assert_eq!(prompt.order("start 1"), format!("broker 1 serves at {}", prompt.addresses[1]), "its port is the same");
    prompt.rest();
    let shown = prompt.show();
    assert_eq!(shown.matches("HW 3  LEO 3").count(), 3, "{shown}");
    assert!(shown.contains("· in sync 1,2,3 · "), "{shown}");

    assert_eq!(prompt.order("stop 2"), "broker 2 has stopped");
    let shown = prompt.show();
    assert!(shown.contains("\norders-0  broker 1 leads in epoch ") && shown.contains(" · in sync 1,3 · "), "{shown}");
    assert!(prompt.order("log 2 1").ends_with("INFO closing the logs"));
    assert_eq!(prompt.end().code, 0);
}

#[test]
fn a_broker_stalls_and_goes_on() {
    let mut prompt = Prompt::of(2, "");
    prompt.make_orders();
    assert_eq!(prompt.order("pause 1"), "broker 1 is paused: it does nothing, and its connections stay open");
    prompt.rest();
    let shown = prompt.show();
    assert!(shown.contains("\nbroker 1    paused, at BROKER-1, fenced\n"), "{shown}");
    assert!(
        shown.contains("  broker 1  leads, paused") && shown.contains("\norders-0  broker 2 leads in epoch "),
        "{shown}"
    );
    assert_eq!(prompt.order("produce orders paid 10"), "orders-0@0 acknowledged");
    assert_eq!(prompt.order("stop 1"), "broker 1 is paused, and does not hear anything: resume or kill it");
    assert_eq!(prompt.order("pause 1"), "broker 1 is paused already");
    assert_eq!(prompt.order("resume 1"), "broker 1 goes on");
    prompt.rest();
    let shown = prompt.show();
    assert!(shown.contains("\n  broker 1  follows 2  █") && shown.contains(" · in sync 1,2 · "), "{shown}");
    assert_eq!(prompt.order("resume 1"), "broker 1 is not paused");
}

#[test]
fn the_controller_can_be_away() {
    let mut prompt = Prompt::of(2, "");
    prompt.make_orders();
    assert_eq!(prompt.order("kill controller"), "controller is dead");
    assert_eq!(prompt.order("kill 2"), "broker 2 is dead");
    assert_eq!(prompt.order("produce orders paid 10"), "orders-0@0 acknowledged", "who leads goes on");
    assert_eq!(prompt.order("consume orders"), "no records", "and nobody takes broker 2 off the list");
    assert_eq!(prompt.order("wait 0"), "not at rest: the controller does not answer");
    let waits = "broker 2 is started, and cannot be a member yet: the controller does not answer";
    assert_eq!(prompt.order("start 2"), waits);
    assert_eq!(prompt.order("start controller"), format!("controller serves at {}", prompt.addresses[0]));
    prompt.rest();
    assert_eq!(prompt.order("consume orders"), "orders-0@0 \"paid 10\"");
    let shown = prompt.show();
    assert!(shown.contains(" · in sync 1,2 · ") && shown.contains("\n  broker 2  follows 1  █"), "{shown}");
}

#[test]
fn what_cannot_be_done_is_told() {
    let mut prompt = Prompt::of(1, "");
    for (order, said) in [
        ("explode 1", "`explode` is nothing that can be done: `help` shows what can"),
        ("kill 2", "there is no broker 2: there are 1 to 1"),
        ("start 1", "broker 1 runs already"),
        ("heal 1", "broker 1 is not cut off"),
        ("produce orders x", "there is no topic `orders` (UNKNOWN_TOPIC_OR_PARTITION)"),
        ("consume orders", "there is no topic `orders` (UNKNOWN_TOPIC_OR_PARTITION)"),
        ("at 2 consume orders", "there is no broker 2, or it never ran"),
        ("show orders", "controller  runs at CONTROLLER\nbroker 1    runs at BROKER-1\n\nthere is no topic orders"),
        ("\u{1b}[2Jkill", "`\\u{1b}[2Jkill` is nothing that can be done: `help` shows what can"),
        ("", ""),
    ] {
        let told = prompt.order(order).replace(&prompt.addresses[0], "CONTROLLER");
        let told = told.replace(&prompt.addresses[1], "BROKER-1");
        assert_eq!(told, said, "{order}");
    }
    let told = prompt.order("topic orders 1 2");
    assert!(
        told.contains("2 copies of a partition cannot be kept") || told.contains("(INVALID_REPLICATION_FACTOR)"),
        "{told}"
    );
    for verb in ["kill N", "isolate N", "at N produce", "wait [SECONDS]", "move T-P"] {
        assert!(prompt.order("help").contains(verb), "{verb}");
    }
    assert_eq!(prompt.order("kill 1"), "broker 1 is dead");
    assert_eq!(prompt.order("produce orders x"), "no broker runs that could be asked");
    assert_eq!(prompt.order("stop 1"), "broker 1 does not run");
}

#[test]
fn a_script_prints_what_was_ordered_and_what_came_of_it() {
    let program = Program::with_temporary_folders_here();
    let script = "# one broker\ntopic orders 1 1\nproduce orders paid 10\nwait\nconsume orders\nquit\nnever\n";
    let Ran { out, err, code } = program.run_with("cluster --brokers 1", script);
    let (greeting, rest) = out.split_once('\n').unwrap();
    let (controller, rest) = rest.split_once('\n').unwrap();
    assert!(controller.starts_with("controller at 127.0.0.1:"), "{out}");
    assert!(code == 0 && err.is_empty() && greeting.starts_with("brokers at 127.0.0.1:"), "{out}{err}");
    let expected = "> # one broker\n\
                    > topic orders 1 1\nmade the topic: 1 partition, 1 copy of it\n\
                    > produce orders paid 10\norders-0@0 acknowledged\n\
                    > wait\nat rest\n\
                    > consume orders\norders-0@0 \"paid 10\"\n\
                    > quit\n";
    assert_eq!(rest, expected);
    assert_eq!(std::fs::read_dir(program.path("tmp")).unwrap().count(), 0, "it leaves nothing");
}
