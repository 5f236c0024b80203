//! Where a follower cuts its log, with both policies; and the cases of KIP-101 in which one of them loses or forks.

use partitioning::ErrorCode;
use replication::api::{FetchFound, FollowerFetched};
use replication::epochs::EpochEnd;
use replication::replica::{Copied, Following};
use replication::truncation::Truncation;

use crate::broker::Broker;
use crate::messages::{NOW, answer, placed, refused, small};

/// A follower of broker 1 in `epoch`, with these records; the first lies at 0.
fn follower(truncation: Truncation, records: &[(&str, i32)], epoch: i32) -> Broker {
    let broker = Broker::with(2, truncation, small());
    broker.follow(1, epoch);
    let batches = (0..).zip(records).map(|(offset, (value, epoch))| placed(offset, *epoch, &[value])).collect();
    copy(&broker, answer(batches, 0)).expect("it copies");
    broker
}

fn copy(broker: &Broker, answer: FollowerFetched) -> Result<Copied, partitioning::Refusal> {
    broker.replica().copy(broker.replica().ask().expect("it follows"), answer, NOW)
}

fn diverging(epoch: i32, end: i64) -> FollowerFetched {
    let found = FetchFound::Diverging(EpochEnd { epoch, end });
    FollowerFetched { found, high_watermark: 99, log_start: 0 }
}

fn out_of_range(log_start: i64, end: i64) -> FollowerFetched {
    FollowerFetched { found: FetchFound::OutOfRange { end }, high_watermark: 99, log_start }
}

const LOG: [(&str, i32); 5] = [("a", 1), ("b", 1), ("c", 3), ("d", 3), ("e", 3)];

#[test]
fn it_is_cut_where_the_leader_says_that_the_logs_part() {
    let broker = follower(Truncation::ByLeaderEpoch, &LOG, 3);
    broker.follow(1, 6);
    assert_eq!(broker.records(), "0:a@1 1:b@1 2:c@3 3:d@3 4:e@3", "nothing is cut before the leader was asked");
    assert_eq!(copy(&broker, diverging(3, 4)), Ok(Copied::Truncated(4)));
    assert_eq!(broker.records(), "0:a@1 1:b@1 2:c@3 3:d@3");
    assert_eq!(copy(&broker, diverging(2, 9)), Ok(Copied::Truncated(2)), "of 2 it has nothing: up to where 1 ends");
    assert_eq!((broker.records().as_str(), broker.checkpoint().as_str()), ("0:a@1 1:b@1", "0\n1\n1 0\n"));
    let ask = broker.replica().ask().expect("it follows");
    assert_eq!((ask.offset, ask.last_epoch), (2, Some(1)), "it forgets the epochs with the records");
}

#[test]
fn a_high_watermark_of_a_log_that_parts_says_nothing_of_this_one() {
    let broker = follower(Truncation::ByLeaderEpoch, &LOG, 3);
    copy(&broker, answer(Vec::new(), 3)).expect("it copies");
    assert_eq!(broker.offsets(), (0, 3, 5));
    broker.follow(1, 6);
    copy(&broker, diverging(3, 4)).expect("it cuts");
    assert_eq!(broker.offsets(), (0, 3, 4), "the leader says 99, of records that may not be these");
    copy(&broker, diverging(1, 2)).expect("it cuts");
    assert_eq!(broker.offsets(), (0, 2, 2), "what is cut off is not committed here");
    copy(&broker, answer(Vec::new(), 99)).expect("it copies");
    assert_eq!(broker.offsets(), (0, 2, 2));
}

#[test]
fn a_batch_that_reaches_across_the_cut_goes_as_a_whole() {
    let broker = Broker::new(2);
    broker.follow(1, 1);
    copy(&broker, answer(vec![placed(0, 1, &["a"]), placed(1, 1, &["b", "c", "d"])], 0)).expect("it copies");
    assert_eq!(copy(&broker, diverging(1, 3)), Ok(Copied::Truncated(1)));
    assert_eq!(broker.records(), "0:a@1");
}

#[test]
fn a_place_to_cut_at_that_is_none_is_refused() {
    let broker = follower(Truncation::ByLeaderEpoch, &LOG, 6);
    for (epoch, end) in [(3, 5), (3, 99), (9, 5)] {
        let sentence =
            format!("the leader says that the logs part at the end of epoch {epoch}, at {end}, and this log ends at 5");
        refused(ErrorCode::OffsetOutOfRange, &sentence, copy(&broker, diverging(epoch, end)));
    }
    assert!(copy(&broker, diverging(3, -1)).is_err());
    assert_eq!(broker.records(), "0:a@1 1:b@1 2:c@3 3:d@3 4:e@3", "a leader that is wrong would be asked for ever");
}

