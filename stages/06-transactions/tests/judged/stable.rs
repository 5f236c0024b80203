//! Up to where readers of committed records may go. Judges exercise 6.2.

use segment_log::{Fold, Offset};
use story::judge;

use crate::Told;

const UNSTABLE: &str = "src/partition/open.rs, fn OpenTransactions::unstable";
const COMMITTED: &str = "src/partition/open.rs, fn OpenTransactions::committed";

/// From where on the log is not stable.
#[track_caller]
fn judge_stable(rule: &str, told: &Told, expected: Option<Offset>, look_at: &str) {
    let said = |unstable: Option<Offset>| match unstable {
        Some(offset) => format!("not stable from {offset} on"),
        None => "all is stable".to_owned(),
    };
    judge::text(rule, &said(expected), &said(told.transactions.unstable()), look_at);
}

/// The leader's high watermark is there now.
fn committed(told: &mut Told, high_watermark: Offset) {
    told.transactions.committed(high_watermark);
}

#[test]
fn what_is_of_no_transaction_is_stable() {
    let mut told = Told::new();
    judge_stable("the log is empty", &told, None, UNSTABLE);
    told.of_none();
    judge_stable("a record of no transaction is decided when it is written", &told, None, UNSTABLE);
}

#[test]
fn what_is_open_is_not_stable() {
    let mut told = Told::new();
    told.of_none();
    told.record(7, 0, 0);
    told.record(7, 0, 1);
    judge_stable("p7 has records at 1 and 2, and no marker: it begins at 1", &told, Some(1), UNSTABLE);
    told.of_none();
    judge_stable("what comes behind it changes nothing", &told, Some(1), UNSTABLE);
}

#[test]
fn of_many_the_first_counts() {
    let mut told = Told::new();
    told.record(9, 0, 0);
    told.record(7, 0, 0);
    judge_stable("p9 is open from 0 on, and p7 from 1 on", &told, Some(0), UNSTABLE);
}

#[test]
fn a_decision_that_could_be_lost_is_none() {
    let mut told = Told::knowing(&[], &[(0, 1)]);
    let rule = "p7 has a record at 0 and its marker at 1, and nothing is committed: the marker could be cut off";
    judge_stable(rule, &told, Some(0), UNSTABLE);
    committed(&mut told, 1);
    let rule = "the high watermark is 1: the record at 0 is committed, and the marker at 1 is not";
    judge_stable(rule, &told, Some(0), COMMITTED);
    committed(&mut told, 2);
    judge_stable("the high watermark is 2: the marker at 1 is committed", &told, None, COMMITTED);
}

#[test]
fn the_first_counts_whether_it_is_open_or_could_be_lost() {
    let mut told = Told::knowing(&[(9, 1)], &[(0, 2)]);
    let rule = "p9 is open from 1 on. p7 is from 0 to 2, and its marker could be lost";
    judge_stable(rule, &told, Some(0), UNSTABLE);
    committed(&mut told, 3);
    judge_stable("the marker of p7 is committed now, and p9 is open from 1 on", &told, Some(1), UNSTABLE);
    let told = Told::knowing(&[(7, 0)], &[(1, 2)]);
    let rule = "p7 is open from 0 on. p9 is from 1 to 2, and its marker could be lost";
    judge_stable(rule, &told, Some(0), UNSTABLE);
}

#[test]
fn who_ends_first_need_not_have_begun_first() {
    let mut told = Told::knowing(&[], &[(1, 2), (0, 3)]);
    let rule = "p9 is from 1 to 2 and p7 from 0 to 3. Both markers could be lost";
    judge_stable(rule, &told, Some(0), UNSTABLE);
    committed(&mut told, 3);
    let rule = "the high watermark is 3: the marker of p9, at 2, is committed. That of p7, at 3, is not";
    judge_stable(rule, &told, Some(0), COMMITTED);
    committed(&mut told, 4);
    judge_stable("the high watermark is 4: both markers are committed", &told, None, COMMITTED);
}

#[test]
fn one_step_commits_many_markers() {
    let mut told = Told::knowing(&[], &[(0, 1), (2, 3), (4, 5), (6, 7)]);
    committed(&mut told, 6);
    let rule = "markers at 1, 3, 5 and 7. The high watermark has gone from 0 to 6: the one at 7 is left, of a transaction from 6 on";
    judge_stable(rule, &told, Some(6), COMMITTED);
}

#[test]
fn what_is_open_stays_so_whatever_is_committed() {
    let mut told = Told::new();
    told.record(7, 0, 0);
    told.record(7, 0, 1);
    committed(&mut told, 2);
    let rule = "the records of p7 are committed, as records of a log are. Their transaction is not decided";
    judge_stable(rule, &told, Some(0), COMMITTED);
}
