//! Each anomaly, drawn by hand: a history that shows it and nothing else, and the nearest ones that show nothing.
//!
//! What the judge says of each is kept in `snapshots/`, to be read by people.

mod cycles;
mod durability;
mod fenced;
mod log;
#[path = "../support/notes.rs"]
mod notes;
mod order;
mod torn;
mod transactions;
mod truth;

use history::{Anomaly, Rules, Verdict, check};
use notes::Notes;

/// The history is rejected for this and for nothing else, and so often.
#[track_caller]
fn rejects_under(rules: &Rules, notes: &Notes, anomaly: Anomaly, times: usize) -> Verdict {
    let verdict = check(&notes.history(), rules);
    assert_eq!(verdict.broken(), [anomaly], "{verdict}");
    assert_eq!(verdict.count(anomaly), times, "{verdict}");
    assert!(!verdict.is_clean() && verdict.mistakes().is_empty());
    verdict
}

/// As [`rejects_under`] the strict rules, once, and with a report that people have read.
#[track_caller]
fn rejects(name: &str, notes: &Notes, anomaly: Anomaly) {
    shows(name, &rejects_under(&Rules::strict(), notes, anomaly, 1));
}

/// The report is the one that people have read.
#[track_caller]
fn shows(name: &str, verdict: &Verdict) {
    insta::assert_snapshot!(name, verdict.to_string());
}

#[track_caller]
fn accepts_under(rules: &Rules, notes: &Notes) -> Verdict {
    let verdict = check(&notes.history(), rules);
    assert!(verdict.is_clean(), "{verdict}");
    verdict
}

#[track_caller]
fn accepts(notes: &Notes) {
    accepts_under(&Rules::strict(), notes);
}
