//! Many at once: acts come one after the other, and requests wait for none of them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use partitioning::{ErrorCode, Partitions};

use crate::data::{BEGIN, CLIENT, Data, all_topics, append, at, batch, read_all, topic};

#[test]
fn of_many_who_make_the_same_topic_one_does() {
    let data = Data::new();
    let topics = data.open();
    for round in 0..5 {
        let name = format!("orders{round}");
        let made: Vec<_> = std::thread::scope(|threads| {
            let makers: Vec<_> = (0..8).map(|_| threads.spawn(|| topics.create(&topic(&name, 2)))).collect();
            makers.into_iter().map(|maker| maker.join().expect("no panic")).collect()
        });
        let (winners, losers): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
        assert_eq!((winners.len(), losers.len()), (1, 7));
        for refusal in losers.into_iter().filter_map(Result::err) {
            assert_eq!(refusal, ErrorCode::TopicAlreadyExists.because(format!("the topic `{name}` exists already")));
        }
        assert_eq!(append(&topics, &at(&name, 1), "a"), Ok(0));
    }
}

#[test]
fn names_that_collide_are_made_once_too() {
    let data = Data::new();
    let topics = data.open();
    let made = std::thread::scope(|threads| {
        let make = |name| topics.create(&topic(name, 1)).is_ok();
        let makers = ["a.b_c", "a_b.c", "a.b.c", "a_b_c"].map(|name| threads.spawn(move || make(name)));
        makers.into_iter().map(|maker| maker.join().expect("no panic")).filter(|&made| made).count()
    });
    assert_eq!((made, all_topics(&topics).len()), (1, 1));
}

#[test]
fn requests_do_not_wait_for_an_act() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("it is made");
    let held = data.disk.hold("create", "slow-1/");
    std::thread::scope(|threads| {
        let making = threads.spawn(|| topics.create(&topic("slow", 2)));
        held.wait();
        assert_eq!(append(&topics, &at("orders", 0), "a"), Ok(0));
        assert_eq!(all_topics(&topics), [("orders".to_owned(), 1)], "what is half made is not seen");
        assert!(topics.find(&at("slow", 0)).is_err());
        held.go();
        making.join().expect("no panic").expect("it is made");
    });
    assert_eq!(all_topics(&topics), [("orders".to_owned(), 1), ("slow".to_owned(), 2)]);
}

#[test]
fn appends_go_on_while_a_topic_grows() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("it is made");
    let is_grown = AtomicBool::new(false);
    let appended = std::thread::scope(|threads| {
        let appending = threads.spawn(|| {
            let mut count = 0;
            while !is_grown.load(Ordering::SeqCst) || count < 100 {
                let partition = topics.find(&at("orders", 0)).expect("it is always there");
                partition.append(batch(&[&count.to_string()]), CLIENT, BEGIN).expect("it is always served");
                count += 1;
            }
            count
        });
        for count in 2..8 {
            topics.grow(&Arc::from("orders"), count).expect("it grows");
        }
        is_grown.store(true, Ordering::SeqCst);
        appending.join().expect("no panic")
    });
    let expected: Vec<_> = (0..appended).map(|number| number.to_string()).collect();
    assert_eq!(read_all(&topics, &at("orders", 0)), Ok(expected));
}

#[test]
fn many_make_write_and_delete_side_by_side() {
    let data = Data::new();
    let topics = data.open();
    std::thread::scope(|threads| {
        for number in 0..4 {
            let (topics, own) = (&topics, format!("own{number}"));
            threads.spawn(move || {
                for round in 0..6 {
                    topics.create(&topic(&own, 1)).expect("nobody else has this name");
                    assert_eq!(append(topics, &at(&own, 0), "a"), Ok(0), "round {round}: it is empty");
                    // Somebody always has that one, or has just deleted it.
                    let _ = topics.create(&topic("shared", 1));
                    let refusals = [append(topics, &at("shared", 0), "a").err(), topics.delete("shared").err()];
                    for refusal in refusals.into_iter().flatten() {
                        assert_eq!(refusal.code, ErrorCode::UnknownTopicOrPartition, "{refusal}");
                    }
                    if round < 5 {
                        topics.delete(&own).expect("it is there");
                    }
                }
            });
        }
    });
    let names: BTreeSet<_> = all_topics(&topics).into_iter().map(|(name, _)| name).collect();
    assert!(names.is_superset(&BTreeSet::from(["own0", "own1", "own2", "own3"].map(str::to_owned))));
    let folders: BTreeSet<_> = names.iter().map(|name| format!("{name}-0")).collect();
    assert_eq!(data.folders().into_iter().collect::<BTreeSet<_>>(), folders);
    topics.close().expect("it closes");
    assert_eq!(all_topics(&data.open()).len(), names.len());
}

#[test]
fn a_panic_takes_one_partition_out_of_use_and_no_other() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 2)).expect("it is made");
    append(&topics, &at("orders", 0), "kept").expect("it is there");
    data.disk.panic("write", "orders-0/00000000000000000000.log");
    std::thread::scope(|threads| {
        let appending = threads.spawn(|| append(&topics, &at("orders", 0), "a"));
        assert!(appending.join().is_err(), "it panics");
    });
    let refusal = append(&topics, &at("orders", 0), "a").expect_err("nobody knows what the log is");
    let out_of_use = ErrorCode::StorageError.because(
        "a request to orders-0 failed in a way that nobody foresaw: the partition is out of use until the broker is started \
         again",
    );
    assert_eq!(refusal, out_of_use);
    assert_eq!(append(&topics, &at("orders", 1), "a"), Ok(0));
    topics.create(&topic("payments", 1)).expect("acts go on");
    assert_eq!(topics.close().expect_err("not all is closed in order").to_string(), out_of_use.to_string());
    drop(topics);
    let topics = data.open();
    assert_eq!(read_all(&topics, &at("orders", 0)), Ok(vec!["kept".to_owned()]));
}

#[test]
fn a_panic_in_an_act_ends_all_acts_and_no_request() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("it is made");
    data.disk.panic("create", "new-0/");
    std::thread::scope(|threads| {
        assert!(threads.spawn(|| topics.create(&topic("new", 1))).join().is_err(), "it panics");
    });
    assert_eq!(append(&topics, &at("orders", 0), "a"), Ok(0));
    let sentence =
        "an act on topics failed in a way that nobody foresaw: there are no more until the broker is started again";
    let refusal = topics.create(&topic("new", 1)).expect_err("nobody knows what was left");
    assert_eq!(refusal, ErrorCode::UnknownServerError.because(sentence));
    assert!(topics.close().is_err());
    drop(topics);
    let topics = data.open();
    assert_eq!(
        (read_all(&topics, &at("orders", 0)), data.folders()),
        (Ok(vec!["a".to_owned()]), vec!["orders-0".to_owned()])
    );
}
