//! Polls, over a network in memory whose clock the test moves.

use std::collections::BTreeMap;
use std::time::Duration;

use partitioning::error::ErrorCode;
use partitioning::{AutoOffsetReset, Consumer, ConsumerConfig, Error, Position};
use segment_log::Offset;
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::door::{World, ms, pass};
use crate::reading::earliest;
use crate::shelf::{Log, Shelf};
use crate::support::{full, offsets, orders};

/// One partition that holds 0 to 9 in two batches.
fn ten() -> Shelf {
    Shelf::with([(orders(0), vec![full(0..5), full(5..10)])])
}

/// The offsets that a poll returns, and how long it took.
async fn poll(consumer: &mut Consumer, timeout: u64) -> (Vec<Offset>, u128) {
    let began = Instant::now();
    let records = consumer.poll(ms(timeout)).await.expect("nothing has failed");
    (offsets(&records), began.elapsed().as_millis())
}

#[tokio::test(start_paused = true)]
async fn what_is_there_is_returned_at_once() {
    let (world, _broker) = World::new(ten()).await;
    let mut consumer = world.consumer(earliest());
    assert_eq!(poll(&mut consumer, 1_000).await, ((0..10).collect(), 0));
    assert_eq!(consumer.position(&orders(0)).unwrap(), Some(10));
    assert_eq!(consumer.lag(&orders(0)).unwrap(), Some(0));
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_finds_nothing_takes_its_time_and_no_more() {
    let (world, _broker) = World::new(Shelf::with([(orders(0), Vec::new())])).await;
    let mut consumer = world.consumer(earliest());
    assert_eq!(poll(&mut consumer, 1_234).await, (vec![], 1_234));
    assert_eq!(poll(&mut consumer, 0).await, (vec![], 0));
}

#[tokio::test(start_paused = true)]
async fn a_poll_ends_when_something_comes() {
    let (world, _broker) = World::new(Shelf::with([(orders(0), Vec::new())])).await;
    let mut consumer = world.consumer(earliest());
    let produce = async {
        pass(3_005).await;
        world.shelf(|shelf| shelf.log(&orders(0)).batches.push(full(0..2)));
    };
    // An idle consumer looks every 20 ms.
    let ((found, after), ()) = tokio::join!(poll(&mut consumer, 60_000), produce);
    assert_eq!((found, after), (vec![0, 1], 3_020));
    let asked: Vec<_> = world.fetches().iter().map(|(when, _)| *when).take(3).collect();
    assert_eq!(asked, [0, 20, 40]);
}

#[tokio::test(start_paused = true)]
async fn a_poll_returns_at_most_max_poll_records() {
    let (world, _broker) = World::new(ten()).await;
    let mut consumer = world.consumer(ConsumerConfig { max_poll_records: 4, ..earliest() });
    for expected in [vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![8, 9], vec![]] {
        assert_eq!(poll(&mut consumer, 10).await.0, expected);
    }
    let stats = consumer.stats();
    assert_eq!((stats.records, stats.bytes, stats.held_bytes), (10, (full(0..5).len() * 2) as u64, 0));
    assert!(stats.fetches >= 2 && stats.empty_fetches == stats.fetches - 1, "{stats:?}");
}

#[tokio::test(start_paused = true)]
async fn it_pulls_ahead_while_the_application_works() {
    let size = full(0..5).len() as u32;
    let (world, _broker) = World::new(ten()).await;
    let mut consumer = world.consumer(ConsumerConfig { max_partition_fetch_bytes: size, ..earliest() });
    assert_eq!(poll(&mut consumer, 1_000).await.0, [0, 1, 2, 3, 4]);
    // The application works, and does not poll.
    pass(1_000).await;
    assert_eq!(world.fetches(), [(0, vec![(0, 0)]), (0, vec![(0, 5)])]);
    assert_eq!(consumer.stats().held_bytes, size as usize);
    // What is here is handed out although the broker says nothing more.
    world.close_gate();
    assert_eq!(poll(&mut consumer, 1_000).await, (vec![5, 6, 7, 8, 9], 0));
}

#[tokio::test(start_paused = true)]
async fn fetches_have_a_connection_of_their_own() {
    let (world, _broker) = World::new(ten()).await;
    let mut consumer = world.consumer(earliest());
    for _ in 0..10 {
        consumer.seek(&orders(0), Position::Beginning).unwrap();
        assert_eq!(poll(&mut consumer, 100).await.0.len(), 10);
    }
    let [fetching, asking] = world.connections();
    assert!(fetching.len() == 1 && fetching.is_disjoint(&asking), "{fetching:?} {asking:?}");
    // A look-up does not wait behind a fetch that waits.
    world.close_gate();
    pass(100).await;
    assert_eq!(consumer.end_offsets(&[orders(0)]).await.unwrap()[&orders(0)], 10);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_for_an_old_position_is_thrown_away() {
    let (world, _broker) = World::new(ten()).await;
    world.close_gate();
    let mut consumer = world.consumer(earliest());
    assert_eq!(poll(&mut consumer, 100).await.0, [0; 0]);
    assert_eq!(world.fetches().len(), 1, "a fetch from 0 waits at the broker");
    consumer.seek(&orders(0), Position::Offset(7)).unwrap();
    world.gate.add_permits(2);
    assert_eq!(poll(&mut consumer, 100).await.0, [7, 8, 9]);
    assert_eq!(consumer.stats().discarded_bytes, 2 * full(0..5).len() as u64);
}

#[tokio::test(start_paused = true)]
async fn every_place_can_be_sought() {
    let (world, _broker) = World::new(ten()).await;
    let mut consumer = world.consumer(ConsumerConfig { auto_offset_reset: AutoOffsetReset::None, ..earliest() });
    let error = consumer.poll(ms(100)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "orders-0 has no position, and auto.offset.reset=none forbids to choose one: seek first"
    );
    for (to, expected) in [
        (Position::Beginning, Some(0)),
        (Position::Offset(8), Some(8)),
        (Position::Timestamp(1_003), Some(3)),
        (Position::Timestamp(-5), Some(0)),
        (Position::End, None),
        (Position::Timestamp(1_010), None),
    ] {
        consumer.seek(&orders(0), to).unwrap();
        let found = poll(&mut consumer, 100).await.0;
        assert_eq!(found.first().copied(), expected, "{to:?}");
        assert_eq!(consumer.position(&orders(0)).unwrap(), Some(10), "{to:?}");
    }
    // The last call wins, whatever came before.
    consumer.seek(&orders(0), Position::End).unwrap();
    consumer.seek(&orders(0), Position::Timestamp(1_009)).unwrap();
    assert_eq!(consumer.position(&orders(0)).unwrap(), None);
    assert_eq!(poll(&mut consumer, 100).await.0, [9]);

    let error = consumer.seek(&orders(0), Position::Offset(-1)).unwrap_err();
    assert_eq!(error.to_string(), "the offset to seek to is -1, and offsets start at 0");
    let error = consumer.seek(&orders(1), Position::End).unwrap_err();
    assert!(matches!(error, Error::NotAssigned(at) if at == orders(1)));
}

#[tokio::test(start_paused = true)]
async fn a_record_that_comes_while_its_time_is_looked_up_is_not_missed() {
    let (world, _broker) = World::new(ten()).await;
    let mut consumer = world.consumer(earliest());
    consumer.seek(&orders(0), Position::Timestamp(1_010)).unwrap();
    // No record has that time, and the end is 10. Whichever of the two is asked first, this comes in between.
    world.after_look_up(|shelf| shelf.log(&orders(0)).batches.push(full(10..12)));
    assert_eq!(poll(&mut consumer, 100).await.0, [10, 11]);
}

#[tokio::test(start_paused = true)]
async fn places_can_be_asked_for() {
    let (world, _broker) = World::new(ten()).await;
    world.shelf(|shelf| {
        shelf.log(&orders(0)).start = 2;
        shelf.logs.insert(orders(1), Log::default());
    });
    let consumer = world.consumer(earliest());
    let both = [orders(0), orders(1)];
    let ends = |from, to| BTreeMap::from([(orders(0), from), (orders(1), to)]);
    assert_eq!(consumer.beginning_offsets(&both).await.unwrap(), ends(2, 0));
    assert_eq!(consumer.end_offsets(&both).await.unwrap(), ends(10, 0));
    let times = BTreeMap::from([(orders(0), 1_004), (orders(1), 1_004)]);
    let found = consumer.offsets_for_times(&times).await.unwrap();
    let found: Vec<_> = found.into_values().map(|found| found.map(|found| (found.offset, found.timestamp))).collect();
    assert_eq!(found, [Some((4, Some(1_004))), None]);
    let error = consumer.end_offsets(&[orders(2)]).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::UnknownTopicOrPartition));
}

