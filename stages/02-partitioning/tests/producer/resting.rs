//! Back-off: how long a batch rests, what waits behind it, and what that does to the order of records.

use std::collections::BTreeMap;
use std::time::Duration;

use partitioning::producer::{Producer, ProducerConfig};
use partitioning::{Backoff, Error, ErrorCode};

use crate::fake_broker::Fakes;
use crate::support::{Again, alone, ms, one, order, order_to, producer, sending, settle, timed};

#[test]
fn chance_makes_a_wait_a_fifth_longer_or_shorter_and_never_too_long() {
    let mut random = fastrand::Rng::with_seed(7);
    let backoff = Backoff { first: ms(100), most: ms(1_000) };
    let mut waits = |failures| (0..1_000).map(|_| backoff.jittered(failures, &mut random)).collect::<Vec<_>>();
    for (failures, least, most) in [(1, 80, 120), (2, 160, 240), (3, 320, 480), (4, 640, 960), (5, 800, 1_000)] {
        let waits = waits(failures);
        let (shortest, longest) = (*waits.iter().min().unwrap(), *waits.iter().max().unwrap());
        assert!(shortest >= ms(least) && shortest < ms(least + 5), "after {failures}: {shortest:?}");
        assert!(longest <= ms(most) && longest > ms(most - 5), "after {failures}: {longest:?}");
        let longer = waits.iter().filter(|wait| **wait >= backoff.after(failures)).count();
        assert!((430..=570).contains(&longer), "after {failures}: {longer} of 1000 are longer");
    }
    let at_the_bound = waits(5).into_iter().filter(|wait| *wait == ms(1_000)).count();
    assert!((450..=550).contains(&at_the_bound), "what chance would make longer is cut: {at_the_bound}");
    let again = |seed| backoff.jittered(3, &mut fastrand::Rng::with_seed(seed));
    assert_eq!(again(1), again(1));
    assert_ne!(again(1), again(2));
}

/// When the attempts of one record reach the broker, in milliseconds.
async fn attempts(seed: u64) -> Vec<u128> {
    let (mut fakes, producer) = one(ProducerConfig { seed: Some(seed), ..sending(Again::default()) });
    let _delivery = producer.send(order("0")).await.unwrap();
    fakes.next().await.refuse(ErrorCode::NotEnoughReplicas);
    let began = tokio::time::Instant::now();
    let mut times = Vec::new();
    for _ in 0..7 {
        fakes.next().await.refuse(ErrorCode::NotEnoughReplicas);
        times.push(began.elapsed().as_millis());
    }
    times
}

#[tokio::test(start_paused = true)]
async fn rests_double_with_chance_up_to_a_bound_and_are_the_same_in_every_run() {
    let times = attempts(1).await;
    let mut before = 0;
    for (time, (least, most)) in
        times.iter().zip([(80, 120), (160, 240), (320, 480), (640, 960), (800, 1_000), (800, 1_000), (800, 1_000)])
    {
        let rest = time - before;
        assert!((least..=most + 1).contains(&rest), "{rest} of {times:?}");
        before = *time;
    }
    assert_eq!(times, attempts(1).await);
    assert_eq!(times, EXPECTED);
    assert_ne!(times, attempts(2).await);
}

/// With seed 1.
const EXPECTED: [u128; 7] = [110, 335, 775, 1_719, 2_719, 3_719, 4_550];

#[tokio::test(start_paused = true)]
async fn nothing_overtakes_a_batch_that_rests() {
    let mut fakes = Fakes::new(1);
    fakes.topic("orders", &[1, 1]);
    let producer = producer(&fakes, ProducerConfig { linger: Duration::ZERO, ..sending(Again::default()) });
    let first = producer.send(order_to(0, "first")).await.unwrap();
    fakes.next().await.refuse(ErrorCode::NotEnoughReplicas);
    settle().await;
    let second = producer.send(order_to(0, "second")).await.unwrap();
    let third = producer.send(order_to(0, "third")).await.unwrap();
    let other = producer.send(order_to(1, "other")).await.unwrap();
    let (asked, after) = timed(fakes.next()).await;
    assert_eq!((asked.values(), after), (vec!["other".to_owned()], 0), "another partition's goes at once, alone");
    asked.accept(0);
    other.await.unwrap();
    let queued: Vec<_> = producer.queued().iter().map(|batch| (batch.records, batch.is_open)).collect();
    assert_eq!(queued, [(1, false), (2, true)], "what comes meanwhile is put behind it");
    let (asked, after) = timed(fakes.next()).await;
    assert_eq!(asked.values(), ["first"]);
    assert!((80..=120).contains(&after), "{after}");
    asked.accept(0);
    let (asked, after) = timed(fakes.next()).await;
    assert_eq!((asked.values(), after), (vec!["second".to_owned(), "third".to_owned()], 0));
    asked.accept(1);
    assert_eq!((first.await.unwrap().offset, second.await.unwrap().offset, third.await.unwrap().offset), (0, 1, 2));
}

/// Plays a leader's log: the first attempt of each record whose number is in `refused` is refused, and all others are stored.
/// Gives the log.
async fn stored(fakes: &mut Fakes, producer: &Producer, refused: &[&str], requests: usize) -> Vec<String> {
    let (mut log, mut ends, mut refused) = (Vec::new(), BTreeMap::new(), refused.to_vec());
    for number in 0..6 {
        producer.send(order(format!("{number}"))).await.unwrap();
    }
    for _ in 0..requests {
        let asked = fakes.next().await;
        let values = asked.values();
        match refused.iter().position(|one| values == [*one]) {
            Some(place) => {
                refused.remove(place);
                asked.refuse(ErrorCode::NotEnoughReplicas);
            }
            None => {
                log.extend(values);
                asked.append(&mut ends);
            }
        }
    }
    producer.flush().await;
    assert_eq!(producer.stats().acknowledged, 6);
    log
}

