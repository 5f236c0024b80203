//! A producer begins, and takes its id over. Judges exercise 6.6.

use story::judge;
use transactions::coordinator::{Init, LAST_EPOCH};
use transactions::records::{Identity, TransactionRecord};
use transactions::state::TransactionState::{
    CompleteAbort, CompleteCommit, Empty, Ongoing, PrepareAbort, PrepareCommit,
};

use crate::ledger::{Ledger, after, known, who};

const INIT: &str = "src/coordinator/init.rs, fn Coordinator::init";
const TAKE_OVER: &str = "src/coordinator/init.rs, fn Coordinator::take_over";

/// It wants a time limit of 30 s. (Those that are known have had 60 s.)
fn begins(expected: Option<Identity>) -> Init {
    Init { id: "pay-1".into(), timeout_ms: 30_000, expected }
}

/// What is known of pay-1, and what is to come of a beginning.
#[track_caller]
fn judge_init(
    rule: &str,
    record: TransactionRecord,
    says: Option<Identity>,
    fresh: Option<i64>,
    expected: &[&str],
    look_at: &str,
) {
    let shown = |who: Identity| format!("p{} e{}", who.id, who.epoch);
    let before = record.previous.map_or(String::new(), |who| format!(", before it {}", shown(who)));
    let says_it = says.map_or(String::new(), |who| format!(" and says that it was {}", shown(who)));
    let rule = format!(
        "pay-1 is in {}, its producer is {}{before}. Somebody begins{says_it}. {rule}",
        record.state,
        shown(record.producer)
    );
    let found = Ledger::of(record).init(&begins(says), fresh);
    judge::text(&rule, &expected.join("\n"), &found, look_at);
}

const NO_PARTITIONS: &str = "partitions none";
const ANEW: &str = "timeout 30000 ms, began -1, updated now";
const NOTHING: &str = "nothing is decided";

#[test]
fn the_first_gets_a_fresh_id() {
    let rule = "nobody has ever used pay-1, and no id is at hand";
    let found = Ledger::empty().init(&begins(None), None);
    judge::text(rule, "wants a fresh id\nnothing is decided", &found, INIT);
    let rule = "nobody has ever used pay-1, and 7 is a fresh id";
    let expected = ["told p7 e0", "Empty, p7 e0, before none", NO_PARTITIONS, ANEW].join("\n");
    judge::text(rule, &expected, &Ledger::empty().init(&begins(None), Some(7)), INIT);
}

#[test]
fn the_next_gets_the_next_epoch() {
    for state in [Empty, CompleteCommit, CompleteAbort] {
        let rule = "It is the producer now, in the next epoch, and nothing is open.";
        let expected = ["told p7 e4", "Empty, p7 e4, before none", NO_PARTITIONS, ANEW];
        judge_init(rule, known(state, who(7, 3)), None, None, &expected, INIT);
    }
}

#[test]
fn nothing_is_changed_but_by_the_log() {
    for record in [known(Empty, who(7, 3)), known(Ongoing, who(7, 3))] {
        let mut ledger = Ledger::of(record.clone());
        ledger.init(&begins(None), None);
        let rule = "what is decided is returned. The coordinator learns it when it is in its log";
        judge::that(rule, ledger.knows_the_same(&Ledger::of(record)), "the state has changed", INIT);
    }
}

#[test]
fn who_says_nothing_may_not_be_asked_for_by_the_one_before() {
    let record = after(who(7, 2), known(CompleteCommit, who(7, 3)));
    let rule = "It says nothing of who it was, so it is somebody else, and nobody came before it.";
    let expected = ["told p7 e4", "Empty, p7 e4, before none", NO_PARTITIONS, ANEW];
    judge_init(rule, record, None, None, &expected, INIT);
}

#[test]
fn what_is_open_is_aborted_first() {
    let open = after(who(7, 2), known(Ongoing, who(7, 3)));
    let rule =
        "What is open is aborted, under the next epoch: the one before is refused from here on, whatever it asks.";
    let expected = [
        "ask again",
        "PrepareAbort, p7 e4, before none",
        "partitions orders-0 stock-2",
        "timeout 60000 ms, began then, updated now",
    ];
    judge_init(rule, open, None, None, &expected, TAKE_OVER);
}

