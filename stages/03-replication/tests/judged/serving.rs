//! A follower's question: whom a leader answers, what it says, and what it learns from being asked. Judges exercise 3.10.
//!
//! A log is written as its records: `0:a@1 1:b@1 2:c@4` has the values `a` and `b` of epoch 1, and `c` of epoch 4.

use partitioning::{ErrorCode, Refusal};
use replication::api::{FollowerSeen, ReplicaRole};
use replication::epochs::EpochEnd;
use replication::replica::{FollowerAsk, Following, Served, ServedFound};
use segment_log::Offset;
use story::judge;

use crate::broker::Broker;
use crate::messages::{MUCH, NOW, batch, leading};

const SERVE: &str = "src/replica/serve.rs, fn Replica::serve";
const JUDGE_EPOCH: &str = "src/replica/serve.rs, fn Replica::judge_epoch";

/// Broker 1 leads in epoch 4, and 2 and 3 are in sync. Its log is `0:a@1 1:b@1 2:c@4 3:d@4`, in two batches. It knows that
/// all before 2 is committed.
fn led() -> Broker {
    let broker = Broker::new(1);
    broker.lead(1, &[1]);
    broker.append(&["a", "b"]);
    broker.lead(4, &[1, 2, 3]);
    broker.append(&["c", "d"]);
    broker
}

/// Broker 2's question to the leader of epoch 4.
fn ask(offset: Offset, last_epoch: Option<i32>) -> FollowerAsk {
    FollowerAsk {
        replica: 2,
        broker_epoch: 20,
        leader_epoch: 4,
        offset,
        last_epoch,
        max_bytes: MUCH,
        min_one_batch: true,
        is_new: true,
    }
}

fn of_3(offset: Offset, last_epoch: Option<i32>) -> FollowerAsk {
    FollowerAsk { replica: 3, broker_epoch: 30, ..ask(offset, last_epoch) }
}

/// The bytes of a batch of two records. All batches here have as many.
fn size() -> usize {
    batch(&["a", "b"]).view().size()
}

/// What is answered, in a few words.
fn told(served: &Result<Served, Refusal>) -> String {
    match served.as_ref().map(|served| &served.found) {
        Err(refusal) => refusal.code.name().to_owned(),
        Ok(ServedFound::Records(slice)) => match slice.len() / size() {
            0 => "no records".to_owned(),
            1 => "one batch".to_owned(),
            many => format!("{many} batches"),
        },
        Ok(ServedFound::Diverging(EpochEnd { epoch, end })) => format!("they part: epoch {epoch} ends at {end}"),
        Ok(ServedFound::OutOfRange(end)) => format!("out of range: it ends at {end}"),
    }
}

/// What the leader knows of the others, and what it calls committed.
fn known(broker: &Broker) -> String {
    let ReplicaRole::Leader { followers, .. } = broker.role() else { return "it does not lead".to_owned() };
    let one = |FollowerSeen { id, end }: &FollowerSeen| match end {
        Some(end) => format!("{id} has all before {end}"),
        None => format!("{id} is unknown"),
    };
    let all: Vec<_> = followers.iter().map(one).collect();
    format!("{}; committed before {}", all.join(", "), broker.high_watermark())
}

/// Asks, and judges what is answered.
#[track_caller]
fn judge_told(rule: &str, expected: &str, broker: &Broker, ask: FollowerAsk, look_at: &str) {
    let served = broker.replica().serve(ask);
    let last = ask.last_epoch.map_or("of no epoch".to_owned(), |epoch| format!("of epoch {epoch}"));
    let rule = format!(
        "1 leads in epoch 4, with 0:a@1 1:b@1 2:c@4 3:d@4; {} asks for {}, its last record is {last}: {rule}",
        ask.replica, ask.offset
    );
    judge::text(&rule, expected, &told(&served), look_at);
}

/// Judges what the leader knows.
#[track_caller]
fn judge_known(rule: &str, expected: &str, broker: &Broker) {
    judge::text(rule, expected, &known(broker), SERVE);
}

const NOTHING: &str = "2 is unknown, 3 is unknown; committed before 2";

