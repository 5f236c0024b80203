//! What is asked, how much of it is held, and what an answer leads to.

use std::time::Duration;

use partitioning::api::{FetchResponse, Fetched};
use partitioning::consumer::ConsumerConfig;
use partitioning::consumer::plan::Job;
use partitioning::consumer::positions::Position;
use partitioning::error::ErrorCode;
use story::judge;

use crate::reading::{NOTHING, Reading, asked, batches, earliest};
use crate::shelf::Shelf;
use crate::support::{full, orders};

const PLAN: &str = "src/consumer/plan.rs, fn Assignment::plan";
const OUTCOME: &str = "src/consumer/outcome.rs, fn Assignment::on_part";

#[test]
fn a_partition_that_found_no_room_in_an_answer_is_first_in_the_next() {
    let shelf = Shelf::with([0, 1, 2].map(|number| (orders(number), batches(9, 10))));
    let size = full(0..10).len() as u32;
    let mut reading = Reading::new(ConsumerConfig { fetch_max_bytes: 2 * size, ..earliest() }, shelf);
    reading.find_places();
    let mut order = Vec::new();
    for _ in 0..4 {
        let fetch = reading.fetch();
        order.push(asked(&fetch).into_iter().map(|(at, _)| at.partition).collect::<Vec<_>>());
        reading.answer(Job::Fetch(fetch));
        reading.take();
    }
    let expected = vec![vec![0, 1, 2], vec![1, 2, 0], vec![2, 0, 1], vec![0, 1, 2]];
    judge::eq("an answer holds one partition's two batches: the others come first next time", expected, order, PLAN);
}

#[test]
fn a_partition_is_asked_again_when_all_of_it_is_taken() {
    let shelf = Shelf::with([(orders(0), batches(2, 3)), (orders(1), batches(2, 3))]);
    let size = full(0..3).len() as u32;
    let small = ConsumerConfig { max_poll_records: 2, max_partition_fetch_bytes: size, ..earliest() };
    let mut reading = Reading::new(small, shelf);
    reading.settle();
    reading.take();
    judge::eq("of partition 0, 2 of 3 are taken: nothing is asked", Vec::<Job>::new(), reading.jobs(), PLAN);
    reading.take();
    let rule = "the third is taken, with one of partition 1: partition 0 is asked from 3 on";
    judge::eq(rule, vec![(orders(0), 3)], asked(&reading.fetch()), PLAN);
}

#[test]
fn one_fetch_at_a_time_is_under_way_to_a_broker() {
    let mut shelf = Shelf::with([0, 1, 2, 3].map(|number| (orders(number), batches(1, 2))));
    shelf.log(&orders(2)).leader = 7;
    shelf.log(&orders(3)).leader = 7;
    let mut reading = Reading::new(earliest(), shelf);
    for at in [0, 2, 3].map(orders) {
        reading.assignment.set_paused(&at, true).expect("it is assigned");
    }
    reading.find_places();
    let first = reading.fetch();
    for at in [0, 2, 3].map(orders) {
        reading.assignment.set_paused(&at, false).expect("it is assigned");
    }
    let other = reading.fetch();
    let rule = "broker 0 is being asked: only broker 7 can be asked about its two partitions";
    judge::eq(rule, (7, vec![(orders(2), 0), (orders(3), 0)]), (other.broker, asked(&other)), PLAN);
    reading.answer(Job::Fetch(first));
    let rule = "broker 0 has answered: now it is asked about the other partition";
    judge::eq(rule, vec![(orders(0), 0)], asked(&reading.fetch()), PLAN);
}

#[test]
fn what_is_held_counts_against_the_next_fetch() {
    let shelf = Shelf::with([(orders(0), batches(3, 10)), (orders(1), Vec::new())]);
    let size = full(0..10).len() as u32;
    let mut reading = Reading::new(ConsumerConfig { fetch_max_bytes: 4 * size, ..earliest() }, shelf);
    reading.settle();
    reading.now += Duration::from_millis(20);
    let rule = format!("of {} bytes, {} are held: {size} may be asked for", 4 * size, 3 * size);
    let found = reading.fetch();
    judge::eq(&rule, (size, vec![(orders(1), 0)]), (found.max_bytes, asked(&found)), PLAN);
}

#[test]
fn a_full_buffer_asks_for_nothing() {
    let shelf = Shelf::with([(orders(0), batches(1, 10)), (orders(1), batches(1, 10))]);
    let size = full(0..10).len() as u32;
    let mut reading = Reading::new(ConsumerConfig { fetch_max_bytes: size, ..earliest() }, shelf);
    reading.settle();
    let rule = format!("all {size} bytes of fetch.max.bytes are held: nothing is asked");
    judge::eq(&rule, size as usize, reading.assignment.stats().held_bytes, PLAN);
    reading.take();
    judge::eq(
        "they are taken: the other partition is asked first",
        orders(1),
        asked(&reading.fetch())[0].0.clone(),
        PLAN,
    );
}

