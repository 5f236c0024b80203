//! The steps of a partition by themselves, with whoever is alive: the controller takes them with brokers that it has fenced
//! already, and whoever drives them alone need not.

#[allow(dead_code, reason = "each test program uses a part of this module")]
#[path = "judged/support.rs"]
mod support;

use partitioning::api::TopicId;
use replication::controller::election::{Election, ElectionRules};
use replication::controller::partition::{Gone, created, give_away, gone, hold_election};
use replication::records::PartitionRecord;

use support::{ONE_ROW, RULES};

const UNCLEAN: ElectionRules = ElectionRules { unclean: true, ..RULES };

fn everybody(_: i32) -> bool {
    true
}

/// Brokers 1 and 2 in sync of three, and 1 leads.
fn two_of_three() -> PartitionRecord {
    PartitionRecord { in_sync: vec![1, 2], ..created(TopicId(1), vec![1, 2, 3], everybody) }
}

/// Broker 1 alone is in sync, and 2 is eligible.
fn one_of_three() -> PartitionRecord {
    PartitionRecord { in_sync: vec![1], eligible: vec![2], ..two_of_three() }
}

fn told(record: &PartitionRecord) -> String {
    let PartitionRecord { in_sync, leader, leader_epoch, partition_epoch, eligible, .. } = record;
    let leader = leader.map_or("nobody".to_owned(), |leader| leader.to_string());
    format!("{leader} leads in {leader_epoch}, in sync {in_sync:?}, eligible {eligible:?}, change {partition_epoch}")
}

#[track_caller]
fn becomes(expected: &str, next: Option<PartitionRecord>) {
    assert_eq!(next.as_ref().map(told).as_deref(), Some(expected));
}

#[test]
fn a_new_partition_is_led_by_the_first_that_is_alive() {
    let all = created(TopicId(1), vec![3, 1, 2], everybody);
    assert_eq!(told(&all), "3 leads in 0, in sync [3, 1, 2], eligible [], change 0");
    let some = created(TopicId(1), vec![3, 1, 2], |id| id != 3);
    assert_eq!(told(&some), "1 leads in 0, in sync [1, 2], eligible [], change 0");
    let nobody = created(TopicId(1), vec![3, 1, 2], |_| false);
    assert_eq!(told(&nobody), "nobody leads in 0, in sync [], eligible [], change 0");
}

#[test]
fn who_is_gone_does_not_lead_whatever_is_said_of_it() {
    let record = two_of_three();
    becomes("2 leads in 1, in sync [2], eligible [1], change 1", gone(&record, 1, Gone::Away, everybody, RULES));
    let alone = PartitionRecord { in_sync: vec![1], ..two_of_three() };
    becomes("nobody leads in 1, in sync [1], eligible [], change 1", gone(&alone, 1, Gone::Away, everybody, ONE_ROW));
    let only = |id| id == 1;
    let unclean_alone = gone(&alone, 1, Gone::Away, only, UNCLEAN);
    becomes("nobody leads in 1, in sync [], eligible [1], change 1", unclean_alone);
    becomes("2 leads in 1, in sync [2], eligible [], change 1", gone(&alone, 1, Gone::Unclean, everybody, UNCLEAN));
}

#[test]
fn who_was_not_counted_on_changes_nothing() {
    let record = two_of_three();
    assert_eq!(gone(&record, 3, Gone::Away, everybody, RULES), None);
    assert_eq!(gone(&record, 3, Gone::Unclean, everybody, RULES), None);
    assert_eq!(gone(&one_of_three(), 2, Gone::Away, everybody, RULES), None, "what is on its disk is there");
}

#[test]
fn who_may_have_lost_something_is_in_no_row() {
    let next = gone(&one_of_three(), 2, Gone::Unclean, everybody, RULES);
    becomes("1 leads in 0, in sync [1], eligible [], change 1", next);
    let next = gone(&one_of_three(), 1, Gone::Unclean, everybody, RULES);
    becomes("2 leads in 1, in sync [2], eligible [], change 1", next);
    let next = gone(&two_of_three(), 1, Gone::Unclean, |id| id == 3, RULES);
    becomes("nobody leads in 1, in sync [2], eligible [], change 1", next);
}

#[test]
fn data_that_is_given_up_leaves_nobody_eligible() {
    let next = gone(&one_of_three(), 1, Gone::Away, |id| id == 3, UNCLEAN);
    becomes("3 leads in 1, in sync [3], eligible [], change 1", next);
    let waits = PartitionRecord { leader: None, in_sync: Vec::new(), eligible: vec![1, 2], ..two_of_three() };
    let next = hold_election(&waits, Election::Unclean, |id| id == 3, RULES);
    becomes("3 leads in 1, in sync [3], eligible [], change 1", next);
}

#[test]
fn the_second_row_that_leads_keeps_the_others_in_it() {
    let waits = PartitionRecord { leader: None, in_sync: Vec::new(), eligible: vec![1, 2], ..two_of_three() };
    let next = hold_election(&waits, Election::Clean, everybody, RULES);
    becomes("1 leads in 1, in sync [1], eligible [2], change 1", next);
    let enough_alone = ElectionRules { min_in_sync: 1, ..RULES };
    let next = hold_election(&waits, Election::Clean, everybody, enough_alone);
    becomes("1 leads in 1, in sync [1], eligible [], change 1", next);
}

#[test]
fn what_is_given_away_is_taken_by_somebody_who_lacks_nothing() {
    let next = give_away(&two_of_three(), 1, everybody, RULES);
    becomes("2 leads in 1, in sync [2], eligible [1], change 1", next);
    let next = give_away(&one_of_three(), 1, everybody, RULES);
    becomes("2 leads in 1, in sync [2], eligible [1], change 1", next);
    assert_eq!(give_away(&one_of_three(), 1, |id| id == 3, UNCLEAN), None, "3 may lack something");
    assert_eq!(give_away(&two_of_three(), 1, |id| id == 3, ONE_ROW), None);
    let follower = give_away(&two_of_three(), 2, everybody, RULES);
    becomes("1 leads in 0, in sync [1], eligible [2], change 1", follower);
}

#[test]
fn an_election_that_changes_nothing_is_no_change() {
    let record = two_of_three();
    for election in [Election::Clean, Election::Preferred, Election::Unclean] {
        assert_eq!(hold_election(&record, election, everybody, RULES), None);
    }
    let waits = PartitionRecord { leader: None, in_sync: vec![1], ..two_of_three() };
    assert_eq!(hold_election(&waits, Election::Clean, |id| id != 1, RULES), None);
    becomes(
        "1 leads in 1, in sync [1], eligible [], change 1",
        hold_election(&waits, Election::Clean, everybody, RULES),
    );
}
