//! When a batch is safe, and what its producer is told. Judges exercise 4.1.

use std::time::Duration;

use acks::api::{Acks, ProduceAckedRequest};
use acks::produce::{AckLimits, is_over, produce, verdict};
use partitioning::api::ProducePartition;
use partitioning::{Offsets, Refusal};
use story::judge;
use tokio::time::{Instant, sleep};

use crate::shelf::{Shelf, at, batch};

const IS_OVER: &str = "src/produce.rs, fn is_over";
const VERDICT: &str = "src/produce.rs, fn verdict";
const ENOUGH_BEFORE: &str = "src/produce.rs, fn enough_before";

/// A batch was written in epoch 4, and ends before offset 6.
const EPOCH: i32 = 4;
const END: i64 = 6;

/// Where the partition stands: epoch, high watermark, how many are in sync of how many that must be.
fn stands(leader_epoch: i32, high_watermark: i64, in_sync: usize, min_in_sync: usize) -> Offsets {
    Offsets {
        log_start: 0,
        last_stable: high_watermark,
        high_watermark,
        end: high_watermark.max(END),
        leader_epoch,
        in_sync,
        min_in_sync,
    }
}

#[track_caller]
fn judge_over(rule: &str, expected: bool, now: Offsets) {
    let rule = format!(
        "written in epoch 4, up to 6. Now: epoch {}, high watermark {}. Is the wait over? {rule}",
        now.leader_epoch, now.high_watermark
    );
    judge::eq(&rule, expected, is_over(&now, EPOCH, END), IS_OVER);
}

#[test]
fn the_wait_is_over_when_all_in_sync_have_it() {
    judge_over("Not all have it.", false, stands(4, 5, 2, 2));
    judge_over("All have it.", true, stands(4, 6, 2, 2));
    judge_over("All have it, and more.", true, stands(4, 9, 2, 2));
    judge_over("Not all have it, however few are in sync.", false, stands(4, 5, 1, 2));
}

#[test]
fn the_wait_is_over_when_another_epoch_has_begun() {
    judge_over("Somebody else leads: the log may be cut.", true, stands(5, 3, 2, 2));
    judge_over("Somebody else leads, and the offset is passed.", true, stands(5, 9, 2, 2));
    judge_over("An earlier epoch is not the same either.", true, stands(3, 3, 2, 2));
}

fn told(verdict: Result<(), Refusal>) -> String {
    verdict.map_or_else(|refusal| refusal.code.name().to_owned(), |()| "it is safe".to_owned())
}

#[track_caller]
fn judge_verdict(rule: &str, expected: &str, now: Offsets) {
    let Offsets { leader_epoch, high_watermark, in_sync, min_in_sync, .. } = now;
    let rule = format!(
        "written in epoch 4, up to 6. Now: epoch {leader_epoch}, high watermark {high_watermark}, {in_sync} in sync, \
         {min_in_sync} demanded. {rule}"
    );
    judge::text(&rule, expected, &told(verdict(&at(0), &now, EPOCH, END)), VERDICT);
}

#[test]
fn it_is_safe_when_enough_have_it_in_the_same_epoch() {
    judge_verdict("All that are in sync have it, and they are enough.", "it is safe", stands(4, 6, 2, 2));
    judge_verdict("More is committed by now.", "it is safe", stands(4, 9, 3, 2));
    judge_verdict("One is enough here.", "it is safe", stands(4, 6, 1, 1));
}

#[test]
fn in_another_epoch_nothing_is_known() {
    let rule = "The log may have been cut. What lies before 6 may be another's.";
    judge_verdict(rule, "NOT_LEADER_OR_FOLLOWER", stands(5, 6, 2, 2));
    judge_verdict("The same, whoever is in sync now.", "NOT_LEADER_OR_FOLLOWER", stands(5, 9, 1, 2));
    judge_verdict("The same, though nothing is committed.", "NOT_LEADER_OR_FOLLOWER", stands(5, 0, 0, 1));
    judge_verdict("An earlier epoch is not the same either.", "NOT_LEADER_OR_FOLLOWER", stands(3, 6, 2, 2));
}

