//! What a leader asks the controller for, and what it makes of the answer.

use partitioning::ErrorCode;
use replication::leader::Settled;
use story::judge;

use crate::led::Led;

const PROPOSE: &str = "src/leader.rs, fn Leader::propose";
const REQUEST: &str = "src/leader.rs, fn Leader::request";
const ON_ANSWER: &str = "src/leader/answer.rs, fn Leader::on_answer";
const COUNTS: &str = "src/leader.rs, fn Leader::counts";
const REFUSED: &str = "src/leader/answer.rs, fn Leader::refused";

/// 1, 2 and 3 are in sync, and 3 has fallen silent. 4 has caught up.
fn with_a_late_one() -> Led {
    let mut led = Led::new(&[1, 2, 3]);
    led.at(2_000).fetch(2, 10).fetch(4, 10);
    led
}

/// 1 and 2 are in sync, and 3 has caught up.
fn with_a_newcomer() -> Led {
    let mut led = Led::new(&[1, 2]);
    led.fetch(2, 10).fetch(3, 10);
    led
}

#[test]
fn nothing_is_asked_for_if_all_is_well() {
    let mut led = Led::new(&[1, 2]);
    led.fetch(2, 10);
    judge::text("1 and 2 are in sync, nobody else has fetched", "nothing", &led.propose(), PROPOSE);
}

#[test]
fn whoever_is_late_is_put_out_before_anybody_is_let_in() {
    let mut led = with_a_late_one();
    judge::text("3 is late, and 4 could join: one thing at a time", "1 2", &led.propose(), PROPOSE);
    led.grant(1);
    judge::text("3 is out: now 4", "1 2 4@40", &led.propose(), PROPOSE);
    led.grant(2);
    judge::text("4 is in", "nothing", &led.propose(), PROPOSE);
    let mut led = Led::new(&[1, 2, 3, 4]);
    led.at(2_000);
    judge::text(
        "2, 3 and 4 are late: all of them are put out at once, and the leader stays",
        "1",
        &led.propose(),
        PROPOSE,
    );
}

#[test]
fn whoever_joins_is_let_in_one_by_one() {
    let mut led = Led::new(&[1, 2]);
    led.fetch(2, 10).fetch(4, 10).fetch(3, 10);
    judge::text("3 and 4 could join", "1 2 3@30", &led.propose(), PROPOSE);
    led.grant(1);
    judge::text("3 is in: now 4", "1 2 3 4@40", &led.propose(), PROPOSE);
}

#[test]
fn whoever_was_put_out_has_to_ask_before_it_is_let_in() {
    let mut led = Led::with(&[1, 2], 2);
    led.at(100).fetch(2, 10).write(11).at(2_000);
    judge::text("2 has been silent for too long", "1", &led.propose(), PROPOSE);
    led.grant(1);
    let rule = "1 alone commits nothing, so 2 still has all that is committed. But nobody has heard of it";
    judge::text(rule, "nothing", &led.propose(), PROPOSE);
    led.at(60_000).fetch(2, 10);
    judge::text("2 has asked again", "1 2@20", &led.propose(), PROPOSE);
}

#[test]
fn whoever_is_refused_does_not_keep_others_out() {
    let mut led = Led::new(&[1]);
    led.fetch(2, 10).fetch(3, 10);
    judge::text("2 and 3 could join", "1 2@20", &led.propose(), PROPOSE);
    led.refuse(ErrorCode::IneligibleReplica);
    judge::text("2 may not join, for a reason that the leader does not know: now 3", "1 3@30", &led.propose(), PROPOSE);
    led.grant(1);
    judge::text("2 has not asked since", "nothing", &led.propose(), PROPOSE);
    led.fetch(2, 10);
    judge::text("2 has asked again", "1 2@20 3", &led.propose(), PROPOSE);
}

