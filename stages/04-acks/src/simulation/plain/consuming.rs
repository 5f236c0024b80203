//! A consumer.

use std::sync::Arc;
use std::time::Duration;

use history::{Client, Record};
use partitioning::consumer::{Fetching, Polling};
use partitioning::net::BoxFuture;
use partitioning::{AutoOffsetReset, Consumer, ConsumerConfig, ConsumerRecord, Error, Position};
use tokio::time::sleep;

use super::super::workload::{Program, Seat};
use super::Shared;
use crate::fetching::LongPolling;

/// How long a poll waits.
const POLL: Duration = Duration::from_millis(300);

/// A program that reads all partitions from their beginning on, and knows after a crash where it was.
pub(super) struct Consumes {
    name: String,
    shared: Arc<Shared>,
}

impl Consumes {
    pub(super) fn new(shared: &Arc<Shared>, number: usize) -> Self {
        Consumes { name: format!("{}-consumer-{number}", shared.name), shared: shared.clone() }
    }
}

impl Program for Consumes {
    fn name(&self) -> &str {
        &self.name
    }

    fn run(&self, seat: Seat) -> BoxFuture<'static, ()> {
        Box::pin(run(self.shared.clone(), seat, self.name.clone()))
    }
}

async fn run(shared: Arc<Shared>, seat: Seat, name: String) {
    // It has its positions, so it is the same consumer after a crash: what it is given must go on where it was.
    let client = shared.recorder.client(name.as_str());
    let mut nudge = seat.nudge.clone();
    while !seat.over.is_cancelled() {
        let mut consumer = consumer(&shared, &seat, &name);
        nudge.mark_unchanged();
        loop {
            tokio::select! {
                biased;
                () = seat.over.cancelled() => break,
                _ = nudge.changed() => break,
                _ = poll(&shared, &client, &seat, &name, &mut consumer) => {}
            }
        }
        consumer.close().await;
    }
}

/// A consumer that stands where the last one of this name stood.
pub(super) fn consumer(shared: &Shared, seat: &Seat, name: &str) -> Consumer {
    let fetching: Arc<dyn Fetching> = match shared.plan.long_polls {
        true => Arc::new(LongPolling::of_consumer()),
        false => Arc::new(Polling::default()),
    };
    // Nothing is ever deleted. So a broker that does not have an offset from which this consumer is to go on is behind: it
    // led once, and has not heard that another does. To begin anew, or at the end, would be wrong.
    let auto_offset_reset = AutoOffsetReset::None;
    let config = ConsumerConfig { auto_offset_reset, fetching, ..ConsumerConfig::default() };
    let mut consumer = Consumer::new(seat.cluster(name), config).expect("the settings are good");
    consumer.assign(shared.partitions.clone());
    stand(shared, name, &mut consumer);
    consumer
}

/// Seeks to where this consumer stands in each partition.
fn stand(shared: &Shared, name: &str, consumer: &mut Consumer) {
    for at in &shared.partitions {
        let offset = shared.positions().get(name).and_then(|mine| mine.get(at).copied()).unwrap_or(0);
        consumer.seek(at, Position::Offset(offset)).expect("it is assigned");
    }
}

/// Polls once. Gives how many records came.
pub(super) async fn poll(shared: &Shared, client: &Client, seat: &Seat, name: &str, consumer: &mut Consumer) -> usize {
    let polling = client.poll(seat.now());
    let polled = consumer.poll(POLL).await;
    let records = match polled {
        Ok(records) => records,
        Err(error) => {
            seat.say(name, format_args!("a poll failed: {error}"));
            polling.gave(seat.now(), Vec::new());
            sleep(POLL).await;
            if matches!(error, Error::NoOffset { .. }) {
                stand(shared, name, consumer);
            }
            return 0;
        }
    };
    let seen: Vec<Record> = records.iter().map(seen).collect();
    let count = seen.len();
    // In one step with what is noted: nothing is waited for in between.
    let mut positions = shared.positions();
    let mine = positions.entry(name.to_owned()).or_default();
    mine.extend(records.iter().map(|record| (record.at.clone(), record.offset + 1)));
    drop(positions);
    polling.gave(seat.now(), seen);
    count
}

/// A record as the history has it. One that holds no value of this workload is 0, which nobody sends.
fn seen(record: &ConsumerRecord) -> Record {
    let bytes = record.value.as_deref().and_then(|value| value.first_chunk::<8>());
    let value = bytes.map_or(0, |bytes| u64::from_be_bytes(*bytes));
    Record::new(record.at.to_string(), record.offset, value)
}
