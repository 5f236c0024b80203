//! A leader and its followers: who is answered with records, who is told where the logs part, and who is refused.

use partitioning::{ErrorCode, Partition, Refusal};
use replication::api::{FollowerSeen, ReplicaRole};
use replication::epochs::EpochEnd;
use replication::replica::{FollowerAsk, Served, ServedFound, ToAsk};
use segment_log::Offset;

use crate::broker::Broker;
use crate::messages::{LAG, MUCH, batch, leading, record, refused};

/// Broker 2's question to a leader of epoch 4.
fn ask(offset: Offset, last_epoch: Option<i32>) -> FollowerAsk {
    FollowerAsk {
        replica: 2,
        broker_epoch: 20,
        leader_epoch: 4,
        offset,
        last_epoch,
        max_bytes: MUCH,
        min_one_batch: true,
        is_new: true,
    }
}

/// Leads in epoch 4. Its log is `0:a@1 1:b@1 2:c@4 3:d@4`.
fn led() -> Broker {
    let broker = Broker::new(1);
    broker.lead(1, &[1]);
    broker.append(&["a", "b"]);
    broker.lead(4, &[1, 2, 3]);
    broker.append(&["c", "d"]);
    broker
}

fn serve(broker: &Broker, ask: FollowerAsk) -> Result<Served, Refusal> {
    broker.replica().serve(ask)
}

/// What is served, in a word or two.
fn told(served: &Served) -> String {
    match &served.found {
        ServedFound::Records(slice) => format!("{} bytes", slice.len()),
        ServedFound::Diverging(EpochEnd { epoch, end }) => format!("epoch {epoch} ends at {end}"),
        ServedFound::OutOfRange(end) => format!("out of range: it ends at {end}"),
    }
}

/// What the leader knows of broker 2's end.
fn known(broker: &Broker) -> Option<Offset> {
    let ReplicaRole::Leader { followers, .. } = broker.role() else { panic!("it leads") };
    followers.into_iter().find(|FollowerSeen { id, .. }| *id == 2).expect("2 has a copy").end
}

#[test]
fn a_follower_that_agrees_gets_records_committed_or_not() {
    let broker = led();
    let size = batch(&["a", "b"]).view().size();
    let served = serve(&broker, ask(0, None)).expect("it is served");
    assert_eq!(
        (told(&served), served.high_watermark, served.log_start),
        (format!("{size} bytes"), 2, 0),
        "one segment"
    );
    assert_eq!(known(&broker), Some(0));
    let served = serve(&broker, ask(2, Some(1))).expect("it is served");
    assert_eq!(told(&served), format!("{size} bytes"), "they lie above the high watermark");
    let served = serve(&broker, ask(4, Some(4))).expect("it is served");
    assert_eq!((told(&served).as_str(), known(&broker)), ("0 bytes", Some(4)));
    let little = FollowerAsk { max_bytes: size - 1, ..ask(0, None) };
    assert_eq!(told(&serve(&broker, little).expect("it is served")), format!("{size} bytes"), "one batch, whole");
    let less = FollowerAsk { min_one_batch: false, ..little };
    assert_eq!(told(&serve(&broker, less).expect("it is served")), "0 bytes");
}

#[test]
fn a_question_says_what_the_follower_has() {
    let broker = led();
    assert_eq!((broker.offsets(), known(&broker)), ((0, 2, 4), None), "epoch 1 was of one replica, which had all");
    let three = FollowerAsk { replica: 3, broker_epoch: 30, ..ask(4, Some(4)) };
    assert_eq!(serve(&broker, three).expect("it is served").high_watermark, 2, "2 has not said anything");
    assert_eq!(serve(&broker, ask(2, Some(1))).expect("it is served").high_watermark, 2);
    assert_eq!(serve(&broker, ask(4, Some(4))).expect("it is served").high_watermark, 4, "this question counts");
    assert_eq!(broker.offsets(), (0, 4, 4));
}

