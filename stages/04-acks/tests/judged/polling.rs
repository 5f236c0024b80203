//! A question that waits at the broker until there is something. Judges exercise 4.3.
//!
//! Time is paused: it moves only while everybody waits, and then exactly to the next moment at which somebody wants to wake.

use std::time::Duration;

use acks::api::Waiting;
use acks::waiting::{WaitLimits, fetch};
use partitioning::ErrorCode;
use partitioning::api::{FetchPartition, FetchRequest, FetchResponse};
use story::judge;
use tokio::time::{Instant, sleep};

use crate::shelf::{Shelf, at, batch};

const FETCH: &str = "src/waiting.rs, fn fetch";
const NEWS: &str = "src/waiting.rs, fn WatchedOne::news";

/// The bytes of a batch. All have as many.
fn size() -> u32 {
    batch().view().size() as u32
}

/// Asks for both partitions, from their beginnings, and waits for at most half a second.
fn question(min_bytes: u32) -> Waiting<FetchRequest> {
    let partition = |number| FetchPartition { at: at(number), offset: 0, max_bytes: 1 << 20 };
    let question = FetchRequest { max_bytes: 1 << 20, partitions: vec![partition(0), partition(1)] };
    Waiting { max_wait_ms: 500, min_bytes, question }
}

/// What came, and when: `2 batches of orders-0 after 100 ms`.
async fn asked(shelf: &Shelf, question: Waiting<FetchRequest>) -> String {
    asked_within(shelf, question, WaitLimits::default()).await
}

async fn asked_within(shelf: &Shelf, question: Waiting<FetchRequest>, limits: WaitLimits) -> String {
    let (began, context) = (Instant::now(), shelf.context());
    let answer = fetch(&shelf.service, question, limits, &context, 1 << 20).await;
    format!("{} after {} ms", told(&answer), began.elapsed().as_millis())
}

fn told(answer: &FetchResponse) -> String {
    let one = |(at, fetched): &(_, Result<partitioning::api::Fetched, partitioning::Refusal>)| {
        let at: &partitioning::TopicPartition = at;
        match fetched.as_ref().map(|fetched| fetched.records.0.len() / size() as usize) {
            Err(refusal) => Some(format!("{at}: {}", refusal.code)),
            Ok(0) => None,
            Ok(1) => Some(format!("a batch of {at}")),
            Ok(many) => Some(format!("{many} batches of {at}")),
        }
    };
    let all: Vec<_> = answer.partitions.iter().filter_map(one).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}