#[test]
fn one_change_is_asked_for_at_a_time() {
    let mut led = with_a_newcomer();
    judge::text("3 could join", "1 2 3@30", &led.propose(), PROPOSE);
    led.at(5_000).write(20).fetch(4, 20);
    judge::text("2 is late by now, and 4 could join: first the answer", "nothing", &led.propose(), PROPOSE);
    judge::text("what is pending is what was asked for", "1 2 3@30", &led.pending(), PROPOSE);
}

#[test]
fn the_request_says_what_it_rests_on() {
    let mut led = with_a_newcomer();
    led.news(&[1, 2], 3);
    led.propose();
    let request = led.leader.request().expect("it is pending");
    let said = (request.leader, request.leader_epoch, request.partition_epoch);
    judge::eq("leader 1, leader epoch 7, and change 3 is the last that it knows", (1, 7, 3), said, REQUEST);
}

#[test]
fn the_epoch_of_whoever_joins_is_the_one_in_which_it_caught_up() {
    let mut led = with_a_newcomer();
    led.propose();
    led.eligible(&[(1, 10), (2, 20), (3, 31)]);
    let rule = "3 caught up in its epoch 30, and has registered anew since: asked again, it is 30 still, and the controller \
                refuses it (KIP-903)";
    judge::text(rule, "1 2 3@30", &led.pending(), REQUEST);
    led.fetch_in(3, 31, 4);
    judge::text(
        "3 has fetched in epoch 31, and has less than it had: it is 30 still",
        "1 2 3@30",
        &led.pending(),
        REQUEST,
    );
}

#[test]
fn what_is_granted_is_so() {
    let mut led = with_a_newcomer();
    led.propose();
    judge::eq("the answer settles it", Settled::Done, led.grant(1), ON_ANSWER);
    judge::text("3 is in sync", "1 2 3", &led.in_sync(), ON_ANSWER);
    judge::text("nothing is pending", "nothing", &led.pending(), ON_ANSWER);
}

#[test]
fn a_grant_that_moves_the_leader_is_the_metadata_logs_to_say() {
    let mut led = with_a_newcomer();
    led.propose();
    let mut granted = crate::led::record(&[2, 3], 1);
    (granted.leader, granted.leader_epoch) = (Some(2), 8);
    let settled = led.leader.on_answer(Ok(granted), 10, std::time::Duration::ZERO);
    judge::eq("granted, and broker 2 leads now", Settled::WaitForNews, settled, ON_ANSWER);
    judge::text("this leader's list is what it was", "1 2", &led.in_sync(), ON_ANSWER);
    judge::text("3 counts until the news come", "2 3", &led.counts(), COUNTS);
}

#[test]
fn news_take_the_place_of_what_is_pending() {
    let mut led = with_a_newcomer();
    led.propose();
    led.news(&[1, 2], 1);
    judge::text(
        "change 1 makes the controller refuse what rests on change 0",
        "nothing",
        &led.pending(),
        "src/leader.rs, fn Leader::on_record",
    );
    judge::text("3 still could join", "1 2 3@30", &led.propose(), PROPOSE);
}

#[test]
fn without_an_answer_the_same_is_asked_again() {
    let mut led = with_a_newcomer();
    led.propose();
    judge::eq("no answer: nobody knows whether it was done", Settled::Again, led.no_answer(), ON_ANSWER);
    judge::text("the same is pending", "1 2 3@30", &led.pending(), ON_ANSWER);
    for code in
        [ErrorCode::NotController, ErrorCode::RequestTimedOut, ErrorCode::StorageError, ErrorCode::UnknownServerError]
    {
        let rule = format!("{code:?}: another attempt may succeed");
        judge::eq(&rule, Settled::Again, led.refuse(code), ON_ANSWER);
        judge::text("the same is pending", "1 2 3@30", &led.pending(), ON_ANSWER);
    }
    led.at(5_000).write(11);
    judge::text("3 counts all the while: it may be in sync by now", "2 3", &led.counts(), COUNTS);
}

