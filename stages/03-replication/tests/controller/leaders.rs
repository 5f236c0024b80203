//! Who leads: when somebody is gone, when somebody is back, when an operator asks, and when it is time.

use partitioning::ErrorCode;
use replication::api::{ElectLeadersRequest, ElectionType};
use replication::controller::ControllerConfig;

use crate::world::{World, at, config, one_row, refused};

const UNCLEAN: [(&str, &str); 1] = [("unclean.leader.election.enable", "true")];

#[test]
fn the_next_in_order_leads() {
    let mut world = World::with_partition(config(), &[3, 1, 2], &[]);
    world.silence(&[3]);
    assert_eq!(world.told(), "1 leads in 1, in sync [1, 2], eligible [], change 1");
    world.silence(&[1]);
    assert_eq!(world.told(), "2 leads in 2, in sync [2], eligible [], change 2");
    world.beat(1);
    world.beat(3);
    assert_eq!(world.told(), "2 leads in 2, in sync [2], eligible [], change 2", "who is back is not in sync yet");
}

#[test]
fn a_partition_waits_for_the_last_that_was_in_sync() {
    let mut world = World::with_partition(one_row(), &[1, 2, 3], &[]);
    world.silence(&[1]);
    world.silence(&[2]);
    world.silence(&[3]);
    assert_eq!(world.told(), "nobody leads in 3, in sync [3], eligible [], change 3");
    world.beat(1);
    world.beat(2);
    assert_eq!(world.told(), "nobody leads in 3, in sync [3], eligible [], change 3");
    let t = at("t", 0);
    refused(
        ErrorCode::PreferredLeaderNotAvailable,
        "t-0 gets no other leader: its preferred leader is not able to lead",
        world.elect(&t, ElectionType::Preferred),
    );
    world.beat(3);
    assert_eq!(world.told(), "3 leads in 4, in sync [3], eligible [], change 4");
}

#[test]
fn an_unclean_election_is_held_where_the_topic_allows_it() {
    let mut world = World::with_partition(one_row(), &[1, 2, 3], &UNCLEAN);
    world.alter(&at("t", 0), &[1]).unwrap();
    world.silence(&[1]);
    assert_eq!(world.told(), "2 leads in 1, in sync [2], eligible [], change 2");
    world.silence(&[2, 3]);
    assert_eq!(world.told(), "nobody leads in 2, in sync [2], eligible [], change 3", "there is nobody at all");
    world.beat(3);
    assert_eq!(world.told(), "3 leads in 3, in sync [3], eligible [], change 4", "whoever comes first");
}

#[test]
fn an_operator_can_ask_for_an_unclean_election_where_it_is_not_allowed() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    let t = at("t", 0);
    world.alter(&t, &[1]).unwrap();
    world.silence(&[1]);
    assert_eq!(world.told(), "nobody leads in 1, in sync [], eligible [1], change 2");
    world.elect(&t, ElectionType::Unclean).unwrap();
    assert_eq!(
        world.told(),
        "2 leads in 2, in sync [2], eligible [], change 3",
        "1 may have more than 2 now: it is not eligible"
    );
    let sentence = "t-0 has the leader that it should have";
    refused(ErrorCode::ElectionNotNeeded, sentence, world.elect(&t, ElectionType::Unclean));
    world.silence(&[2, 3]);
    let sentence = "t-0 gets no other leader: none of its replicas is able to lead";
    refused(ErrorCode::EligibleLeadersNotAvailable, sentence, world.elect(&t, ElectionType::Unclean));
}

