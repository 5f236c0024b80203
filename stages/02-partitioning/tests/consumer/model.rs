//! Whatever happens, in whatever order: a consumer and what it must do.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use partitioning::TopicPartition;
use partitioning::consumer::ConsumerConfig;
use partitioning::consumer::plan::Job;
use partitioning::consumer::positions::Position;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use segment_log::{Compression, Offset};

use crate::reading::{Reading, earliest};
use crate::shelf::{Log, Shelf};
use crate::support::{batch, offsets, orders};

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
            Event::Pause(number) => reading.set_paused(number, true),
            Event::Resume(number) => reading.set_paused(number, false),
            Event::Answer(count) => {
                self.under_way.extend(reading.jobs());
                let count = count.min(self.under_way.len());
                self.under_way.drain(..count).for_each(|job| reading.answer(job));
            }
            Event::Seek(number, part) => {
                let offset = reading.shelf.log(&orders(number)).end() * part / 1_000;
                reading.seek(number, Position::Offset(offset));
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
        let limits = ConsumerConfig { fetch_max_bytes, max_partition_fetch_bytes, max_poll_records, ..earliest() };
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