#[test]
fn a_log_that_the_leader_does_not_reach_is_cut_to_the_leaders_end() {
    let broker = follower(Truncation::ByLeaderEpoch, &LOG, 6);
    assert_eq!(copy(&broker, out_of_range(0, 3)), Ok(Copied::Truncated(3)));
    assert_eq!((broker.records().as_str(), broker.offsets()), ("0:a@1 1:b@1 2:c@3", (0, 0, 3)));
}

#[test]
fn a_log_that_does_not_reach_the_leaders_starts_anew() {
    let broker = follower(Truncation::ByLeaderEpoch, &LOG, 6);
    assert_eq!(copy(&broker, out_of_range(40, 60)), Ok(Copied::Truncated(40)));
    assert_eq!((broker.records().as_str(), broker.offsets()), ("", (40, 40, 40)));
    assert_eq!(broker.checkpoint(), "0\n0\n");
    let ask = broker.replica().ask().expect("it follows");
    assert_eq!((ask.offset, ask.last_epoch), (40, None));
    copy(&broker, FollowerFetched { log_start: 40, ..answer(vec![placed(40, 5, &["x"])], 41) }).expect("it copies");
    assert_eq!((broker.records().as_str(), broker.offsets()), ("40:x@5", (40, 41, 41)));
}

#[test]
fn a_leader_that_says_nothing_useful_is_not_followed() {
    let broker = follower(Truncation::ByLeaderEpoch, &LOG, 6);
    let sentence = "the leader's log reaches beyond 5, and knows nothing of its last epoch, Some(3)";
    refused(ErrorCode::OffsetOutOfRange, sentence, copy(&broker, out_of_range(0, 9)));
    refused(ErrorCode::OffsetOutOfRange, sentence, copy(&broker, out_of_range(5, 5)));
    assert_eq!(broker.offsets(), (0, 0, 5));
}

#[test]
fn by_its_high_watermark_it_is_cut_at_once() {
    let broker = follower(Truncation::ToHighWatermark, &LOG, 3);
    copy(&broker, answer(Vec::new(), 2)).expect("it copies");
    assert_eq!(broker.follow(1, 3), None, "it follows already");
    assert_eq!(broker.follow(1, 4), Some(2));
    assert_eq!((broker.records().as_str(), broker.offsets()), ("0:a@1 1:b@1", (0, 2, 2)));
    assert_eq!(broker.follow(1, 5), None, "there is nothing to cut");
    let waits = broker.replica().follow(Following { leader: None, epoch: 6 }, NOW);
    assert_eq!(waits, Ok(None), "without a leader nothing is cut");
    let ask = broker.replica().ask();
    assert_eq!(ask, None);
    broker.follow(1, 7);
    let ask = broker.replica().ask().expect("it follows");
    assert_eq!((ask.offset, ask.last_epoch), (2, None), "it does not ask whether the logs agree");
}

#[test]
fn a_cut_that_fails_stops_the_log_and_keeps_its_offsets_in_order() {
    let broker = follower(Truncation::ByLeaderEpoch, &LOG, 6);
    copy(&broker, answer(Vec::new(), 5)).expect("it copies");
    broker.disk.fail("set_len", ".log");
    let refusal = copy(&broker, diverging(1, 1)).expect_err("the disk was told to fail");
    assert_eq!(refusal.code, ErrorCode::StorageError);
    let (start, high_watermark, end) = broker.offsets();
    assert!(start <= high_watermark && high_watermark <= end, "{:?}", broker.offsets());
    assert!(broker.replica().failure().is_some());
}

/// KIP-101, the first case. Broker 2 has copied what is committed, and does not know it yet.
fn lost_or_not(truncation: Truncation) -> String {
    let (one, mut two) = (Broker::with(1, truncation, small()), Broker::with(2, truncation, small()));
    one.lead(1, &[1, 2]);
    two.follow(1, 1);
    one.append(&["a"]);
    two.catch_up(&one);
    one.append(&["b"]);
    two.copy_from(&one).expect("2 has b now");
    assert_eq!(two.offsets(), (0, 1, 2), "and does not know that it is committed");
    // This question tells the leader that 2 has b: b is committed, and acknowledged. The answer is lost.
    let ask = two.replica().ask().expect("it follows");
    one.replica().serve(two.question(&ask)).expect("it is served");
    assert_eq!(one.offsets(), (0, 2, 2));
    two.restart();
    two.follow(1, 1);
    // Broker 1 dies before it is asked again.
    two.lead(2, &[2]);
    one.follow(2, 2);
    one.catch_up(&two);
    assert_eq!(one.records(), two.records(), "1 follows, whatever that costs");
    one.records()
}

