//! A follower copies what its leader sends: whole batches, in order, with a checksum that holds; and nothing else.

use bytes::BytesMut;
use partitioning::ErrorCode;
use replication::api::{FetchFound, FollowerFetched};
use replication::replica::Copied;
use segment_log::Batch;

use crate::broker::Broker;
use crate::messages::{NOW, answer, batch, moved, placed, refused};

/// Broker 2 follows broker 1 in epoch 4. Its log is `0:a@1 1:b@1`.
fn follower() -> Broker {
    let broker = Broker::new(2);
    broker.follow(1, 4);
    copy(&broker, answer(vec![placed(0, 1, &["a", "b"])], 1)).expect("it copies");
    assert_eq!((broker.records().as_str(), broker.offsets()), ("0:a@1 1:b@1", (0, 1, 2)));
    broker
}

fn copy(broker: &Broker, answer: FollowerFetched) -> Result<Copied, partitioning::Refusal> {
    broker.replica().copy(broker.replica().ask().expect("it follows"), answer, NOW)
}

fn size(batches: &[Batch]) -> usize {
    batches.iter().map(|batch| batch.view().size()).sum()
}

fn bytes(batches: Vec<Batch>) -> BytesMut {
    let FetchFound::Records(records) = answer(batches, 0).found else { panic!("records") };
    records.into_mut()
}

fn records(bytes: BytesMut, high_watermark: i64) -> FollowerFetched {
    FollowerFetched { found: FetchFound::Records(bytes.into()), high_watermark, log_start: 0 }
}

#[test]
fn batches_are_copied_as_they_are() {
    let broker = follower();
    let batches = vec![placed(2, 1, &["c"]), placed(3, 4, &["d", "e"])];
    let expected = Copied::Appended(size(&batches));
    assert_eq!(copy(&broker, answer(batches, 4)), Ok(expected));
    assert_eq!((broker.records().as_str(), broker.offsets()), ("0:a@1 1:b@1 2:c@1 3:d@4 4:e@4", (0, 4, 5)));
    let ask = broker.replica().ask().expect("it follows");
    assert_eq!((ask.offset, ask.last_epoch), (5, Some(4)), "the next question goes on there");
    assert_eq!(broker.checkpoint(), "0\n2\n1 0\n4 3\n", "the epochs that came are written down");
}

#[test]
fn a_log_is_the_same_byte_for_byte() {
    let (leader, follower) = (Broker::new(1), Broker::new(2));
    leader.lead(1, &[1, 2]);
    follower.follow(1, 1);
    for values in [&["a"][..], &["b", "c"], &["d"], &["e", "f"]] {
        leader.append(values);
    }
    follower.catch_up(&leader);
    assert_eq!((follower.offsets(), leader.offsets()), ((0, 6, 6), (0, 6, 6)));
    for segment in ["00000000000000000000.log", "00000000000000000003.log"] {
        let read = |broker: &Broker| std::fs::read(broker.file(segment)).unwrap_or_default();
        assert_eq!(read(&follower), read(&leader), "{segment}");
    }
}

#[test]
fn nothing_new_is_no_error() {
    let broker = follower();
    assert_eq!(copy(&broker, answer(Vec::new(), 2)), Ok(Copied::Appended(0)));
    assert_eq!(broker.offsets(), (0, 2, 2), "but for the high watermark");
}

#[test]
fn the_high_watermark_is_the_leaders_as_far_as_the_records_are_there() {
    let broker = follower();
    copy(&broker, answer(vec![placed(2, 4, &["c"])], 9)).expect("it copies");
    assert_eq!(broker.offsets(), (0, 3, 3));
    copy(&broker, answer(Vec::new(), 2)).expect("it copies");
    assert_eq!(broker.offsets(), (0, 2, 3), "a new leader may know less: it is believed");
    copy(&broker, answer(Vec::new(), -1)).expect("it copies");
    assert_eq!(broker.offsets(), (0, 0, 3), "never less than the log's start");
}

#[test]
fn a_last_batch_that_is_cut_off_is_left() {
    let broker = follower();
    let whole = size(&[placed(2, 4, &["c"])]);
    for cut in [whole + 1, whole + 60, whole + 70] {
        let mut sent = bytes(vec![placed(2, 4, &["c"]), placed(3, 4, &["a long value, so that it can be cut off"])]);
        sent.truncate(cut);
        assert_eq!(copy(&broker, records(sent, 2)), Ok(Copied::Appended(whole)), "{cut} bytes");
        assert_eq!(broker.records(), "0:a@1 1:b@1 2:c@4", "{cut} bytes");
        broker.follow(1, 4);
        copy(&broker, FollowerFetched { found: FetchFound::OutOfRange { end: 2 }, high_watermark: 0, log_start: 0 })
            .expect("it cuts");
    }
    let mut sent = bytes(vec![placed(2, 4, &["c"])]);
    sent.truncate(whole - 1);
    assert_eq!(copy(&broker, records(sent, 2)), Ok(Copied::Appended(0)), "not one batch is whole: nothing has come");
}

