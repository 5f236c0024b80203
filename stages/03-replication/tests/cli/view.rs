//! What a cluster looks like. In what is compared, `*` stands before a bold line, and `~` before a dim one.

use replication::api::ReplicaRole;
use replication::cli::cluster::members::{Life, Members};
use replication::cli::cluster::view::{Shade, view};

use crate::fixture::{bury, decided, fence, healthy, leads, orders, process, replica, told};

fn seen(members: &Members, topic: Option<&str>, columns: usize) -> String {
    let lines = view(members, topic, columns);
    assert!(lines.iter().all(|line| line.text.chars().count() <= columns), "{lines:#?}");
    let shown = lines.iter().map(|line| {
        let mark = match line.shade {
            Shade::Bold => '*',
            Shade::Plain => ' ',
            Shade::Dim => '~',
        };
        format!("{mark}{}", line.text).trim_end().to_owned()
    });
    shown.collect::<Vec<_>>().join("\n")
}

#[test]
fn all_is_well() {
    insta::assert_snapshot!(seen(&healthy(), None, 100));
}

#[test]
fn followers_are_behind() {
    let mut members = healthy();
    *told(&mut members, 1) = replica(leads(), 0, 8, 12);
    *told(&mut members, 2) = replica(ReplicaRole::Follower(1), 0, 8, 12);
    *told(&mut members, 3) = replica(ReplicaRole::Follower(1), 0, 5, 8);
    insta::assert_snapshot!(seen(&members, None, 100));
}

#[test]
fn the_leader_is_dead() {
    let mut members = healthy();
    bury(&mut members, 1);
    (decided(&mut members).leader, decided(&mut members).leader_epoch) = (Some(2), 1);
    *told(&mut members, 1) = replica(leads(), 0, 10, 12);
    *told(&mut members, 2) = replica(leads(), 1, 20, 20);
    *told(&mut members, 3) = replica(ReplicaRole::Follower(2), 1, 20, 20);
    insta::assert_snapshot!(seen(&members, None, 100));
}

#[test]
fn two_believe_that_they_lead() {
    let mut members = healthy();
    process(&mut members, 1).is_isolated = true;
    fence(&mut members, 1);
    *decided(&mut members) = replication::cli::report::Decision {
        leader: Some(2),
        leader_epoch: 1,
        in_sync: vec![2, 3],
        ..decided(&mut members).clone()
    };
    *told(&mut members, 1) = replica(leads(), 0, 10, 14);
    *told(&mut members, 2) = replica(leads(), 1, 12, 12);
    *told(&mut members, 3) = replica(ReplicaRole::Follower(2), 1, 12, 12);
    insta::assert_snapshot!(seen(&members, None, 100));
}

#[test]
fn nobody_may_lead() {
    let mut members = healthy();
    (1..=3).for_each(|id| bury(&mut members, id));
    decided(&mut members).leader = None;
    process(&mut members, 3).life = Life::Running;
    *told(&mut members, 3) = replica(ReplicaRole::Waiting, 3, 4, 4);
    insta::assert_snapshot!(seen(&members, None, 100));
}

#[test]
fn all_that_can_be_odd() {
    let mut members = healthy();
    process(&mut members, 1).life = Life::Stopping;
    members.controller.as_mut().unwrap().brokers.get_mut(&1).unwrap().stopping = true;
    process(&mut members, 2).life = Life::Paused;
    process(&mut members, 3).life = Life::Starting;
    decided(&mut members).is_moving = true;
    decided(&mut members).replicas = vec![1, 2];
    told(&mut members, 2).role = ReplicaRole::Failed("the disk\u{1b}[2J is full".to_owned());
    told(&mut members, 1).log_start = 5;
    told(&mut members, 3).leader_epoch = 12;
    insta::assert_snapshot!(seen(&members, None, 100));
}

#[test]
fn of_many_topics_one_can_be_shown() {
    let mut members = healthy();
    let mut other = members.controller.as_ref().unwrap().partitions[0].clone();
    other.0.topic = "payments".into();
    members.controller.as_mut().unwrap().partitions.push(other);
    let all = seen(&members, None, 100);
    assert!(
        all.contains("*orders-0 ") && all.contains("*payments-0 ") && all.contains("broker 1  has nothing"),
        "{all}"
    );
    let one = seen(&members, Some("orders"), 100);
    assert!(one.contains("*orders-0 ") && !one.contains("payments"), "{one}");
    assert!(seen(&members, Some("none"), 100).ends_with("\n there is no topic none"));
}

#[test]
fn internal_topics_stand_back() {
    let mut members = healthy();
    let decided = members.controller.as_ref().unwrap().partitions[0].clone();
    for number in 0..2 {
        let mut other = decided.clone();
        other.0 = partitioning::TopicPartition::new("__transaction_state", number);
        members.controller.as_mut().unwrap().partitions.push(other);
    }
    let all = seen(&members, None, 100);
    let (own, internal) = all.split_once("__transaction_state").unwrap();
    assert!(own.contains("*orders-0 ") && internal == "  2 partitions: `show __transaction_state` shows them", "{all}");
    assert!(seen(&members, Some("__transaction_state"), 100).contains("*__transaction_state-1 "));
}

#[test]
fn before_anything_is_known() {
    insta::assert_snapshot!(seen(&Members::new(2), None, 100));
}

#[test]
fn a_narrow_terminal_cuts_lines() {
    let mut members = healthy();
    told(&mut members, 1).end = 1_000_000;
    for columns in [10, 40, 60, 80] {
        assert!(seen(&members, None, columns).contains("broker 1"));
    }
    let _ = orders();
    insta::assert_snapshot!(seen(&members, None, 60));
}
