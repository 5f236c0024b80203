//! Where a follower cuts its log: each side of the question, and then both together in the cases of which KIP-101 and
//! KIP-279 tell.
//!
//! A log is drawn as the epochs of its records, one after the other: `1 1 2` has two records of epoch 1 and one of epoch 2.

use replication::epochs::{EpochEnd, LeaderEpochs};
use replication::truncation::{FetchVerdict, judge_fetch, truncation_point};
use segment_log::Offset;
use story::judge;

use crate::support::epochs;

const JUDGE_FETCH: &str = "src/truncation.rs, fn judge_fetch";
const TRUNCATION_POINT: &str = "src/truncation.rs, fn truncation_point";

/// A log, as the epochs of its records; the first lies at offset 0.
#[derive(Debug, Clone)]
struct Paper(Vec<i32>);

impl Paper {
    fn new(epochs: &[i32]) -> Self {
        Paper(epochs.to_vec())
    }

    fn end(&self) -> Offset {
        self.0.len() as Offset
    }

    fn epochs(&self) -> LeaderEpochs {
        epochs(&self.entries())
    }

    /// Where each of its epochs begins.
    fn entries(&self) -> Vec<(i32, Offset)> {
        let mut entries: Vec<(i32, Offset)> = Vec::new();
        for (offset, epoch) in (0..).zip(&self.0) {
            if entries.last().is_none_or(|(latest, _)| latest != epoch) {
                entries.push((*epoch, offset));
            }
        }
        entries
    }

    /// Where it parts from another.
    fn parts_from(&self, other: &Paper) -> Offset {
        self.0.iter().zip(&other.0).take_while(|(mine, its)| mine == its).count() as Offset
    }
}

fn told(verdict: FetchVerdict) -> String {
    match verdict {
        FetchVerdict::Agrees => "they agree".to_owned(),
        FetchVerdict::Diverges(EpochEnd { epoch, end }) => format!("they part: epoch {epoch} ends at {end}"),
        FetchVerdict::OutOfRange => "out of range".to_owned(),
    }
}

/// A leader that leads in epoch 4, and has written two records: its log is `1 1 1 2 2 4 4`.
fn leader() -> Paper {
    Paper::new(&[1, 1, 1, 2, 2, 4, 4])
}

#[track_caller]
fn judge_verdict(rule: &str, expected: &str, (offset, last_epoch): (Offset, Option<i32>)) {
    let found = judge_fetch(&leader().epochs(), 0, leader().end(), offset, last_epoch);
    let follower = last_epoch.map_or("of no epoch".to_owned(), |epoch| format!("of epoch {epoch}"));
    let rule =
        format!("the leader has 1 1 1 2 2 4 4; the follower's last record is {follower}, its end {offset}: {rule}");
    judge::text(&rule, expected, &told(found), JUDGE_FETCH);
}

#[test]
fn a_follower_whose_last_record_the_leader_has_agrees() {
    for (offset, epoch) in [(1, 1), (3, 1), (4, 2), (5, 2), (6, 4), (7, 4)] {
        judge_verdict("the leader has that record too", "they agree", (offset, Some(epoch)));
    }
}

#[test]
fn a_follower_that_has_more_of_an_epoch_than_the_leader_diverges() {
    let rule = "here epoch 2 ends at 5";
    judge_verdict(rule, "they part: epoch 2 ends at 5", (6, Some(2)));
    judge_verdict(rule, "they part: epoch 2 ends at 5", (60, Some(2)));
    judge_verdict("here epoch 1 ends at 3", "they part: epoch 1 ends at 3", (4, Some(1)));
    judge_verdict("here epoch 4 ends with the log", "they part: epoch 4 ends at 7", (8, Some(4)));
}

#[test]
fn a_follower_of_an_epoch_that_the_leader_has_not_diverges() {
    let rule = "the leader has nothing of epoch 3, and says the latest before it (KIP-279)";
    judge_verdict(rule, "they part: epoch 2 ends at 5", (8, Some(3)));
    let rule = "where the follower ends makes no difference: that record is not here";
    judge_verdict(rule, "they part: epoch 2 ends at 5", (5, Some(3)));
    judge_verdict(rule, "they part: epoch 2 ends at 5", (4, Some(3)));
}

#[test]
fn a_follower_without_a_record_is_judged_by_its_offset() {
    for offset in [0, 3, 7] {
        judge_verdict("the leader's log reaches there", "they agree", (offset, None));
    }
    judge_verdict("the leader's log does not reach there", "out of range", (8, None));
}

#[test]
fn of_an_epoch_that_the_leader_has_not_heard_of_nothing_can_be_said() {
    judge_verdict("the leader knows of no epoch 5", "out of range", (7, Some(5)));
    judge_verdict("the leader knows of no epoch 5", "out of range", (3, Some(5)));
}

