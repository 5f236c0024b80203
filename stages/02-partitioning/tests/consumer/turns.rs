//! Whose turn it is: records and errors of several partitions, and what happens when the application changes its mind.

use std::time::Duration;

use partitioning::Error;
use partitioning::consumer::ConsumerConfig;
use partitioning::consumer::plan::Job;
use partitioning::consumer::positions::{AutoOffsetReset, Position};
use story::judge;

use crate::reading::{NOTHING, Reading, asked, batches, earliest};
use crate::shelf::Shelf;
use crate::support::{full, orders};

const TAKE: &str = "src/consumer/assignment.rs, fn Assignment::take";
const CURRENT: &str = "src/consumer/outcome.rs, fn Assignment::current";

/// Takes records without end, answering all that is asked: how many there were of each partition in each poll.
fn rounds(reading: &mut Reading, polls: usize) -> Vec<(u32, usize)> {
    let round = |reading: &mut Reading| {
        reading.settle();
        let taken = reading.take();
        let mut counts: Vec<(u32, usize)> = Vec::new();
        for (partition, _) in taken {
            match counts.last_mut() {
                Some((last, count)) if *last == partition => *count += 1,
                _ => counts.push((partition, 1)),
            }
        }
        counts
    };
    (0..polls).flat_map(|_| round(reading)).collect()
}

#[test]
fn an_answer_is_drained_before_the_next_is_begun() {
    let shelf = Shelf::with([(orders(0), batches(1, 5)), (orders(1), batches(1, 3)), (orders(2), batches(1, 4))]);
    let mut reading = Reading::new(ConsumerConfig { max_poll_records: 4, ..earliest() }, shelf);
    reading.settle();
    let polls: Vec<_> = (0..3).map(|_| reading.take()).collect();
    let expected = vec![
        vec![(0, 0), (0, 1), (0, 2), (0, 3)],
        vec![(0, 4), (1, 0), (1, 1), (1, 2)],
        vec![(2, 0), (2, 1), (2, 2), (2, 3)],
    ];
    judge::eq("polls of 4 take 5 records, then 3, then 4, partition by partition", expected, polls, TAKE);
}

#[test]
fn a_partition_keeps_its_turn_until_its_answer_is_drained() {
    let shelf = Shelf::with([(orders(0), Vec::new()), (orders(1), batches(1, 5))]);
    let mut reading = Reading::new(ConsumerConfig { max_poll_records: 2, ..earliest() }, shelf);
    reading.settle();
    judge::eq("only 1 has records", vec![(1, 0), (1, 1)], reading.take(), TAKE);
    reading.shelf.log(&orders(0)).batches = batches(1, 3);
    reading.now += Duration::from_millis(20);
    reading.settle();
    let rest: Vec<_> = (0..3).map(|_| reading.take()).collect();
    let expected = vec![vec![(1, 2), (1, 3)], vec![(1, 4), (0, 0)], vec![(0, 1), (0, 2)]];
    judge::eq("0 stands before 1, and waits until 1's answer is drained", expected, rest, TAKE);
}

#[test]
fn a_partition_with_much_does_not_starve_the_others() {
    let few = batches(1, 6);
    let shelf = Shelf::with([(orders(0), batches(100, 10)), (orders(1), few.clone()), (orders(2), few)]);
    // An answer has room for one batch of each partition.
    let max_partition_fetch_bytes = full(0..10).len() as u32;
    let config = ConsumerConfig { max_poll_records: 5, max_partition_fetch_bytes, ..earliest() };
    let found = rounds(&mut Reading::new(config, shelf), 7);
    let expected = vec![
        (0, 5), // the first answer of partition 0
        (0, 5),
        (1, 5), // all that fits into partition 1's
        (1, 1),
        (2, 4),
        (2, 2),
        (0, 3), // and round again
        (0, 5),
        (0, 2),
    ];
    judge::eq(
        "each partition has its turn, for as long as its answer lasts",
        &expected[..],
        &found[..found.len().min(9)],
        TAKE,
    );
}

#[test]
fn an_answer_to_a_seek_before_the_last_is_thrown_away() {
    let shelf = Shelf::with([(orders(0), batches(4, 5))]);
    let mut reading = Reading::new(earliest(), shelf);
    reading.find_places();
    let old = reading.fetch();
    reading.seek(0, Position::Offset(17));
    reading.answer(Job::Fetch(old));
    judge::eq("what came for 0 is not for 17", NOTHING, reading.take(), CURRENT);
    judge::eq("it counts as thrown away", true, reading.assignment.stats().discarded_bytes > 0, CURRENT);
    reading.settle();
    judge::eq("17 is fetched", vec![(0, 17), (0, 18), (0, 19)], reading.take(), CURRENT);

    // What is held is thrown away too, and so is a look-up that is under way.
    reading.seek(0, Position::End);
    let old = reading.jobs().pop().expect("the end is looked up");
    reading.seek(0, Position::Offset(18));
    reading.answer(old);
    reading.settle();
    reading.seek(0, Position::Offset(19));
    judge::eq("18 was fetched, 19 is sought", NOTHING, reading.take(), CURRENT);
    reading.settle();
    judge::eq("19 is fetched", vec![(0, 19)], reading.take(), CURRENT);
}