#[test]
fn a_leader_that_is_not_up_to_date_waits_for_the_news() {
    use ErrorCode::{
        FencedLeaderEpoch, InconsistentTopicId, InvalidUpdateVersion, NewLeaderElected, UnknownTopicOrPartition,
    };
    for code in
        [FencedLeaderEpoch, InvalidUpdateVersion, UnknownTopicOrPartition, InconsistentTopicId, NewLeaderElected]
    {
        let mut led = with_a_newcomer();
        led.propose();
        let rule = format!("{code:?}: the controller knows more than this leader");
        judge::eq(&rule, Settled::WaitForNews, led.refuse(code), ON_ANSWER);
        judge::text("until the news come, both lists may hold", "2 3", &led.at(5_000).write(11).counts(), COUNTS);
        judge::text("and nothing else is asked for", "nothing", &led.propose(), ON_ANSWER);
        led.news(&[1, 2], 1);
        judge::text("now it is known: 3 is not in sync", "2", &led.counts(), "src/leader.rs, fn Leader::on_record");
    }
}

#[test]
fn what_is_refused_is_forgotten() {
    for code in [ErrorCode::IneligibleReplica, ErrorCode::InvalidRequest] {
        let mut led = with_a_newcomer();
        led.propose();
        let rule = format!("{code:?}: it was asked once, and that was not done");
        judge::eq(&rule, Settled::Done, led.refuse(code), REFUSED);
        judge::text("nothing is pending", "nothing", &led.pending(), REFUSED);
        judge::text("the list is what it was", "1 2", &led.in_sync(), REFUSED);
        led.at(5_000).write(11);
        judge::text("3 does not count as a member", "2", &led.counts(), COUNTS);
    }
}

/// Once no answer came, there are two questions. The second is refused, and the first may still be under way.
#[test]
fn what_is_refused_while_another_question_is_open_is_ruled_out_first() {
    let mut led = with_a_newcomer();
    led.propose();
    led.no_answer();
    let rule = "the second question was refused; the first, to which no answer came, may be granted yet";
    judge::eq(rule, Settled::Again, led.refuse(ErrorCode::IneligibleReplica), REFUSED);
    let rule = "the list that holds is asked for: once it is granted, change 0 is not the latest, and the first question is refused";
    judge::text(rule, "1 2", &led.pending(), REFUSED);
    led.at(5_000).write(11).fetch(2, 11);
    judge::text("until then 3 may be in sync", "2 3", &led.counts(), COUNTS);
    judge::eq("and what 3 lacks is not committed", 10, led.leader.high_watermark(), REFUSED);
    judge::eq("granted", Settled::Done, led.grant(1), REFUSED);
    judge::text("3 is not in sync, and cannot be any more", "2", &led.counts(), COUNTS);
    judge::eq("so 2 and the leader decide", 11, led.leader.high_watermark(), REFUSED);
}

#[test]
fn what_makes_sure_is_asked_until_it_is_sure() {
    let mut led = with_a_newcomer();
    led.propose();
    led.no_answer();
    led.refuse(ErrorCode::IneligibleReplica);
    let again = [led.no_answer(), led.refuse(ErrorCode::IneligibleReplica), led.refuse(ErrorCode::InvalidRequest)];
    judge::eq("nothing is sure yet", [Settled::Again; 3], again, REFUSED);
    judge::text("the list that holds is pending", "1 2", &led.pending(), REFUSED);
    judge::text("3 may be in sync", "2 3", &led.at(5_000).write(11).counts(), REFUSED);
}

#[test]
fn whoever_was_to_be_put_out_counts_until_it_is_sure() {
    let mut led = with_a_late_one();
    led.propose();
    led.no_answer();
    led.refuse(ErrorCode::IneligibleReplica);
    judge::text("the list that holds", "1 2 3", &led.pending(), REFUSED);
    judge::text("3 is in it", "2 3 4", &led.counts(), COUNTS);
}