#[test]
fn before_the_leaders_start_there_is_nothing_to_read() {
    let mut epochs = leader().epochs();
    segment_log::Fold::start_moved(&mut epochs, 4);
    let judge_at = |rule: &str, expected: &str, offset, last_epoch| {
        let found = judge_fetch(&epochs, 4, 7, offset, last_epoch);
        judge::text(
            &format!("the leader's log begins at 4, and it is asked for {offset}: {rule}"),
            expected,
            &told(found),
            JUDGE_FETCH,
        );
    };
    judge_at("that was deleted", "out of range", 3, None);
    judge_at("that was deleted, whatever the follower has", "out of range", 3, Some(1));
    judge_at("its first record", "they agree", 4, None);
    judge_at("the record before was of epoch 2, which goes on", "they agree", 4, Some(2));
    judge_at("epoch 1 ended where the log begins, as far as the leader knows", "they agree", 4, Some(1));
    judge_at("epoch 1 ended at 4 or before", "they part: epoch 1 ends at 4", 5, Some(1));
}

#[track_caller]
fn judge_point(rule: &str, expected: Offset, follower: &[i32], (epoch, end): (i32, Offset)) {
    let own = Paper::new(follower);
    let found = truncation_point(&own.epochs(), own.end(), EpochEnd { epoch, end });
    let rule = format!("the follower has {follower:?}; the leader says: epoch {epoch} ends at {end}. {rule}");
    judge::eq(&rule, expected, found, TRUNCATION_POINT);
}

#[test]
fn of_an_epoch_that_both_have_the_shorter_part_is_the_same() {
    judge_point("The leader has less of it.", 5, &[1, 1, 1, 2, 2, 2, 2], (2, 5));
    judge_point("The follower has less of it: it has written in 3 behind it.", 4, &[1, 1, 1, 2, 3, 3], (2, 5));
    judge_point("Both have as much of it.", 5, &[1, 1, 1, 2, 2, 3, 3], (2, 5));
    judge_point("It is the follower's first.", 2, &[1, 1, 1, 1], (1, 2));
}

#[test]
fn of_an_epoch_that_the_follower_has_not_the_one_before_is_the_bound() {
    let rule = "The follower has nothing of 3. It has 2, up to 4, before 5 begins (KIP-279).";
    judge_point(rule, 4, &[1, 1, 1, 2, 5, 5], (3, 5));
    let rule = "The follower has nothing of 2. It has 1, up to 6; but in the leader's log 2 has ended at 4.";
    judge_point(rule, 4, &[1, 1, 1, 1, 1, 1, 3], (2, 4));
}

#[test]
fn of_an_epoch_before_all_that_the_follower_has_nothing_stays() {
    judge_point("The follower has nothing of 1, nor of any before.", 0, &[2, 2, 3], (1, 2));
}

#[test]
fn nothing_is_cut_beyond_the_logs_end() {
    judge_point("The follower ends before that.", 3, &[1, 1, 1], (1, 9));
    judge_point("The follower ends before that.", 3, &[1, 1, 1], (5, 9));
}

/// What becomes of a follower that asks until the logs agree. The leader has noted its epoch, and written nothing in it yet
/// (KAFKA-7415).
fn meet(follower: &Paper, leader: &Paper) -> String {
    let (mut follower, mut said) = (follower.clone(), Vec::new());
    let leaders_end = leader.end();
    let noted = leader.entries().into_iter().chain([(100, leaders_end)]).collect::<Vec<_>>();
    let leaders_epochs = epochs(&noted);
    for _ in 0..20 {
        let own = follower.epochs();
        match judge_fetch(&leaders_epochs, 0, leaders_end, follower.end(), own.before(follower.end())) {
            FetchVerdict::Diverges(at) => {
                let point = truncation_point(&own, follower.end(), at);
                follower.0.truncate(point as usize);
                said.push(format!("cut at {point}"));
            }
            FetchVerdict::OutOfRange => {
                said.push("out of range".to_owned());
                return said.join(", ");
            }
            FetchVerdict::Agrees => {
                let agreed = follower.end();
                let is_same = leader.0.starts_with(&follower.0);
                said.push(format!("agrees at {agreed}{}", if is_same { "" } else { ", and differs" }));
                return said.join(", ");
            }
        }
    }
    said.push("and so on".to_owned());
    said.join(", ")
}

/// KIP-101, the first case: records are lost.
///
/// ```text
///   A, a follower, has copied the second record, and does not know yet that it is committed. It restarts.
///
///   A   1 1      high watermark 1         B, the leader   1 1      high watermark 2
///
///   By its high watermark, A cuts the second record. If B dies just then, A leads, and nobody has that record any more.
/// ```
#[test]
fn a_follower_that_is_behind_with_its_high_watermark_cuts_nothing() {
    let rule = "A and B have 1 1: the logs agree, whatever A knows of the high watermark";
    judge::text(rule, "agrees at 2", &meet(&Paper::new(&[1, 1]), &Paper::new(&[1, 1])), JUDGE_FETCH);
}

