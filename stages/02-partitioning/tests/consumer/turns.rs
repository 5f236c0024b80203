//! Whose turn it is, what is asked, and how much is held.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use partitioning::consumer::ConsumerConfig;
use partitioning::consumer::plan::Job;
use partitioning::consumer::positions::{AutoOffsetReset, Position};
use partitioning::error::ErrorCode;
use partitioning::{Error, TopicPartition};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use segment_log::{Compression, Offset};
use story::judge;

use crate::shelf::{Log, Reading, Shelf, asked};
use crate::support::{batch, full, offsets, orders};

const LINE: &str = "src/consumer/assignment.rs, fn Assignment::take";
const PLAN: &str = "src/consumer/plan.rs, fn Assignment::plan";
const OUTCOME: &str = "src/consumer/outcome.rs, fn Assignment::on_part";

/// No records.
const NOTHING: &[(u32, Offset)] = &[];

fn config() -> ConsumerConfig {
    ConsumerConfig { auto_offset_reset: AutoOffsetReset::Earliest, ..ConsumerConfig::default() }
}

/// So many batches of `size` records, one after the other.
fn batches(count: i64, size: i64) -> Vec<Vec<u8>> {
    (0..count).map(|number| full(number * size..(number + 1) * size)).collect()
}

/// Takes records: the partition of each, and its offset.
fn take(reading: &mut Reading) -> Vec<(u32, Offset)> {
    let records = reading.assignment.take(reading.now).expect("nothing has failed");
    let places = offsets(&records);
    records.iter().zip(places).map(|(record, offset)| (record.at.partition, offset)).collect()
}