#[test]
fn with_too_few_in_sync_it_is_not_safe() {
    let expected = "NOT_ENOUGH_REPLICAS_AFTER_APPEND";
    judge_verdict("One lost disk, and it is gone.", expected, stands(4, 6, 1, 2));
    judge_verdict("The time is over, and it is not committed. This says more than that.", expected, stands(4, 5, 1, 2));
}

#[test]
fn when_the_time_is_over_it_may_be_committed_yet() {
    let rule = "Enough are in sync, and not all of them have it.";
    judge_verdict(rule, "REQUEST_TIMED_OUT", stands(4, 5, 2, 2));
    judge_verdict("The same, long before.", "REQUEST_TIMED_OUT", stands(4, 0, 3, 2));
}

#[test]
fn a_verdict_is_never_safe_where_the_wait_is_not_over() {
    for epoch in [3, 4, 5] {
        for high_watermark in [0, 5, 6, 7] {
            for (in_sync, min_in_sync) in [(0, 1), (1, 1), (1, 2), (2, 2), (3, 2)] {
                let now = stands(epoch, high_watermark, in_sync, min_in_sync);
                let is_safe = epoch == EPOCH && high_watermark >= END && in_sync >= min_in_sync;
                let rule =
                    format!("safe is what is committed in epoch 4 on enough replicas, and nothing else: {now:?}");
                judge::eq(&rule, is_safe, verdict(&at(0), &now, EPOCH, END).is_ok(), VERDICT);
            }
        }
    }
}

/// What a producer is told that sends a batch with these acks, while so many are in sync, and whether it was written.
async fn produced(acks: Acks, in_sync: usize, min_in_sync: usize) -> String {
    let shelf = Shelf::new();
    let one = shelf.one(0);
    one.stands(|now| (now.in_sync, now.min_in_sync) = (in_sync, min_in_sync));
    let partitions = vec![ProducePartition { at: at(0), records: batch().into_bytes().into() }];
    let request = ProduceAckedRequest { acks: acks.number(), timeout_ms: 1_000, partitions };
    let context = shelf.context();
    let asking = produce(&shelf.service, request, AckLimits::default(), &context);
    let committing = async {
        sleep(Duration::from_millis(100)).await;
        one.commit(1);
    };
    let (answer, ()) = tokio::join!(asking, committing);
    let answer = answer.expect("these acks can be asked for").partitions.remove(0).1;
    let written = if one.end() == 1 { "it is written" } else { "nothing is written" };
    match answer {
        Ok(_) => format!("acked, {written}"),
        Err(refusal) => format!("{}, {written}", refusal.code),
    }
}

#[track_caller]
fn judge_produced(rule: &str, expected: &str, found: &str) {
    judge::text(rule, expected, found, ENOUGH_BEFORE);
}

#[tokio::test(start_paused = true)]
async fn with_too_few_in_sync_nothing_is_written() {
    let expected = "NOT_ENOUGH_REPLICAS, nothing is written";
    let rule = "acks=all, 1 in sync, 2 demanded: it is refused before it is written";
    judge_produced(rule, expected, &produced(Acks::All, 1, 2).await);
    judge_produced("acks=all, 0 in sync, 1 demanded", expected, &produced(Acks::All, 0, 1).await);
    let rule = "acks=all, 2 in sync, 2 demanded: as many as are demanded are enough";
    judge_produced(rule, "acked, it is written", &produced(Acks::All, 2, 2).await);
    judge_produced("acks=all, 3 in sync, 2 demanded", "acked, it is written", &produced(Acks::All, 3, 2).await);
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_less_has_no_right_to_there_being_enough() {
    for acks in [Acks::None, Acks::Leader] {
        let rule = format!("acks={acks}, 1 in sync, 2 demanded: it is written, and promises no more than it ever did");
        judge_produced(&rule, "acked, it is written", &produced(acks, 1, 2).await);
    }
}

#[tokio::test(start_paused = true)]
async fn the_answer_comes_with_the_commit() {
    let began = Instant::now();
    let found = produced(Acks::All, 2, 2).await;
    let rule = "acks=all: all in sync have it after 100 ms, and the answer comes then";
    judge::text(rule, "acked, it is written", &found, IS_OVER);
    judge::eq(rule, Duration::from_millis(100), began.elapsed(), IS_OVER);
}
