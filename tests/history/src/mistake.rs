//! Mistakes of the workload: what no broker can have done wrong, because a client's own notes contradict one another.
//!
//! The checker reasons from what it takes for granted: a value tells its send, a consumer does one thing after the other,
//! a transaction has one producer and one end. If the notes break that, every conclusion is worthless. So a history with
//! mistakes is not judged at all.

use std::collections::BTreeMap;
use std::fmt;

use crate::operation::{Decision, Kind, Offset, Operation, Sent, Time, TransactionId, Value};

/// Something in a history that is the workload's own fault. Operations are told by their index in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mistake {
    /// A value that was sent twice: nobody can say whose record a reader saw.
    SentTwice {
        /// Which.
        value: Value,
        /// The two sends.
        operations: [usize; 2],
    },
    /// An operation that ended before it began.
    EndedBeforeItBegan {
        /// Which.
        operation: usize,
    },
    /// An operation that never ended, and yet tells what came out.
    OutcomeWithoutAnEnd {
        /// Which.
        operation: usize,
    },
    /// An offset below 0. A client that was told no offset says none.
    NegativeOffset {
        /// Where.
        operation: usize,
        /// What it says.
        offset: Offset,
    },
    /// Two polls of one consumer at a time: nobody can say which of them came first.
    PollsOverlap {
        /// The two.
        operations: [usize; 2],
    },
    /// A transaction that began twice.
    BegunTwice {
        /// Which.
        transaction: TransactionId,
        /// The two beginnings.
        operations: [usize; 2],
    },
    /// An operation in a transaction that is not that process's, not begun, or over.
    OutsideOfTransaction {
        /// Which transaction.
        transaction: TransactionId,
        /// Which operation.
        operation: usize,
    },
    /// A transaction of which a client says that it was committed and that it was aborted.
    DecidedBothWays {
        /// Which.
        transaction: TransactionId,
        /// Who says so.
        operations: [usize; 2],
    },
    /// An abort whose answer was "committed".
    AbortedAndCommitted {
        /// Which.
        operation: usize,
    },
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |index: &usize| format!("#{}", index + 1);
        match self {
            Mistake::SentTwice { value, operations: [a, b] } => {
                write!(f, "{value} is sent twice, by {} and by {}", line(a), line(b))
            }
            Mistake::EndedBeforeItBegan { operation } => write!(f, "{} ended before it began", line(operation)),
            Mistake::OutcomeWithoutAnEnd { operation } => {
                write!(f, "{} never ended, and tells what came out", line(operation))
            }
            Mistake::NegativeOffset { operation, offset } => write!(f, "{} tells offset {offset}", line(operation)),
            Mistake::PollsOverlap { operations: [a, b] } => {
                write!(f, "{} and {} are polls of one consumer at one time", line(a), line(b))
            }
            Mistake::BegunTwice { transaction, operations: [a, b] } => {
                write!(f, "transaction {transaction} begins twice, in {} and in {}", line(a), line(b))
            }
            Mistake::OutsideOfTransaction { transaction, operation } => {
                let operation = line(operation);
                write!(
                    f,
                    "{operation} is in transaction {transaction}, which is not that process's, not begun, or over"
                )
            }
            Mistake::DecidedBothWays { transaction, operations: [a, b] } => {
                let (a, b) = (line(a), line(b));
                write!(f, "transaction {transaction} was committed and aborted, say {a} and {b}")
            }
            Mistake::AbortedAndCommitted { operation } => {
                write!(f, "{} asked for an abort and was told of a commit", line(operation))
            }
        }
    }
}

/// All mistakes of a history.
pub(crate) fn find(operations: &[Operation]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    operations.iter().enumerate().for_each(|(at, operation)| times_and_offsets(at, operation, &mut mistakes));
    values(operations, &mut mistakes);
    polls(operations, &mut mistakes);
    transactions(operations, &mut mistakes);
    mistakes
}