#[test]
fn whoever_speaks_of_another_epoch_is_refused() {
    let broker = led();
    let in_epoch = |leader_epoch| FollowerAsk { leader_epoch, ..ask(4, Some(4)) };
    let judge = |rule: &str, expected: &str, epoch| {
        let rule = format!("the leader is in epoch 4, and is asked as the leader of epoch {epoch}: {rule}");
        judge::text(&rule, expected, &told(&broker.replica().serve(in_epoch(epoch))), JUDGE_EPOCH);
    };
    judge("that epoch is over", "FENCED_LEADER_EPOCH", 3);
    judge("that was long ago", "FENCED_LEADER_EPOCH", 0);
    judge("the one who asks knows more: here sits a leader whose time may be over", "UNKNOWN_LEADER_EPOCH", 5);
    judge("both speak of the same", "no records", 4);
}

#[test]
fn a_leader_whose_time_is_over_commits_nothing() {
    let broker = led();
    for epoch in [5, 6] {
        let _ = broker.replica().serve(FollowerAsk { leader_epoch: epoch, ..ask(4, Some(4)) });
        let _ = broker.replica().serve(FollowerAsk { leader_epoch: epoch, ..of_3(4, Some(4)) });
    }
    let rule = "1 is asked as the leader of epochs 5 and 6, and leads in 4 as far as it knows. If it counted what 2 and 3 \
                say, it would call committed what another leader cuts off";
    judge_known(rule, NOTHING, &broker);
}

#[test]
fn what_is_refused_is_not_believed() {
    let broker = led();
    for leader_epoch in [3, 5] {
        let _ = broker.replica().serve(FollowerAsk { leader_epoch, ..ask(4, Some(4)) });
        judge_known(&format!("2 was refused: it asked in epoch {leader_epoch}"), NOTHING, &broker);
    }
    let _ = broker.replica().serve(FollowerAsk { broker_epoch: 19, ..ask(4, Some(4)) });
    judge_known("2 was refused: it asked in its broker epoch 19, and is in 20", NOTHING, &broker);
}

#[test]
fn a_follower_that_agrees_gets_what_comes_next_committed_or_not() {
    judge_told("what it lacks", "one batch", &led(), ask(0, None), SERVE);
    judge_told("what is not committed, too: how else should it be?", "one batch", &led(), ask(2, Some(1)), SERVE);
    judge_told("there is nothing new", "no records", &led(), ask(4, Some(4)), SERVE);
    let found = led().replica().serve(ask(0, None)).map(|served| served.log_start);
    judge::eq("the answer says where the log begins", Ok(0), found, SERVE);
}

#[test]
fn a_question_says_what_the_follower_has() {
    let broker = led();
    let _ = broker.replica().serve(ask(2, Some(1)));
    let rule = "2 asks for offset 2, so it has all before";
    judge_known(rule, "2 has all before 2, 3 is unknown; committed before 2", &broker);
    let _ = broker.replica().serve(of_3(4, Some(4)));
    judge_known("3 asks for 4", "2 has all before 2, 3 has all before 4; committed before 2", &broker);
    let served = broker.replica().serve(ask(4, Some(4)));
    let rule = "2 asks for 4: with that, all have 2:c@4 and 3:d@4";
    judge_known(rule, "2 has all before 4, 3 has all before 4; committed before 4", &broker);
    let rule = "and the answer to this very question says so";
    judge::eq(rule, Ok(4), served.map(|served| served.high_watermark), SERVE);
}

#[test]
fn a_follower_that_differs_is_told_where() {
    let rule = "here epoch 1 ends at 2";
    judge_told(rule, "they part: epoch 1 ends at 2", &led(), ask(3, Some(1)), SERVE);
    let rule = "nothing here is of epoch 3. Before it comes epoch 1";
    judge_told(rule, "they part: epoch 1 ends at 2", &led(), ask(4, Some(3)), SERVE);
    judge_told("here the log ends", "they part: epoch 4 ends at 4", &led(), ask(9, Some(4)), SERVE);
    judge_told("nobody here has heard of epoch 9", "out of range: it ends at 4", &led(), ask(4, Some(9)), SERVE);
    judge_told("the log ends before", "out of range: it ends at 4", &led(), ask(5, None), SERVE);
}