#[test]
fn a_follower_that_differs_is_told_where_and_is_not_believed() {
    let broker = led();
    for (offset, epoch, expected) in
        [(3, 1, "epoch 1 ends at 2"), (4, 3, "epoch 1 ends at 2"), (9, 4, "epoch 4 ends at 4")]
    {
        let served = serve(&broker, ask(offset, Some(epoch))).expect("it is served");
        assert_eq!(told(&served), expected, "{offset} {epoch}");
        assert_eq!((known(&broker), served.high_watermark), (None, 2), "nobody knows what it has that is the same");
    }
}

#[test]
fn what_the_log_does_not_hold_is_out_of_range() {
    let broker = led();
    let told_of = |offset, epoch| told(&serve(&broker, ask(offset, epoch)).expect("it is served"));
    assert_eq!(told_of(5, None), "out of range: it ends at 4");
    assert_eq!(told_of(4, Some(9)), "out of range: it ends at 4", "nothing is known of epoch 9");
    assert_eq!(told_of(-1, None), "out of range: it ends at 4");
    assert_eq!(known(&broker), None);
}

#[test]
fn an_epoch_that_is_over_is_fenced_and_one_to_come_is_unknown() {
    let broker = led();
    let sentence = "orders-0 is led in epoch 4, and epoch 3 is over";
    refused(ErrorCode::FencedLeaderEpoch, sentence, serve(&broker, FollowerAsk { leader_epoch: 3, ..ask(0, None) }));
    let sentence = "orders-0 is led in epoch 4 here, and epoch 5 is not known yet";
    refused(ErrorCode::UnknownLeaderEpoch, sentence, serve(&broker, FollowerAsk { leader_epoch: 5, ..ask(0, None) }));
    assert_eq!(known(&broker), None, "neither is believed");
}

#[test]
fn a_follower_that_is_none_or_not_any_more_is_refused() {
    let broker = led();
    let sentence = "broker 9 has no replica of orders-0";
    // Wherever it is: it is nobody's business to tell it where the logs part.
    for (offset, epoch) in [(0, None), (3, Some(1)), (7, None)] {
        let stranger = FollowerAsk { replica: 9, ..ask(offset, epoch) };
        refused(ErrorCode::NotLeaderOrFollower, sentence, serve(&broker, stranger));
        let before = FollowerAsk { broker_epoch: 19, ..ask(offset, epoch) };
        let sentence = "broker 2 has registered anew since it asked for orders-0";
        refused(ErrorCode::StaleBrokerEpoch, sentence, serve(&broker, before));
    }
    assert_eq!(known(&broker), None);
}

#[test]
fn who_does_not_lead_answers_no_follower() {
    let broker = led();
    broker.follow(2, 5);
    let sentence = "this broker does not lead orders-0: broker 2 does, in epoch 5";
    refused(ErrorCode::NotLeaderOrFollower, sentence, serve(&broker, FollowerAsk { leader_epoch: 5, ..ask(0, None) }));
}

#[test]
fn a_follower_that_has_caught_up_is_let_in() {
    let broker = Broker::new(1);
    broker.try_lead(leading(1, 4, 1, &[1])).expect("it leads");
    broker.append(&["a"]);
    let served = serve(&broker, ask(0, None)).expect("it is served");
    assert!(!served.has_wish, "it has nothing yet");
    let served = serve(&broker, ask(1, Some(4))).expect("it is served");
    assert!(served.has_wish);
    assert!(!serve(&broker, ask(1, Some(4))).expect("it is served").has_wish, "that is asked for already");
    let wish = broker.replica().wish().expect("it is pending");
    assert_eq!((wish.leader, wish.leader_epoch, wish.partition_epoch), (1, 4, 1));
    assert_eq!(wish.in_sync, [(1, -1), (2, 20)]);
    assert_eq!(
        broker.replica().answered(&wish, Ok(record(1, 4, 2, &[1, 2]))),
        Ok(ToAsk::Nothing),
        "granted, and nothing more"
    );
    assert_eq!((broker.replica().wish(), broker.replica().offsets().in_sync), (None, 2));
}

