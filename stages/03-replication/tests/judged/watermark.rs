//! The two rules of the high watermark.

use replication::watermark::{follower_high_watermark, leader_high_watermark};
use segment_log::Offset;
use story::judge;

const LEADER: &str = "src/watermark.rs, fn leader_high_watermark";
const FOLLOWER: &str = "src/watermark.rs, fn follower_high_watermark";

/// What the leader makes of these ends, if two must be in sync and as many are as have an end here.
#[track_caller]
fn judge_leader(rule: &str, expected: Offset, own: Offset, counted: &[Option<Offset>]) {
    let found = leader_high_watermark(own, counted.iter().copied(), counted.len(), 2);
    judge::eq(rule, expected, found, LEADER);
}

#[test]
fn what_all_that_count_have_is_committed() {
    judge_leader("ends 5, 4 and 3: up to 3 all have it", 3, 0, &[Some(5), Some(4), Some(3)]);
    judge_leader("ends 3, 4 and 5: the order says nothing", 3, 0, &[Some(3), Some(4), Some(5)]);
    judge_leader("ends 4, 3 and 5: the order says nothing", 3, 0, &[Some(4), Some(3), Some(5)]);
    judge_leader("ends 5, 5 and 5: all is committed", 5, 0, &[Some(5), Some(5), Some(5)]);
    judge_leader("ends 9, 9, 9, 9 and 2: all of them count, and not most of them", 2, 0, &[9, 9, 9, 9, 2].map(Some));
}

#[test]
fn a_leader_alone_commits_what_it_has() {
    let found = leader_high_watermark(2, [Some(7)], 1, 1);
    judge::eq("one replica in sync, and one is enough: its end, 7", 7, found, LEADER);
}

#[test]
fn what_was_said_to_be_committed_stays_so() {
    judge_leader("it stood at 5, and somebody who counts has only 3: it stays", 5, 5, &[Some(9), Some(3)]);
    judge_leader("it stood at 5, and all have 5", 5, 5, &[Some(9), Some(5)]);
    judge_leader("it stood at 5, and all have 6", 6, 5, &[Some(9), Some(6)]);
}

#[test]
fn one_of_which_nothing_is_known_holds_it() {
    judge_leader("a member has not fetched in this epoch: nobody knows what it has", 2, 2, &[Some(9), None]);
    judge_leader("the same, whoever is asked first", 2, 2, &[None, Some(9)]);
    judge_leader("the same, between others", 2, 2, &[Some(9), None, Some(8)]);
}

#[test]
fn too_few_in_sync_commit_nothing() {
    let with = |in_sync, min| leader_high_watermark(2, [Some(9), Some(9)], in_sync, min);
    judge::eq("2 are in sync, and min.insync.replicas is 2", 9, with(2, 2), LEADER);
    judge::eq("1 is in sync, and min.insync.replicas is 2: it stands still", 2, with(1, 2), LEADER);
    judge::eq("2 are in sync, and min.insync.replicas is 3: it stands still", 2, with(2, 3), LEADER);
    judge::eq("3 are in sync, and min.insync.replicas is 1", 9, with(3, 1), LEADER);
    let rule = "3 count, as 2 wait to join, but 1 alone is in sync: those who count are not those in sync";
    judge::eq(rule, 2, leader_high_watermark(2, [Some(9), Some(9), Some(9)], 1, 2), LEADER);
}

#[test]
fn a_follower_believes_its_leader_as_far_as_it_has_the_records() {
    let rule = "the leader says 4, and the follower has all before 7: 4 is committed";
    judge::eq(rule, 4, follower_high_watermark(4, 7), FOLLOWER);
    let rule = "the leader says 9, and the follower has all before 7: what it does not have, it cannot call committed";
    judge::eq(rule, 7, follower_high_watermark(9, 7), FOLLOWER);
    judge::eq("the leader says 7, and the follower has all before 7", 7, follower_high_watermark(7, 7), FOLLOWER);
    judge::eq("the follower has nothing", 0, follower_high_watermark(9, 0), FOLLOWER);
}
