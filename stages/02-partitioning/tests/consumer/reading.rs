//! An assignment that reads from a shelf: the test says when what is asked is answered, and what time it is.

use std::sync::Arc;

use partitioning::TopicPartition;
use partitioning::consumer::ConsumerConfig;
use partitioning::consumer::assignment::Assignment;
use partitioning::consumer::plan::{Fetch, Job};
use partitioning::consumer::positions::{AutoOffsetReset, Position};
use segment_log::Offset;
use tokio::time::Instant;

use crate::shelf::Shelf;
use crate::support::{full, offsets, orders};

/// No records.
pub(crate) const NOTHING: &[(u32, Offset)] = &[];

/// Kafka's defaults, from the beginning.
pub(crate) fn earliest() -> ConsumerConfig {
    ConsumerConfig { auto_offset_reset: AutoOffsetReset::Earliest, ..ConsumerConfig::default() }
}

/// So many batches of `size` records, one after the other.
pub(crate) fn batches(count: i64, size: i64) -> Vec<Vec<u8>> {
    (0..count).map(|number| full(number * size..(number + 1) * size)).collect()
}

/// An assignment and what it reads from, with the time in a hand.
pub(crate) struct Reading {
    pub(crate) assignment: Assignment,
    pub(crate) shelf: Shelf,
    pub(crate) now: Instant,
}

impl Reading {
    /// Reads all partitions of the shelf.
    pub(crate) fn new(config: ConsumerConfig, shelf: Shelf) -> Self {
        let mut assignment = Assignment::new(config);
        assignment.assign(shelf.logs.keys().cloned());
        Reading { assignment, shelf, now: Instant::now() }
    }

    /// What is asked now.
    pub(crate) fn jobs(&mut self) -> Vec<Job> {
        self.assignment.plan(self.now).jobs
    }

    /// Answers a job.
    pub(crate) fn answer(&mut self, job: Job) {
        let Reading { assignment, shelf, now } = self;
        match job {
            Job::Leaders(job) => {
                let topic = shelf.describe(&job.topic).map(Arc::new).map_err(Into::into);
                assignment.on_leaders(&job, topic, *now);
            }
            Job::Lookup(job) => {
                let found = shelf.find(&job);
                assignment.on_looked_up(&job, Ok(found), *now);
            }
            Job::Fetch(job) => {
                let request = job.request(assignment.config().max_partition_fetch_bytes);
                let answer = shelf.fetch(&request);
                assignment.on_fetched(&job, Ok(answer), *now);
            }
        }
    }

    /// Answers all that is asked, until nothing is asked any more.
    pub(crate) fn settle(&mut self) {
        for _ in 0..1_000 {
            let jobs = self.jobs();
            if jobs.is_empty() {
                return;
            }
            jobs.into_iter().for_each(|job| self.answer(job));
        }
        panic!("it asks without end");
    }

    /// Finds leaders and starts, and answers no fetch.
    pub(crate) fn find_places(&mut self) {
        for _ in 0..2 {
            self.jobs().into_iter().for_each(|job| self.answer(job));
        }
    }

    /// Takes records: the partition of each, and its offset.
    #[track_caller]
    pub(crate) fn take(&mut self) -> Vec<(u32, Offset)> {
        let records = self.assignment.take(self.now).expect("nothing has failed");
        let places = offsets(&records);
        records.iter().zip(places).map(|(record, offset)| (record.at.partition, offset)).collect()
    }

    /// Goes elsewhere in partition `number`.
    pub(crate) fn seek(&mut self, number: u32, to: Position) {
        self.assignment.seek(&orders(number), to).expect("it is assigned");
    }

    /// Leaves partition `number` alone, or takes it up again.
    pub(crate) fn set_paused(&mut self, number: u32, paused: bool) {
        self.assignment.set_paused(&orders(number), paused).expect("it is assigned");
    }

    /// The one fetch that is due: partitions and offsets.
    #[track_caller]
    pub(crate) fn fetch(&mut self) -> Fetch {
        let mut jobs = self.jobs();
        match (jobs.pop(), jobs.is_empty()) {
            (Some(Job::Fetch(fetch)), true) => fetch,
            other => panic!("one fetch, and not {other:?} behind {jobs:?}"),
        }
    }
}

/// What a fetch asks for.
pub(crate) fn asked(fetch: &Fetch) -> Vec<(TopicPartition, Offset)> {
    fetch.partitions.iter().map(|(asked, offset)| (asked.at.clone(), *offset)).collect()
}