#[test]
fn an_operator_can_ask_for_the_preferred_leader() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    let t = at("t", 0);
    let sentence = "t-0 has the leader that it should have";
    refused(ErrorCode::ElectionNotNeeded, sentence, world.elect(&t, ElectionType::Preferred));
    world.silence(&[1]);
    let sentence = "t-0 gets no other leader: its preferred leader is not able to lead";
    refused(ErrorCode::PreferredLeaderNotAvailable, sentence, world.elect(&t, ElectionType::Preferred));
    world.beat(1);
    refused(ErrorCode::PreferredLeaderNotAvailable, sentence, world.elect(&t, ElectionType::Preferred));
    world.alter(&t, &[1, 2, 3]).unwrap();
    world.elect(&t, ElectionType::Preferred).unwrap();
    assert_eq!(world.told(), "1 leads in 2, in sync [1, 2, 3], eligible [], change 3");
}

#[test]
fn an_election_that_would_leave_nobody_is_not_held() {
    let mut world = World::with_partition(ControllerConfig::default(), &[1, 2, 3], &[]);
    world.create("other", 1, 2, &[]).unwrap();
    world.place(&at("other", 0), &[2, 3]);
    world.silence(&[1]);
    world.alter(&at("t", 0), &[2]).unwrap();
    world.beat(1);
    assert!(!world.wants_to_stop(2).may_stop, "it has given the other one away, and waits");
    assert_eq!(world.told(), "2 leads in 1, in sync [2], eligible [], change 2", "nobody can take this one");
    let sentence = "t-0 gets no other leader: its preferred leader is not able to lead";
    let elected = world.elect(&at("t", 0), ElectionType::Preferred);
    refused(ErrorCode::PreferredLeaderNotAvailable, sentence, elected);
    world.wait_with(300_000, &[1, 2, 3]);
    assert_eq!(world.told(), "2 leads in 1, in sync [2], eligible [], change 2", "nor when it is time for it");
}

#[test]
fn partitions_that_are_not_there_and_those_named_twice() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    world.silence(&[1]);
    world.beat(1);
    world.alter(&at("t", 0), &[1, 2, 3]).unwrap();
    let partitions = vec![at("t", 0), at("t", 7), at("u", 0), at("t", 0)];
    let request = ElectLeadersRequest { election: ElectionType::Preferred, partitions };
    let answer = world.ask(|controller, now| controller.elect_leaders(request, now)).unwrap();
    let found: Vec<_> = answer.partitions.into_iter().map(|(_, elected)| elected.map(|record| record.leader)).collect();
    assert_eq!(found[0], Ok(Some(1)));
    let sentences: Vec<_> = found[1..].iter().map(|elected| elected.as_ref().unwrap_err().message.as_str()).collect();
    let expected = [
        "the topic `t` has no partition 7: it has 1, from 0",
        "there is no topic `u`",
        "t-0 is named twice in one request",
    ];
    assert_eq!(sentences, expected);
}

#[test]
fn leadership_goes_back_to_preferred_leaders_now_and_then() {
    let mut world = World::with_partition(ControllerConfig::default(), &[1, 2, 3], &[]);
    world.silence(&[1]);
    world.beat(1);
    world.wait_with(200_000, &[1, 2, 3]);
    world.alter(&at("t", 0), &[1, 2, 3]).unwrap();
    world.wait_with(89_500, &[1, 2, 3]);
    assert_eq!(world.told(), "2 leads in 1, in sync [1, 2, 3], eligible [], change 2", "299.5 s have passed");
    world.wait_with(500, &[1, 2, 3]);
    assert_eq!(world.told(), "1 leads in 2, in sync [1, 2, 3], eligible [], change 3");
    world.silence(&[1]);
    let fenced = world.told();
    world.wait_with(600_000, &[2, 3]);
    assert_eq!(world.told(), fenced, "who is dead is preferred in vain");
}

#[test]
fn leadership_stays_where_nobody_wants_it_back() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    world.silence(&[1]);
    world.beat(1);
    world.alter(&at("t", 0), &[1, 2, 3]).unwrap();
    world.wait_with(700_000, &[1, 2, 3]);
    assert_eq!(world.told(), "2 leads in 1, in sync [1, 2, 3], eligible [], change 2");
}