/// KIP-101, the second case: logs differ.
///
/// ```text
///   Both lose power. B had written its second record to the disk; A, which had it too, had not. A is back first, leads in epoch
///   2, and writes a record of its own.
///
///   A, the leader   1 2      high watermark 2         B   1 1      high watermark 2
///
///   By their high watermarks, both are fine. They hold different records at offset 1 for ever.
/// ```
#[test]
fn logs_of_the_same_length_that_differ_are_found_out() {
    let rule = "A has 1 2, and B has 1 1: they part at 1";
    judge::text(rule, "cut at 1, agrees at 1", &meet(&Paper::new(&[1, 1]), &Paper::new(&[1, 2])), JUDGE_FETCH);
}

/// KIP-279: leaders follow each other quickly, and each writes a little that the others do not get.
///
/// ```text
///   A   0 0 0 1 1 1        led in 0, and in 1
///   B   0 0 0 2 2          led in 2, from 3 on: it had nothing of 1
///
///   B leads, in 3. A says: my last record is of epoch 1. B has nothing of 1. If it answered with the end of the question's own
///   epoch, which began and ended nowhere in its log, A could be told an offset that means nothing in its own.
/// ```
#[test]
fn an_epoch_that_only_one_of_them_had_is_found_out() {
    let (a, b) = (Paper::new(&[0, 0, 0, 1, 1, 1]), Paper::new(&[0, 0, 0, 2, 2]));
    judge::text("A follows B", "cut at 3, agrees at 3", &meet(&a, &b), JUDGE_FETCH);
    judge::text("B follows A, when A leads again", "cut at 3, agrees at 3", &meet(&b, &a), JUDGE_FETCH);
}

/// KIP-279, where one question is not enough.
///
/// ```text
///   leader     0 0 1 1 1 4          has nothing of 2 and 3
///   follower   0 0 1 2 2 3 3        has nothing of 4, and less of 1
///
///   The follower's last is 3. The leader: the latest before is 1, and ends at 5. The follower's own 1 ends at 3.
/// ```
#[test]
fn epochs_that_come_in_turns_are_sorted_out() {
    let (leader, follower) = (Paper::new(&[0, 0, 1, 1, 1, 4]), Paper::new(&[0, 0, 1, 2, 2, 3, 3]));
    judge::text(
        "1 ends sooner in the follower's log",
        "cut at 3, agrees at 3",
        &meet(&follower, &leader),
        TRUNCATION_POINT,
    );
    let (leader, follower) = (Paper::new(&[0, 0, 2, 2, 4]), Paper::new(&[0, 0, 0, 1, 1, 3, 3]));
    let rule = "the leader has 0 2 4, the follower 0 1 3: two questions, and each cut is one that had to be";
    judge::text(rule, "cut at 4, cut at 2, agrees at 2", &meet(&follower, &leader), TRUNCATION_POINT);
}

/// All logs that four leaderships can leave on two replicas, if each leader writes one record or two, and the other follows it
/// not at all, or copies one record, or all: whoever then follows whom, the follower keeps what both have and nothing else.
#[test]
fn whoever_follows_whom_keeps_what_both_have_and_nothing_else() {
    let mut pairs = 0;
    histories(&mut [Paper::new(&[]), Paper::new(&[])], 1, &mut |logs| {
        for (follower, leader) in [(&logs[0], &logs[1]), (&logs[1], &logs[0])] {
            let (same, said) = (follower.parts_from(leader), meet(follower, leader));
            let is_right = said.rsplit(", ").next() == Some(&format!("agrees at {same}"));
            let is_soon = said.matches("cut").count() <= follower.epochs().entries().len();
            if !is_right || !is_soon {
                let rule = format!(
                    "{:?} follows {:?}: the logs agree at {same}, after a cut for each epoch at most",
                    follower.0, leader.0
                );
                judge::that(&rule, false, format_args!("{said}"), JUDGE_FETCH);
            }
            pairs += 1;
        }
    });
    assert!(pairs > 20_000, "{pairs} pairs are too few");
}

/// Calls `found` with all logs that there can be. In each epoch one of the two leads, and the other follows or does not.
fn histories(logs: &mut [Paper; 2], epoch: i32, found: &mut impl FnMut(&[Paper; 2])) {
    if epoch > 4 {
        return found(logs);
    }
    for (leader, written, copied) in (0..12).map(|way| (way % 2, 1 + way / 2 % 2, way / 4)) {
        let before = logs.clone();
        logs[leader].0.extend(std::iter::repeat_n(epoch, written));
        let (leaders, other) = (logs[leader].clone(), &mut logs[1 - leader]);
        let same = other.parts_from(&leaders) as usize;
        match copied {
            0 => {}
            1 => *other = Paper::new(&leaders.0[..leaders.0.len().min(same + 1)]),
            _ => *other = leaders,
        }
        histories(logs, epoch + 1, found);
        *logs = before;
    }
}
