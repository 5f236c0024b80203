//! How a transaction ends, and what is said to whoever asks again. Judges exercise 6.5.

use segment_log::control::Outcome;
use story::judge;
use transactions::coordinator::{Epochs, LAST_EPOCH};
use transactions::records::{Identity, TransactionRecord};
use transactions::state::TransactionState::{
    CompleteAbort, CompleteCommit, Empty, Ongoing, PrepareAbort, PrepareCommit,
};

use crate::ledger::{Ledger, after, known, who};
use crate::{ABORT, COMMIT};

const END: &str = "src/coordinator/ending.rs, fn Coordinator::end";
const AGAIN: &str = "src/coordinator/ending.rs, fn answer_again";

/// What is known of pay-1, who asks for what, and what is to come of it. Each transaction has its epoch.
#[track_caller]
fn judge_end(
    rule: &str,
    record: TransactionRecord,
    asks: (Identity, Outcome),
    fresh: Option<i64>,
    expected: &str,
    look_at: &str,
) {
    judge_by(rule, Epochs::OfTransaction, record, asks, fresh, expected, look_at);
}

#[track_caller]
fn judge_by(
    rule: &str,
    epochs: Epochs,
    record: TransactionRecord,
    (producer, outcome): (Identity, Outcome),
    fresh: Option<i64>,
    expected: &str,
    look_at: &str,
) {
    let before = record.previous.map_or(String::new(), |who| format!(", before it p{} e{}", who.id, who.epoch));
    let wish = if outcome == COMMIT { "commit" } else { "abort" };
    let rule = format!(
        "pay-1 is in {}, its producer is p{} e{}{before}. {wish} is asked for by p{} e{}. {rule}",
        record.state, record.producer.id, record.producer.epoch, producer.id, producer.epoch
    );
    let found = Ledger::with(epochs, record).end("pay-1", producer, outcome, fresh);
    judge::text(&rule, expected, &found, look_at);
}

#[test]
fn it_is_decided_as_its_producer_wants() {
    let open = known(Ongoing, who(7, 0));
    let rule = "It is decided, and the producer has the next epoch.";
    judge_end(rule, open.clone(), (who(7, 0), COMMIT), None, "told p7 e1, decided PrepareCommit", END);
    judge_end(rule, open, (who(7, 0), ABORT), None, "told p7 e1, decided PrepareAbort", END);
}

#[test]
fn nothing_is_changed_but_by_the_log() {
    let record = known(Ongoing, who(7, 0));
    let mut ledger = Ledger::of(record.clone());
    ledger.end("pay-1", who(7, 0), COMMIT, None);
    let rule = "what is decided is returned. The coordinator learns it when it is in its log";
    judge::that(rule, ledger.knows_the_same(&Ledger::of(record)), "the state has changed", END);
}

#[test]
fn who_is_not_known_ends_nothing() {
    let mut ledger = Ledger::of(known(Ongoing, who(7, 0)));
    let found = ledger.end("pay-2", who(7, 0), COMMIT, None);
    judge::text("the id pay-2 is not known", "INVALID_PRODUCER_ID_MAPPING", &found, END);
    let rule = "Another producer has the id.";
    let open = known(Ongoing, who(7, 0));
    judge_end(rule, open, (who(9, 0), COMMIT), None, "INVALID_PRODUCER_ID_MAPPING", END);
}

#[test]
fn another_epoch_is_fenced() {
    let open = known(Ongoing, who(7, 3));
    let rule = "Somebody else has taken the id over since.";
    judge_end(rule, open.clone(), (who(7, 2), COMMIT), None, "PRODUCER_FENCED", END);
    judge_end(rule, open.clone(), (who(7, 2), ABORT), None, "PRODUCER_FENCED", END);
    let rule = "Nobody was ever told this epoch.";
    judge_end(rule, open, (who(7, 4), COMMIT), None, "PRODUCER_FENCED", END);
    let done = after(who(7, 2), known(CompleteCommit, who(7, 3)));
    let rule = "It is of a transaction long before.";
    judge_end(rule, done, (who(7, 1), COMMIT), None, "PRODUCER_FENCED", END);
}

#[test]
fn who_asks_again_is_told_the_same() {
    let rule = "It did not hear the answer, and asks once more: the same answer, and nothing new is decided.";
    let expected = "told p7 e1, decided nothing";
    let committed = after(who(7, 0), known(CompleteCommit, who(7, 1)));
    judge_end(rule, committed, (who(7, 0), COMMIT), None, expected, AGAIN);
    let aborted = after(who(7, 0), known(CompleteAbort, who(7, 1)));
    judge_end(rule, aborted, (who(7, 0), ABORT), None, expected, AGAIN);
}

#[test]
fn what_is_being_carried_out_is_waited_for() {
    let committing = after(who(7, 0), known(PrepareCommit, who(7, 1)));
    let aborting = after(who(7, 0), known(PrepareAbort, who(7, 1)));
    let rule = "It is decided so, and not all markers are written: ask again.";
    judge_end(rule, committing.clone(), (who(7, 0), COMMIT), None, "CONCURRENT_TRANSACTIONS", AGAIN);
    judge_end(rule, aborting.clone(), (who(7, 0), ABORT), None, "CONCURRENT_TRANSACTIONS", AGAIN);
    let rule = "It is the next transaction's producer. The one before is still being carried out: ask again.";
    judge_end(rule, committing.clone(), (who(7, 1), COMMIT), None, "CONCURRENT_TRANSACTIONS", END);
    judge_end(rule, committing, (who(7, 1), ABORT), None, "CONCURRENT_TRANSACTIONS", END);
    judge_end(rule, aborting, (who(7, 1), ABORT), None, "CONCURRENT_TRANSACTIONS", END);
}