#[tokio::test(start_paused = true)]
async fn one_request_at_a_time_keeps_the_order() {
    let (mut fakes, producer) = one(alone(1, Again::default()));
    let log = stored(&mut fakes, &producer, &["0", "0", "3"], 9).await;
    assert_eq!(log, ["0", "1", "2", "3", "4", "5"]);
}

/// Record 0 is refused while 1 to 4 are under way behind it. They are stored, and it comes after them: this is what stage 05
/// puts right.
#[tokio::test(start_paused = true)]
async fn five_requests_at_a_time_do_not_keep_it() {
    let (mut fakes, producer) = one(alone(5, Again::default()));
    let log = stored(&mut fakes, &producer, &["0", "3"], 8).await;
    assert_eq!(log, ["1", "2", "4", "0", "3", "5"]);
}

/// With one request at a time, the new leader's lane is free while the old leader has not answered yet.
#[tokio::test(start_paused = true)]
async fn a_partition_that_has_moved_waits_for_the_old_leaders_answer() {
    let mut fakes = Fakes::new(2);
    fakes.topic("orders", &[1, 2]);
    let producer = producer(&fakes, alone(1, Again::default()));
    let first = producer.send(order_to(0, "first")).await.unwrap();
    let old = fakes.next().await;
    // Another partition's refusal makes known that the leader is another.
    let other = producer.send(order_to(1, "other")).await.unwrap();
    fakes.topic("orders", &[2, 2]);
    fakes.next().await.refuse(ErrorCode::NotLeaderOrFollower);
    let again = fakes.next().await;
    assert_eq!((again.broker, again.values()), (2, vec!["other".to_owned()]));
    again.accept(0);
    other.await.unwrap();
    let second = producer.send(order_to(0, "second")).await.unwrap();
    assert!(fakes.within(5_000).await.is_none(), "broker 2 is free, and the first record's end is not known");
    old.accept(0);
    first.await.unwrap();
    let asked = fakes.next().await;
    assert_eq!((asked.broker, asked.values()), (2, vec!["second".to_owned()]));
    asked.accept(1);
    second.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn memory_stays_taken_until_the_batch_has_ended() {
    let config = ProducerConfig { buffer_memory: 500, max_block: ms(60_000), ..alone(1, Again::default()) };
    let (mut fakes, producer) = one(config);
    let first = producer.send(order("x".repeat(300))).await.unwrap();
    let taken = producer.buffered();
    assert!(taken > 300);
    fakes.next().await.refuse(ErrorCode::NotEnoughReplicas);
    settle().await;
    assert_eq!(producer.buffered(), taken, "while it rests");
    let sending = producer.send(order("y".repeat(300)));
    let answering = async {
        let again = fakes.next().await;
        tokio::time::sleep(ms(1_000)).await;
        again.accept(0);
    };
    let ((second, ()), after) = timed(async { tokio::join!(sending, answering) }).await;
    assert!((1_080..=1_120).contains(&after), "{after}");
    first.await.unwrap();
    fakes.next().await.accept(1);
    second.unwrap().await.unwrap();
    assert_eq!(producer.buffered(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_flush_waits_for_what_is_sent_again() {
    let (mut fakes, producer) = one(sending(Again::default()));
    let delivery = producer.send(order("0")).await.unwrap();
    let answering = async {
        fakes.next().await.refuse(ErrorCode::NotEnoughReplicas);
        fakes.next().await.hang_up();
        fakes.next().await.accept(0);
    };
    let (((), ()), after) = timed(async { tokio::join!(producer.flush(), answering) }).await;
    assert!((240..=360).contains(&after), "two rests, and no lingering: {after}");
    assert_eq!(delivery.await.unwrap().retries, 2);
}

#[tokio::test(start_paused = true)]
async fn a_close_waits_for_what_is_sent_again() {
    let (mut fakes, producer) = one(sending(Again::default()));
    let delivery = producer.send(order("0")).await.unwrap();
    let answering = async {
        fakes.next().await.refuse(ErrorCode::NotEnoughReplicas);
        fakes.next().await.accept(0);
    };
    let ((abandoned, ()), _) = timed(async { tokio::join!(producer.close(ms(5_000)), answering) }).await;
    assert_eq!((abandoned, delivery.await.unwrap().retries), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_close_whose_time_is_over_says_of_what_rests_whether_it_is_in_doubt() {
    for is_lost in [false, true] {
        let (mut fakes, producer) = one(alone(1, Again::default()));
        let rests = producer.send(order("0")).await.unwrap();
        let behind = producer.send(order("1")).await.unwrap();
        let asked = fakes.next().await;
        if is_lost {
            asked.hang_up()
        } else {
            asked.refuse(ErrorCode::NotEnoughReplicas)
        }
        assert_eq!(timed(producer.close(ms(50))).await, (2, 50));
        let (rests, behind) = (rests.await.unwrap_err(), behind.await.unwrap_err());
        assert_eq!((rests.is_in_doubt(), behind.is_in_doubt()), (is_lost, false));
        assert!(rests.to_string().starts_with("the producer is closed"), "{rests}");
        assert!(matches!(behind, Error::Closed(_)), "{behind:?}");
        assert_eq!(producer.buffered(), 0);
    }
}