/// Asks, and meanwhile does something after so many milliseconds each.
async fn asked_while(shelf: &Shelf, question: Waiting<FetchRequest>, acts: &[(u64, &(dyn Fn() + Sync))]) -> String {
    let acting = async {
        let began = Instant::now();
        for (after, act) in acts {
            tokio::time::sleep_until(began + Duration::from_millis(*after)).await;
            act();
        }
        sleep(Duration::from_secs(10)).await;
    };
    tokio::select! {
        biased;
        told = asked(shelf, question) => told,
        () = acting => "no answer after 10 seconds".to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn what_there_is_is_answered_at_once() {
    let shelf = Shelf::new();
    shelf.one(0).write(1);
    shelf.one(0).commit(1);
    let rule = "a batch is there, and one byte is enough";
    judge::text(rule, "a batch of orders-0 after 0 ms", &asked(&shelf, question(1)).await, FETCH);
    let rule = "nothing is asked to be there: then nothing is waited for";
    let empty = Shelf::new();
    judge::text(rule, "nothing after 0 ms", &asked(&empty, question(0)).await, FETCH);
}

#[tokio::test(start_paused = true)]
async fn a_question_waits_until_something_is_committed() {
    let shelf = Shelf::new();
    let one = shelf.one(1);
    let told = asked_while(&shelf, question(1), &[(100, &|| one.write(1)), (300, &|| one.commit(1))]).await;
    let rule = "written after 100 ms, and committed after 300 ms: consumers get what is committed";
    judge::text(rule, "a batch of orders-1 after 300 ms", &told, NEWS);
}

#[tokio::test(start_paused = true)]
async fn too_little_waits_for_more() {
    let shelf = Shelf::new();
    let one = shelf.one(0);
    one.write(3);
    one.commit(1);
    let acts: [(u64, &(dyn Fn() + Sync)); 2] = [(100, &|| one.commit(2)), (200, &|| one.commit(3))];
    let told = asked_while(&shelf, question(3 * size()), &acts).await;
    let rule = "three batches are enough: one is there, the second comes after 100 ms, and the third after 200 ms";
    judge::text(rule, "3 batches of orders-0 after 200 ms", &told, FETCH);
}

#[tokio::test(start_paused = true)]
async fn what_several_partitions_have_is_counted_together() {
    let shelf = Shelf::new();
    for number in [0, 1] {
        shelf.one(number).write(1);
        shelf.one(number).commit(1);
    }
    let rule = "two batches are enough, and each partition has one";
    let told = asked(&shelf, question(2 * size())).await;
    judge::text(rule, "a batch of orders-0, a batch of orders-1 after 0 ms", &told, FETCH);
}

#[tokio::test(start_paused = true)]
async fn when_the_time_is_over_what_there_is_is_answered() {
    let shelf = Shelf::new();
    let rule = "nothing comes within fetch.max.wait.ms, 500 ms";
    judge::text(rule, "nothing after 500 ms", &asked(&shelf, question(1)).await, FETCH);
    shelf.one(0).write(1);
    shelf.one(0).commit(1);
    let rule = "two batches were to be there, and one is";
    judge::text(rule, "a batch of orders-0 after 500 ms", &asked(&shelf, question(2 * size())).await, FETCH);
    let limits = WaitLimits { max_wait: Duration::from_millis(200) };
    let told = asked_within(&shelf, question(2 * size()), limits).await;
    judge::text("the broker bears a wait of 200 ms", "a batch of orders-0 after 200 ms", &told, FETCH);
}

#[tokio::test(start_paused = true)]
async fn the_time_runs_from_the_question_on() {
    let shelf = Shelf::new();
    let one = shelf.one(0);
    one.write(4);
    let acts: [(u64, &(dyn Fn() + Sync)); 3] =
        [(200, &|| one.commit(1)), (400, &|| one.commit(2)), (600, &|| one.commit(3))];
    let told = asked_while(&shelf, question(4 * size()), &acts).await;
    let rule = "four batches were to be there. One comes after 200 ms, one after 400, one after 600: at 500 ms the time is over";
    judge::text(rule, "2 batches of orders-0 after 500 ms", &told, FETCH);
}

#[tokio::test(start_paused = true)]
async fn what_comes_between_the_look_and_the_wait_is_not_missed() {
    let shelf = Shelf::new();
    let one = shelf.one(0);
    one.write(1);
    let committed = one.clone();
    one.after_the_next_look(move || committed.commit(1));
    let rule = "a batch is committed when it was just looked, and nothing was there: if that is no news, it sleeps beside the batch";
    judge::text(rule, "a batch of orders-0 after 0 ms", &asked(&shelf, question(1)).await, FETCH);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_at_once() {
    let shelf = Shelf::new();
    let mut unknown = question(1);
    unknown.question.partitions[1].at = at(7);
    let rule = "there is no orders-7: whoever asked should know, and not wait for it";
    let expected = format!("orders-7: {} after 0 ms", ErrorCode::UnknownTopicOrPartition);
    judge::text(rule, &expected, &asked(&shelf, unknown).await, FETCH);
}

#[tokio::test(start_paused = true)]
async fn another_leader_is_news() {
    let shelf = Shelf::new();
    let one = shelf.one(1);
    let told = asked_while(&shelf, question(1), &[(100, &|| one.moves(5))]).await;
    let rule = "after 100 ms orders-1 is led by somebody else: nothing more comes here";
    judge::text(rule, "orders-1: NOT_LEADER_OR_FOLLOWER after 100 ms", &told, NEWS);
}

#[tokio::test(start_paused = true)]
async fn who_leads_again_in_a_later_epoch_is_news_once() {
    let shelf = Shelf::new();
    let one = shelf.one(1);
    let away_and_back = |epoch| {
        one.moves(epoch - 1);
        one.returns(epoch);
    };
    let acts: [(u64, &(dyn Fn() + Sync)); 2] = [(100, &|| away_and_back(6)), (200, &|| away_and_back(8))];
    let told = asked_while(&shelf, question(1), &acts).await;
    let rule = "after 100 ms and after 200 ms orders-1 is led by somebody else, and again here before anybody looks: nothing is there";
    judge::text(rule, "nothing after 500 ms", &told, FETCH);
    let rule = "an epoch that was seen is no news: it is looked at the beginning, after 100 ms, and after 200 ms";
    judge::eq(rule, 3, one.looks(), FETCH);
    let told = asked_while(&shelf, question(1), &[(100, &|| one.moves(9))]).await;
    judge::text(
        "it is led by somebody else after 100 ms",
        "orders-1: NOT_LEADER_OR_FOLLOWER after 100 ms",
        &told,
        NEWS,
    );
}

#[tokio::test(start_paused = true)]
async fn that_there_will_be_no_more_news_is_news() {
    let shelf = Shelf::new();
    let one = shelf.one(0);
    let told = asked_while(&shelf, question(1), &[(100, &|| one.close())]).await;
    let rule = "after 100 ms orders-0 is closed";
    judge::text(rule, "orders-0: NOT_LEADER_OR_FOLLOWER after 100 ms", &told, NEWS);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_names_a_partition_twice_does_not_wait() {
    let shelf = Shelf::new();
    let mut twice = question(1);
    twice.question.partitions = vec![twice.question.partitions[0].clone(); 2];
    let rule = "it would be looked at again and again, twice each time";
    judge::text(rule, "nothing after 0 ms", &asked(&shelf, twice).await, "src/waiting.rs, fn Watched::of");
    judge::eq("it was looked at once, twice", 2, shelf.one(0).looks(), "src/waiting.rs, fn Watched::of");
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_more_than_the_answer_can_hold() {
    let shelf = Shelf::new();
    shelf.one(0).write(3);
    shelf.one(0).commit(3);
    let mut little = question(9 * size());
    little.question.max_bytes = 2 * size();
    let rule = "nine batches were to be there, and the answer may have two: two are enough";
    judge::text(rule, "2 batches of orders-0 after 0 ms", &asked(&shelf, little).await, FETCH);
}

#[tokio::test(start_paused = true)]
async fn it_is_looked_again_when_there_is_news_and_not_before() {
    let shelf = Shelf::new();
    let (one, other) = (shelf.one(0), shelf.one(1));
    other.write(1);
    let acts: [(u64, &(dyn Fn() + Sync)); 4] = [
        (50, &|| one.write(1)),
        (100, &|| one.write(1)),
        (150, &|| one.stands(|now| now.in_sync = 1)),
        (200, &|| other.commit(1)),
    ];
    let told = asked_while(&shelf, question(1), &acts).await;
    judge::text("committed after 200 ms", "a batch of orders-1 after 200 ms", &told, NEWS);
    let rule = "what is written and not committed is no news, nor who is in sync: it is looked at the beginning, and after 200 ms";
    judge::eq(rule, 2, other.looks(), NEWS);
}

#[tokio::test(start_paused = true)]
async fn what_was_seen_is_no_news() {
    let shelf = Shelf::new();
    let one = shelf.one(0);
    one.write(2);
    one.commit(1);
    let told = asked_while(&shelf, question(2 * size()), &[(300, &|| one.commit(2))]).await;
    judge::text("the second batch comes after 300 ms", "2 batches of orders-0 after 300 ms", &told, FETCH);
    let rule = "one batch was there, and too little: it is looked again after 300 ms, and not again and again";
    judge::eq(rule, 2, one.looks(), FETCH);
    let mut ahead = question(1);
    ahead.question.partitions[0].offset = 3;
    one.write(3);
    let before = one.looks();
    let told = asked_while(&shelf, ahead, &[(50, &|| one.commit(3)), (100, &|| one.commit(4))]).await;
    let rule = "asked for offset 3, while all before 2 is committed: after 100 ms there is something";
    judge::text(rule, "a batch of orders-0 after 100 ms", &told, FETCH);
    let rule = "after 50 ms all before 3 is committed: whoever asks for 3 has that, so it is looked at the beginning, and after 100 ms";
    judge::eq(rule, 2, one.looks() - before, FETCH);
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_stops_answers_with_what_there_is() {
    let shelf = Shelf::new();
    let stop = shelf.stop.clone();
    let told = asked_while(&shelf, question(1), &[(100, &|| stop.cancel())]).await;
    judge::text("the broker is told to stop after 100 ms", "nothing after 100 ms", &told, FETCH);
}
