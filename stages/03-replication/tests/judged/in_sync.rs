//! Who is in sync, who may be, and for whom the high watermark waits.

use replication::leader::NotMine;
use story::judge;

use crate::led::Led;

const FETCHED: &str = "src/leader/progress.rs, fn Progress::fetched";
const OUT_OF_SYNC: &str = "src/leader.rs, fn Leader::out_of_sync";
const MAY_JOIN: &str = "src/leader.rs, fn Leader::may_join";
const COUNTS: &str = "src/leader.rs, fn Leader::counts";
const JUDGE_FOLLOWER: &str = "src/leader.rs, fn Leader::judge_follower";
const ON_RECORD: &str = "src/leader.rs, fn Leader::on_record";

#[track_caller]
fn judge_late(rule: &str, expected: &str, led: &Led, look_at: &str) {
    judge::text(&format!("at {} ms: {rule}", led.now), expected, &led.out_of_sync(), look_at);
}

#[test]
fn whoever_was_in_sync_has_time_to_say_something() {
    let mut led = Led::new(&[1, 2, 3]);
    judge_late("leadership has just begun, and nobody has had time to ask", "nobody", &led, OUT_OF_SYNC);
    led.at(1_000).fetch(2, 10);
    judge_late("3 has been silent for as long as it may", "nobody", &led, OUT_OF_SYNC);
    led.at(1_001);
    judge_late("3 has been silent for longer than replica.lag.time.max.ms", "3", &led, OUT_OF_SYNC);
}

#[test]
fn a_replica_that_has_all_is_in_sync_however_long_ago_it_fetched() {
    let mut led = Led::new(&[1, 2, 3]);
    led.at(100).fetch(2, 10).fetch(3, 9).at(90_000);
    judge_late("2 has all there is, however long ago it asked; 3 has not", "3", &led, OUT_OF_SYNC);
    led.write(11);
    judge_late("now there is more, which 2 has not got for a long time", "2 3", &led, OUT_OF_SYNC);
}

#[test]
fn a_replica_that_is_a_little_behind_all_the_time_is_in_sync() {
    let mut led = Led::new(&[1, 2]);
    // Whenever it asks, it has what the leader had when it asked before, and the leader has five more.
    for round in 1..20 {
        led.at(round * 400).fetch(2, 5 + 5 * round as i64).write(15 + 5 * round as i64);
        judge_late("2 has by now what there was when it asked the last time (KIP-16)", "nobody", &led, FETCHED);
    }
}

#[test]
fn a_replica_that_falls_further_and_further_behind_is_not() {
    let mut led = Led::new(&[1, 2]);
    let mut late = Vec::new();
    // It asks often, and gets something each time. But it gets one record while the leader gets five.
    for round in 1..10 {
        led.at(round * 200).write(10 + 5 * round as i64).fetch(2, 9 + round as i64);
        late.push(led.out_of_sync());
    }
    let expected = ["nobody"; 5].into_iter().chain(["2"; 4]).collect::<Vec<_>>().join(", ");
    let rule =
        "2 asks every 200 ms, and never has what there was when it asked before: after 1000 ms it is out of sync";
    judge::text(rule, &expected, &late.join(", "), FETCHED);
}

#[test]
fn catching_up_with_a_moment_counts_from_that_moment() {
    let mut led = Led::new(&[1, 2]);
    led.at(100).fetch(2, 8).write(20).at(900).fetch(2, 10);
    // It had all of 100 ms when it asked at 900 ms.
    led.at(1_100);
    judge_late("2 had at 900 ms what there was at 100 ms: it was in sync at 100 ms", "nobody", &led, FETCHED);
    led.at(1_101);
    judge_late("that is more than 1000 ms ago: when it asked makes no difference", "2", &led, FETCHED);
}

#[test]
fn what_there_was_at_the_last_fetch_is_the_measure() {
    let mut led = Led::new(&[1, 2]);
    led.at(100).fetch(2, 9).write(12).at(600).fetch(2, 9).write(20).at(700).fetch(2, 11).at(1_001);
    let rule =
        "at 700 ms, 2 had what there was at 100 ms, and not what there was at 600 ms, when it asked the last time";
    judge_late(rule, "2", &led, FETCHED);
}

#[test]
fn having_caught_up_once_is_not_forgotten_by_asking_again() {
    let mut led = Led::new(&[1, 2]);
    led.at(800).fetch(2, 10).write(30).at(900).fetch(2, 10).fetch(2, 12).at(1_700);
    judge_late("2 had all at 800 ms, and it is 900 ms later", "nobody", &led, FETCHED);
    led.at(1_901);
    judge_late("2 had all there was at 900 ms never; at 800 ms is too long ago", "2", &led, FETCHED);
}