#[test]
fn what_is_decided_is_not_decided_otherwise() {
    let rule = "It was decided otherwise.";
    for (state, asked) in
        [(PrepareCommit, ABORT), (CompleteCommit, ABORT), (PrepareAbort, COMMIT), (CompleteAbort, COMMIT)]
    {
        let decided = after(who(7, 0), known(state, who(7, 1)));
        judge_end(rule, decided, (who(7, 0), asked), None, "INVALID_TXN_STATE", AGAIN);
    }
}

/// KAFKA-17754.
#[test]
fn a_late_request_does_not_end_the_next_transaction() {
    let rule = "It is of the transaction before, which is over. The next one is under way.";
    let next = after(who(7, 0), known(Ongoing, who(7, 1)));
    judge_end(rule, next.clone(), (who(7, 0), ABORT), None, "PRODUCER_FENCED", AGAIN);
    judge_end(rule, next, (who(7, 0), COMMIT), None, "PRODUCER_FENCED", AGAIN);
    let rule = "It has begun anew since, under the next epoch.";
    let anew = after(who(7, 0), known(Empty, who(7, 1)));
    judge_end(rule, anew, (who(7, 0), COMMIT), None, "PRODUCER_FENCED", AGAIN);
}

#[test]
fn nothing_cannot_be_committed() {
    let rule = "No transaction is open.";
    for state in [Empty, CompleteCommit, CompleteAbort] {
        judge_end(rule, known(state, who(7, 1)), (who(7, 1), COMMIT), None, "INVALID_TXN_STATE", END);
    }
}

#[test]
fn an_abort_of_nothing_raises_the_epoch() {
    let rule = "No transaction is open. What is late is of an older epoch all the same, so the epoch is raised.";
    for state in [Empty, CompleteCommit, CompleteAbort] {
        let expected = "told p7 e2, decided PrepareAbort";
        judge_end(rule, known(state, who(7, 1)), (who(7, 1), ABORT), None, expected, END);
    }
}

#[test]
fn with_one_epoch_for_all_each_may_be_the_one_before() {
    let judge = |rule: &str, state, outcome, expected: &str, look_at: &str| {
        let rule = format!("(epochs=of-init) {rule}");
        judge_by(&rule, Epochs::OfInit, known(state, who(7, 0)), (who(7, 0), outcome), None, expected, look_at);
    };
    judge("It is decided, and the epoch stays.", Ongoing, COMMIT, "told p7 e0, decided PrepareCommit", END);
    judge("It is decided, and the epoch stays.", Ongoing, ABORT, "told p7 e0, decided PrepareAbort", END);
    let rule = "It may be asked for once more: the same answer.";
    judge(rule, CompleteCommit, COMMIT, "told p7 e0, decided nothing", END);
    judge(rule, CompleteAbort, ABORT, "told p7 e0, decided nothing", END);
    judge("It was decided otherwise.", CompleteCommit, ABORT, "INVALID_TXN_STATE", END);
    judge("It was decided otherwise, and is being carried out.", PrepareAbort, COMMIT, "INVALID_TXN_STATE", END);
    judge("It is being carried out: ask again.", PrepareAbort, ABORT, "CONCURRENT_TRANSACTIONS", END);
    judge("There is nothing to abort, and no epoch to raise.", Empty, ABORT, "told p7 e0, decided nothing", END);
    judge("There is nothing to commit.", Empty, COMMIT, "INVALID_TXN_STATE", END);
}

#[test]
fn with_the_last_epoch_used_up_comes_another_id() {
    let last = who(7, LAST_EPOCH);
    let rule = "That is the last epoch: it needs a fresh id, and there is none at hand.";
    judge_end(rule, known(Ongoing, last), (last, COMMIT), None, "wants a fresh id, decided nothing", END);
    let rule = "That is the last epoch, and 9 is a fresh id.";
    judge_end(rule, known(Ongoing, last), (last, COMMIT), Some(9), "told p9 e0, decided PrepareCommit", END);
    let rule = "That is the last epoch, nothing is open, and an abort raises the epoch all the same. 9 is a fresh id.";
    judge_end(rule, known(Empty, last), (last, ABORT), None, "wants a fresh id, decided nothing", END);
    judge_end(rule, known(Empty, last), (last, ABORT), Some(9), "told p9 e0, decided PrepareAbort", END);
    let rule = "It asks once more, and is told the same.";
    let done = after(last, known(CompleteCommit, who(9, 0)));
    judge_end(rule, done, (last, COMMIT), None, "told p9 e0, decided nothing", AGAIN);
}

#[test]
fn who_was_aborted_in_the_last_epoch_has_none_to_go_on_in() {
    let last = who(7, LAST_EPOCH);
    let rule = "Its time was over, and the coordinator aborted it. The epoch after the last is for markers, and no producer gets it.";
    let aborted = after(last, known(CompleteAbort, who(7, i16::MAX)));
    judge_end(rule, aborted, (last, ABORT), None, "PRODUCER_FENCED", AGAIN);
    let rule = "Its time was over, and the coordinator aborted it. It is told so, and goes on in the next epoch.";
    let aborted = after(who(7, 4), known(CompleteAbort, who(7, 5)));
    judge_end(rule, aborted, (who(7, 4), ABORT), None, "told p7 e5, decided nothing", AGAIN);
}

#[test]
fn nobody_has_the_epoch_of_markers() {
    let markers = who(7, i16::MAX);
    let rule = "The epoch behind the last was for the markers. Somebody says that he has it, and nobody was told so.";
    judge_end(rule, known(CompleteCommit, markers), (markers, COMMIT), None, "PRODUCER_FENCED", END);
    judge_end(rule, known(CompleteAbort, markers), (markers, ABORT), None, "PRODUCER_FENCED", END);
}