fn times_and_offsets(operation: usize, told: &Operation, mistakes: &mut Vec<Mistake>) {
    if told.ended.is_some_and(|ended| ended < told.began) {
        mistakes.push(Mistake::EndedBeforeItBegan { operation });
    }
    if told.ended.is_none() && !knows_nothing(&told.kind) {
        mistakes.push(Mistake::OutcomeWithoutAnEnd { operation });
    }
    let lowest = match &told.kind {
        Kind::Send { outcome: Sent::Acked { offset }, .. } => *offset,
        Kind::Poll { records, .. } => records.iter().map(|record| record.offset).min(),
        Kind::Drained { ends: offsets } | Kind::Consume { offsets, .. } => offsets.values().min().copied(),
        _ => None,
    };
    if let Some(offset) = lowest.filter(|&offset| offset < 0) {
        mistakes.push(Mistake::NegativeOffset { operation, offset });
    }
    if matches!(told.kind, Kind::Abort { outcome: Decision::Committed, .. }) {
        mistakes.push(Mistake::AbortedAndCommitted { operation });
    }
}

/// Whether an operation may look like this and never have ended.
fn knows_nothing(kind: &Kind) -> bool {
    match kind {
        Kind::Send { outcome, .. } => *outcome == Sent::Unknown,
        Kind::Poll { records, .. } => records.is_empty(),
        Kind::Commit { outcome, .. } | Kind::Abort { outcome, .. } => *outcome == Decision::Unknown,
        Kind::Drained { ends } => ends.is_empty(),
        Kind::Assign { .. } | Kind::Seek { .. } | Kind::Begin { .. } | Kind::Consume { .. } => true,
    }
}

fn values(operations: &[Operation], mistakes: &mut Vec<Mistake>) {
    let mut senders = BTreeMap::new();
    for (at, operation) in operations.iter().enumerate() {
        if let Kind::Send { value, .. } = operation.kind
            && let Some(earlier) = senders.insert(value, at)
        {
            mistakes.push(Mistake::SentTwice { value, operations: [earlier, at] });
        }
    }
}

fn polls(operations: &[Operation], mistakes: &mut Vec<Mistake>) {
    let mut polls: Vec<(&str, Time, Time, usize)> = Vec::new();
    for (at, operation) in operations.iter().enumerate() {
        if let (Kind::Poll { .. }, Some(ended)) = (&operation.kind, operation.ended) {
            polls.push((&operation.process, operation.began, ended, at));
        }
    }
    polls.sort_unstable();
    for pair in polls.windows(2) {
        let [(process, _, ended, first), (other, began, _, second)] = pair else { continue };
        if process == other && began < ended {
            mistakes.push(Mistake::PollsOverlap { operations: [*first, *second] });
        }
    }
}

/// From the beginning of a transaction to its decision.
struct Span<'h> {
    process: &'h str,
    begin: usize,
    began: Time,
    decided: Option<(Decision, Time, usize)>,
}

fn transactions(operations: &[Operation], mistakes: &mut Vec<Mistake>) {
    let mut spans: BTreeMap<TransactionId, Span<'_>> = BTreeMap::new();
    for (at, Operation { process, began, kind, .. }) in operations.iter().enumerate() {
        if let Kind::Begin { transaction } = *kind {
            let span = Span { process, begin: at, began: *began, decided: None };
            if let Some(earlier) = spans.insert(transaction, span) {
                mistakes.push(Mistake::BegunTwice { transaction, operations: [earlier.begin, at] });
            }
        }
    }
    for (at, Operation { ended, kind, .. }) in operations.iter().enumerate() {
        let (Kind::Commit { transaction, outcome } | Kind::Abort { transaction, outcome }) = *kind else { continue };
        let (Some(span), Some(ended)) = (spans.get_mut(&transaction), *ended) else { continue };
        match span.decided {
            _ if matches!(outcome, Decision::Unknown | Decision::Fenced) => {}
            None => span.decided = Some((outcome, ended, at)),
            Some((decision, _, _)) if decision == outcome => {}
            Some((.., earlier)) => {
                mistakes.push(Mistake::DecidedBothWays { transaction, operations: [earlier, at] });
            }
        }
    }
    for (operation, Operation { process, began, kind, .. }) in operations.iter().enumerate() {
        let Some(transaction) = kind.transaction() else { continue };
        let inside = spans.get(&transaction).is_some_and(|span| {
            let over = span.decided.is_some_and(|(_, ended, at)| *began > ended && operation != at);
            span.process == &**process && *began >= span.began && !over
        });
        if !inside {
            mistakes.push(Mistake::OutsideOfTransaction { transaction, operation });
        }
    }
}
