//! What no broker can have done: notes that contradict one another are the workload's fault, and are not judged.

#[path = "support/notes.rs"]
#[allow(dead_code, reason = "shared with the anomalies")]
mod notes;

use history::{Decision, History, Mistake, Operation, Record, Rules, Sent, Verdict, check};
use notes::{Notes, ORDERS};

#[track_caller]
fn mistakes(history: &History, expected: &[Mistake]) -> Verdict {
    let verdict = check(history, &Rules::strict());
    assert_eq!(verdict.mistakes(), expected);
    assert!(!verdict.is_clean() && verdict.broken().is_empty(), "{verdict}");
    verdict
}

/// The history, with one operation changed.
fn changed(notes: &Notes, at: usize, change: impl FnOnce(&mut Operation)) -> History {
    let mut operations: Vec<Operation> = notes.history().into();
    change(&mut operations[at]);
    operations.into()
}

/// One send and one poll, both as they should be.
fn sound() -> Notes {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.polled("consumer-1", &[(0, 10)]);
    assert!(check(&notes.history(), &Rules::strict()).is_clean());
    notes
}

/// If the same value is sent twice a duplicate is nobody's fault, and so it is not reported.
#[test]
fn a_value_is_sent_once() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.acked("producer-2", 11, 1);
    notes.sent("producer-2", "orders-1", 10, Sent::Unknown);
    notes.polled("consumer-1", &[(0, 10), (1, 11), (2, 10)]);
    let verdict = mistakes(&notes.history(), &[Mistake::SentTwice { value: 10, operations: [0, 2] }]);
    insta::assert_snapshot!(verdict.to_string(), @"
    not judged: the workload made 1 mistake
      10 is sent twice, by #1 and by #3

    the run
      partitions    2, of which 0 read to the end
      sends         3 by 2 producers: 2 acknowledged, 0 failed, 1 in doubt
      polls         1 by 1 consumer: 3 records, 2 values
    ");
}

#[test]
fn nothing_ends_before_it_begins() {
    let history = changed(&sound(), 0, |send| send.ended = Some(send.began - 1));
    mistakes(&history, &[Mistake::EndedBeforeItBegan { operation: 0 }]);
}

#[test]
fn what_never_ended_says_nothing() {
    for at in [0, 1] {
        let history = changed(&sound(), at, |operation| operation.ended = None);
        mistakes(&history, &[Mistake::OutcomeWithoutAnEnd { operation: at }]);
    }
}

#[test]
fn offsets_are_not_negative() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, -1);
    notes.polled("consumer-1", &[(0, 10), (-2, 11)]);
    notes.drained("consumer-1", -3);
    let negative = |operation, offset| Mistake::NegativeOffset { operation, offset };
    let transaction = notes.client("worker-1").begin(notes.now());
    transaction.consume(notes.now(), [(ORDERS.into(), -4)].into());
    mistakes(&notes.history(), &[negative(0, -1), negative(1, -2), negative(2, -3), negative(4, -4)]);
}

#[test]
fn a_consumer_does_one_poll_at_a_time() {
    let notes = Notes::default();
    let first = notes.client("consumer-1").poll(notes.now());
    let second = notes.client("consumer-1").poll(notes.now());
    let other = notes.client("consumer-2").poll(notes.now());
    drop(notes.client("consumer-1").poll(notes.now()));
    [first, second, other].into_iter().for_each(|poll| poll.gave(notes.now(), vec![]));
    mistakes(&notes.history(), &[Mistake::PollsOverlap { operations: [0, 1] }]);
}

#[test]
fn a_transaction_begins_once_and_belongs_to_one_process() {
    let notes = Notes::default();
    let transaction = notes.client("producer-1").begin(notes.now());
    notes.sent_in(&transaction, 10, 0);
    notes.client("producer-2").begin(notes.now());
    let outside = Mistake::OutsideOfTransaction { transaction: 0, operation: 1 };
    mistakes(&changed(&notes, 1, |send| send.process = "producer-2".into()), std::slice::from_ref(&outside));
    mistakes(&changed(&notes, 1, |send| send.began = 50), std::slice::from_ref(&outside));

    let twice = changed(&notes, 2, |begin| begin.kind = history::Kind::Begin { transaction: 0 });
    assert!(check(&twice, &Rules::strict()).to_string().contains("transaction 0 begins twice, in #1 and in #3"));

    let mut operations: Vec<Operation> = notes.history().into();
    operations.remove(0);
    mistakes(&operations.into(), &[Mistake::OutsideOfTransaction { transaction: 0, operation: 0 }]);
}

#[test]
fn nothing_happens_in_a_transaction_that_is_over() {
    let notes = Notes::default();
    let transaction = notes.client("producer-1").begin(notes.now());
    notes.commit(&transaction, Decision::Committed);
    transaction.poll(notes.now()).gave(notes.now(), vec![Record::new(ORDERS, 0, 10)]);
    transaction.consume(notes.now(), [(ORDERS.into(), 1)].into());
    let outside = |operation| Mistake::OutsideOfTransaction { transaction: 0, operation };
    mistakes(&notes.history(), &[outside(2), outside(3)]);
}

/// That a producer is fenced is no decision, so its transaction is not over, and may have been committed.
#[test]
fn a_fence_decides_nothing() {
    for decision in [Decision::Committed, Decision::Aborted] {
        let notes = sound();
        let transaction = notes.client("producer-2").begin(notes.now());
        notes.commit(&transaction, Decision::Fenced);
        notes.commit(&transaction, decision);
        assert!(check(&notes.history(), &Rules::strict()).is_clean());
    }
}

#[test]
fn a_fence_is_an_answer() {
    let notes = sound();
    notes.sent("producer-2", ORDERS, 11, Sent::Fenced);
    let transaction = notes.client("producer-3").begin(notes.now());
    notes.commit(&transaction, Decision::Fenced);
    for at in [2, 4] {
        let history = changed(&notes, at, |operation| operation.ended = None);
        mistakes(&history, &[Mistake::OutcomeWithoutAnEnd { operation: at }]);
    }
}

#[test]
fn a_transaction_has_one_end() {
    let notes = Notes::default();
    let transaction = notes.client("producer-1").begin(notes.now());
    let commit = transaction.commit(notes.now());
    let abort = transaction.abort(notes.now());
    commit.end(notes.now(), Decision::Committed);
    abort.end(notes.now(), Decision::Aborted);
    mistakes(&notes.history(), &[Mistake::DecidedBothWays { transaction: 0, operations: [1, 2] }]);
}

#[test]
fn an_abort_does_not_commit() {
    let notes = Notes::default();
    let transaction = notes.client("producer-1").begin(notes.now());
    notes.abort(&transaction, Decision::Committed);
    mistakes(&notes.history(), &[Mistake::AbortedAndCommitted { operation: 1 }]);
}

#[test]
fn of_many_mistakes_the_first_are_shown() {
    let notes = Notes::default();
    for _ in 0..13 {
        notes.acked("producer-1", 10, 0);
    }
    let report = check(&notes.history(), &Rules::strict()).to_string();
    assert!(report.starts_with("not judged: the workload made 12 mistakes\n"), "{report}");
    assert!(report.contains("  10 is sent twice, by #10 and by #11\n  … and 2 more\n"), "{report}");
}