#[test]
fn a_batch_larger_than_every_limit_comes_all_the_same() {
    let shelf = Shelf::with([(orders(0), batches(2, 100))]);
    let limits = ConsumerConfig { fetch_max_bytes: 100, max_partition_fetch_bytes: 10, ..earliest() };
    let mut reading = Reading::new(limits, shelf);
    let mut found = Vec::new();
    for _ in 0..2 {
        reading.settle();
        found.push(reading.take().len());
    }
    judge::eq("a batch of 100 records is far beyond 10 bytes, and is read", vec![100, 100], found, PLAN);
    let (most, large) = (reading.assignment.stats().most_held_bytes, full(100..200).len());
    judge::eq("one such batch was held at a time", large, most, PLAN);
}

/// The first batch comes whole, however large. A broker that cut it off would be asked for it for ever.
#[test]
fn a_piece_of_a_batch_is_an_error_if_nothing_else_came() {
    let fetched = |bytes: Vec<u8>| Fetched {
        records: bytes::Bytes::from(bytes).into(),
        log_start: 0,
        high_watermark: 2,
        last_stable: 2,
        aborted: Vec::new(),
    };
    let answer = |bytes: [Vec<u8>; 2]| {
        let [first, second] = bytes.map(|bytes| Ok(fetched(bytes)));
        Ok(FetchResponse { partitions: vec![(orders(0), first), (orders(1), second)] })
    };
    let (whole, piece) = (full(0..2), full(0..2)[..90].to_vec());
    let reading = || {
        let mut reading = Reading::new(earliest(), Shelf::with([0, 1].map(|number| (orders(number), batches(1, 2)))));
        reading.find_places();
        let fetch = reading.fetch();
        (reading, fetch)
    };
    let (mut others, fetch) = reading();
    others.assignment.on_fetched(&fetch, answer([whole, piece.clone()]), others.now);
    judge::eq("0 came whole, so there was no room for 1", vec![(0, 0), (0, 1)], others.take(), OUTCOME);
    judge::eq("1 is asked again, and first", (orders(1), 0), asked(&others.fetch())[0].clone(), OUTCOME);

    let (mut alone, fetch) = reading();
    alone.assignment.on_fetched(&fetch, answer([Vec::new(), piece]), alone.now);
    let error = alone.assignment.take(alone.now).expect_err("only a piece came").to_string();
    let rule = "orders-1, offset 0: 90 bytes came, and no whole batch: the first is sent whole (KIP-74)";
    judge::eq("nothing else came: it is an error", rule, error.as_str(), OUTCOME);
}

/// A list in a message has at most 10,000 entries, and a look-up needs two for each partition.
#[test]
fn more_partitions_than_a_message_can_name() {
    let many = 0..10_003;
    let shelf = Shelf::with(many.clone().map(|number| (orders(number), Vec::new())));
    let mut reading = Reading::new(earliest(), shelf);
    let leaders = reading.jobs();
    leaders.into_iter().for_each(|job| reading.answer(job));
    let mut sizes = Vec::new();
    loop {
        let jobs = reading.jobs();
        if jobs.is_empty() {
            break;
        }
        for job in jobs {
            sizes.push(match &job {
                Job::Lookup(lookup) => ("look-up", lookup.partitions.len()),
                Job::Fetch(fetch) => ("fetch", fetch.partitions.len()),
                Job::Leaders(_) => panic!("the leaders are known"),
            });
            reading.answer(job);
        }
    }
    let lookups: usize = sizes.iter().filter(|(kind, _)| *kind == "look-up").map(|(_, size)| size).sum();
    let largest = |kind| sizes.iter().filter(|(of, _)| *of == kind).map(|(_, size)| *size).max();
    assert_eq!((lookups, largest("look-up")), (10_003, Some(5_000)));
    assert_eq!(largest("fetch"), Some(10_000));
}

#[test]
fn a_partition_that_has_nothing_new_is_left_alone_for_a_while() {
    let shelf = Shelf::with([(orders(0), batches(1, 2)), (orders(1), Vec::new())]);
    let mut reading = Reading::new(earliest(), shelf);
    reading.settle();
    let plan = reading.assignment.plan(reading.now);
    judge::that("0 is held, 1 had nothing: nothing is asked", plan.jobs.is_empty(), &plan.jobs, OUTCOME);
    let wait = plan.wake.map(|wake| wake - reading.now);
    judge::eq("it looks again after fetch.empty.backoff.ms", Some(Duration::from_millis(20)), wait, OUTCOME);
    reading.now += Duration::from_millis(20);
    judge::eq("then 1 is asked", vec![(orders(1), 0)], asked(&reading.fetch()), OUTCOME);
}

