//! What producers do: they send, and begin and end transactions, and work on what they read. Some are zombies.

use std::collections::{BTreeSet, VecDeque};

use history::{Decision, Recorder, Sent, Transaction};

use super::super::acts::{Ending, Fate, PARTITIONS};
use super::{Consumer, Producer, Request, Slot, World, read};

impl Producer {
    pub(super) fn new(recorder: &Recorder, name: String, lives: usize) -> Self {
        let client = recorder.client(name);
        Producer {
            reader: Consumer::new(client.clone()),
            client,
            committed: [0; PARTITIONS],
            lives,
            fenced: false,
            transaction: None,
            touched: BTreeSet::new(),
            spoilt: false,
            requests: VecDeque::new(),
            answers: Vec::new(),
        }
    }
}

impl World {
    pub(super) fn send(&mut self, producer: usize, partition: usize, fate: Fate) {
        let (producer, value) = (&mut self.producers[producer], self.values);
        self.values += 1;
        let name = &self.names[partition];
        let sending = match &producer.transaction {
            Some(transaction) => transaction.send(self.now, name, value),
            None => producer.client.send(self.now, name, value),
        };
        let transaction = producer.transaction.as_ref().map(Transaction::id);
        producer.requests.push_back(Request { sending, partition, value, transaction, fate });
    }

    pub(super) fn land(&mut self, producer: usize) {
        let producer = &mut self.producers[producer];
        let Some(Request { sending, partition, value, transaction, fate }) = producer.requests.pop_front() else {
            return;
        };
        let written = match fate {
            _ if producer.fenced => false,
            Fate::Acked { .. } => true,
            Fate::Unknown { written } | Fate::Unended { written } => written,
            Fate::Failed | Fate::Late => false,
        };
        let offset = self.logs[partition].len() as i64;
        if written {
            self.logs[partition].push(Slot::Record { value, transaction });
            producer.touched.insert(partition);
        }
        producer.spoilt |= transaction.is_some() && !written;
        let outcome = match fate {
            Fate::Acked { .. } if producer.fenced => Sent::Fenced,
            Fate::Acked { with_offset } => Sent::Acked { offset: with_offset.then_some(offset) },
            Fate::Failed => Sent::Failed,
            Fate::Unknown { .. } | Fate::Late => Sent::Unknown,
            Fate::Unended { .. } => return,
        };
        // What is late comes without its transaction: a broker refuses what belongs to one that is over.
        if fate == Fate::Late && transaction.is_none() && !producer.fenced {
            self.late.push_back((partition, value));
        }
        producer.answers.push((sending, outcome));
    }

    pub(super) fn answer(&mut self, producer: usize, which: usize) {
        let answers = &mut self.producers[producer].answers;
        if !answers.is_empty() {
            let (sending, outcome) = answers.remove(which % answers.len());
            sending.end(self.now, outcome);
        }
    }

    pub(super) fn begin(&mut self, producer: usize) {
        self.flush(producer);
        let producer = &mut self.producers[producer];
        if producer.transaction.is_none() {
            producer.transaction = Some(producer.client.begin(self.now));
            producer.touched.clear();
            producer.spoilt = false;
        }
    }

    pub(super) fn end(&mut self, producer: usize, ending: Ending) {
        self.flush(producer);
        let Some(transaction) = self.producers[producer].transaction.take() else { return };
        let ending = match ending {
            Ending::Commit { told, .. } if self.producers[producer].spoilt => Ending::Abort { told },
            Ending::Fenced { .. } if self.producers[producer].spoilt => Ending::Fenced { done: false },
            ending => ending,
        };
        let deciding = match ending {
            Ending::Commit { .. } | Ending::Fenced { .. } => Some(transaction.commit(self.now)),
            Ending::Abort { .. } => Some(transaction.abort(self.now)),
            Ending::TimeOut => None,
        };
        let zombie = self.producers[producer].fenced;
        let done = matches!(ending, Ending::Commit { done: true, .. } | Ending::Fenced { done: true });
        let committed = self.decide(producer, transaction.id(), done && !zombie);
        let decision = match ending {
            Ending::Fenced { .. } => Decision::Fenced,
            Ending::TimeOut | Ending::Commit { told: false, .. } | Ending::Abort { told: false } => Decision::Unknown,
            _ if zombie => Decision::Fenced,
            _ if committed => Decision::Committed,
            _ => Decision::Aborted,
        };
        deciding.into_iter().for_each(|deciding| deciding.end(self.now, decision));
        let producer = &mut self.producers[producer];
        producer.fenced |= decision == Decision::Fenced;
        if decision == Decision::Committed {
            producer.committed = producer.reader.positions;
        } else {
            producer.reader.positions = producer.committed;
            self.names.iter().for_each(|name| producer.client.seek(self.now, name));
        }
    }

    /// A transaction is committed or aborted, unless that has happened already. Gives which it is.
    pub(super) fn decide(&mut self, producer: usize, id: u64, commit: bool) -> bool {
        let commit = *self.decided.entry(id).or_insert(commit);
        for partition in std::mem::take(&mut self.producers[producer].touched) {
            self.logs[partition].push(Slot::Marker);
        }
        commit
    }

    pub(super) fn work(&mut self, producer: usize, most: usize) {
        let Producer { client, transaction, reader, .. } = &mut self.producers[producer];
        let polling = match transaction {
            Some(transaction) => transaction.poll(self.now),
            None => client.poll(self.now),
        };
        polling.gave(self.now, read(&self.logs, &self.names, &self.decided, reader, most));
    }

    pub(super) fn take(&mut self, producer: usize) {
        let Producer { transaction, reader, .. } = &self.producers[producer];
        if let Some(transaction) = transaction {
            let offsets = self.names.iter().cloned().zip(reader.positions.map(|position| position as i64));
            transaction.consume(self.now, offsets.collect());
        }
    }

    /// A transaction ends. Then a zombie gives way to its successor.
    pub(super) fn end_of(&mut self, producer: usize, ending: Ending) {
        let zombie = self.producers[producer].fenced;
        self.end(producer, ending);
        if zombie {
            let lives = self.producers[producer].lives + 1;
            self.producers[producer] = Producer::new(&self.recorder, format!("producer-{producer}-{lives}"), lives);
        }
    }

    /// A producer has a successor, and does not know it yet.
    pub(super) fn fence(&mut self, producer: usize) {
        self.producers[producer].fenced = true;
        if let Some(id) = self.producers[producer].transaction.as_ref().map(Transaction::id) {
            self.decide(producer, id, false);
        }
    }

    /// All that a producer has sent arrives and is answered.
    pub(super) fn flush(&mut self, producer: usize) {
        while !self.producers[producer].requests.is_empty() {
            self.land(producer);
        }
        while !self.producers[producer].answers.is_empty() {
            self.answer(producer, 0);
        }
    }
}
