//! A broker that is right: logs in memory, producers that send ahead, transactions, consumers, and all the doubts that a network
//! can leave. What its clients write down must be clean.
//!
//! Chance decides what happens next, and what the clients are told of it. It cannot decide what is true: a record that was
//! acknowledged is in the log, a consumer reads what is committed, one record after the other.

mod producing;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use history::{Client, History, Partition, Polling, Record, Recorder, Sending, Sent, Transaction};

use super::acts::{Act, CONSUMERS, Ending, Fate, PARTITIONS, PRODUCERS};

/// Who reads everything in the end.
pub(crate) const DRAINER: &str = "drainer";

/// What clients write down while this happens to them.
pub(crate) fn live(acts: &[Act]) -> History {
    let mut world = World::new();
    acts.iter().for_each(|act| world.perform(act));
    world.settle();
    world.recorder.history()
}

#[derive(Clone, Copy)]
enum Slot {
    Record {
        value: u64,
        transaction: Option<u64>,
    },
    /// A transaction's end takes an offset that no consumer sees.
    Marker,
}

struct Request {
    sending: Sending,
    partition: usize,
    value: u64,
    transaction: Option<u64>,
    fate: Fate,
}

struct Producer {
    client: Client,
    /// Its consumer side, by the same name.
    reader: Consumer,
    /// Where its reader goes back to when a transaction is not known to be committed.
    committed: [usize; PARTITIONS],
    /// How many there were before it.
    lives: usize,
    fenced: bool,
    transaction: Option<Transaction>,
    touched: BTreeSet<usize>,
    /// A record of its transaction is not in the log: it does not ask for a commit.
    spoilt: bool,
    /// On their way to the broker, which takes them in order.
    requests: VecDeque<Request>,
    /// On their way back.
    answers: Vec<(Sending, Sent)>,
}

struct Consumer {
    client: Client,
    positions: [usize; PARTITIONS],
    assigned: BTreeSet<usize>,
    polling: Option<Polling>,
}

struct World {
    recorder: Recorder,
    now: u64,
    names: Vec<Partition>,
    logs: Vec<Vec<Slot>>,
    /// By transaction: committed or aborted. Who is not there is open.
    decided: BTreeMap<u64, bool>,
    producers: Vec<Producer>,
    consumers: Vec<Consumer>,
    late: VecDeque<(usize, u64)>,
    values: u64,
}

impl Consumer {
    fn new(client: Client) -> Self {
        Consumer { client, positions: [0; PARTITIONS], assigned: (0..PARTITIONS).collect(), polling: None }
    }
}

impl World {
    fn new() -> Self {
        let recorder = Recorder::new();
        let producer = |number| Producer::new(&recorder, format!("producer-{number}"), 0);
        let consumer = |number| Consumer::new(recorder.client(format!("consumer-{number}")));
        World {
            now: 0,
            names: (0..PARTITIONS).map(|number| Arc::from(format!("orders-{number}"))).collect(),
            logs: vec![Vec::new(); PARTITIONS],
            decided: BTreeMap::new(),
            producers: (0..PRODUCERS).map(producer).collect(),
            consumers: (0..CONSUMERS).map(consumer).collect(),
            late: VecDeque::new(),
            values: 100,
            recorder,
        }
    }

    fn perform(&mut self, act: &Act) {
        // Often nothing passes between two events, as on a simulated clock.
        self.now += (self.values % 3) * 50;
        match *act {
            Act::Send { producer, partition, fate } => self.send(producer, partition, fate),
            Act::Land { producer } => self.land(producer),
            Act::Answer { producer, which } => self.answer(producer, which),
            Act::Surface => self.surface(),
            Act::Poll { consumer, most } => self.poll(consumer, most),
            Act::Seek { consumer, partition, to } => {
                let consumer = &mut self.consumers[consumer];
                consumer.positions[partition] = to % (self.logs[partition].len() + 1);
                consumer.client.seek(self.now, &self.names[partition]);
            }
            Act::Assign { consumer, ref partitions } => self.assign(consumer, partitions),
            Act::Begin { producer } => self.begin(producer),
            Act::Work { producer, most } => self.work(producer, most),
            Act::Take { producer } => self.take(producer),
            Act::Fence { producer } => self.fence(producer),
            Act::End { producer, ending } => self.end_of(producer, ending),
        }
    }

    fn surface(&mut self) {
        if let Some((partition, value)) = self.late.pop_front() {
            self.logs[partition].push(Slot::Record { value, transaction: None });
        }
    }

    fn poll(&mut self, consumer: usize, most: usize) {
        let consumer = &mut self.consumers[consumer];
        match consumer.polling.take() {
            None => consumer.polling = Some(consumer.client.poll(self.now)),
            Some(polling) => {
                let records = read(&self.logs, &self.names, &self.decided, consumer, most);
                polling.gave(self.now, records);
            }
        }
    }

    /// Those that a consumer keeps go on where they were. The others begin somewhere.
    fn assign(&mut self, consumer: usize, partitions: &BTreeSet<usize>) {
        let consumer = &mut self.consumers[consumer];
        let new: Vec<usize> = partitions.difference(&consumer.assigned).copied().collect();
        for &partition in &new {
            consumer.positions[partition] = self.logs[partition].len() / 2;
        }
        consumer.assigned = partitions.clone();
        consumer.client.assign(self.now, new.iter().map(|&partition| self.names[partition].clone()).collect());
    }

    /// All faults are healed, and one consumer reads everything.
    fn settle(&mut self) {
        for producer in 0..PRODUCERS {
            self.end(producer, Ending::TimeOut);
        }
        while !self.late.is_empty() {
            self.surface();
        }
        let client = self.recorder.client(DRAINER);
        let draining = client.drain(self.now);
        let mut drainer = Consumer::new(client);
        loop {
            let polling = drainer.client.poll(self.now);
            let records = read(&self.logs, &self.names, &self.decided, &mut drainer, 10);
            let done = records.is_empty();
            polling.gave(self.now, records);
            if done {
                break;
            }
        }
        let end = |(name, log): (&Partition, &Vec<Slot>)| (name.clone(), log.len() as i64);
        draining.reached(self.now, self.names.iter().zip(&self.logs).map(end).collect());
    }
}

/// What a consumer is given, from its positions on: what is committed, up to the first record that is undecided.
fn read(
    logs: &[Vec<Slot>],
    names: &[Partition],
    decided: &BTreeMap<u64, bool>,
    consumer: &mut Consumer,
    most: usize,
) -> Vec<Record> {
    let mut records = Vec::new();
    for &partition in &consumer.assigned {
        let position = &mut consumer.positions[partition];
        while records.len() < most && *position < logs[partition].len() {
            if let Slot::Record { value, transaction } = logs[partition][*position] {
                match transaction.map(|id| decided.get(&id)) {
                    Some(None) => break,
                    Some(Some(false)) => {}
                    None | Some(Some(true)) => {
                        records.push(Record::new(names[partition].clone(), *position as i64, value));
                    }
                }
            }
            *position += 1;
        }
    }
    records
}