/// Takes records without end, answering all that is asked: how many there were of each partition in each poll.
fn rounds(reading: &mut Reading, polls: usize) -> Vec<(u32, usize)> {
    let round = |reading: &mut Reading| {
        reading.settle();
        let taken = take(reading);
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
    let mut reading = Reading::new(ConsumerConfig { max_poll_records: 4, ..config() }, shelf);
    reading.settle();
    let polls: Vec<_> = (0..3).map(|_| take(&mut reading)).collect();
    let expected = vec![
        vec![(0, 0), (0, 1), (0, 2), (0, 3)],
        vec![(0, 4), (1, 0), (1, 1), (1, 2)],
        vec![(2, 0), (2, 1), (2, 2), (2, 3)],
    ];
    judge::eq("polls of 4 take 5 records, then 3, then 4, partition by partition", expected, polls, LINE);
}

#[test]
fn a_partition_with_much_does_not_starve_the_others() {
    let few = batches(1, 6);
    let shelf = Shelf::with([(orders(0), batches(100, 10)), (orders(1), few.clone()), (orders(2), few)]);
    // An answer has room for one batch of each partition.
    let max_partition_fetch_bytes = full(0..10).len() as u32;
    let config = ConsumerConfig { max_poll_records: 5, max_partition_fetch_bytes, ..config() };
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
    judge::eq("each partition has its turn, for as long as its answer lasts", &expected[..], &found[..9], LINE);
}

#[test]
fn a_partition_that_found_no_room_in_an_answer_is_first_in_the_next() {
    let shelf = Shelf::with([0, 1, 2].map(|number| (orders(number), batches(9, 10))));
    let size = full(0..10).len() as u32;
    let mut reading = Reading::new(ConsumerConfig { fetch_max_bytes: 2 * size, ..config() }, shelf);
    // Leaders, then starts, then the first fetch.
    for _ in 0..2 {
        let jobs = reading.jobs();
        jobs.into_iter().for_each(|job| reading.answer(job));
    }
    let mut order = Vec::new();
    for _ in 0..4 {
        let fetch = reading.fetch();
        order.push(asked(&fetch).into_iter().map(|(at, _)| at.partition).collect::<Vec<_>>());
        reading.answer(Job::Fetch(fetch));
        take(&mut reading);
    }
    let expected = vec![vec![0, 1, 2], vec![1, 2, 0], vec![2, 0, 1], vec![0, 1, 2]];
    judge::eq("an answer holds one partition's two batches: the others come first next time", expected, order, PLAN);
}

#[test]
fn a_partition_is_asked_again_when_all_of_it_is_taken() {
    let shelf = Shelf::with([(orders(0), batches(2, 3)), (orders(1), batches(2, 3))]);
    let size = full(0..3).len() as u32;
    let small = ConsumerConfig { max_poll_records: 2, max_partition_fetch_bytes: size, ..config() };
    let mut reading = Reading::new(small, shelf);
    reading.settle();
    take(&mut reading);
    judge::eq("of partition 0, 2 of 3 are taken: nothing is asked", Vec::<Job>::new(), reading.jobs(), PLAN);
    take(&mut reading);
    let rule = "the third is taken, with one of partition 1: partition 0 is asked from 3 on";
    judge::eq(rule, vec![(orders(0), 3)], asked(&reading.fetch()), PLAN);
}

#[test]
fn one_fetch_at_a_time_is_under_way_to_a_broker() {
    let mut shelf = Shelf::with([0, 1, 2, 3].map(|number| (orders(number), batches(1, 2))));
    shelf.log(&orders(2)).leader = 7;
    shelf.log(&orders(3)).leader = 7;
    let mut reading = Reading::new(config(), shelf);
    for at in [0, 2, 3].map(orders) {
        reading.assignment.set_paused(&at, true).expect("it is assigned");
    }
    for _ in 0..2 {
        let jobs = reading.jobs();
        jobs.into_iter().for_each(|job| reading.answer(job));
    }
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
    let mut reading = Reading::new(ConsumerConfig { fetch_max_bytes: 4 * size, ..config() }, shelf);
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
    let mut reading = Reading::new(ConsumerConfig { fetch_max_bytes: size, ..config() }, shelf);
    reading.settle();
    let rule = format!("all {size} bytes of fetch.max.bytes are held: nothing is asked");
    judge::eq(&rule, size as usize, reading.assignment.stats().held_bytes, PLAN);
    take(&mut reading);
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
    let limits = ConsumerConfig { fetch_max_bytes: 100, max_partition_fetch_bytes: 10, ..config() };
    let mut reading = Reading::new(limits, shelf);
    let found = rounds(&mut reading, 2);
    judge::eq("a batch of 100 records is far beyond 10 bytes, and is read", vec![(0, 100), (0, 100)], found, PLAN);
    let (most, large) = (reading.assignment.stats().most_held_bytes, full(100..200).len());
    judge::eq("one such batch was held at a time", large, most, PLAN);
}

#[test]
fn a_partition_that_has_nothing_new_is_left_alone_for_a_while() {
    let shelf = Shelf::with([(orders(0), batches(1, 2)), (orders(1), Vec::new())]);
    let mut reading = Reading::new(config(), shelf);
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
    let mut reading = Reading::new(ConsumerConfig { max_poll_records: 2, ..config() }, shelf);
    // Each is drained, and finds nothing new, 7 ms after the one before.
    for _ in 0..4 {
        reading.settle();
        reading.now += Duration::from_millis(7);
        take(&mut reading);
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
fn an_answer_to_a_seek_before_the_last_is_thrown_away() {
    let shelf = Shelf::with([(orders(0), batches(4, 5))]);
    let mut reading = Reading::new(config(), shelf);
    for _ in 0..2 {
        let jobs = reading.jobs();
        jobs.into_iter().for_each(|job| reading.answer(job));
    }
    let old = reading.fetch();
    reading.assignment.seek(&orders(0), Position::Offset(17)).expect("it is assigned");
    reading.answer(Job::Fetch(old));
    judge::eq("what came for 0 is not for 17", NOTHING, take(&mut reading), OUTCOME);
    judge::eq("it counts as thrown away", true, reading.assignment.stats().discarded_bytes > 0, OUTCOME);
    reading.settle();
    judge::eq("17 is fetched", vec![(0, 17), (0, 18), (0, 19)], take(&mut reading), OUTCOME);

    // What is held is thrown away too, and so is a look-up that is under way.
    reading.assignment.seek(&orders(0), Position::End).expect("it is assigned");
    let old = reading.jobs().pop().expect("the end is looked up");
    reading.assignment.seek(&orders(0), Position::Offset(18)).expect("it is assigned");
    reading.answer(old);
    reading.settle();
    reading.assignment.seek(&orders(0), Position::Offset(19)).expect("it is assigned");
    judge::eq("18 was fetched, 19 is sought", NOTHING, take(&mut reading), OUTCOME);
    reading.settle();
    judge::eq("19 is fetched", vec![(0, 19)], take(&mut reading), OUTCOME);
}

#[test]
fn a_paused_partition_holds_nothing_and_goes_on_where_it_was() {
    let shelf = Shelf::with([(orders(0), batches(1, 5)), (orders(1), batches(1, 2))]);
    let mut reading = Reading::new(ConsumerConfig { max_poll_records: 2, ..config() }, shelf);
    reading.settle();
    judge::eq("first two of 0", vec![(0, 0), (0, 1)], take(&mut reading), LINE);
    reading.assignment.set_paused(&orders(0), true).expect("it is assigned");
    judge::eq("0 is paused", vec![(1, 0), (1, 1)], take(&mut reading), LINE);
    reading.settle();
    reading.now += Duration::from_secs(1);
    let jobs = reading.jobs();
    let fetches = |jobs: &[Job]| {
        jobs.iter().filter(|job| matches!(job, Job::Fetch(fetch) if asked(fetch)[0].0 == orders(0))).count()
    };
    judge::eq("a paused partition is not asked", 0, fetches(&jobs), PLAN);
    jobs.into_iter().for_each(|job| reading.answer(job));
    reading.assignment.set_paused(&orders(0), false).expect("it is assigned");
    reading.settle();
    judge::eq("0 goes on at 2", vec![(0, 2), (0, 3)], take(&mut reading), LINE);
}

#[test]
fn an_assignment_keeps_the_positions_of_what_stays() {
    let shelf = Shelf::with([0, 1, 2].map(|number| (orders(number), batches(1, 4))));
    let mut reading = Reading::new(ConsumerConfig { max_poll_records: 2, ..config() }, shelf);
    reading.assignment.assign([orders(1), orders(0), orders(1)]);
    reading.settle();
    judge::eq("0 is first", vec![(0, 0), (0, 1)], take(&mut reading), LINE);
    reading.assignment.assign([orders(2), orders(0)]);
    reading.settle();
    judge::eq("0 goes on", vec![(0, 2), (0, 3)], take(&mut reading), LINE);
    judge::eq("2 is new, 1 is gone", vec![(2, 0), (2, 1)], take(&mut reading), LINE);
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
        ..config()
    };
    let mut reading = Reading::new(none, shelf);
    (0..3).for_each(|number| reading.assignment.seek(&orders(number), Position::Offset(0)).expect("it is assigned"));
    let mut told = Vec::new();
    for _ in 0..7 {
        reading.settle();
        let taken = reading.assignment.take(reading.now);
        told.push(taken.map_or_else(|error| error.to_string(), |records| format!("{}", records[0].at)));
    }
    let lost = "orders-1 has no offset 0: it holds 2 to before 8, and auto.offset.reset=none forbids another";
    let expected = ["orders-0", lost, "orders-2", "orders-0", lost, "orders-2", "orders-0"];
    judge::eq("1 has lost its position, and says so at each of its turns", expected.to_vec(), told, LINE);
    reading.assignment.seek(&orders(1), Position::Offset(4)).expect("it is assigned");
    reading.settle();
    let found: Vec<_> = (0..3).flat_map(|_| take(&mut reading)).filter(|(number, _)| *number == 1).collect();
    judge::eq("a seek ends it", vec![(1, 4), (1, 5)], found, LINE);
}

#[test]
fn records_before_the_error_come_before_the_error() {
    let mut damaged = full(3..6);
    *damaged.last_mut().expect("a batch has bytes") ^= 1;
    let shelf = Shelf::with([(orders(0), vec![full(0..3), damaged])]);
    let mut reading = Reading::new(config(), shelf);
    reading.settle();
    judge::eq("the first batch holds", vec![(0, 0), (0, 1), (0, 2)], take(&mut reading), LINE);
    for _ in 0..2 {
        let error = reading.assignment.take(reading.now).expect_err("the second does not");
        assert!(matches!(&error, Error::Corrupt { partition, offset: 3, .. } if *partition == orders(0)), "{error}");
        judge::eq("told once for each time it is fetched", NOTHING, take(&mut reading), LINE);
        judge::eq(
            "the position stays",
            Some(3),
            reading.assignment.cursor(&orders(0)).expect("assigned").offset(),
            LINE,
        );
        judge::that("it is not fetched again at once", reading.jobs().is_empty(), "a job", LINE);
        reading.now += Duration::from_secs(1);
        reading.settle();
    }
    // The damage was on the way, and the next copy is good.
    reading.assignment.take(reading.now).expect_err("it is still damaged");
    reading.shelf.log(&orders(0)).batches[1] = full(3..6);
    reading.now += Duration::from_secs(1);
    reading.settle();
    judge::eq("a good copy is read", vec![(0, 3), (0, 4), (0, 5)], take(&mut reading), LINE);
}

#[test]
fn refusals_that_may_pass_are_tried_again_and_the_others_told() {
    let mut shelf = Shelf::with([(orders(0), batches(1, 2))]);
    shelf.log(&orders(0)).refusal = Some(ErrorCode::StorageError.because("the disk is away"));
    let mut reading = Reading::new(config(), shelf);
    let mut waits = Vec::new();
    for _ in 0..6 {
        reading.settle();
        judge::eq("a refusal that may pass is not told", NOTHING, take(&mut reading), OUTCOME);
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
    judge::eq("and tried again", vec![(0, 0), (0, 1)], take(&mut reading), OUTCOME);
}

/// A fetch and a look-up that contradict each other, again and again, must not become a flood.
#[test]
fn a_broker_that_contradicts_itself_is_asked_less_and_less() {
    let mut shelf = Shelf::with([(orders(0), batches(1, 2))]);
    shelf.log(&orders(0)).leader = 3;
    let mut reading = Reading::new(config(), shelf);
    reading.assignment.seek(&orders(0), Position::Offset(1)).expect("it is assigned");
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
                    let answer = partitioning::api::FetchResponse { partitions };
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
    let mut reading = Reading::new(config(), shelf);
    for _ in 0..2 {
        let jobs = reading.jobs();
        jobs.into_iter().for_each(|job| reading.answer(job));
    }
    for (partitions, rule) in [
        (Vec::new(), "0 answers came to 1 questions (UNKNOWN_SERVER_ERROR)"),
        (
            vec![(orders(5), Err(ErrorCode::StorageError.because("x")))],
            "orders-5 was answered where orders-0 was asked (UNKNOWN_SERVER_ERROR)",
        ),
    ] {
        let fetch = reading.fetch();
        reading.assignment.on_fetched(&fetch, Ok(partitioning::api::FetchResponse { partitions }), reading.now);
        let error = reading.assignment.take(reading.now).expect_err("that is no answer");
        assert_eq!(error.to_string(), rule);
        reading.now += Duration::from_secs(1);
    }
}

/// What a partition holds: for each batch, how many records, a gap behind it, and its codec.
type Contents = Vec<(i64, i64, Compression)>;

fn contents() -> impl Strategy<Value = Contents> {
    let codec = proptest::sample::select(&Compression::ALL[..]);
    proptest::collection::vec((1..30i64, 0..3i64, codec), 0..10)
}

/// What happens while a consumer reads.
#[derive(Debug, Clone)]
enum Event {
    /// The jobs are answered, the oldest first, so many of them.
    Answer(usize),
    Take,
    Pause(u32),
    Resume(u32),
    /// In thousandths of the log.
    Seek(u32, i64),
    Wait(u64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (1..4usize).prop_map(Event::Answer),
        4 => Just(Event::Take),
        1 => (0..3u32).prop_map(Event::Pause),
        1 => (0..3u32).prop_map(Event::Resume),
        1 => (0..3u32, 0..1000i64).prop_map(|(number, part)| Event::Seek(number, part)),
        1 => (0..50u64).prop_map(Event::Wait),
    ]
}

/// A consumer, and what it must do.
struct Model {
    reading: Reading,
    /// The offsets of all records.
    all: BTreeMap<TopicPartition, Vec<Offset>>,
    /// All before is taken, or was passed over by a seek.
    positions: BTreeMap<TopicPartition, Offset>,
    under_way: VecDeque<Job>,
    /// Bytes of the largest batch.
    largest: usize,
}

impl Model {
    fn new(config: ConsumerConfig, logs: Vec<Contents>) -> Self {
        let (mut shelf, mut all, mut largest) = (Shelf::default(), BTreeMap::new(), 0);
        for (number, contents) in (0..).zip(logs) {
            let (mut log, mut next) = (Log { leader: number % 2, ..Log::default() }, 0);
            let records: &mut Vec<Offset> = all.entry(orders(number as u32)).or_default();
            for (count, gap, codec) in contents {
                let offsets: Vec<_> = (next..next + count).collect();
                log.batches.push(batch(next, &offsets, next + count + gap, codec));
                records.extend(offsets);
                next += count + gap;
            }
            largest = log.batches.iter().map(Vec::len).fold(largest, usize::max);
            shelf.logs.insert(orders(number as u32), log);
        }
        let positions = all.keys().map(|at| (at.clone(), 0)).collect();
        Model { reading: Reading::new(config, shelf), all, positions, under_way: VecDeque::new(), largest }
    }

    fn happens(&mut self, event: Event) -> Result<(), TestCaseError> {
        let reading = &mut self.reading;
        match event {
            Event::Take => self.take()?,
            Event::Wait(ms) => reading.now += Duration::from_millis(ms),
            Event::Pause(number) => reading.assignment.set_paused(&orders(number), true).expect("it is assigned"),
            Event::Resume(number) => reading.assignment.set_paused(&orders(number), false).expect("it is assigned"),
            Event::Answer(count) => {
                self.under_way.extend(reading.jobs());
                let count = count.min(self.under_way.len());
                self.under_way.drain(..count).for_each(|job| reading.answer(job));
            }
            Event::Seek(number, part) => {
                let offset = reading.shelf.log(&orders(number)).end() * part / 1_000;
                reading.assignment.seek(&orders(number), Position::Offset(offset)).expect("it is assigned");
                self.positions.insert(orders(number), offset);
            }
        }
        for broker in [0, 1] {
            let (held, most) =
                (self.reading.assignment.held_bytes_of(broker), self.reading.assignment.config().fetch_max_bytes);
            prop_assert!(held < most as usize + self.largest.max(1), "{} bytes are held of broker {}", held, broker);
        }
        Ok(())
    }

    fn take(&mut self) -> Result<(), TestCaseError> {
        let records = self.reading.assignment.take(self.reading.now).expect("nothing fails");
        prop_assert!(records.len() <= self.reading.assignment.config().max_poll_records);
        offsets(&records);
        for record in records {
            let position = self.positions.get_mut(&record.at).expect("it is assigned");
            let due = self.all[&record.at].iter().find(|offset| **offset >= *position);
            prop_assert_eq!(due, Some(&record.offset), "of {}", record.at);
            *position = record.offset + 1;
        }
        Ok(())
    }

    /// Records that did not come yet.
    fn left(&self) -> Vec<(&TopicPartition, Offset)> {
        let all = self.all.iter().flat_map(|(at, offsets)| offsets.iter().map(move |offset| (at, *offset)));
        all.filter(|(at, offset)| *offset >= self.positions[*at]).collect()
    }
}

proptest! {
    /// Whatever happens: of each partition the records from the position on, each once, in order; and of each broker's
    /// answers less than `fetch.max.bytes` and one batch are held.
    #[test]
    fn every_record_once_and_memory_is_bounded(
        logs in proptest::collection::vec(contents(), 3),
        events in proptest::collection::vec(event(), 0..150),
        fetch_max_bytes in 1..2_000u32,
        max_partition_fetch_bytes in 1..1_000u32,
        max_poll_records in 1..40usize,
    ) {
        let limits = ConsumerConfig { fetch_max_bytes, max_partition_fetch_bytes, max_poll_records, ..config() };
        let mut model = Model::new(limits, logs);
        for event in events.into_iter().chain((0..3).map(Event::Resume)) {
            model.happens(event)?;
        }
        for _ in 0..3_000 {
            if model.left().is_empty() {
                return Ok(());
            }
            model.happens(Event::Answer(9))?;
            model.happens(Event::Take)?;
        }
        prop_assert!(false, "these never came: {:?}", model.left());
    }
}
