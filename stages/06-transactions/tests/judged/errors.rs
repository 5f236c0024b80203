//! What an error says of a transaction. Judges exercise 6.7.

use std::time::Duration;

use partitioning::{Error, ErrorCode};
use story::judge;
use transactions::producer::error::{Kind, of_end, of_part};

const PART: &str = "src/producer/error.rs, fn of_part";
const END: &str = "src/producer/error.rs, fn of_end";

fn refused(code: ErrorCode) -> Error {
    code.because("no").into()
}

/// An attempt before has had no answer, and this is the last word.
fn in_doubt(error: Error) -> Error {
    Error::InDoubt { error: Box::new(error), doubt: "no answer".to_owned() }
}

fn no_answer() -> Error {
    Error::TimedOut { address: "broker-1:9092".to_owned(), after: Duration::from_secs(30) }
}

#[track_caller]
fn judge_part(rule: &str, error: &Error, expected: Kind) {
    judge::eq(&format!("a record, or a partition to add: {error}. {rule}"), expected, of_part(error), PART);
}

#[track_caller]
fn judge_end(rule: &str, error: &Error, expected: Kind) {
    judge::eq(&format!("a beginning or an end: {error}. {rule}"), expected, of_end(error), END);
}

#[test]
fn what_may_pass_of_a_part_is_tried_again() {
    for code in [
        ErrorCode::NotLeaderOrFollower,
        ErrorCode::NotEnoughReplicas,
        ErrorCode::ConcurrentTransactions,
        ErrorCode::NotCoordinator,
        ErrorCode::CoordinatorLoadInProgress,
    ] {
        judge_part("It may pass.", &refused(code), Kind::Retriable);
    }
    judge_part("The broker may answer next time.", &no_answer(), Kind::Retriable);
}

#[test]
fn what_does_not_pass_spoils_the_transaction() {
    for code in [
        ErrorCode::MessageTooLarge,
        ErrorCode::InvalidTxnState,
        ErrorCode::TransactionAbortable,
        ErrorCode::OutOfOrderSequenceNumber,
        ErrorCode::UnknownServerError,
    ] {
        let rule = "It will not pass. Without this part the transaction is not whole, and the next one may be.";
        judge_part(rule, &refused(code), Kind::Abortable);
    }
    let rule = "It will not pass, and no broker has said it.";
    let error = Error::RecordTooLarge { size: 2_000_000, limit: 1_048_576, setting: "max.request.size" };
    judge_part(rule, &error, Kind::Abortable);
}

#[test]
fn of_a_part_nobody_knows_who_has_raised_the_epoch() {
    for code in [ErrorCode::ProducerFenced, ErrorCode::InvalidProducerEpoch] {
        let rule = "It may be another producer. Or the transaction took too long: then this producer goes on.";
        judge_part(rule, &refused(code), Kind::Abortable);
    }
}

#[test]
fn what_nothing_can_follow_is_fatal_whoever_says_it() {
    for code in [ErrorCode::InvalidProducerIdMapping, ErrorCode::UnsupportedVersion] {
        judge_part("No other transaction would go better.", &refused(code), Kind::Fatal);
        judge_end("No other transaction would go better.", &refused(code), Kind::Fatal);
    }
    let error = in_doubt(refused(ErrorCode::InvalidProducerIdMapping));
    judge_part("A doubt about an earlier attempt does not change that.", &error, Kind::Fatal);
    judge_end("A doubt about an earlier attempt does not change that.", &error, Kind::Fatal);
}

#[test]
fn what_may_pass_of_an_end_is_asked_again() {
    for code in [
        ErrorCode::ConcurrentTransactions,
        ErrorCode::NotCoordinator,
        ErrorCode::CoordinatorNotAvailable,
        ErrorCode::CoordinatorLoadInProgress,
    ] {
        judge_end("It may pass.", &refused(code), Kind::Retriable);
    }
    judge_end("Nobody knows what was decided. Whoever asks again is told.", &no_answer(), Kind::Retriable);
}

#[test]
fn of_an_end_the_coordinator_knows_who_has_raised_the_epoch() {
    for code in [ErrorCode::ProducerFenced, ErrorCode::InvalidProducerEpoch] {
        judge_end("Another producer has the id, for good.", &refused(code), Kind::Fatal);
    }
    let error = in_doubt(refused(ErrorCode::ProducerFenced));
    judge_end(
        "An earlier attempt may have been carried out. It can do nothing any more all the same.",
        &error,
        Kind::Fatal,
    );
}

#[test]
fn what_is_decided_otherwise_is_aborted() {
    for code in [ErrorCode::InvalidTxnState, ErrorCode::TransactionAbortable] {
        judge_end("This transaction is not committed. The next one may be.", &refused(code), Kind::Abortable);
        let rule = "The last word counts: whatever was in doubt before, it is not committed.";
        judge_end(rule, &in_doubt(refused(code)), Kind::Abortable);
    }
}

#[test]
fn what_may_have_been_decided_is_asked_again() {
    let error = in_doubt(refused(ErrorCode::InvalidRequest));
    let rule = "INVALID_REQUEST does not pass. But an attempt before may have been carried out: only asking tells.";
    judge_end(rule, &error, Kind::Retriable);
}

#[test]
fn an_end_that_can_never_be_is_fatal() {
    for code in [ErrorCode::InvalidRequest, ErrorCode::InvalidTransactionTimeout, ErrorCode::InvalidConfig] {
        let rule = "It does not pass, and a transaction that cannot be ended cannot be followed by another.";
        judge_end(rule, &refused(code), Kind::Fatal);
    }
    judge_end("Likewise, and no broker has said it.", &Error::Closed("the producer"), Kind::Fatal);
}
