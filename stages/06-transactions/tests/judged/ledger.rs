//! A coordinator that knows what a test wants it to know, and what it says to whoever asks.

use std::time::Duration;

use partitioning::TopicPartition;
use replication::machine::{Machine, Moment};
use segment_log::control::Outcome;
use transactions::coordinator::{Coordinator, CoordinatorConfig, Ended, Epochs, Init, Initialized, Ruling};
use transactions::records::{Identity, TransactionDecision, TransactionRecord};
use transactions::state::TransactionState;

use crate::{NOW, code_of};

/// An hour after all that is known was decided.
pub(crate) const LATER: i64 = NOW + 3_600_000;

/// The coordinator of `pay-1`.
pub(crate) struct Ledger(Coordinator);

/// A producer.
pub(crate) fn who(id: i64, epoch: i16) -> Identity {
    Identity { id, epoch }
}

/// `pay-1` in a state, of this producer. A transaction that is not over has two partitions.
pub(crate) fn known(state: TransactionState, producer: Identity) -> TransactionRecord {
    let is_under_way = state == TransactionState::Ongoing || state.is_prepared();
    let partitions = if is_under_way { &["orders-0", "stock-2"][..] } else { &[] };
    TransactionRecord {
        producer,
        previous: None,
        next_id: None,
        timeout_ms: 60_000,
        state,
        partitions: partitions.iter().map(|name| at(name)).collect(),
        began: if is_under_way { NOW } else { -1 },
        updated: NOW,
    }
}

/// The same, and who the producer was before.
pub(crate) fn after(previous: Identity, record: TransactionRecord) -> TransactionRecord {
    TransactionRecord { previous: Some(previous), ..record }
}

fn at(name: &str) -> TopicPartition {
    let (topic, number) = name.rsplit_once('-').expect("topic-number");
    TopicPartition::new(topic, number.parse().expect("a number"))
}

fn moment() -> Moment {
    Moment { wall: LATER, uptime: Duration::from_secs(3_600) }
}

impl Ledger {
    /// Nothing is known.
    pub(crate) fn empty() -> Self {
        Ledger(Coordinator::new(CoordinatorConfig::default()))
    }

    /// `pay-1` is known, and each transaction has its epoch.
    pub(crate) fn of(record: TransactionRecord) -> Self {
        Self::with(Epochs::OfTransaction, record)
    }

    pub(crate) fn with(epochs: Epochs, record: TransactionRecord) -> Self {
        let mut machine = Coordinator::new(CoordinatorConfig { epochs, ..CoordinatorConfig::default() });
        machine.replay(&TransactionDecision { id: "pay-1".into(), record: Some(record) });
        Ledger(machine)
    }

    /// Whether it knows the same as another one.
    pub(crate) fn knows_the_same(&self, other: &Ledger) -> bool {
        self.0 == other.0
    }

    /// What is said to whoever ends the transaction, and what is decided: `told p7 e1, decided PrepareCommit`.
    pub(crate) fn end(&mut self, id: &str, producer: Identity, outcome: Outcome, fresh: Option<i64>) -> String {
        match self.0.end(id, producer, outcome, fresh, moment()) {
            Err(refusal) => code_of(&refusal).to_owned(),
            Ok(decided) => {
                let told = match decided.reply {
                    Ended::As(who) => format!("told {}", shown(who)),
                    Ended::NeedsId => "wants a fresh id".to_owned(),
                };
                let states: Vec<_> = records(&decided.records).map(|record| record.state.to_string()).collect();
                format!("{told}, decided {}", if states.is_empty() { "nothing".to_owned() } else { states.join(", ") })
            }
        }
    }

    /// What is said to whoever begins, and all that is decided.
    pub(crate) fn init(&mut self, init: &Init, fresh: Option<i64>) -> String {
        said(self.0.init(init, fresh, moment()))
    }
}

/// A line for each thing that is decided.
fn said(ruling: Ruling<Initialized>) -> String {
    let decided = match ruling {
        Err(refusal) => return code_of(&refusal).to_owned(),
        Ok(decided) => decided,
    };
    let told = match decided.reply {
        Initialized::As(who) => format!("told {}", shown(who)),
        Initialized::NotYet => "ask again".to_owned(),
        Initialized::NeedsId => "wants a fresh id".to_owned(),
    };
    let mut lines = vec![told];
    for record in records(&decided.records) {
        let TransactionRecord { producer, previous, next_id, timeout_ms, state, partitions, began, updated } = record;
        let partitions: Vec<_> = partitions.iter().map(ToString::to_string).collect();
        let next = next_id.map_or(String::new(), |id| format!(", next id {id}"));
        lines.push(format!("{state}, {}, before {}{next}", shown(*producer), previous.map_or("none".into(), shown)));
        lines.push(format!("partitions {}", if partitions.is_empty() { "none".into() } else { partitions.join(" ") }));
        lines.push(format!("timeout {timeout_ms} ms, began {}, updated {}", time(*began), time(*updated)));
    }
    if decided.records.is_empty() {
        lines.push("nothing is decided".to_owned());
    }
    lines.join("\n")
}

fn records(decisions: &[TransactionDecision]) -> impl Iterator<Item = &TransactionRecord> {
    decisions.iter().filter_map(|decision| decision.record.as_ref())
}

fn shown(who: Identity) -> String {
    format!("p{} e{}", who.id, who.epoch)
}

fn time(time: i64) -> String {
    match time {
        -1 => "-1".to_owned(),
        NOW => "then".to_owned(),
        LATER => "now".to_owned(),
        other => format!("at {other}"),
    }
}
