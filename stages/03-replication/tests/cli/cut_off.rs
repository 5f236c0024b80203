//! `cluster`: a leader whose cables are cut goes on leading, for those who still reach it.

use crate::prompt::Prompt;

#[test]
fn what_an_isolated_leader_takes_is_lost() {
    let mut prompt = Prompt::of(3, "");
    prompt.make_orders();
    assert_eq!(prompt.order("produce orders both sides know it"), "orders-0@0 acknowledged");
    prompt.rest();
    assert_eq!(prompt.order("isolate 1"), "broker 1 is cut off from the others");
    assert_eq!(prompt.order("isolate 1"), "broker 1 is cut off already");
    assert_eq!(prompt.order("at 1 produce orders only broker 1 knows it"), "orders-0@1 acknowledged");
    assert_eq!(prompt.order("at 1 consume orders"), "orders-0@0 \"both sides know it\"", "it is not committed");
    prompt.rest();

    // Two leaders, and one of them is believed.
    assert_eq!(prompt.order("produce orders the others know it"), "orders-0@1 acknowledged");
    prompt.rest();
    let shown = prompt.show();
    let epochs = |line: &str| line.rsplit_once("epoch ").map(|(_, epoch)| epoch.trim().parse::<i32>().unwrap());
    let row = |shown: &str, start: &str| shown.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
    assert!(shown.contains("\nbroker 1    runs at BROKER-1, cut off, fenced\n"), "{shown}");
    let (old, new) = (row(&shown, "  broker 1  leads, cut off"), row(&shown, "  broker 2  leads"));
    assert!(old.contains("HW 1  LEO 2") && new.contains("HW 2  LEO 2"), "{shown}");
    assert_eq!(epochs(&old).map(|epoch| epoch + 1), epochs(&new), "{shown}");

    assert_eq!(prompt.order("heal 1"), "broker 1 is connected again");
    prompt.rest();
    let shown = prompt.show();
    assert!(shown.contains("\n  broker 1  follows 2  █") && shown.contains("in sync 1,2,3"), "{shown}");
    let left = "orders-0@0 \"both sides know it\"\norders-0@1 \"the others know it\"";
    assert_eq!(prompt.order("consume orders"), left);
    assert_eq!(prompt.order("at 1 consume orders"), left);
}

#[test]
fn a_cable_stays_cut_when_its_broker_dies() {
    let mut prompt = Prompt::of(2, "");
    prompt.make_orders();
    prompt.order("isolate 2");
    prompt.rest();
    assert_eq!(prompt.order("kill 2"), "broker 2 is dead");
    assert_eq!(prompt.order("start 2"), "broker 2 is started, and cannot be a member yet: it is cut off");
    assert_eq!(prompt.order("produce orders paid 10"), "orders-0@0 acknowledged");
    let shown = prompt.show();
    assert!(shown.contains("\nbroker 2    starts, cut off, fenced\n") && shown.contains(" · in sync 1 · "), "{shown}");
    prompt.order("heal 2");
    prompt.rest();
    assert_eq!(prompt.show().matches("HW 1  LEO 1").count(), 2);
}