#[test]
fn only_members_can_be_out_of_sync_and_never_the_leader() {
    let mut led = Led::new(&[1, 3]);
    led.at(50_000).write(11);
    judge_late("4 and 2 are silent too, and are no members", "3", &led, OUT_OF_SYNC);
}

#[track_caller]
fn judge_join(rule: &str, expected: &str, led: &Led) {
    judge::text(&format!("who may join? {rule}"), expected, &led.may_join(), MAY_JOIN);
}

#[test]
fn whoever_has_all_that_may_be_committed_may_join() {
    let mut led = Led::new(&[1, 2]);
    led.write(14).fetch(3, 10);
    judge_join("3 has all from before this epoch, and the high watermark is 5", "3", &led);
    led.fetch(3, 14);
    judge_join("3 has all", "3", &led);
}

#[test]
fn what_was_there_when_the_epoch_began_may_be_committed() {
    let mut led = Led::new(&[1, 2]);
    led.fetch(3, 7);
    let rule = "3 has more than the high watermark, 5, and less than there was when this epoch began, 10: the leader before may \
                have committed what it lacks";
    judge_join(rule, "nobody", &led);
    led.fetch(3, 9);
    judge_join("3 lacks one record of those", "nobody", &led);
}

#[test]
fn what_is_committed_must_be_there() {
    let mut led = Led::new(&[1, 2]);
    led.write(20).fetch(2, 20).fetch(3, 12);
    judge::eq("1 and 2 have all up to 20", 20, led.leader.high_watermark(), "src/leader.rs, fn Leader::advance");
    judge_join("3 has all from before this epoch, and not what is committed since", "nobody", &led);
    led.fetch(3, 20);
    judge_join("3 has it now", "3", &led);
}

#[test]
fn a_member_does_not_join_again_and_a_silent_one_does_not_at_all() {
    let mut led = Led::new(&[1, 2]);
    led.fetch(2, 10);
    judge_join("2 is a member, and of 3 and 4 nothing is known", "nobody", &led);
}

#[test]
fn whom_the_controller_would_not_let_in_may_not_join() {
    let mut led = Led::new(&[1, 2]);
    led.eligible(&[(1, 10), (2, 20)]).fetch(3, 10);
    judge_join("3 is fenced, or about to stop", "nobody", &led);
    led.eligible(&[(1, 10), (2, 20), (3, 30)]);
    judge_join("3 is active", "3", &led);
}

#[test]
fn what_one_process_had_says_nothing_of_the_next() {
    let mut led = Led::new(&[1, 2]);
    led.fetch_in(3, 30, 10).eligible(&[(1, 10), (2, 20), (3, 31)]);
    judge_join(
        "3 had all in its epoch 30, and has registered anew since: what it has now, nobody knows",
        "nobody",
        &led,
    );
    led.fetch_in(3, 31, 10);
    judge_join("3 has fetched in its epoch 31", "3", &led);
    led.fetch_in(3, 32, 10);
    judge_join("3 has fetched in its epoch 32, of which the leader has not heard yet", "nobody", &led);
}

#[track_caller]
fn judge_counts(rule: &str, expected: &str, led: &Led) {
    judge::text(
        &format!("at {} ms, for whom does the high watermark wait? {rule}", led.now),
        expected,
        &led.counts(),
        COUNTS,
    );
}

#[test]
fn members_count() {
    let mut led = Led::new(&[1, 2, 3]);
    judge_counts("2 and 3 are in sync", "2 3", &led);
    led.write(20).at(50_000);
    judge_counts("they have been silent for long, and are in sync until the controller says otherwise", "2 3", &led);
}

#[test]
fn whoever_is_about_to_leave_counts_until_the_controller_agrees() {
    let mut led = Led::new(&[1, 2, 3]);
    led.at(100).fetch(2, 10).at(2_000);
    judge::text("the leader asks to put 3 out", "1 2", &led.propose(), "src/leader.rs, fn Leader::propose");
    judge_counts("3 is in sync until that is granted", "2 3", &led);
    led.grant(1);
    judge_counts("it is granted", "2", &led);
}

#[test]
fn whoever_is_about_to_join_counts_already() {
    let mut led = Led::new(&[1, 2]);
    led.write(14).fetch(3, 10).fetch(2, 10).at(1_000);
    judge::text("the leader asks to let 3 in", "1 2 3@30", &led.propose(), "src/leader.rs, fn Leader::propose");
    led.at(1_001).fetch(2, 14);
    judge_counts("3 may be in sync by now, though it has not caught up for long", "2 3", &led);
    judge::eq("so what 3 lacks is not committed", 10, led.leader.high_watermark(), "src/leader.rs, fn Leader::advance");
}

