//! Coordinators that die at each step of a transaction, and again at each later one.
//!
//! ```text
//!   init      add       end          markers        complete
//!   ─┬┬┬──────┬┬┬───────┬┬┬──────────┬───┬──────────┬┬┬──▶
//!    │││
//!    ││╰ committed, and nobody was told
//!    │╰─ written: the election keeps it, or not
//!    ╰── decided, and not written
//! ```
//!
//! The next coordinator has what is durable, and nothing else. What may never be: a marker without a durable decision, two outcomes of
//! one transaction, a partition without a marker, and a producer that was told what did not come.

use std::collections::BTreeSet;
use std::time::Duration;

use partitioning::{ErrorCode, Refusal, TopicPartition};
use replication::machine::{Decided, Machine, Moment};
use segment_log::control::Outcome;
use transactions::coordinator::{Coordinator, CoordinatorConfig, Ended, Epochs, Init, Initialized, Ruling};
use transactions::records::{Identity, TransactionDecision};
use transactions::state::TransactionState;

use crate::world::{START, at};

const ID: &str = "pay-1";
const PARTITIONS: [&str; 2] = ["accounts-0", "accounts-1"];

/// How a life goes.
#[derive(Debug, Clone, Copy)]
struct Life {
    epochs: Epochs,
    outcome: Outcome,
    /// Whether what was written and not committed survives.
    is_kept: bool,
    /// Whether the producer asks again when it hears nothing. If not, it is dead, and its time passes.
    asks_again: bool,
}

/// Why there is no answer.
#[derive(Debug)]
enum Silent {
    Died,
    Refused(Refusal),
}

/// A marker that is written.
#[derive(Debug, Clone, PartialEq)]
struct Marked {
    at: TopicPartition,
    producer: Identity,
    outcome: Outcome,
}

struct Leaders<'a> {
    life: Life,
    machine: Coordinator,
    durable: Vec<TransactionDecision>,
    markers: Vec<Marked>,
    now: u64,
    next_id: i64,
    /// How many points were passed at which a leader can die, and those at which one does.
    points: usize,
    deadly: BTreeSet<usize>,
    /// In which states of the transaction leaders have died.
    died_in: &'a mut BTreeSet<String>,
}

impl Leaders<'_> {
    fn moment(&self) -> Moment {
        Moment { wall: START + self.now as i64, uptime: Duration::from_millis(self.now) }
    }

    /// Whether the leader dies here. Then another one has replayed what is durable.
    fn dies(&mut self) -> bool {
        self.points += 1;
        let dies = self.deadly.contains(&self.points);
        if dies {
            let state = self.machine.get(ID).map_or("unknown".to_owned(), |record| record.state.to_string());
            self.died_in.insert(state);
            self.take_over();
        }
        dies
    }

    fn take_over(&mut self) {
        self.machine = Coordinator::new(CoordinatorConfig { epochs: self.life.epochs, ..CoordinatorConfig::default() });
        self.durable.iter().for_each(|decision| self.machine.replay(decision));
    }

    fn rule<T>(&mut self, ruling: Ruling<T>) -> Result<T, Silent> {
        let decided = ruling.map_err(Silent::Refused)?;
        if decided.records.is_empty() {
            return Ok(decided.reply);
        }
        if self.dies() {
            return Err(Silent::Died);
        }
        // It is written, and nobody has copied it yet.
        if self.life.is_kept {
            self.durable.extend(decided.records.iter().cloned());
        }
        if self.dies() {
            return Err(Silent::Died);
        }
        if !self.life.is_kept {
            self.durable.extend(decided.records.iter().cloned());
        }
        decided.records.iter().for_each(|decision| self.machine.replay(decision));
        match self.dies() {
            true => Err(Silent::Died),
            false => Ok(decided.reply),
        }
    }

    /// The producer asks until it is answered. `None` if it hears nothing, and does not ask again.
    fn ask<T>(&mut self, question: impl Fn(&mut Self) -> Ruling<T>) -> Option<T> {
        for _ in 0..20 {
            let ruling = question(self);
            match self.rule(ruling) {
                Ok(answer) => return Some(answer),
                Err(Silent::Died) if !self.life.asks_again => return None,
                Err(Silent::Died) => {}
                Err(Silent::Refused(refusal)) if refusal.code == ErrorCode::ConcurrentTransactions => self.carry_out(),
                Err(Silent::Refused(refusal)) => panic!("{:?}: {refusal}", self.life),
            }
        }
        panic!("{:?}: nobody answers", self.life);
    }

    fn begin(&mut self) -> Option<Identity> {
        let initialized = self.ask(|leaders| {
            let init = Init { id: ID.into(), timeout_ms: 60_000, expected: None };
            leaders.next_id += 1;
            leaders.machine.init(&init, Some(leaders.next_id), leaders.moment())
        })?;
        match initialized {
            Initialized::As(producer) => Some(producer),
            other => panic!("nothing was open, and the answer is {other:?}"),
        }
    }

    fn add(&mut self, producer: Identity) -> Option<()> {
        let partitions = PARTITIONS.map(at);
        self.ask(|leaders| leaders.machine.add_partitions(ID, producer, &partitions, leaders.moment()))
    }

    fn end(&mut self, producer: Identity) -> Option<Identity> {
        let ended = self.ask(|leaders| {
            leaders.next_id += 1;
            let fresh = Some(leaders.next_id);
            leaders.machine.end(ID, producer, leaders.life.outcome, fresh, leaders.moment())
        })?;
        match ended {
            Ended::As(next) => Some(next),
            Ended::NeedsId => panic!("it has one"),
        }
    }

    /// Markers are written one by one, until the transaction is complete or the leader dies.
    fn carry_out(&mut self) {
        for prepared in self.machine.prepared() {
            for at in &prepared.partitions {
                if self.dies() {
                    return;
                }
                let decided = self.decided().expect("a marker needs a decision that is durable");
                assert_eq!(prepared.outcome, decided, "{:?}", self.life);
                let marked = Marked { at: at.clone(), producer: prepared.producer, outcome: prepared.outcome };
                self.markers.push(marked);
            }
            let now = self.moment();
            let Decided { records, reply } = self.machine.complete(&prepared.id, prepared.producer, now);
            // Whoever dies here has written all markers, and the next one writes them again.
            let _ = self.rule(Ok(Decided { records, reply }));
        }
    }

    /// The outcome that is durable.
    fn decided(&self) -> Option<Outcome> {
        let outcomes = self.durable.iter().filter_map(|decision| {
            let state = decision.record.as_ref()?.state;
            state.outcome().filter(|_| state.is_prepared())
        });
        let outcomes: Vec<_> = outcomes.collect();
        assert!(outcomes.len() <= 1, "{:?}: decided twice: {outcomes:?}", self.life);
        outcomes.first().copied()
    }

    /// Until all is carried out. Whoever is not heard of is given up in time.
    fn settle(&mut self) {
        for _ in 0..40 {
            self.carry_out();
            self.now += 10_000;
            let due = self.machine.tick(self.moment());
            // Whoever dies here decides it again.
            let _ = self.rule(Ok(Decided { records: due, reply: () }));
        }
        assert!(self.machine.prepared().is_empty());
    }
}

