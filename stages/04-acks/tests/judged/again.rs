//! What is sent again, and what is left open when a batch has failed. Judges exercise 4.2.

use std::time::Duration;

use acks::api::Acks;
use acks::producer::AckedSending;
use partitioning::producer::Sending;
use partitioning::{Error, ErrorCode};
use story::judge;

const AGAIN: &str = "src/producer.rs, fn <AckedSending as Sending>::again";
const DOUBT: &str = "src/producer.rs, fn <AckedSending as Sending>::doubt";
const AWAITS: &str = "src/producer.rs, fn <AckedSending as Sending>::awaits_answer";

fn with(acks: Acks, retries: u32) -> AckedSending {
    AckedSending { acks, retries, ..AckedSending::default() }
}

pub(crate) fn refused(code: ErrorCode) -> Error {
    code.because("the test says so").into()
}

pub(crate) fn unreachable() -> Error {
    Error::Unreachable { address: "broker-1:9092".to_owned(), reason: "connection refused".to_owned() }
}

pub(crate) fn disconnected() -> Error {
    Error::Disconnected { address: "broker-1:9092".to_owned(), reason: "the other side closed it".to_owned() }
}

pub(crate) fn timed_out() -> Error {
    Error::TimedOut { address: "broker-1:9092".to_owned(), after: Duration::from_secs(30) }
}

#[track_caller]
fn judge_again(rule: &str, expected: bool, sending: AckedSending, error: &Error, attempts: u32) {
    let rule = format!("retries={}, attempt {attempts} has failed: {error}. Again? {rule}", sending.retries);
    judge::eq(&rule, expected, sending.again(error, attempts), AGAIN);
}

#[test]
fn what_may_pass_is_sent_again() {
    let sending = with(Acks::All, 5);
    for code in [
        ErrorCode::NotEnoughReplicas,
        ErrorCode::LeaderNotAvailable,
        ErrorCode::UnknownTopicOrPartition,
        ErrorCode::CorruptMessage,
    ] {
        judge_again("It may pass.", true, sending, &refused(code), 1);
    }
    judge_again("The broker may come back.", true, sending, &unreachable(), 1);
}

#[test]
fn what_may_be_there_is_sent_again_all_the_same() {
    let sending = with(Acks::All, 5);
    let rule = "It may be in the log already. At least once is the promise, and it may be twice.";
    for error in [disconnected(), timed_out()] {
        judge_again(rule, true, sending, &error, 1);
    }
    for code in [ErrorCode::RequestTimedOut, ErrorCode::NotEnoughReplicasAfterAppend, ErrorCode::NotLeaderOrFollower] {
        judge_again(rule, true, sending, &refused(code), 1);
    }
}

#[test]
fn what_cannot_succeed_is_not_sent_again() {
    let sending = with(Acks::All, 5);
    for code in [
        ErrorCode::MessageTooLarge,
        ErrorCode::InvalidRecord,
        ErrorCode::InvalidTopic,
        ErrorCode::InvalidRequiredAcks,
        ErrorCode::UnknownServerError,
    ] {
        judge_again("It would fail in the same way.", false, sending, &refused(code), 1);
    }
}

#[test]
fn retries_are_attempts_but_for_the_first() {
    let error = refused(ErrorCode::NotEnoughReplicas);
    judge_again("It was to be tried once.", false, with(Acks::All, 0), &error, 1);
    judge_again("One more is left.", true, with(Acks::All, 1), &error, 1);
    judge_again("That was the retry.", false, with(Acks::All, 1), &error, 2);
    judge_again("One more is left.", true, with(Acks::All, 3), &error, 3);
    judge_again("Those were the three.", false, with(Acks::All, 3), &error, 4);
    let most = i32::MAX as u32;
    judge_again("There is no end but delivery.timeout.ms.", true, with(Acks::All, most), &error, 1_000_000);
}

#[track_caller]
fn judge_doubt(rule: &str, expected: bool, acks: Acks, error: &Error) {
    let rule = format!("acks={acks}, an attempt has failed: {error}. Is it open whether it was written? {rule}");
    judge::eq(&rule, expected, with(acks, 5).doubt(error).is_some(), DOUBT);
}

#[test]
fn an_answer_that_did_not_come_leaves_it_open() {
    for acks in [Acks::Leader, Acks::All] {
        judge_doubt("The request may have arrived.", true, acks, &disconnected());
        judge_doubt("The request may have arrived.", true, acks, &timed_out());
        judge_doubt("It was not even sent.", false, acks, &unreachable());
    }
    let sentence = disconnected().to_string();
    let rule = "what is said of it is what has happened: the error's own words";
    judge::text(rule, &sentence, &with(Acks::All, 5).doubt(&disconnected()).unwrap_or_default(), DOUBT);
}

#[test]
fn a_refusal_says_by_its_code_whether_it_is_open() {
    for acks in [Acks::Leader, Acks::All] {
        for code in [
            ErrorCode::RequestTimedOut,
            ErrorCode::NotEnoughReplicasAfterAppend,
            ErrorCode::StorageError,
            ErrorCode::UnknownServerError,
        ] {
            judge_doubt("It may have been written.", true, acks, &refused(code));
        }
        for code in [
            ErrorCode::NotEnoughReplicas,
            ErrorCode::MessageTooLarge,
            ErrorCode::UnknownTopicOrPartition,
            ErrorCode::LeaderNotAvailable,
            ErrorCode::InvalidRequiredAcks,
        ] {
            judge_doubt("Nothing was written.", false, acks, &refused(code));
        }
    }
}

#[test]
fn a_leader_that_is_replaced_may_have_written_it() {
    let error = refused(ErrorCode::NotLeaderOrFollower);
    let rule = "A leader that waits for the others, and loses its place meanwhile, says the same as one who never led.";
    judge_doubt(rule, true, Acks::All, &error);
    let rule = "Nobody waits after the write. Who says this has not written.";
    judge_doubt(rule, false, Acks::Leader, &error);
    judge_doubt(rule, false, Acks::None, &error);
}

#[test]
fn with_acks_0_nobody_listens() {
    for (acks, expected) in [(Acks::None, false), (Acks::Leader, true), (Acks::All, true)] {
        let rule = format!("acks={acks}: does a record end with its answer?");
        judge::eq(&rule, expected, with(acks, 5).awaits_answer(), AWAITS);
    }
}
