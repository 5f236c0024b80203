//! Old segments go, and never what is not committed yet.

use segment_log::LogConfig;

use crate::broker::Broker;
use crate::messages::{NOW, small};

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// Keeps records for a second. Its segments hold two batches of one short record.
fn forgetful(id: i32) -> Broker {
    let config = LogConfig { retention_ms: Some(1_000), ..small() };
    Broker::with(id, Default::default(), config)
}

#[test]
fn what_is_not_committed_is_not_old() {
    let (leader, follower) = (forgetful(1), forgetful(2));
    leader.lead(1, &[1, 2]);
    follower.follow(1, 1);
    for value in ["a", "b", "c", "d", "e"] {
        leader.append(&[value]);
    }
    assert_eq!(leader.replica().housekeep(NOW + DAY), Ok(0), "2 has nothing of it");
    follower.copy_from(&leader).expect("it copies");
    follower.copy_from(&leader).expect("it copies");
    assert_eq!((follower.offsets(), leader.offsets()), ((0, 2, 4), (0, 2, 5)));
    assert_eq!(leader.replica().housekeep(NOW + DAY), Ok(1));
    assert_eq!(leader.offsets(), (2, 2, 5), "2 has a and b for certain");
    assert_eq!(follower.replica().housekeep(NOW + DAY), Ok(1), "and knows it");
    assert_eq!(follower.offsets(), (2, 2, 4));
    follower.catch_up(&leader);
    assert_eq!(leader.offsets(), (2, 5, 5));
    assert_eq!(leader.replica().housekeep(NOW + DAY), Ok(2), "the active segment goes too: all of it is committed");
    assert_eq!((leader.offsets(), leader.records().as_str()), ((5, 5, 5), ""));
}

#[test]
fn a_follower_begins_where_its_leader_does() {
    let (leader, follower) = (forgetful(1), Broker::new(2));
    leader.lead(1, &[1, 2]);
    follower.follow(1, 1);
    for value in ["a", "b", "c"] {
        leader.append(&[value]);
    }
    follower.catch_up(&leader);
    assert_eq!(leader.replica().housekeep(NOW + DAY), Ok(2));
    follower.catch_up(&leader);
    assert_eq!((follower.offsets(), leader.offsets()), ((3, 3, 3), (3, 3, 3)));
    leader.append(&["d"]);
    follower.catch_up(&leader);
    assert_eq!((follower.records().as_str(), follower.offsets()), ("3:d@1", (3, 4, 4)));
}

#[test]
fn a_follower_that_is_too_far_behind_starts_anew() {
    let (leader, follower) = (forgetful(1), Broker::new(2));
    leader.lead(1, &[1]);
    follower.follow(1, 1);
    leader.append(&["a"]);
    follower.catch_up(&leader);
    leader.lead(2, &[1]);
    for value in ["b", "c", "d", "e", "f"] {
        leader.append(&[value]);
    }
    assert_eq!(leader.replica().housekeep(NOW + DAY), Ok(3));
    leader.append(&["g"]);
    follower.follow(1, 2);
    follower.catch_up(&leader);
    assert_eq!((follower.records().as_str(), follower.offsets()), ("6:g@2", (6, 7, 7)));
    assert_eq!(follower.checkpoint(), "0\n1\n2 6\n");
}

#[test]
fn what_waits_is_flushed_when_it_is_due() {
    let mut broker = Broker::new(1);
    broker.config.flush = std::sync::Arc::new(segment_log::EveryMillis(100));
    broker.restart();
    broker.lead(1, &[1]);
    broker.append(&["a"]);
    broker.disk.fail("sync", ".log");
    assert_eq!(broker.replica().housekeep(NOW + 99), Ok(0));
    assert!(!broker.disk.is_calm(), "it is not due yet");
    assert!(broker.replica().housekeep(NOW + 100).is_err(), "the flush that is due now fails");
    assert!(broker.disk.is_calm());
}
