//! Where a replica stands is told: in the order in which it came about, and nothing after the end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use partitioning::{Offsets, Partition};
use replication::api::{FetchFound, FollowerFetched};
use replication::epochs::EpochEnd;

use crate::broker::Broker;
use crate::messages::{NOW, answer, placed};

fn offsets(log_start: i64, high_watermark: i64, end: i64, leader_epoch: i32, in_sync: usize) -> Offsets {
    Offsets { log_start, last_stable: high_watermark, high_watermark, end, leader_epoch, in_sync, min_in_sync: 1 }
}

#[test]
fn each_change_is_told_and_nothing_else() {
    let (leader, follower) = (Broker::new(1), Broker::new(2));
    let mut news = leader.replica().watch();
    let mut told = || {
        let is_new = news.has_changed().expect("it is there");
        is_new.then(|| *news.borrow_and_update())
    };
    assert_eq!(told(), None);
    leader.lead(3, &[1, 2]);
    assert_eq!(told(), Some(offsets(0, 0, 0, 3, 2)), "it leads");
    leader.append(&["a"]);
    assert_eq!(told(), Some(offsets(0, 0, 1, 3, 2)), "a record");
    follower.follow(1, 3);
    follower.copy_from(&leader).expect("it copies");
    assert_eq!(told(), None, "a question for offset 0 says nothing new");
    follower.copy_from(&leader).expect("it copies");
    assert_eq!(told(), Some(offsets(0, 1, 1, 3, 2)), "it is committed");
    leader.consume(0).expect("it reads");
    leader.replica().look_around().expect("it leads");
    assert_eq!(told(), None, "to look is no news");
    leader.follow(2, 4);
    assert_eq!(told(), Some(offsets(0, 1, 1, 4, 0)), "it follows");
    assert_eq!(leader.replica().offsets(), offsets(0, 1, 1, 4, 0));
}

#[test]
fn a_cut_is_told() {
    let broker = Broker::new(2);
    broker.follow(1, 5);
    let ask = || broker.replica().ask().expect("it follows");
    let records = answer(vec![placed(0, 5, &["a"]), placed(1, 5, &["b"])], 2);
    broker.replica().copy(ask(), records, NOW).expect("it copies");
    let mut news = broker.replica().watch();
    assert_eq!(*news.borrow_and_update(), offsets(0, 2, 2, 5, 0));
    let found = FetchFound::Diverging(EpochEnd { epoch: 5, end: 1 });
    let cut = FollowerFetched { found, high_watermark: 2, log_start: 0 };
    broker.replica().copy(ask(), cut, NOW).expect("it cuts");
    assert_eq!(*news.borrow_and_update(), offsets(0, 1, 1, 5, 0), "an end may go back here");
}

/// One thread has the log grow and be cut, in step with a number that only it knows; another listens. Whatever it hears must be
/// what was so at some moment, and never an older moment after a newer one: the leader epoch, which grows with each cut,
/// dates the news.
#[test]
fn news_never_overtake_each_other() {
    let broker = Broker::new(2);
    let is_done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            for epoch in 1..60 {
                broker.follow(1, epoch);
                let ask = broker.replica().ask().expect("it follows");
                let records = (0..3).map(|offset| placed(ask.offset + offset, epoch, &["x"])).collect();
                broker.replica().copy(ask, answer(records, 0), NOW).expect("it copies");
                let ask = broker.replica().ask().expect("it follows");
                let found = FetchFound::OutOfRange { end: ask.offset - 2 };
                let cut = FollowerFetched { found, high_watermark: 0, log_start: 0 };
                broker.replica().copy(ask, cut, NOW).expect("it cuts");
            }
            is_done.store(true, Ordering::SeqCst);
        });
        for _ in 0..2 {
            threads.spawn(|| {
                // Asks as well, as others do while it copies.
                while !is_done.load(Ordering::SeqCst) {
                    broker.replica().describe();
                    broker.replica().housekeep(NOW).expect("it is open");
                }
            });
        }
        let (mut news, mut last, began) = (broker.replica().watch(), -1, Instant::now());
        loop {
            let was_done = is_done.load(Ordering::SeqCst);
            let told = *news.borrow_and_update();
            let epoch = told.leader_epoch;
            assert!(epoch >= last, "epoch {epoch} after {last}");
            // In epoch n it begins at n - 1, grows to n + 2, and is cut to n.
            let ends = [i64::from(epoch) - 1, i64::from(epoch) + 2, i64::from(epoch)];
            assert!(epoch == -1 || ends.contains(&told.end), "{told:?}");
            last = epoch;
            if was_done {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "nothing is told any more");
            std::thread::yield_now();
        }
    });
    assert_eq!(broker.replica().offsets(), offsets(0, 0, 59, 59, 0));
}