#[test]
fn a_paused_partition_holds_nothing_and_goes_on_where_it_was() {
    let shelf = Shelf::with([(orders(0), batches(1, 5)), (orders(1), batches(1, 2))]);
    let mut reading = Reading::new(ConsumerConfig { max_poll_records: 2, ..earliest() }, shelf);
    reading.settle();
    judge::eq("first two of 0", vec![(0, 0), (0, 1)], reading.take(), TAKE);
    reading.set_paused(0, true);
    judge::eq("0 is paused", vec![(1, 0), (1, 1)], reading.take(), TAKE);
    reading.settle();
    reading.now += Duration::from_secs(1);
    let jobs = reading.jobs();
    let fetches = |jobs: &[Job]| {
        jobs.iter().filter(|job| matches!(job, Job::Fetch(fetch) if asked(fetch)[0].0 == orders(0))).count()
    };
    judge::eq("a paused partition is not asked", 0, fetches(&jobs), TAKE);
    jobs.into_iter().for_each(|job| reading.answer(job));
    reading.set_paused(0, false);
    reading.settle();
    judge::eq("0 goes on at 2", vec![(0, 2), (0, 3)], reading.take(), TAKE);
}

#[test]
fn a_paused_partition_tells_no_error() {
    let mut reading = Reading::new(
        ConsumerConfig { auto_offset_reset: AutoOffsetReset::None, ..earliest() },
        Shelf::with([(orders(0), batches(1, 2))]),
    );
    reading.set_paused(0, true);
    judge::that("a paused partition has nothing to give", !reading.assignment.is_ready(), "it has", TAKE);
    judge::eq("not even an error", NOTHING, reading.take(), TAKE);
    reading.set_paused(0, false);
    let error = reading.assignment.take(reading.now).expect_err("it has no position");
    judge::that("it tells it when it is taken up again", matches!(error, Error::NoPosition(_)), &error, TAKE);
}

#[test]
fn an_assignment_keeps_the_positions_of_what_stays() {
    let shelf = Shelf::with([0, 1, 2].map(|number| (orders(number), batches(1, 4))));
    let mut reading = Reading::new(ConsumerConfig { max_poll_records: 2, ..earliest() }, shelf);
    reading.assignment.assign([orders(1), orders(0), orders(1)]);
    reading.settle();
    judge::eq("0 is first", vec![(0, 0), (0, 1)], reading.take(), TAKE);
    reading.assignment.assign([orders(2), orders(0)]);
    reading.settle();
    judge::eq("0 goes on", vec![(0, 2), (0, 3)], reading.take(), TAKE);
    judge::eq("2 is new, 1 is gone", vec![(2, 0), (2, 1)], reading.take(), TAKE);
    let error = reading.assignment.seek(&orders(1), Position::End).expect_err("it is gone");
    assert_eq!(error.to_string(), "orders-1 is not assigned to this consumer");
}

#[test]
fn an_error_has_its_turn_like_everybody() {
    let mut shelf = Shelf::with([0, 1, 2].map(|number| (orders(number), batches(4, 2))));
    shelf.log(&orders(1)).start = 2;
    let size = full(0..2).len() as u32;
    let none = ConsumerConfig {
        auto_offset_reset: AutoOffsetReset::None,
        max_partition_fetch_bytes: size,
        max_poll_records: 2,
        ..earliest()
    };
    let mut reading = Reading::new(none, shelf);
    (0..3).for_each(|number| reading.seek(number, Position::Offset(0)));
    let mut told = Vec::new();
    for _ in 0..7 {
        reading.settle();
        let taken = reading.assignment.take(reading.now);
        told.push(taken.map_or_else(|error| error.to_string(), |records| format!("{}", records[0].at)));
    }
    let lost = "orders-1 has no offset 0: it holds 2 to before 8, and auto.offset.reset=none forbids another";
    let expected = ["orders-0", lost, "orders-2", "orders-0", lost, "orders-2", "orders-0"];
    judge::eq("1 has lost its position, and says so at each of its turns", expected.to_vec(), told, TAKE);
    reading.seek(1, Position::Offset(4));
    reading.settle();
    let found: Vec<_> = (0..3).flat_map(|_| reading.take()).filter(|(number, _)| *number == 1).collect();
    judge::eq("a seek ends it", vec![(1, 4), (1, 5)], found, TAKE);
}

#[test]
fn records_before_the_error_come_before_the_error() {
    let mut damaged = full(3..6);
    *damaged.last_mut().expect("a batch has bytes") ^= 1;
    let shelf = Shelf::with([(orders(0), vec![full(0..3), damaged])]);
    let mut reading = Reading::new(earliest(), shelf);
    reading.settle();
    judge::eq("the first batch holds", vec![(0, 0), (0, 1), (0, 2)], reading.take(), TAKE);
    for _ in 0..2 {
        let error = reading.assignment.take(reading.now).expect_err("the second does not");
        assert!(matches!(&error, Error::Corrupt { partition, offset: 3, .. } if *partition == orders(0)), "{error}");
        judge::eq("told once for each time it is fetched", NOTHING, reading.take(), TAKE);
        judge::eq(
            "the position stays",
            Some(3),
            reading.assignment.cursor(&orders(0)).expect("assigned").offset(),
            TAKE,
        );
        judge::that("it is not fetched again at once", reading.jobs().is_empty(), "a job", TAKE);
        reading.now += Duration::from_secs(1);
        reading.settle();
    }
    // The damage was on the way, and the next copy is good.
    reading.assignment.take(reading.now).expect_err("it is still damaged");
    reading.shelf.log(&orders(0)).batches[1] = full(3..6);
    reading.now += Duration::from_secs(1);
    reading.settle();
    judge::eq("a good copy is read", vec![(0, 3), (0, 4), (0, 5)], reading.take(), TAKE);
}