#[tokio::test(start_paused = true)]
async fn each_policy_has_its_way_out_of_a_lost_position() {
    for (policy, expected) in [(AutoOffsetReset::Earliest, vec![5, 6, 7, 8, 9]), (AutoOffsetReset::Latest, vec![])] {
        let (world, _broker) = World::new(ten()).await;
        let mut consumer = world.consumer(ConsumerConfig { auto_offset_reset: policy, ..earliest() });
        world.shelf(|shelf| shelf.log(&orders(0)).start = 5);
        consumer.seek(&orders(0), Position::Offset(2)).unwrap();
        assert_eq!(poll(&mut consumer, 100).await.0, expected, "{policy}");
        assert_eq!(consumer.position(&orders(0)).unwrap(), Some(10), "{policy}");
    }
    let (world, _broker) = World::new(ten()).await;
    let mut consumer = world.consumer(ConsumerConfig { auto_offset_reset: AutoOffsetReset::None, ..earliest() });
    consumer.seek(&orders(0), Position::Offset(11)).unwrap();
    for _ in 0..2 {
        let error = consumer.poll(ms(100)).await.unwrap_err();
        let rule = "orders-0 has no offset 11: it holds 0 to before 10, and auto.offset.reset=none forbids another";
        assert_eq!(error.to_string(), rule);
    }
    consumer.seek(&orders(0), Position::Offset(9)).unwrap();
    assert_eq!(poll(&mut consumer, 100).await.0, [9]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_created_later_is_read_then() {
    let (world, _broker) = World::new(Shelf::default()).await;
    let mut consumer = world.consumer(earliest());
    consumer.assign(vec![orders(0), orders(1)]);
    assert_eq!(poll(&mut consumer, 5_000).await, (vec![], 5_000));
    world.shelf(|shelf| shelf.logs.insert(orders(0), Log { batches: vec![full(0..2)], ..Log::default() }));
    let (found, after) = poll(&mut consumer, 5_000).await;
    assert!(found == [0, 1] && after <= 1_000, "{found:?} after {after} ms");
    // And a partition that is added later still.
    assert_eq!(poll(&mut consumer, 5_000).await.0, [0; 0]);
    world.shelf(|shelf| shelf.logs.insert(orders(1), Log { batches: vec![full(0..3)], ..Log::default() }));
    let (found, after) = poll(&mut consumer, 5_000).await;
    assert!(found == [0, 1, 2] && after <= 1_000, "{found:?} after {after} ms");
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_goes_away_and_comes_back_is_no_error() {
    let (world, broker) = World::new(ten()).await;
    let mut consumer = world.consumer(ConsumerConfig { max_poll_records: 3, ..earliest() });
    assert_eq!(poll(&mut consumer, 100).await.0, [0, 1, 2]);
    world.stop(0, broker).await;
    // What is here is read to its end. Then there is nothing.
    for expected in [vec![3, 4, 5], vec![6, 7, 8], vec![9], vec![]] {
        assert_eq!(poll(&mut consumer, 5_000).await.0, expected);
    }
    world.shelf(|shelf| shelf.log(&orders(0)).batches.push(full(10..12)));
    let _broker = world.start(0).await;
    let (found, after) = poll(&mut consumer, 5_000).await;
    assert!(found == [10, 11] && after <= 1_000, "{found:?} after {after} ms");
}

#[tokio::test(start_paused = true)]
async fn a_partition_that_moves_is_followed() {
    let (world, broker) = World::new(ten()).await;
    let other = world.start(1).await;
    let mut consumer = world.consumer(earliest());
    assert_eq!(poll(&mut consumer, 100).await.0.len(), 10);
    world.shelf(|shelf| {
        shelf.log(&orders(0)).leader = 1;
        shelf.log(&orders(0)).batches.push(full(10..12));
    });
    world.stop(0, broker).await;
    let (found, after) = poll(&mut consumer, 5_000).await;
    assert!(found == [10, 11] && after <= 1_000, "{found:?} after {after} ms");
    world.stop(1, other).await;
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_does_not_answer_is_left_after_the_request_timeout() {
    let (world, _broker) = World::new(ten()).await;
    world.close_gate();
    let mut consumer = world.consumer(earliest());
    let reopen = async {
        pass(29_000).await;
        assert_eq!(world.fetches().len(), 1, "one fetch waits, and no second is sent after it");
        pass(1_500).await;
        assert_eq!(world.fetches().len(), 2, "after 30 s it is given up");
        world.gate.add_permits(10);
    };
    let ((found, _), ()) = tokio::join!(poll(&mut consumer, 60_000), reopen);
    assert_eq!(found, (0..10).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn damage_is_told_and_stops_the_position() {
    let mut damaged = full(5..10);
    damaged[80] ^= 0x10;
    let (world, _broker) = World::new(Shelf::with([(orders(0), vec![full(0..5), damaged])])).await;
    let mut consumer = world.consumer(earliest());
    assert_eq!(poll(&mut consumer, 100).await.0, [0, 1, 2, 3, 4]);
    for _ in 0..3 {
        let error = consumer.poll(ms(5_000)).await.unwrap_err();
        assert!(matches!(error, Error::Corrupt { offset: 5, .. }), "{error}");
        assert_eq!(consumer.position(&orders(0)).unwrap(), Some(5));
    }
    // Whoever wants to go on without it says so.
    world.shelf(|shelf| shelf.log(&orders(0)).batches.push(full(10..11)));
    consumer.seek(&orders(0), Position::Offset(10)).unwrap();
    assert_eq!(poll(&mut consumer, 5_000).await.0, [10]);
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_is_dropped_loses_nothing() {
    let (world, _broker) = World::new(Shelf::with([(orders(0), Vec::new())])).await;
    let mut consumer = world.consumer(ConsumerConfig { max_poll_records: 2, ..earliest() });
    let mut found = Vec::new();
    for round in 0..200 {
        if round % 10 == 0 {
            let next = world.shelf(|shelf| shelf.log(&orders(0)).end());
            world.shelf(|shelf| shelf.log(&orders(0)).batches.push(full(next..next + 7)));
        }
        tokio::select! {
            biased;
            records = consumer.poll(Duration::from_secs(60)) => found.extend(offsets(&records.unwrap())),
            () = pass(7) => {}
        }
    }
    assert_eq!(found, (0..140).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_poll_without_partitions_is_an_error() {
    let (world, _broker) = World::new(Shelf::default()).await;
    let mut consumer = world.consumer(earliest());
    let error = consumer.poll(ms(100)).await.unwrap_err();
    assert_eq!(error.to_string(), "the assignment is empty, and a poll needs partitions to read");
    assert_eq!(consumer.assignment(), []);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_behind() {
    let (world, _broker) = World::new(ten()).await;
    pass(1).await;
    let before = Handle::current().metrics().num_alive_tasks();
    for close in [true, false] {
        let mut consumer = world.consumer(earliest());
        assert_eq!(poll(&mut consumer, 100).await.0.len(), 10);
        world.close_gate();
        pass(100).await;
        assert!(Handle::current().metrics().num_alive_tasks() > before, "a fetch is under way");
        if close {
            consumer.close().await
        } else {
            drop(consumer)
        }
        world.gate.add_permits(1_000);
        pass(1).await;
        assert_eq!(Handle::current().metrics().num_alive_tasks(), before, "closed: {close}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_largest_poll_does_not_overflow_the_clock() {
    let (world, _broker) = World::new(ten()).await;
    let mut consumer = world.consumer(earliest());
    assert_eq!(consumer.poll(Duration::MAX).await.unwrap().len(), 10);
}

/// The same events lead to the same run: what is asked, and when.
#[test]
fn a_run_can_be_repeated() {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let shelf = Shelf::with((0..6).map(|number| (orders(number), vec![full(0..40), full(40..60)])));
            let (world, broker) = World::new(shelf).await;
            let _other = world.start(1).await;
            world.shelf(|shelf| (0..3).for_each(|number| shelf.log(&orders(number)).leader = 1));
            let limits = ConsumerConfig { max_poll_records: 7, fetch_max_bytes: 3_000, ..earliest() };
            let mut consumer = world.consumer(limits);
            let mut found = Vec::new();
            for round in 0..80 {
                let records = consumer.poll(ms(30)).await.unwrap();
                found.extend(records.iter().map(|record| (record.at.partition, record.offset)));
                if round == 40 {
                    consumer.seek(&orders(3), Position::Timestamp(1_050)).unwrap();
                }
                pass(round % 3).await;
            }
            world.stop(0, broker).await;
            consumer.poll(ms(3_000)).await.unwrap();
            (found, world.fetches())
        })
    };
    let (found, fetches) = run();
    assert!(found.len() >= 350 && fetches.len() > 20, "{} records, {} fetches", found.len(), fetches.len());
    for _ in 0..3 {
        let again = run();
        assert!(again.0 == found, "other records");
        let differs = again.1.iter().zip(&fetches).find(|(again, first)| again != first);
        assert!(again.1 == fetches, "another fetch: {differs:?}");
    }
}
