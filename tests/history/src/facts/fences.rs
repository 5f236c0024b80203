//! Who was told that it is fenced, and when.

use std::collections::BTreeMap;

use crate::operation::{Decision, Kind, Operation, Sent, Time};

/// By process, when it was told first, and by which operation.
#[derive(Debug, Default)]
pub(crate) struct Fences<'h> {
    told: BTreeMap<&'h str, (Time, usize)>,
}

impl<'h> Fences<'h> {
    pub(super) fn of(operations: &'h [Operation]) -> Self {
        let mut told = BTreeMap::new();
        for (at, operation) in operations.iter().enumerate() {
            let fenced = match operation.kind {
                Kind::Send { outcome, .. } => outcome == Sent::Fenced,
                Kind::Commit { outcome, .. } | Kind::Abort { outcome, .. } => outcome == Decision::Fenced,
                _ => false,
            };
            if let (true, Some(ended)) = (fenced, operation.ended) {
                let first = told.entry(&*operation.process).or_insert((ended, at));
                *first = (*first).min((ended, at));
            }
        }
        Fences { told }
    }

    /// The operation by which a process was told before this time that it is fenced. Where times are equal nobody knows which
    /// came first, and nothing is held against the broker.
    pub(crate) fn before(&self, process: &str, time: Time) -> Option<usize> {
        self.told.get(process).filter(|(told, _)| *told < time).map(|&(_, at)| at)
    }
}