#[test]
fn a_wish_is_asked_again_until_somebody_knows_what_became_of_it() {
    let broker = Broker::new(1);
    broker.try_lead(leading(1, 4, 1, &[1])).expect("it leads");
    serve(&broker, ask(0, None)).expect("it is served");
    let wish = broker.replica().wish().expect("2 has all there is");
    assert_eq!(broker.replica().answered(&wish, Err(None)), Ok(ToAsk::Again), "no answer");
    assert_eq!(broker.replica().wish(), Some(wish.clone()), "the same again");
    let refused = Err(Some(ErrorCode::IneligibleReplica));
    assert_eq!(
        broker.replica().answered(&wish, refused.clone()),
        Ok(ToAsk::Again),
        "to make sure that the first is not granted"
    );
    let sure = broker.replica().wish().expect("it is pending");
    assert_eq!(sure.in_sync, [(1, -1)]);
    assert_eq!(
        broker.replica().answered(&wish, Ok(record(1, 4, 2, &[1, 2]))),
        Ok(ToAsk::More),
        "that is not what is pending"
    );
    assert_eq!(broker.replica().wish(), Some(sure.clone()));
    assert_eq!(
        broker.replica().answered(&sure, Ok(record(1, 4, 2, &[1]))),
        Ok(ToAsk::Nothing),
        "2 was refused: it has to ask anew"
    );
    assert!(serve(&broker, ask(0, None)).expect("it is served").has_wish, "and now 2 is wanted again");
    let wish = broker.replica().wish().expect("2 could join");
    assert_eq!((wish.partition_epoch, wish.in_sync.as_slice()), (2, &[(1, -1), (2, 20)][..]));
    assert_eq!(broker.replica().answered(&wish, refused), Ok(ToAsk::Nothing), "not at once: it would be refused again");
    assert!(serve(&broker, ask(0, None)).expect("it is served").has_wish, "the next question brings it up");
}

#[tokio::test(start_paused = true)]
async fn a_follower_that_falls_silent_is_put_out() {
    let (leader, follower) = (Broker::new(1), Broker::new(2));
    leader.lead(1, &[1, 2]);
    follower.follow(1, 1);
    leader.append(&["a"]);
    follower.catch_up(&leader);
    leader.append(&["b"]);
    tokio::time::advance(LAG).await;
    assert_eq!(leader.replica().look_around(), Ok(false), "it may be silent for so long");
    tokio::time::advance(std::time::Duration::from_millis(1)).await;
    assert_eq!(leader.replica().look_around(), Ok(true));
    let wish = leader.replica().wish().expect("it is to be put out");
    assert_eq!(wish.in_sync, [(1, -1)]);
    assert_eq!(leader.offsets(), (0, 1, 2), "it counts until the controller agrees");
    assert_eq!(leader.replica().look_around(), Ok(true), "that is still to be asked");
    assert_eq!(leader.replica().answered(&wish, Ok(record(1, 1, 2, &[1]))), Ok(ToAsk::Nothing));
    assert_eq!(leader.offsets(), (0, 2, 2));
}

#[tokio::test(start_paused = true)]
async fn whoever_waited_to_join_and_fell_silent_is_not_waited_for() {
    let (leader, follower) = (Broker::new(1), Broker::new(2));
    leader.try_lead(leading(1, 1, 1, &[1])).expect("it leads");
    follower.follow(1, 1);
    leader.append(&["a"]);
    follower.catch_up(&leader);
    let wish = leader.replica().wish().expect("2 could join");
    leader.replica().answered(&wish, Err(Some(ErrorCode::IneligibleReplica))).expect("it leads");
    leader.append(&["b"]);
    assert_eq!(leader.offsets(), (0, 1, 2), "2 is expected to have it in a moment");
    tokio::time::advance(LAG + std::time::Duration::from_millis(1)).await;
    leader.replica().look_around().expect("it leads");
    assert_eq!(leader.offsets(), (0, 2, 2), "nobody writes any more: time alone lifts the high watermark");
}

#[test]
fn bytes_that_are_cut_off_meanwhile_are_not_sent() {
    let broker = led();
    let served = serve(&broker, ask(2, Some(1))).expect("it is served");
    let ServedFound::Records(slice) = served.found else { panic!("{}", told(&served)) };
    // Another leader has nothing of epoch 4.
    let other = Broker::new(2);
    other.lead(5, &[2]);
    broker.follow(2, 5);
    broker.copy_from(&other).expect("it cuts");
    assert!(slice.to_bytes().is_err(), "they are of a log that is not this one any more");
}