#[test]
fn a_damaged_batch_is_refused_and_what_came_before_it_stays() {
    for damage in [25, 62] {
        let broker = follower();
        let first = size(&[placed(2, 4, &["c"])]);
        let mut sent = bytes(vec![placed(2, 4, &["c"]), placed(3, 4, &["d"]), placed(4, 4, &["e"])]);
        sent[first + damage] ^= 1;
        let refusal = copy(&broker, records(sent, 5)).expect_err("the second batch is damaged");
        assert_eq!(refusal.code, ErrorCode::CorruptMessage);
        let begin = "orders-0: broker 1 sent at offset 2: the checksum does not match";
        assert!(refusal.message.starts_with(begin), "{refusal}");
        assert_eq!((broker.records().as_str(), broker.offsets()), ("0:a@1 1:b@1 2:c@4", (0, 1, 3)));
        // Asked again, the rest comes.
        copy(&broker, answer(vec![placed(3, 4, &["d"])], 4)).expect("it copies");
        assert_eq!((broker.records().as_str(), broker.offsets()), ("0:a@1 1:b@1 2:c@4 3:d@4", (0, 4, 4)));
    }
}

#[test]
fn bytes_that_are_no_batch_are_refused() {
    let broker = follower();
    let zeros = records(BytesMut::zeroed(100), 2);
    let sentence = "orders-0: broker 1 sent at offset 2: batch_length is 0, and a batch without records has 49";
    refused(ErrorCode::CorruptMessage, sentence, copy(&broker, zeros));
    let mut old = bytes(vec![placed(2, 4, &["c"])]);
    old[16] = 1;
    let sentence = "orders-0: broker 1 sent at offset 2: magic is 1, and only format 2 is stored";
    refused(ErrorCode::CorruptMessage, sentence, copy(&broker, records(old, 2)));
    assert_eq!((broker.records().as_str(), broker.offsets()), ("0:a@1 1:b@1", (0, 1, 2)));
}

#[test]
fn a_batch_of_a_later_epoch_than_the_leaders_is_refused() {
    let broker = follower();
    let sent = answer(vec![placed(2, 4, &["c"]), placed(3, 5, &["d"])], 4);
    let sentence = "orders-0: broker 1 sent at offset 2: a batch of epoch 5, and it leads in epoch 4";
    refused(ErrorCode::CorruptMessage, sentence, copy(&broker, sent));
    assert_eq!(broker.records(), "0:a@1 1:b@1 2:c@4");
}

#[test]
fn a_batch_that_comes_too_early_is_refused() {
    let broker = follower();
    let sent = answer(vec![placed(1, 4, &["c", "d"])], 2);
    let sentence = "orders-0: broker 1 sent at offset 2: the batch starts at offset 1, and the log already reaches to 2: \
                    copies come in order";
    refused(ErrorCode::CorruptMessage, sentence, copy(&broker, sent));
    assert_eq!(broker.records(), "0:a@1 1:b@1");
    copy(&broker, answer(vec![placed(7, 4, &["c"])], 8)).expect("a gap is no fault: compaction leaves some");
    assert_eq!((broker.records().as_str(), broker.offsets()), ("0:a@1 1:b@1 7:c@4", (0, 8, 8)));
}

#[test]
fn a_batch_too_large_for_this_log_is_refused() {
    let broker = follower();
    let large = "x".repeat(200);
    let refusal = copy(&broker, answer(vec![placed(2, 4, &[&large])], 2)).expect_err("segment.bytes is 150");
    assert_eq!(refusal.code, ErrorCode::RecordListTooLarge);
    assert_eq!(broker.records(), "0:a@1 1:b@1");
}

#[test]
fn an_answer_that_comes_too_late_changes_nothing() {
    let broker = follower();
    let ask = broker.replica().ask().expect("it follows");
    let sent = || answer(vec![placed(2, 4, &["c"])], 3);
    let stale = |what: &str| {
        assert_eq!(broker.replica().copy(ask, sent(), NOW), Ok(Copied::Stale), "{what}");
    };
    copy(&broker, answer(vec![placed(2, 4, &["x"])], 1)).expect("it copies");
    stale("the log has grown since");
    broker.follow(3, 5);
    stale("it follows somebody else");
    broker.lead(6, &[2]);
    stale("it leads");
    assert_eq!((broker.records().as_str(), broker.offsets()), ("0:a@1 1:b@1 2:x@4", (0, 3, 3)));
}

