//! Those who read: consumers that read all partitions of a workload from their beginning on, and know after a crash where they were.
//! And one that reads to the end when all is healed.
//!
//! What they have read is written down with where they stand, in one step, as a program does that keeps its positions in the
//! database that it fills. So a consumer is the same one after a crash, and what it is given must go on where it was.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use history::{Client, Record, Recorder};
use partitioning::consumer::Fetching;
use partitioning::net::BoxFuture;
use partitioning::{AutoOffsetReset, Consumer, ConsumerConfig, ConsumerRecord, Error, Position, TopicPartition};
use segment_log::Offset;
use tokio::time::sleep;

use super::workload::{Program, Seat};

/// How long a poll waits.
const POLL: Duration = Duration::from_millis(300);
/// How long to wait before a question that failed is asked again.
const AGAIN: Duration = Duration::from_millis(200);

/// By partition.
pub type Positions = BTreeMap<TopicPartition, Offset>;

/// The readers of a workload.
#[derive(Debug)]
pub struct Readers {
    workload: String,
    partitions: Vec<TopicPartition>,
    recorder: Recorder,
    fetching: Arc<dyn Fetching>,
    /// The positions of each consumer. They survive everything.
    positions: Mutex<BTreeMap<String, Positions>>,
}

impl Readers {
    /// Those of a workload of this name, who ask so.
    pub fn new(
        workload: &str,
        partitions: Vec<TopicPartition>,
        recorder: Recorder,
        fetching: Arc<dyn Fetching>,
    ) -> Arc<Self> {
        Arc::new(Readers { workload: workload.to_owned(), partitions, recorder, fetching, positions: Mutex::default() })
    }

    /// So many of them, each a program.
    pub fn programs(self: &Arc<Self>, count: usize) -> impl Iterator<Item = Arc<dyn Program>> {
        let of = |readers: &Arc<Self>, number| Consumes {
            name: format!("{}-consumer-{number}", readers.workload),
            readers: readers.clone(),
        };
        (1..=count).map(move |number| Arc::new(of(self, number)) as Arc<dyn Program>)
    }

    /// Reads everything once more, from the first offset to what is the end now, and notes that. `known` is where partitions are known
    /// to end at the least. Does not give up.
    pub async fn drain(&self, client: &Client, seat: &Seat, name: &str, known: &Positions) {
        let mut reader = self.consumer(seat, name);
        let draining = client.drain(seat.now());
        let ends = self.read_to_end((client, seat, name), &mut reader, known).await;
        let ends: BTreeMap<_, _> = ends.iter().map(|(at, end)| (at.to_string().into(), *end)).collect();
        draining.reached(seat.now(), ends);
        reader.close().await;
    }

    /// Reads to what is the end now, and gives that. Does not give up.
    ///
    /// A leader that has not heard of the next one says where its own log ends; and one that has just begun may not know yet how
    /// far the last one had come (in Kafka it says so: KIP-207). So an end that lies before what is known is asked for again.
    async fn read_to_end(
        &self,
        (client, seat, name): (&Client, &Seat, &str),
        reader: &mut Consumer,
        known: &Positions,
    ) -> Positions {
        let ends = loop {
            let ends = ends(reader, &self.partitions, seat, name).await;
            if known.iter().all(|(at, end)| ends.get(at) >= Some(end)) {
                break ends;
            }
            seat.say(name, format_args!("not the ends yet: {ends:?} for {known:?}"));
            sleep(AGAIN).await;
        };
        // Its position, and not where its last record was: an end may lie behind records that it is not given.
        let stands = |reader: &Consumer, at| reader.position(at).expect("it is assigned");
        while !ends.iter().all(|(at, end)| stands(reader, at) >= Some(*end)) {
            self.poll(client, seat, name, reader).await;
        }
        ends
    }

    /// Where the partitions end for whoever asks so. Does not give up.
    pub async fn ends(&self, fetching: Arc<dyn Fetching>, seat: &Seat, name: &str) -> Positions {
        let config = ConsumerConfig { fetching, ..ConsumerConfig::default() };
        let mut asking = Consumer::new(seat.cluster(name), config).expect("the settings are good");
        let ends = ends(&mut asking, &self.partitions, seat, name).await;
        asking.close().await;
        ends
    }