#[test]
fn a_follower_that_differs_is_not_believed() {
    for (offset, last_epoch) in [(3, Some(1)), (4, Some(3)), (9, Some(4)), (4, Some(9)), (5, None)] {
        let broker = led();
        let _ = broker.replica().serve(ask(offset, last_epoch));
        let last = last_epoch.map_or("of no epoch".to_owned(), |epoch| format!("of epoch {epoch}"));
        let rule =
            format!("2 asks for {offset}, its last record is {last}: some of what it has before is not the leader's");
        judge_known(&rule, NOTHING, &broker);
    }
}

#[test]
fn whoever_is_no_follower_learns_nothing() {
    let broker = led();
    // Wherever it stands: it is nobody's business to tell it where the logs part.
    for (offset, last_epoch) in [(0, None), (3, Some(1)), (7, None)] {
        let stranger = FollowerAsk { replica: 9, ..ask(offset, last_epoch) };
        judge_told("9 has no replica", "NOT_LEADER_OR_FOLLOWER", &broker, stranger, SERVE);
        let before = FollowerAsk { broker_epoch: 19, ..ask(offset, last_epoch) };
        judge_told("2 has registered anew since", "STALE_BROKER_EPOCH", &broker, before, SERVE);
    }
    let broker = led();
    broker.replica().follow(Following { leader: Some(2), epoch: 5 }, NOW).expect("it follows");
    let found = broker.replica().serve(FollowerAsk { leader_epoch: 5, ..ask(4, Some(4)) });
    let rule = "1 follows 2 by now, and answers no follower";
    judge::text(rule, "NOT_LEADER_OR_FOLLOWER", &told(&found), SERVE);
}

#[test]
fn a_question_that_has_waited_says_nothing_new() {
    let broker = led();
    let waited = FollowerAsk { is_new: false, ..ask(2, Some(1)) };
    judge_told("it has waited, and now there is something", "one batch", &broker, waited, SERVE);
    let rule = "2 may have died since it asked: what it said counted when it came";
    judge_known(rule, NOTHING, &broker);
    let stranger = FollowerAsk { replica: 9, ..waited };
    judge_told("9 has no replica, however long it waits", "NOT_LEADER_OR_FOLLOWER", &broker, stranger, SERVE);
}

#[test]
fn an_answer_keeps_to_its_size() {
    let little = FollowerAsk { max_bytes: size() - 1, ..ask(0, None) };
    let rule = "max_bytes is one byte less than the batch, and min_one_batch: it is given whole (KIP-74)";
    judge_told(rule, "one batch", &led(), little, SERVE);
    let less = FollowerAsk { min_one_batch: false, ..little };
    let rule = "max_bytes is one byte less than the batch, and not min_one_batch: it has to wait";
    judge_told(rule, "no records", &led(), less, SERVE);
    let exact = FollowerAsk { max_bytes: size(), ..less };
    judge_told("max_bytes is the batch's size", "one batch", &led(), exact, SERVE);
}

#[test]
fn a_question_may_bring_up_a_wish() {
    let broker = Broker::new(1);
    broker.try_lead(leading(1, 4, 1, &[1])).expect("it leads");
    broker.append(&["a", "b"]);
    let has_wish = |ask| broker.replica().serve(ask).map(|served| served.has_wish).map_err(|refusal| refusal.code);
    judge::eq("1 alone is in sync, and 2 has nothing yet", Ok::<_, ErrorCode>(false), has_wish(ask(0, None)), SERVE);
    judge::eq(
        "2 has all by now: the controller is to be asked to let it in",
        Ok(true),
        has_wish(ask(2, Some(4))),
        SERVE,
    );
    judge::eq("that is asked for already", Ok(false), has_wish(ask(2, Some(4))), SERVE);
    let asked = broker.replica().wish().map(|wish| wish.in_sync);
    judge::eq("what is asked for", Some(vec![(1, -1), (2, 20)]), asked, SERVE);
}
