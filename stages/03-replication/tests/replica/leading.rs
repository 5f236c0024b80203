//! A leader and its clients: it writes in its own epoch, and shows what is committed.

use partitioning::{ErrorCode, Isolation, Partition, ReadRequest, Writer};
use segment_log::control::{Marker, Outcome};
use segment_log::{BatchBuilder, Compression, Record};

use crate::broker::Broker;
use crate::messages::{NOW, batch, refused};

/// Broker 1 leads in epoch 4, and broker 2 is in sync with it. The log is `0:a 1:b 2:c 3:d 4:e`, in four batches and three
/// segments; 2 has all before 3.
fn led() -> Broker {
    let (leader, follower) = (Broker::new(1), Broker::new(2));
    leader.lead(4, &[1, 2]);
    follower.follow(1, 4);
    for values in [&["a"][..], &["b", "c"]] {
        leader.append(values);
    }
    follower.catch_up(&leader);
    for values in ["d", "e"] {
        leader.append(&[values]);
    }
    assert_eq!(leader.offsets(), (0, 3, 5));
    leader
}

#[test]
fn what_is_appended_has_the_leaders_epoch_and_the_logs_offset() {
    let broker = Broker::new(1);
    broker.lead(7, &[1]);
    assert_eq!(broker.append(&["a", "b"]).base_offset, 0);
    assert_eq!(broker.append(&["c"]).base_offset, 2);
    assert_eq!(broker.records(), "0:a@7 1:b@7 2:c@7");
    assert_eq!(broker.offsets(), (0, 3, 3), "nobody else is in sync");
}

#[test]
fn what_is_refused_leaves_no_trace() {
    let broker = Broker::new(1);
    broker.lead(1, &[1]);
    let mut placed = batch(&["a"]);
    placed.set_place(5, 0);
    let refusal = broker.replica().append(placed, Writer::Client, NOW).expect_err("a client's batch begins at 0");
    assert_eq!(refusal.code, ErrorCode::InvalidRecord);
    let marker = BatchBuilder::control(Marker { outcome: Outcome::Commit, coordinator_epoch: 0 }, 1, 0, NOW);
    let marker = marker.build().expect("nothing is compressed");
    assert!(broker.replica().append(marker.clone(), Writer::Client, NOW).is_err(), "a client writes no marker");
    assert_eq!((broker.offsets(), broker.records().as_str()), ((0, 0, 0), ""));
    broker.replica().append(marker, Writer::Coordinator, NOW).expect("a coordinator does");
    assert_eq!(broker.offsets(), (0, 1, 1));
}

#[test]
fn consumers_see_what_is_committed_and_nothing_else() {
    let broker = led();
    assert_eq!(broker.consume(0), Ok(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]));
    assert_eq!(broker.consume(2), Ok(vec!["b".to_owned(), "c".to_owned()]), "a batch is given whole");
    for from in [3, 4, 5] {
        assert_eq!(broker.consume(from), Ok(vec![]), "{from} is not committed, and that is no error");
    }
    let sentence = "offset 6 is not in the log, which holds 0 to before 5";
    refused(ErrorCode::OffsetOutOfRange, sentence, broker.consume(6));
}

#[test]
fn a_read_gives_no_more_than_it_was_asked_for() {
    let broker = led();
    let read = |max_bytes, min_one_batch| {
        let read = broker
            .replica()
            .read(ReadRequest { from: 0, max_bytes, min_one_batch }, Isolation::HighWatermark)
            .expect("it reads");
        assert_eq!(read.offsets, broker.replica().offsets());
        read.slice.len()
    };
    let (first, second) = (batch(&["a"]).view().size(), batch(&["b", "c"]).view().size());
    for min_one_batch in [true, false] {
        assert_eq!(read(usize::MAX, min_one_batch), first + second, "what is committed");
        assert_eq!(read(first + 1, min_one_batch), first + 1, "the second batch is cut off");
    }
    assert_eq!((read(first - 1, true), read(first - 1, false)), (first, 0));
}

#[test]
fn a_time_is_looked_for_in_what_is_committed() {
    let (leader, follower) = (Broker::new(1), Broker::new(2));
    leader.lead(1, &[1, 2]);
    follower.follow(1, 1);
    let append = |time| {
        let mut builder = BatchBuilder::new(Compression::None);
        builder.push(&Record::new(time, None, "x"));
        let batch = builder.build().expect("nothing is compressed");
        leader.replica().append(batch, Writer::Client, NOW).expect("it is appended");
    };
    append(NOW);
    append(NOW + 10);
    follower.catch_up(&leader);
    append(NOW + 20);
    let find = |time| leader.replica().find_time(time).expect("it looks");
    assert_eq!((find(NOW), find(NOW + 1)), (Some((NOW, 0)), Some((NOW + 10, 1))));
    assert_eq!(find(NOW + 11), None, "the record at 20 is not committed");
    follower.catch_up(&leader);
    assert_eq!(find(NOW + 11), Some((NOW + 20, 2)));
}

#[test]
fn a_batch_that_was_written_and_not_flushed_is_told() {
    let mut broker = Broker::new(1);
    broker.config.flush = std::sync::Arc::new(segment_log::EveryAppend);
    broker.restart();
    broker.lead(1, &[1]);
    broker.append(&["a"]);
    assert_eq!(broker.replica().failure(), None);
    broker.disk.fail("sync", ".log");
    let refusal = broker.try_append(&["b"]).expect_err("the disk was told to fail");
    assert!(refusal.code.is_in_doubt(), "{refusal:?}");
    assert_eq!(broker.replica().offsets().end, 2, "it is in the log all the same");
    let why = broker.replica().failure().expect("it takes no writes any more");
    assert!(why.starts_with("the log stopped when it could not flush"), "{why}");
    assert!(broker.try_append(&["c"]).is_err());
    let role = broker.role();
    assert!(matches!(&role, replication::api::ReplicaRole::Failed(said) if *said == why), "{role:?}");
}