#[test]
fn a_committed_record_is_lost_by_the_old_policy_and_not_by_the_new() {
    assert_eq!(lost_or_not(Truncation::ToHighWatermark), "0:a@1");
    assert_eq!(lost_or_not(Truncation::ByLeaderEpoch), "0:a@1 1:b@1");
}

/// KIP-101, the second case. Both brokers lose power, and broker 2 what it had not flushed; it is back first.
fn forked_or_not(truncation: Truncation) -> [String; 2] {
    let (one, two) = (Broker::with(1, truncation, small()), Broker::with(2, truncation, small()));
    one.lead(1, &[1, 2]);
    two.follow(1, 1);
    one.append(&["a"]);
    two.catch_up(&one);
    one.append(&["b"]);
    // 2 had b too, and lost it. It leads, and writes another record there.
    two.lead(2, &[2]);
    two.append(&["x"]);
    // 1 comes back, and knew that b was committed.
    let mut one = one;
    one.stop(true);
    one.start(2).expect("it starts again");
    one.follow(2, 2);
    one.catch_up(&two);
    [one.records(), two.records()]
}

#[test]
fn logs_fork_by_the_old_policy_and_not_by_the_new() {
    assert_eq!(forked_or_not(Truncation::ToHighWatermark), ["0:a@1 1:b@1", "0:a@1 1:x@2"]);
    assert_eq!(forked_or_not(Truncation::ByLeaderEpoch), ["0:a@1 1:x@2", "0:a@1 1:x@2"]);
}

/// KIP-279, on real logs: each of two led for a moment, and the other got nothing of it.
#[test]
fn leaders_that_follow_each_other_quickly_are_sorted_out() {
    let (one, two) = (Broker::new(1), Broker::new(2));
    one.lead(1, &[1, 2]);
    two.follow(1, 1);
    one.append(&["a"]);
    two.catch_up(&one);
    one.append(&["b"]);
    two.lead(2, &[2]);
    two.append(&["x"]);
    two.append(&["y"]);
    one.lead(3, &[1]);
    one.append(&["c"]);
    two.lead(4, &[2]);
    one.follow(2, 4);
    assert_eq!(
        one.copy_from(&two),
        Ok(Copied::Truncated(2)),
        "2 has nothing of epoch 3, and says 2, of which 1 has nothing"
    );
    assert_eq!(one.copy_from(&two), Ok(Copied::Truncated(1)), "2 has less of epoch 1");
    one.catch_up(&two);
    assert_eq!(one.records(), "0:a@1 1:x@2 2:y@2");
}

/// Whoever led for a moment has noted an epoch in which nothing was written. What it then copies is older.
#[test]
fn a_leadership_that_wrote_nothing_leaves_no_epoch_behind() {
    let (one, mut two) = (Broker::new(1), Broker::new(2));
    one.lead(1, &[1, 2]);
    two.follow(1, 1);
    one.append(&["a"]);
    two.catch_up(&one);
    one.append(&["b"]);
    two.lead(2, &[1, 2]);
    assert_eq!(two.checkpoint(), "0\n2\n1 0\n2 1\n");
    one.lead(3, &[1, 2]);
    two.follow(1, 3);
    two.catch_up(&one);
    assert_eq!((two.records().as_str(), two.checkpoint().as_str()), ("0:a@1 1:b@1", "0\n1\n1 0\n"));
    two.restart();
    // As a leader, it must not tell others that epoch 1 ends at 1.
    two.lead(4, &[1, 2]);
    one.follow(2, 4);
    assert_eq!(one.copy_from(&two), Ok(Copied::Appended(0)), "the logs are the same");
    assert_eq!(one.records(), "0:a@1 1:b@1");
}

/// A clean stop saves the state with what was noted in it. A truncation to that very place brings it back.
#[test]
fn what_was_noted_where_the_log_is_cut_is_forgotten() {
    let mut broker = follower(Truncation::ByLeaderEpoch, &LOG[..2], 1);
    broker.lead(2, &[1, 2]);
    broker.restart();
    broker.follow(1, 3);
    copy(&broker, answer(vec![placed(2, 1, &["c"])], 0)).expect("it copies");
    assert_eq!(broker.checkpoint(), "0\n1\n1 0\n", "nobody wrote in epoch 2");
    assert_eq!(copy(&broker, diverging(1, 2)), Ok(Copied::Truncated(2)));
    assert_eq!(broker.checkpoint(), "0\n1\n1 0\n");
}
