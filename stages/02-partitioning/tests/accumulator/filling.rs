//! Records go into batches.

use partitioning::producer::accumulator::{Accumulator, AccumulatorConfig, Appended, Closed};
use segment_log::{Compression, Record};

use crate::support::{CONFIG, Desk, HEADER, at, most, record};

const OPENS: Appended = Appended { batch: 0, bytes: HEADER + 40, is_new: true, has_filled: false };
const JOINS: Appended = Appended { batch: 0, bytes: 40, is_new: false, has_filled: false };

#[test]
fn the_first_record_begins_a_batch_and_others_join() {
    let mut desk = Desk::new(CONFIG);
    assert!(desk.accumulator.is_empty());
    assert_eq!([0; 3].map(|_| desk.append(&at(0), 40)), [OPENS, JOINS, JOINS]);
    assert_eq!(desk.append(&at(1), 40), Appended { batch: 1, ..OPENS }, "each partition has batches of its own");
    assert_eq!((desk.accumulator.waiting(&at(0)), desk.accumulator.waiting(&at(2))), (1, 0));
    let batches = desk.drain(None, usize::MAX);
    let sizes: Vec<usize> = batches.iter().map(|batch| batch.bytes()).collect();
    assert_eq!(sizes, [HEADER + 120, HEADER + 40]);
    assert!(desk.accumulator.is_empty());
}

#[test]
fn a_record_that_does_not_fit_closes_the_batch_and_begins_another() {
    let mut desk = Desk::new(CONFIG);
    // 61 + 3 * 40 = 181 of 200 bytes.
    for _ in 0..3 {
        desk.append(&at(0), 40);
    }
    let fourth = desk.append(&at(0), 40);
    assert_eq!(fourth, Appended { batch: 1, has_filled: true, ..OPENS }, "the batch before it is full");
    assert_eq!(desk.append(&at(0), 40), Appended { batch: 1, ..JOINS }, "which is said once");
    assert_eq!((desk.drained(), desk.drained()), (vec![vec![0, 1, 2]], vec![vec![3, 4]]));
}

#[test]
fn a_record_fits_only_if_the_most_that_it_may_take_does() {
    let taken = HEADER + 40 + 80;
    let most = HEADER + 40 + most(&record(80));
    assert!(taken < most);
    for (batch_size, is_new) in [(most, false), (most - 1, true), (taken, true)] {
        let mut desk = Desk::new(AccumulatorConfig { batch_size, ..CONFIG });
        desk.append(&at(0), 40);
        assert_eq!(desk.append(&at(0), 80).is_new, is_new, "{batch_size} bytes");
    }
}

#[test]
fn a_batch_that_has_its_size_is_closed_at_once() {
    let mut desk = Desk::new(AccumulatorConfig { batch_size: HEADER + 40, ..CONFIG });
    assert_eq!(desk.append(&at(0), 40), Appended { has_filled: true, ..OPENS });
    let mut desk = Desk::new(AccumulatorConfig { batch_size: HEADER + 41, ..CONFIG });
    assert_eq!(desk.append(&at(0), 40), OPENS);
}

#[test]
fn a_record_longer_than_a_batch_gets_one_of_its_own() {
    let mut desk = Desk::new(CONFIG);
    desk.append(&at(0), 40);
    let long = desk.append(&at(0), 5_000);
    assert_eq!(long, Appended { batch: 1, bytes: HEADER + 5_000, is_new: true, has_filled: true });
    desk.append(&at(0), 40);
    assert_eq!([0; 3].map(|_| desk.drained().concat()), [[0], [1], [2]]);
}

#[test]
fn a_batch_size_of_0_sends_each_record_alone() {
    let mut desk = Desk::new(AccumulatorConfig { batch_size: 0, ..CONFIG });
    let alone = Appended { has_filled: true, ..OPENS };
    assert_eq!([0; 2].map(|_| desk.append(&at(0), 40)), [alone, Appended { batch: 1, ..alone }]);
    assert_eq!([0; 2].map(|_| desk.drained().concat()), [[0], [1]]);
}

#[test]
fn an_offer_that_is_not_taken_closes_the_batch() {
    let mut desk = Desk::new(CONFIG);
    assert!(!desk.accumulator.offer(&at(0), 1), "no batch is open");
    desk.append(&at(0), 40);
    let room = 200 - HEADER - 40;
    assert!(desk.accumulator.offer(&at(0), room));
    assert_eq!(desk.ready(), [""; 0], "an offer that is taken changes nothing");
    assert!(!desk.accumulator.offer(&at(0), room + 1));
    assert_eq!(desk.ready(), ["orders-0 Full"]);
    assert!(!desk.accumulator.offer(&at(0), 1), "it is closed");
    assert!(desk.append(&at(0), 40).is_new);
}

#[test]
fn a_flush_closes_all_batches_and_counts_them() {
    let mut desk = Desk::new(CONFIG);
    assert_eq!(desk.accumulator.flush(), 0);
    desk.append(&at(0), 40);
    desk.append(&at(1), 5_000);
    assert_eq!(desk.accumulator.flush(), 2);
    assert_eq!(desk.ready(), ["orders-0 Flushed", "orders-1 Full"]);
    assert!(desk.append(&at(0), 40).is_new, "what comes later is not part of the flush");
    let batches = desk.drain(None, usize::MAX);
    let told: Vec<_> = batches.iter().map(|batch| (batch.number(), batch.closed())).collect();
    assert_eq!(told, [(0, Some(Closed::Flushed)), (1, Some(Closed::Full))]);
    let later = desk.drain(None, usize::MAX);
    assert_eq!((later[0].number(), later[0].closed()), (2, None));
}

#[test]
fn a_batch_is_built_with_its_records_and_gives_the_tickets_back() {
    for compression in Compression::ALL {
        let mut accumulator = Accumulator::new(AccumulatorConfig { batch_size: 10_000, compression, ..CONFIG });
        let now = tokio::time::Instant::now();
        let records = [("alice", 5), ("bob", 3)].map(|(key, time)| Record::new(time, key, "paid 10"));
        for (ticket, record) in records.iter().enumerate() {
            accumulator.append(&at(0), record, ticket, now);
        }
        let taken = accumulator.take_where(|_| true);
        assert!(accumulator.is_empty());
        let [waiting] = <[_; 1]>::try_from(taken).expect("one batch");
        let told = format!("{waiting:?}");
        assert_eq!(told, format!("batch 0 for orders-0: 2 records, {} bytes", waiting.bytes()));
        let (builder, tickets) = waiting.into_parts();
        let batch = builder.build().expect("the codec has memory for this");
        assert_eq!(tickets, [0, 1]);
        let opened = batch.view().records(10_000).expect("it opens");
        let found: Vec<Record> = opened.iter().map(|record| record.expect("it reads").to_record()).collect();
        assert_eq!(found, records, "{compression}");
    }
}