/// Gives how many points there were.
fn live(life: Life, deadly: BTreeSet<usize>, died_in: &mut BTreeSet<String>) -> usize {
    let config = CoordinatorConfig { epochs: life.epochs, ..CoordinatorConfig::default() };
    let mut leaders = Leaders {
        life,
        machine: Coordinator::new(config),
        durable: Vec::new(),
        markers: Vec::new(),
        now: 0,
        next_id: 6,
        points: 0,
        deadly,
        died_in,
    };
    let producer = leaders.begin();
    let added = producer.and_then(|producer| leaders.add(producer));
    let told = producer.filter(|_| added.is_some()).and_then(|producer| leaders.end(producer));
    leaders.settle();
    let points = leaders.points;

    let decided = leaders.decided();
    if told.is_some() {
        assert_eq!(decided, Some(life.outcome), "{life:?}: the producer was told");
    }
    let is_known = leaders.durable.iter().any(|one| one.record.as_ref().is_some_and(|record| record.began >= 0));
    assert_eq!(decided.is_some(), is_known, "{life:?}: what has begun has ended");
    if let Some(decided) = decided {
        let marks: BTreeSet<_> = leaders.markers.iter().map(|marked| marked.at.clone()).collect();
        assert_eq!(marks, PARTITIONS.map(at).into(), "{life:?}: each partition has its marker");
        let who = leaders.markers[0].producer;
        let is_one = |marked: &Marked| marked.outcome == decided && marked.producer == who;
        assert!(leaders.markers.iter().all(is_one), "{life:?}: {:?}", leaders.markers);
        let state = leaders.machine.get(ID).expect("it is known").state;
        let complete = match decided {
            Outcome::Commit => TransactionState::CompleteCommit,
            Outcome::Abort => TransactionState::CompleteAbort,
        };
        assert_eq!(state, complete, "{life:?}");
    }
    // Whatever has happened, the next one begins, in an identity that nobody had.
    leaders.deadly.clear();
    leaders.life.asks_again = true;
    let next = leaders.begin().expect("nobody dies any more");
    assert!(producer.is_none_or(|producer| next.id != producer.id || next.epoch > producer.epoch));
    leaders.add(next).expect("nobody dies any more");
    points
}

#[test]
fn whenever_coordinators_die_what_was_decided_is_carried_out() {
    let mut died_in = BTreeSet::new();
    for epochs in [Epochs::OfInit, Epochs::OfTransaction] {
        for outcome in [Outcome::Commit, Outcome::Abort] {
            for (is_kept, asks_again) in [(true, true), (true, false), (false, true), (false, false)] {
                let life = Life { epochs, outcome, is_kept, asks_again };
                let points = live(life, BTreeSet::new(), &mut died_in);
                assert!(points >= 14, "four decisions have three points each, and two markers one: {points}");
                for first in 1..=points {
                    // After the first death there is more to do, and so there are more points.
                    for second in first..=points + 14 {
                        live(life, BTreeSet::from([first, second]), &mut died_in);
                    }
                }
            }
        }
    }
    let states = ["CompleteAbort", "CompleteCommit", "Empty", "Ongoing", "PrepareAbort", "PrepareCommit", "unknown"];
    assert_eq!(died_in.iter().map(String::as_str).collect::<Vec<_>>(), states);
}
