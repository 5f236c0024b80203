//! Where a consumer stands, and what happens when that place is gone. Judges exercise 2.8.

use partitioning::consumer::positions::{AutoOffsetReset, Cursor, Failure, Found, Position, Sought, State};
use segment_log::Offset;
use story::judge;

use AutoOffsetReset::{Earliest, Latest};

const ON_FOUND: &str = "src/consumer/positions.rs, fn Cursor::on_found";
const ADVANCE: &str = "src/consumer/positions.rs, fn Cursor::advance";
const OUT_OF_RANGE: &str = "src/consumer/positions.rs, fn Cursor::on_out_of_range";
const SEEK: &str = "src/consumer/positions.rs, fn Cursor::seek";

/// A log that holds 10 to before 20.
const LOG: Found = Found { start: 10, end: 20, by_time: None };

fn at(policy: AutoOffsetReset, offset: Offset) -> Cursor {
    let mut cursor = Cursor::new(policy);
    cursor.seek(Position::Offset(offset));
    cursor
}

/// A broker does not hold the offset, and then says that it holds [`LOG`].
fn reset(policy: AutoOffsetReset, offset: Offset) -> State {
    let mut cursor = at(policy, offset);
    cursor.on_out_of_range();
    cursor.on_found(LOG);
    cursor.state()
}

#[test]
fn without_a_position_the_policy_says_where_to_begin() {
    let begin = |policy| {
        let mut cursor = Cursor::new(policy);
        cursor.on_found(LOG);
        cursor.state()
    };
    judge::eq("earliest begins at the log's start", State::At(10), begin(Earliest), ON_FOUND);
    judge::eq("latest begins at the log's end", State::At(20), begin(Latest), ON_FOUND);
    let never = State::Failed(Failure::NeverSet);
    judge::eq("none does not begin by itself", never, begin(AutoOffsetReset::None), ON_FOUND);
}

#[test]
fn a_place_that_is_no_offset_becomes_one_when_it_is_found() {
    let found = |to, log| {
        let mut cursor = at(AutoOffsetReset::None, 15);
        cursor.seek(to);
        judge::eq("a place that is no offset is looked up first", None, cursor.offset(), SEEK);
        cursor.on_found(log);
        cursor.state()
    };
    judge::eq("the beginning is the log's start", State::At(10), found(Position::Beginning, LOG), ON_FOUND);
    judge::eq("the end is the log's end", State::At(20), found(Position::End, LOG), ON_FOUND);
    let time = Found { by_time: Some(13), ..LOG };
    let rule = "a time is the offset of the first record that has reached it";
    judge::eq(rule, State::At(13), found(Position::Timestamp(1_000), time), ON_FOUND);
    let rule = "a time that no record has reached is the log's end";
    judge::eq(rule, State::At(20), found(Position::Timestamp(1_000), LOG), ON_FOUND);
}

#[test]
fn the_last_seek_wins() {
    let mut cursor = at(Earliest, 15);
    cursor.seek(Position::Beginning);
    cursor.seek(Position::End);
    judge::eq("beginning, then end: the end is sought", State::Awaiting(Sought::End), cursor.state(), SEEK);
    cursor.seek(Position::Offset(12));
    judge::eq("then offset 12: nothing is sought any more", State::At(12), cursor.state(), SEEK);
    cursor.on_found(LOG);
    judge::eq("an answer that nobody waits for changes nothing", State::At(12), cursor.state(), ON_FOUND);
    cursor.seek(Position::Offset(5));
    cursor.on_found(LOG);
    let rule = "nor if the log does not hold the offset: whether it does shows at the next fetch";
    judge::eq(rule, State::At(5), cursor.state(), ON_FOUND);
    cursor.seek(Position::End);
    cursor.on_out_of_range();
    let rule = "the end is sought, and then comes \"out of range\" for a place before: it changes nothing";
    judge::eq(rule, State::Awaiting(Sought::End), cursor.state(), OUT_OF_RANGE);
}