#[test]
fn partitions_that_rest_come_along_when_their_broker_is_asked() {
    let mut shelf = Shelf::with([0, 1, 2, 3].map(|number| (orders(number), batches(1, 2))));
    shelf.log(&orders(3)).leader = 1;
    let mut reading = Reading::new(ConsumerConfig { max_poll_records: 2, ..earliest() }, shelf);
    // Each is drained, and finds nothing new, 7 ms after the one before.
    for _ in 0..4 {
        reading.settle();
        reading.now += Duration::from_millis(7);
        reading.take();
    }
    reading.settle();
    reading.now += Duration::from_millis(20);
    let asked = |job| match job {
        Job::Fetch(fetch) => asked(&fetch).into_iter().map(|(at, _)| at.partition).collect::<Vec<_>>(),
        other => panic!("a fetch, and not {other:?}"),
    };
    let found: Vec<_> = reading.jobs().into_iter().map(asked).collect();
    judge::eq("idle partitions of one broker are asked together", vec![vec![0, 1, 2], vec![3]], found, PLAN);
}

#[test]
fn refusals_that_may_pass_are_tried_again_and_the_others_told() {
    let mut shelf = Shelf::with([(orders(0), batches(1, 2))]);
    shelf.log(&orders(0)).refusal = Some(ErrorCode::StorageError.because("the disk is away"));
    let mut reading = Reading::new(earliest(), shelf);
    let mut waits = Vec::new();
    for _ in 0..6 {
        reading.settle();
        judge::eq("a refusal that may pass is not told", NOTHING, reading.take(), OUTCOME);
        let wake = reading.assignment.plan(reading.now).wake.expect("it is tried again");
        waits.push((wake - reading.now).as_millis());
        reading.now = wake;
    }
    judge::eq(
        "each wait is twice the one before, up to a second",
        vec![100, 200, 400, 800, 1000, 1000],
        waits,
        OUTCOME,
    );
    reading.shelf.log(&orders(0)).refusal = Some(ErrorCode::InvalidRequest.because("the broker is puzzled"));
    reading.settle();
    let error = reading.assignment.take(reading.now).expect_err("it will not pass");
    judge::eq(
        "a refusal that will not pass is told",
        "the broker is puzzled (INVALID_REQUEST)",
        error.to_string().as_str(),
        OUTCOME,
    );
    reading.shelf.log(&orders(0)).refusal = None;
    reading.now += Duration::from_secs(1);
    reading.settle();
    judge::eq("and tried again", vec![(0, 0), (0, 1)], reading.take(), OUTCOME);
}

/// A fetch and a look-up that contradict each other, again and again, must not become a flood.
#[test]
fn a_broker_that_contradicts_itself_is_asked_less_and_less() {
    let mut shelf = Shelf::with([(orders(0), batches(1, 2))]);
    shelf.log(&orders(0)).leader = 3;
    let mut reading = Reading::new(earliest(), shelf);
    reading.seek(0, Position::Offset(1));
    let mut waits = Vec::new();
    let mut jobs = 0;
    while waits.len() < 5 {
        let plan = reading.assignment.plan(reading.now);
        if plan.jobs.is_empty() {
            let wake = plan.wake.expect("it is tried again");
            waits.push((wake - reading.now).as_millis());
            reading.now = wake;
        }
        for job in plan.jobs {
            jobs += 1;
            match job {
                Job::Fetch(fetch) => {
                    let refusal = ErrorCode::OffsetOutOfRange.because("not here");
                    let partitions = vec![(orders(0), Err(refusal))];
                    let answer = FetchResponse { partitions };
                    reading.assignment.on_fetched(&fetch, Ok(answer), reading.now);
                }
                other => reading.answer(other),
            }
        }
    }
    assert_eq!((waits, jobs), (vec![100, 200, 400, 800, 1000], 11));
}

#[test]
fn an_answer_to_another_question_is_no_answer() {
    let shelf = Shelf::with([(orders(0), batches(1, 2))]);
    let mut reading = Reading::new(earliest(), shelf);
    reading.find_places();
    for (partitions, rule) in [
        (Vec::new(), "0 answers came to 1 questions (UNKNOWN_SERVER_ERROR)"),
        (
            vec![(orders(5), Err(ErrorCode::StorageError.because("x")))],
            "orders-5 was answered where orders-0 was asked (UNKNOWN_SERVER_ERROR)",
        ),
    ] {
        let fetch = reading.fetch();
        reading.assignment.on_fetched(&fetch, Ok(FetchResponse { partitions }), reading.now);
        let error = reading.assignment.take(reading.now).expect_err("that is no answer");
        assert_eq!(error.to_string(), rule);
        reading.now += Duration::from_secs(1);
    }
}
