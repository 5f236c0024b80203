//! A coordinator and its log. After each decision the log is replayed, and must give the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use partitioning::{Refusal, TopicPartition};
use replication::machine::{Decision, Machine, Moment};
use segment_log::control::Outcome;
use transactions::coordinator::{Coordinator, CoordinatorConfig, Ended, Epochs, Init, Initialized, Ruling};
use transactions::records::{Identity, TransactionDecision, TransactionRecord};
use transactions::state::TransactionState;

pub(crate) const START: i64 = 1_700_000_000_000;

pub(crate) struct World {
    config: CoordinatorConfig,
    pub(crate) machine: Coordinator,
    log: Vec<(bytes::Bytes, Option<bytes::Bytes>)>,
    /// Time since the beginning, in milliseconds.
    pub(crate) now: u64,
    next_id: i64,
    /// The highest epoch of each producer id.
    epochs: BTreeMap<i64, i16>,
}

impl World {
    pub(crate) fn new(epochs: Epochs) -> Self {
        let config = CoordinatorConfig { epochs, ..CoordinatorConfig::default() };
        let machine = Coordinator::new(config);
        World { config, machine, log: Vec::new(), now: 0, next_id: 7, epochs: BTreeMap::new() }
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment { wall: START + self.now as i64, uptime: Duration::from_millis(self.now) }
    }

    /// An id that nobody has.
    pub(crate) fn fresh(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// Does what was ruled, and looks for what may never be.
    pub(crate) fn rule<T>(&mut self, ruling: Ruling<T>) -> Result<T, Refusal> {
        let decided = ruling?;
        self.learn(decided.records);
        Ok(decided.reply)
    }

    pub(crate) fn learn(&mut self, decisions: Vec<TransactionDecision>) {
        for decision in decisions {
            let (key, value) = decision.to_parts();
            let read = TransactionDecision::from_parts(&key, value.as_deref()).expect("a record can be read");
            assert_eq!(read, decision, "a record says all that was decided");
            let before = self.machine.get(&decision.id).cloned();
            self.judge(before.as_ref(), decision.record.as_ref());
            self.machine.replay(&decision);
            self.log.push((key, value));
        }
        let lived = self.machine.iter().map(|(id, record)| (id.clone(), record.clone())).collect::<Vec<_>>();
        let replayed = self.replayed();
        let replayed = replayed.iter().map(|(id, record)| (id.clone(), record.clone())).collect::<Vec<_>>();
        assert_eq!(replayed, lived, "the log gives another state than was lived");
    }

    fn replayed(&self) -> Coordinator {
        let mut machine = Coordinator::new(self.config);
        for (key, value) in &self.log {
            machine.replay(&TransactionDecision::from_parts(key, value.as_deref()).expect("a record can be read"));
        }
        machine
    }

    /// What may never be, whatever is asked.
    fn judge(&mut self, before: Option<&TransactionRecord>, after: Option<&TransactionRecord>) {
        let Some(after) = after else {
            let before = before.expect("what is forgotten was known");
            assert!(before.state.may_become(TransactionState::Dead), "forgotten in {}", before.state);
            return;
        };
        let highest = self.epochs.entry(after.producer.id).or_insert(after.producer.epoch);
        assert!(after.producer.epoch >= *highest, "an epoch went back: {after:?} after {before:?}");
        *highest = after.producer.epoch;
        assert_eq!(
            after.began >= 0,
            !after.partitions.is_empty() || after.state == TransactionState::Ongoing && after.began >= 0
        );
        let Some(before) = before else {
            assert_eq!(after.state, TransactionState::Empty, "it begins with nothing");
            return;
        };
        let direct = before.state.may_become(after.state);
        // Two steps in one decision: the epoch is raised, then the transaction is aborted.
        let fenced = before.state == TransactionState::Ongoing && after.state == TransactionState::PrepareAbort;
        assert!(direct || fenced, "{} became {}", before.state, after.state);
        if before.state.is_prepared() {
            assert_eq!(after.state.outcome(), before.state.outcome(), "it was decided otherwise");
        }
        if after.state.is_prepared() && before.state == TransactionState::Ongoing {
            assert_eq!(after.partitions, before.partitions, "all its partitions get a marker");
        }
    }

    /// Its leader dies, and another one replays.
    pub(crate) fn fail_over(&mut self) {
        self.machine = self.replayed();
    }

    pub(crate) fn init(&mut self, id: &str, expected: Option<Identity>) -> Result<Initialized, Refusal> {
        let init = Init { id: id.into(), timeout_ms: 60_000, expected };
        let now = self.moment();
        let first = self.machine.init(&init, None, now);
        match self.rule(first)? {
            Initialized::NeedsId => {
                let fresh = self.fresh();
                let again = self.machine.init(&init, Some(fresh), now);
                self.rule(again)
            }
            done => Ok(done),
        }
    }

    /// Begins, however often it has to ask, and carries out what is decided meanwhile.
    #[track_caller]
    pub(crate) fn begin(&mut self, id: &str) -> Identity {
        for _ in 0..3 {
            match self.init(id, None) {
                Ok(Initialized::As(producer)) => return producer,
                _ => self.carry_out(),
            }
        }
        panic!("it does not begin");
    }

    pub(crate) fn add(&mut self, id: &str, producer: Identity, partitions: &[&str]) -> Result<(), Refusal> {
        let partitions: Vec<_> = partitions.iter().map(|name| at(name)).collect();
        let now = self.moment();
        let ruling = self.machine.add_partitions(id, producer, &partitions, now);
        self.rule(ruling)
    }

    pub(crate) fn end(&mut self, id: &str, producer: Identity, outcome: Outcome) -> Result<Identity, Refusal> {
        let now = self.moment();
        let first = self.machine.end(id, producer, outcome, None, now);
        let ended = match self.rule(first)? {
            Ended::NeedsId => {
                let fresh = self.fresh();
                let again = self.machine.end(id, producer, outcome, Some(fresh), now);
                self.rule(again)?
            }
            ended => ended,
        };
        match ended {
            Ended::As(producer) => Ok(producer),
            Ended::NeedsId => panic!("it has one"),
        }
    }

    /// All markers are written.
    pub(crate) fn carry_out(&mut self) {
        for prepared in self.machine.prepared() {
            let now = self.moment();
            let done = self.machine.complete(&prepared.id, prepared.producer, now);
            self.learn(done.records);
        }
    }

    pub(crate) fn pass(&mut self, millis: u64) {
        self.now += millis;
        loop {
            let due = self.machine.tick(self.moment());
            if due.is_empty() {
                break;
            }
            self.learn(due);
        }
        assert!(self.machine.deadline() > Some(self.moment().uptime), "the next look lies ahead");
    }

    pub(crate) fn state(&self, id: &str) -> TransactionState {
        self.machine.get(id).expect("it is known").state
    }
}

pub(crate) fn at(name: &str) -> TopicPartition {
    let (topic, number) = name.rsplit_once('-').expect("topic-number");
    TopicPartition::new(Arc::from(topic), number.parse().expect("a number"))
}

#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(found: Result<T, Refusal>) -> String {
    found.expect_err("it is refused").to_string()
}