    fn positions(&self) -> MutexGuard<'_, BTreeMap<String, Positions>> {
        self.positions.lock().expect("nothing panics while it holds the positions")
    }

    /// A consumer that stands where the last one of this name stood.
    fn consumer(&self, seat: &Seat, name: &str) -> Consumer {
        // Nothing is ever deleted. So a broker that does not have an offset from which this consumer is to go on is behind: it
        // led once, and has not heard that another does. To begin anew, or at the end, would be wrong.
        let auto_offset_reset = AutoOffsetReset::None;
        let config = ConsumerConfig { auto_offset_reset, fetching: self.fetching.clone(), ..ConsumerConfig::default() };
        let mut consumer = Consumer::new(seat.cluster(name), config).expect("the settings are good");
        consumer.assign(self.partitions.clone());
        self.stand(name, &mut consumer);
        consumer
    }

    /// Seeks to where this consumer stands in each partition.
    fn stand(&self, name: &str, consumer: &mut Consumer) {
        for at in &self.partitions {
            let offset = self.positions().get(name).and_then(|mine| mine.get(at).copied()).unwrap_or(0);
            consumer.seek(at, Position::Offset(offset)).expect("it is assigned");
        }
    }

    /// Polls once.
    async fn poll(&self, client: &Client, seat: &Seat, name: &str, consumer: &mut Consumer) {
        let polling = client.poll(seat.now());
        let polled = consumer.poll(POLL).await;
        let records = match polled {
            Ok(records) => records,
            Err(error) => {
                seat.say(name, format_args!("a poll failed: {error}"));
                polling.gave(seat.now(), Vec::new());
                sleep(POLL).await;
                if matches!(error, Error::NoOffset { .. }) {
                    self.stand(name, consumer);
                }
                return;
            }
        };
        let seen: Vec<Record> = records.iter().map(seen).collect();
        // In one step with what is noted: nothing is waited for in between.
        let mut positions = self.positions();
        let mine = positions.entry(name.to_owned()).or_default();
        mine.extend(records.iter().map(|record| (record.at.clone(), record.offset + 1)));
        drop(positions);
        polling.gave(seat.now(), seen);
    }
}

async fn ends(consumer: &mut Consumer, partitions: &[TopicPartition], seat: &Seat, name: &str) -> Positions {
    loop {
        match consumer.end_offsets(partitions).await {
            Ok(ends) => break ends.into_iter().collect(),
            Err(error) => seat.say(name, format_args!("no ends: {error}")),
        }
        sleep(AGAIN).await;
    }
}

struct Consumes {
    name: String,
    readers: Arc<Readers>,
}

impl Program for Consumes {
    fn name(&self) -> &str {
        &self.name
    }

    fn run(&self, seat: Seat) -> BoxFuture<'static, ()> {
        Box::pin(run(self.readers.clone(), seat, self.name.clone()))
    }
}

async fn run(readers: Arc<Readers>, seat: Seat, name: String) {
    let client = readers.recorder.client(name.as_str());
    let mut nudge = seat.nudge.clone();
    loop {
        let mut consumer = readers.consumer(&seat, &name);
        nudge.mark_unchanged();
        while !seat.over.is_cancelled() {
            tokio::select! {
                biased;
                _ = nudge.changed() => break,
                () = readers.poll(&client, &seat, &name, &mut consumer) => {}
            }
        }
        let is_calm = seat.over.is_cancelled();
        if is_calm {
            // Whoever has lived through the storm must be able to go on.
            readers.read_to_end((&client, &seat, &name), &mut consumer, &Positions::new()).await;
        }
        consumer.close().await;
        if is_calm {
            return;
        }
    }
}

/// A record as the history has it. One that holds no value of this workload is 0, which nobody sends.
fn seen(record: &ConsumerRecord) -> Record {
    let bytes = record.value.as_deref().and_then(|value| value.first_chunk::<8>());
    let value = bytes.map_or(0, |bytes| u64::from_be_bytes(*bytes));
    Record::new(record.at.to_string(), record.offset, value)
}
