//! A producer that never writes a record twice. Judges exercise 4.6.

use acks::api::Acks;
use acks::producer::{AckedSending, NeverTwice};
use fastrand::Rng;
use partitioning::producer::Sending;
use partitioning::{Error, ErrorCode};
use story::judge;

use crate::again::{disconnected, refused, timed_out, unreachable};

const AGAIN: &str = "src/producer/never_twice.rs, fn <NeverTwice as Sending>::again";
const DOUBT: &str = "src/producer/never_twice.rs, fn <NeverTwice as Sending>::doubt";
const AWAITS: &str = "src/producer/never_twice.rs, fn <NeverTwice as Sending>::awaits_answer";

fn with(acks: Acks, retries: u32) -> NeverTwice {
    NeverTwice { sending: AckedSending { acks, retries, ..AckedSending::default() } }
}

#[track_caller]
fn judge_again(rule: &str, expected: bool, policy: NeverTwice, error: &Error, attempts: u32) {
    let AckedSending { acks, retries, .. } = policy.sending;
    let rule = format!("acks={acks}, retries={retries}, attempt {attempts} has failed: {error}. Again? {rule}");
    judge::eq(&rule, expected, policy.again(error, attempts), AGAIN);
}

#[test]
fn what_was_certainly_not_written_is_sent_again() {
    for acks in [Acks::Leader, Acks::All] {
        for code in [
            ErrorCode::NotEnoughReplicas,
            ErrorCode::LeaderNotAvailable,
            ErrorCode::UnknownTopicOrPartition,
            ErrorCode::CorruptMessage,
        ] {
            judge_again(
                "Nothing was written: so it is in the log once at most.",
                true,
                with(acks, 5),
                &refused(code),
                1,
            );
        }
        judge_again("It was not even sent.", true, with(acks, 5), &unreachable(), 3);
    }
}

#[test]
fn what_may_be_there_is_not_sent_again() {
    for acks in [Acks::Leader, Acks::All] {
        for error in [disconnected(), timed_out()] {
            judge_again("It may be in the log.", false, with(acks, 5), &error, 1);
        }
        for code in [ErrorCode::RequestTimedOut, ErrorCode::NotEnoughReplicasAfterAppend, ErrorCode::StorageError] {
            judge_again("It may be in the log.", false, with(acks, 5), &refused(code), 1);
        }
    }
}

#[test]
fn a_leader_that_is_replaced_may_have_written_it() {
    let error = refused(ErrorCode::NotLeaderOrFollower);
    let rule = "It may have lost its place while it waited for the others, with the record in its log.";
    judge_again(rule, false, with(Acks::All, 5), &error, 1);
    let rule = "With acks=1 nobody waits after the write: who says this has not written.";
    judge_again(rule, true, with(Acks::Leader, 5), &error, 1);
}

#[test]
fn what_cannot_succeed_is_not_sent_again_nor_more_often_than_retries() {
    let too_large = refused(ErrorCode::MessageTooLarge);
    judge_again("It would fail in the same way.", false, with(Acks::All, 5), &too_large, 1);
    let few = refused(ErrorCode::NotEnoughReplicas);
    judge_again("It was to be tried once.", false, with(Acks::All, 0), &few, 1);
    judge_again("One more is left.", true, with(Acks::All, 2), &few, 2);
    judge_again("Those were the two.", false, with(Acks::All, 2), &few, 3);
}

#[test]
fn all_else_is_as_it_was() {
    for acks in [Acks::None, Acks::Leader, Acks::All] {
        let policy = with(acks, 5);
        let errors = [disconnected(), timed_out(), unreachable()].into_iter();
        let codes = [ErrorCode::NotLeaderOrFollower, ErrorCode::RequestTimedOut, ErrorCode::NotEnoughReplicas];
        for error in errors.chain(codes.map(refused)) {
            let rule = format!("acks={acks}, {error}: what is open is what is open for `self.sending`");
            let told = |doubt: Option<String>| doubt.unwrap_or_else(|| "nothing is open".to_owned());
            judge::text(&rule, &told(policy.sending.doubt(&error)), &told(policy.doubt(&error)), DOUBT);
        }
        let rule = format!("acks={acks}: does a record end with its answer? As for `self.sending`");
        judge::eq(&rule, policy.sending.awaits_answer(), policy.awaits_answer(), AWAITS);
    }
}

/// An attempt: how it ended for the producer, and whether the record is in the log by it. `None` is an acknowledgement.
fn attempt(acks: Acks, random: &mut Rng) -> (Option<Error>, bool) {
    let written = random.bool();
    match random.u32(0..7) {
        0 => (None, true),
        1 => (Some(unreachable()), false),
        2 => (Some(refused(ErrorCode::NotEnoughReplicas)), false),
        3 => (Some(timed_out()), written),
        4 => (Some(disconnected()), written),
        // With acks=1 only one who has not written says this.
        5 => (Some(refused(ErrorCode::NotLeaderOrFollower)), written && acks == Acks::All),
        _ => (Some(refused(ErrorCode::RequestTimedOut)), written),
    }
}

#[test]
fn whatever_happens_a_record_is_in_the_log_once_at_most() {
    const RETRIES: u32 = 6;
    let (mut saved, mut open) = (0, 0);
    for seed in 0..2_000 {
        for acks in [Acks::Leader, Acks::All] {
            let (policy, mut random) = (with(acks, RETRIES), Rng::with_seed(seed));
            let (mut copies, mut lived) = (0, Vec::new());
            for attempts in 1..=RETRIES + 1 {
                let (error, written) = attempt(acks, &mut random);
                copies += usize::from(written);
                lived.push(match &error {
                    None => "acked",
                    Some(error) => error.code().map_or("no answer, or no way to the broker", ErrorCode::name),
                });
                let Some(error) = error else {
                    saved += usize::from(attempts > 1);
                    break;
                };
                if !policy.again(&error, attempts) {
                    open += usize::from(policy.doubt(&error).is_some());
                    break;
                }
            }
            let rule = format!("acks={acks}: a record is in the log once at most. It went so: {}", lived.join("; "));
            judge::that(&rule, copies <= 1, format_args!("it is there {copies} times"), AGAIN);
        }
    }
    let rule = "of 4000 records, some are acknowledged that a producer with retries=0 would have given up";
    judge::that(rule, saved > 300, format_args!("{saved} were"), AGAIN);
    let rule = "and some end in doubt: that is the price";
    judge::that(rule, open > 300, format_args!("{open} did"), AGAIN);
}
