//! What a partition learns from a marker. Judges exercise 6.3.

use segment_log::{BatchView, Fold};
use story::judge;

use crate::{ABORT, COMMIT, Told, marker};

const LOOK: &str = "src/partition.rs, fn Transactions::apply_marker";

#[test]
fn it_ends_its_producers_transaction() {
    for (outcome, word) in [(COMMIT, "commits"), (ABORT, "aborts")] {
        let mut told = Told::new();
        told.record(7, 0, 0);
        told.record(9, 0, 0);
        told.marker(7, 1, outcome, 0);
        let rule = format!("p7 is open from 0 on, and p9 from 1 on. The marker at 2 {word} p7");
        judge::text(&rule, "p9 from 1", &told.open(), LOOK);
    }
}

#[test]
fn what_is_committed_is_noted_nowhere() {
    let mut told = Told::new();
    told.record(7, 0, 0);
    told.marker(7, 1, COMMIT, 0);
    judge::text("p7 is committed: readers leave nothing out", "nothing", &told.noted(), LOOK);
}

#[test]
fn what_is_aborted_is_noted_with_its_first_record_and_its_marker() {
    let mut told = Told::new();
    told.of_none();
    told.record(7, 0, 0);
    told.of_none();
    told.record(7, 0, 1);
    told.marker(7, 1, ABORT, 0);
    let rule = "p7 has records at 1 and 3, and is aborted by the marker at 4. Nothing else is open";
    judge::text(rule, "p7: 1 to 4, stable up to 5", &told.noted(), LOOK);
}

#[test]
fn it_is_noted_where_the_next_one_is_open() {
    let mut told = Told::new();
    told.record(7, 0, 0); // 0
    told.record(9, 0, 0); // 1
    told.record(8, 0, 0); // 2
    told.marker(7, 1, ABORT, 0); // 3
    let rule = "p7 is aborted by the marker at 3. p9 is open from 1 on, and p8 from 2 on";
    judge::text(rule, "p7: 0 to 3, stable up to 1", &told.noted(), LOOK);
    told.marker(8, 1, ABORT, 0); // 4
    let rule = "p8, from 2 on, is aborted by the marker at 4. p9 began before it, and is open";
    judge::text(rule, "p8: 2 to 4, stable up to 1", &told.noted(), LOOK);
}

#[test]
fn what_could_be_lost_is_not_open() {
    let mut told = Told::new();
    told.record(9, 0, 0); // 0
    told.record(7, 0, 0); // 1
    told.marker(9, 1, COMMIT, 0); // 2
    told.marker(7, 1, ABORT, 0); // 3
    let rule =
        "p9 has its marker, which nobody has committed yet: it is decided all the same. Nothing is open behind p7";
    judge::text(rule, "p7: 1 to 3, stable up to 4", &told.noted(), LOOK);
}

#[test]
fn who_wrote_nothing_here_has_nothing_to_leave_out() {
    let mut told = Told::new();
    told.record(9, 0, 0);
    told.marker(7, 1, ABORT, 3);
    let rule = "p7 is aborted, and has no record here";
    judge::text(rule, "nothing", &told.noted(), LOOK);
    judge::text("and p9, which is open from 0 on, has another marker", "p9 from 0", &told.open(), LOOK);
}

#[test]
fn it_is_known_when_it_comes_again() {
    let mut told = Told::new();
    told.record(7, 0, 0);
    told.marker(7, 1, COMMIT, 3);
    let rule =
        "the marker at 1 commits p7, epoch 1. Its coordinator did not hear that it is written, and brings it again";
    judge::text(rule, "it is there, at 1", &told.brought(7, 1, COMMIT, 3), LOOK);
    let rule = "with another outcome it is another marker";
    judge::text(rule, "it is written", &told.brought(7, 1, ABORT, 3), LOOK);
    told.marker(7, 2, ABORT, 3);
    let rule = "of two markers of p7 the last one counts: epoch 2, abort, at 2";
    judge::text(rule, "it is there, at 2", &told.brought(7, 2, ABORT, 3), LOOK);
}

#[test]
fn a_marker_of_who_wrote_nothing_is_known_as_well() {
    let mut told = Told::new();
    told.marker(7, 1, ABORT, 3);
    let rule = "p7 has no record here, and its marker is at 0";
    judge::text(rule, "it is there, at 0", &told.brought(7, 1, ABORT, 3), LOOK);
}

#[test]
fn it_says_which_coordinator_is_the_last() {
    let mut told = Told::new();
    told.record(7, 0, 0);
    told.marker(7, 1, COMMIT, 5);
    let rule = "the coordinator of p7 is in epoch 5";
    judge::eq(rule, Some(5), told.transactions.coordinator_epoch(7), LOOK);
    judge::eq("and of p9 none is known", None, told.transactions.coordinator_epoch(9), LOOK);
    let rule = "a marker of the one before, epoch 4, is not written any more";
    judge::text(rule, "TRANSACTION_COORDINATOR_FENCED", &told.brought(7, 2, ABORT, 4), LOOK);
}

#[test]
fn another_kind_of_note_ends_nothing() {
    let mut told = Told::new();
    told.record(7, 0, 0);
    let mut batch = marker(7, 0, ABORT, 3);
    batch.set_place(1, 0);
    // Key and value stand at the end: version, type, and the length of the value behind the key.
    let mut bytes = batch.view().bytes().to_vec();
    let kind = bytes.len() - 1 - 6 - 1 - 1;
    bytes[kind] = 5;
    let view = BatchView::parse(&bytes).expect("a batch");
    assert!(view.is_control() && view.producer_id() == 7);
    told.learns(&view);
    let rule = "a control batch of type 5 (Kafka's Raft writes such) is no marker: no transaction ends";
    judge::text(rule, "p7 from 0", &told.open(), LOOK);
    judge::text("and nothing is noted", "nothing", &told.noted(), LOOK);
    judge::eq("nor is a coordinator known by it", None, told.transactions.coordinator_epoch(7), LOOK);
    let rule = "nor is anything committed or lost by it: p7 is open from 0 on";
    judge::eq(rule, Some(0), told.transactions.unstable(), LOOK);
}