#[test]
fn an_answer_to_another_log_of_the_same_length_changes_nothing() {
    let broker = follower();
    let ask = broker.replica().ask().expect("it follows");
    // It is cut, and gets other records: its log ends where it did.
    let cut = FollowerFetched { found: FetchFound::OutOfRange { end: 0 }, high_watermark: 0, log_start: 0 };
    copy(&broker, cut).expect("it cuts");
    copy(&broker, answer(vec![placed(0, 2, &["x", "y"])], 0)).expect("it copies");
    assert_eq!(broker.replica().copy(ask, answer(vec![placed(2, 4, &["c"])], 3), NOW), Ok(Copied::Stale));
    assert_eq!(broker.records(), "0:x@2 1:y@2");
}

#[test]
fn the_log_begins_where_the_leaders_does() {
    let broker = follower();
    let sent = FollowerFetched { log_start: 3, ..answer(vec![placed(2, 4, &["c"]), placed(3, 4, &["d"])], 4) };
    copy(&broker, sent).expect("it copies");
    assert_eq!((broker.records().as_str(), broker.offsets()), ("3:d@4", (3, 4, 4)));
    copy(&broker, FollowerFetched { log_start: 1, ..answer(Vec::new(), 4) }).expect("it copies");
    assert_eq!(broker.offsets(), (3, 4, 4), "a start does not move back");
    copy(&broker, FollowerFetched { log_start: 9, ..answer(Vec::new(), 4) }).expect("it copies");
    assert_eq!(broker.offsets(), (4, 4, 4), "nor beyond the end");
    assert_eq!(broker.checkpoint(), "0\n1\n4 4\n", "epoch 4 goes on from there");
}

/// A client may have had the leader delete the front of a batch.
#[test]
fn a_leader_whose_log_begins_inside_a_batch_is_followed() {
    let broker = Broker::new(2);
    broker.follow(1, 4);
    let begin = FollowerFetched { found: FetchFound::OutOfRange { end: 9 }, high_watermark: 9, log_start: 6 };
    assert_eq!(copy(&broker, begin), Ok(Copied::Truncated(6)), "it begins where the leader does");
    assert_eq!(broker.offsets(), (6, 6, 6));
    let sent =
        FollowerFetched { log_start: 6, ..answer(vec![placed(5, 4, &["a", "b", "c"]), placed(8, 4, &["d"])], 9) };
    copy(&broker, sent).expect("the first batch begins before that");
    assert_eq!((broker.records().as_str(), broker.offsets()), ("6:b@4 7:c@4 8:d@4", (6, 9, 9)));
    let sent = answer(vec![placed(5, 4, &["a", "b", "c", "d", "e"])], 9);
    let refusal = copy(&broker, sent).expect_err("a log that holds something does not begin anew");
    assert_eq!(refusal.code, ErrorCode::CorruptMessage);
}

#[test]
fn a_disk_that_fails_leaves_the_log_as_it_was() {
    let broker = follower();
    broker.disk.fail("write", ".log");
    let refusal = copy(&broker, answer(vec![placed(2, 4, &["c"])], 3)).expect_err("the disk was told to fail");
    assert_eq!(refusal.code, ErrorCode::StorageError);
    assert_eq!((broker.records().as_str(), broker.offsets()), ("0:a@1 1:b@1", (0, 1, 2)));
    assert_eq!(broker.replica().failure(), None, "the write was taken back");
    copy(&broker, answer(vec![placed(2, 4, &["c"])], 3)).expect("the disk works again");
    assert_eq!(broker.offsets(), (0, 3, 3));
}

#[test]
fn a_follower_behind_reads_segment_by_segment() {
    let (leader, follower) = (Broker::new(1), Broker::new(2));
    leader.lead(1, &[1]);
    follower.follow(1, 1);
    for value in 0..9 {
        leader.append(&[&value.to_string()]);
    }
    let two = 2 * batch(&["0"]).view().size();
    for end in [2, 4, 6, 8] {
        assert_eq!(follower.copy_from(&leader), Ok(Copied::Appended(two)), "a segment holds two");
        assert_eq!(follower.offsets().2, end);
    }
    follower.catch_up(&leader);
    assert_eq!(follower.records(), leader.records());
    let ask = follower.replica().ask().expect("it follows");
    let served = leader.replica().serve(follower.question(&ask)).expect("it is served");
    assert_eq!(moved(served).found, FetchFound::Records(Default::default()));
}