#[test]
fn what_is_being_carried_out_is_waited_for() {
    let rule = "The end of its transaction is being carried out: ask again.";
    for state in [PrepareCommit, PrepareAbort] {
        judge_init(rule, known(state, who(7, 3)), None, None, &["CONCURRENT_TRANSACTIONS"], INIT);
        let is_it = Some(who(7, 3));
        judge_init(rule, known(state, who(7, 3)), is_it, None, &["CONCURRENT_TRANSACTIONS"], INIT);
    }
}

#[test]
fn who_says_who_it_was_goes_on() {
    let rule = "It is. It has the next epoch, and who it was is kept, in case that it does not hear this.";
    let expected = ["told p7 e4", "Empty, p7 e4, before p7 e3", NO_PARTITIONS, ANEW];
    judge_init(rule, known(CompleteAbort, who(7, 3)), Some(who(7, 3)), None, &expected, INIT);
}

#[test]
fn who_did_not_hear_is_told_once_more() {
    let rule = "It did not hear that it is p7 e4, and asks again: the same answer, and no further epoch.";
    let record = after(who(7, 3), known(Empty, who(7, 4)));
    judge_init(rule, record, Some(who(7, 3)), None, &["told p7 e4", NOTHING], INIT);
}

#[test]
fn who_is_not_the_one_any_more_is_fenced() {
    let rule = "Somebody else has the id by now.";
    judge_init(rule, known(Empty, who(7, 4)), Some(who(7, 3)), None, &["PRODUCER_FENCED"], INIT);
    judge_init(rule, known(Ongoing, who(7, 4)), Some(who(7, 3)), None, &["PRODUCER_FENCED"], INIT);
    judge_init(rule, known(Empty, who(9, 0)), Some(who(7, 3)), Some(11), &["PRODUCER_FENCED"], INIT);
    let rule = "Somebody else has the id by now. To ask again would be in vain.";
    judge_init(rule, known(PrepareCommit, who(7, 5)), Some(who(7, 3)), None, &["PRODUCER_FENCED"], INIT);
    let record = after(who(7, 3), known(CompleteCommit, who(7, 4)));
    let rule = "It was, and has ended a transaction since: this is a late request.";
    judge_init(rule, record, Some(who(7, 3)), None, &["PRODUCER_FENCED"], INIT);
}

#[test]
fn with_the_last_epoch_used_up_comes_another_id() {
    let last = known(CompleteCommit, who(7, LAST_EPOCH));
    let rule = "That was the last epoch, and no fresh id is at hand.";
    judge_init(rule, last.clone(), None, None, &["wants a fresh id", NOTHING], INIT);
    let rule = "That was the last epoch, and 9 is a fresh id.";
    let expected = ["told p9 e0", "Empty, p9 e0, before none", NO_PARTITIONS, ANEW];
    judge_init(rule, last, None, Some(9), &expected, INIT);
    let rule = "There is one epoch left. The fresh id is not needed.";
    let expected = ["told p7 e32766", "Empty, p7 e32766, before none", NO_PARTITIONS, ANEW];
    judge_init(rule, known(Empty, who(7, LAST_EPOCH - 1)), None, Some(9), &expected, INIT);
}

#[test]
fn an_id_and_a_time_limit_have_bounds() {
    let judge = |rule: &str, init: Init, expected: &str| {
        judge::text(rule, expected, &Ledger::empty().init(&init, Some(7)), INIT);
        let known = &mut Ledger::of(known(Empty, who(7, 3)));
        judge::text(&format!("{rule} (pay-1 is known)"), expected, &known.init(&init, Some(9)), INIT);
    };
    let id = |id: &str| Init { id: id.into(), ..begins(None) };
    judge("a transactional id has a byte at least", id(""), "INVALID_REQUEST");
    judge("a transactional id has at most 249 bytes", id(&"x".repeat(250)), "INVALID_REQUEST");
    let limit = |timeout_ms| Init { timeout_ms, ..begins(None) };
    judge("a time limit of 0 ms", limit(0), "INVALID_TRANSACTION_TIMEOUT");
    judge("transaction.max.timeout.ms is 900000", limit(900_001), "INVALID_TRANSACTION_TIMEOUT");
}