#[test]
fn whoever_has_caught_up_and_waits_to_join_counts() {
    let mut led = Led::new(&[1]);
    led.at(100).write(12).fetch(2, 12).write(14);
    judge_counts("2 had all at 100 ms, and could join", "2", &led);
    judge::eq("so what 2 lacks is not committed", 12, led.leader.high_watermark(), "src/leader.rs, fn Leader::advance");
    led.at(1_101);
    judge_counts("2 has been silent for too long to be waited for", "nobody", &led);
    led.propose();
    let rule = "the leader has looked around: 1 alone is in sync, and all it has is committed";
    judge::eq(rule, 14, led.leader.high_watermark(), "src/leader.rs, fn Leader::propose");
}

#[test]
fn whoever_cannot_join_is_not_waited_for() {
    let mut led = Led::new(&[1]);
    led.eligible(&[(1, 10), (3, 30)]).fetch(2, 10).fetch_in(3, 31, 10).write(14);
    judge_counts("2 is fenced, and 3 has registered anew", "nobody", &led);
    judge::eq("1 alone is in sync", 14, led.leader.high_watermark(), "src/leader.rs, fn Leader::advance");
}

#[test]
fn a_follower_is_judged_before_it_is_believed() {
    let mut led = Led::new(&[1, 2]);
    let judged = |led: &Led, follower, epoch| led.leader.judge_follower(follower, epoch);
    judge::eq("broker 9 has no replica", Err(NotMine::NotAReplica), judged(&led, 9, 90), JUDGE_FOLLOWER);
    judge::eq("broker 2 is in epoch 20", Ok(()), judged(&led, 2, 20), JUDGE_FOLLOWER);
    let stale = Err(NotMine::StaleBrokerEpoch);
    judge::eq("and not in epoch 19 any more", stale, judged(&led, 2, 19), JUDGE_FOLLOWER);
    judge::eq(
        "in epoch 21, of which the leader has not heard yet, it may be",
        Ok(()),
        judged(&led, 2, 21),
        JUDGE_FOLLOWER,
    );
    led.fetch_in(2, 21, 8);
    judge::eq("it has asked in epoch 21: epoch 20 is over", stale, judged(&led, 2, 20), JUDGE_FOLLOWER);
    led.eligible(&[]);
    judge::eq("also if it may not join", stale, judged(&led, 2, 20), JUDGE_FOLLOWER);
    let before = led.leader.clone();
    let refused = led.leader.on_fetch(2, 20, 10, 10, std::time::Duration::ZERO);
    judge::eq("a fetch in an epoch that is over is refused", stale, refused, "src/leader.rs, fn Leader::on_fetch");
    judge::that("and changes nothing", led.leader == before, &led.leader, "src/leader.rs, fn Leader::on_fetch");
}

#[test]
fn a_decision_counts_if_it_is_new() {
    let mut led = Led::new(&[1, 2]);
    judge::eq("change 0 is known", false, led.news(&[1], 0), ON_RECORD);
    judge::eq("change 1 is news", true, led.news(&[1, 2, 3], 1), ON_RECORD);
    judge::text("it is believed", "1 2 3", &led.in_sync(), ON_RECORD);
    judge::eq("change 1 is known by now", false, led.news(&[1], 1), ON_RECORD);
    judge::text("an old one changes nothing", "1 2 3", &led.in_sync(), ON_RECORD);
    let mut others = crate::led::record(&[1], 2);
    others.leader_epoch = 8;
    let is_news = led.leader.on_record(others, 10, std::time::Duration::ZERO);
    judge::eq("change 2 is of another leader's epoch", false, is_news, ON_RECORD);
}

#[test]
fn a_smaller_list_may_move_the_high_watermark() {
    let mut led = Led::new(&[1, 2, 3]);
    led.fetch(2, 9).fetch(3, 6);
    judge::eq("3 has all before 6", 6, led.leader.high_watermark(), "src/leader.rs, fn Leader::advance");
    led.at(5_000).news(&[1, 2], 1);
    judge::eq("3 is out: 2 has all before 9", 9, led.leader.high_watermark(), ON_RECORD);
}

#[test]
fn a_lone_leader_of_two_that_are_demanded_commits_nothing() {
    let mut led = Led::with(&[1], 2);
    led.write(12);
    judge::eq("1 in sync, min.insync.replicas 2", 5, led.leader.high_watermark(), "src/leader.rs, fn Leader::advance");
    led.fetch(2, 12).propose();
    judge::eq(
        "2 is asked for, and not in sync yet",
        5,
        led.leader.high_watermark(),
        "src/leader.rs, fn Leader::advance",
    );
    led.grant(1);
    judge::eq("2 are in sync", 12, led.leader.high_watermark(), ON_RECORD);
    let mut led = Led::with(&[1, 2, 3, 4], 9);
    led.fetch(2, 10).fetch(3, 10).fetch(4, 10);
    let rule = "9 are demanded of a partition that has 4 replicas: 4 are enough";
    judge::eq(rule, 10, led.leader.high_watermark(), "src/leader.rs, fn Leader::min_in_sync");
}