#[test]
fn a_position_moves_forward_and_never_back() {
    let mut cursor = at(Earliest, 15);
    cursor.advance(18);
    judge::eq("all before 18 is taken: at 18", State::At(18), cursor.state(), ADVANCE);
    cursor.advance(16);
    judge::eq("at 18, all before 16 is taken: still at 18", State::At(18), cursor.state(), ADVANCE);
    cursor.seek(Position::End);
    cursor.advance(30);
    let rule = "a position that is being looked up is not moved by records";
    judge::eq(rule, State::Awaiting(Sought::End), cursor.state(), ADVANCE);
}

#[test]
fn a_lost_position_is_looked_up_before_anything_is_decided() {
    for policy in [Earliest, Latest, AutoOffsetReset::None] {
        let mut cursor = at(policy, 5);
        cursor.on_out_of_range();
        let rule = format!("{policy}: what the log holds in place of 5 must be known first");
        judge::eq(&rule, State::Awaiting(Sought::InsteadOf(5)), cursor.state(), OUT_OF_RANGE);
        judge::eq(&rule, None, cursor.offset(), OUT_OF_RANGE);
        cursor.on_out_of_range();
        let rule = "a second answer of the same kind changes nothing";
        judge::eq(rule, State::Awaiting(Sought::InsteadOf(5)), cursor.state(), OUT_OF_RANGE);
    }
}

#[test]
fn below_the_logs_start_the_policy_decides() {
    let rule = |policy, place| format!("{policy}: 5 is not in a log of 10 to before 20, so go on {place}");
    judge::eq(&rule("earliest", "at 10"), State::At(10), reset(Earliest, 5), ON_FOUND);
    judge::eq(&rule("latest", "at 20"), State::At(20), reset(Latest, 5), ON_FOUND);
    let failed = State::Failed(Failure::OutOfRange { asked: 5, log: LOG });
    judge::eq(&rule("none", "nowhere"), failed, reset(AutoOffsetReset::None, 5), ON_FOUND);
}

#[test]
fn beyond_the_logs_end_the_policy_decides() {
    let rule = |policy, place| format!("{policy}: 21 is not in a log of 10 to before 20, so go on {place}");
    judge::eq(&rule("earliest", "at 10"), State::At(10), reset(Earliest, 21), ON_FOUND);
    judge::eq(&rule("latest", "at 20"), State::At(20), reset(Latest, 21), ON_FOUND);
    let failed = State::Failed(Failure::OutOfRange { asked: 21, log: LOG });
    judge::eq(&rule("none", "nowhere"), failed, reset(AutoOffsetReset::None, 21), ON_FOUND);
}

#[test]
fn an_offset_that_the_log_holds_after_all_is_kept() {
    for policy in [Earliest, Latest, AutoOffsetReset::None] {
        for offset in [10, 15, 20] {
            let rule = format!("{policy}: a log of 10 to before 20 can be read from {offset} on, so nothing is reset");
            judge::eq(&rule, State::At(offset), reset(policy, offset), ON_FOUND);
        }
    }
}

#[test]
fn only_a_seek_leads_out_of_a_failure() {
    let mut cursor = at(AutoOffsetReset::None, 5);
    cursor.on_out_of_range();
    cursor.on_found(LOG);
    let failed = State::Failed(Failure::OutOfRange { asked: 5, log: LOG });
    cursor.advance(12);
    judge::eq("a failed position is not moved by records", failed, cursor.state(), ADVANCE);
    cursor.on_found(LOG);
    judge::eq("a failed position is not mended by an answer", failed, cursor.state(), ON_FOUND);
    cursor.on_out_of_range();
    judge::eq("a failed position does not ask", failed, cursor.state(), OUT_OF_RANGE);
    cursor.seek(Position::Offset(12));
    judge::eq("a seek gives a new position", State::At(12), cursor.state(), SEEK);
}

#[test]
fn policies_have_kafkas_names() {
    for policy in [Earliest, Latest, AutoOffsetReset::None] {
        assert_eq!(policy.to_string().parse(), Ok(policy));
    }
    assert_eq!(AutoOffsetReset::default(), Latest);
    let error = "smallest".parse::<AutoOffsetReset>().unwrap_err();
    assert_eq!(error, "auto.offset.reset is `smallest`, and it is earliest, latest or none");
}
