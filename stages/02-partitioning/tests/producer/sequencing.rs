//! Who numbers the batches is asked, and obeyed: here a script that holds back, stamps and overrules as the test says, and
//! notes what it is asked and told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use partitioning::api::{ProducePartition, TopicId};
use partitioning::producer::sending::Answer;
use partitioning::producer::sequencing::{Departure, Ending, Failure, Fate, Gate, Stamp};
use partitioning::producer::{Producer, ProducerConfig, Sending, Sequencing};
use partitioning::{Client, Cluster, Error, ErrorCode, Result, TopicPartition};
use segment_log::BatchView;
use tokio::sync::Notify;

use crate::fake_broker::{Asked, Fakes};
use crate::support::{Again, alone, ms, one, order, settle, timed};

#[derive(Debug, Default)]
struct Script {
    held: BTreeSet<u64>,
    never: BTreeSet<u64>,
    /// The next stamp of each batch; those that are not here get none.
    stamps: BTreeMap<u64, Stamp>,
    /// What becomes of a failure, where it is not as `again` says.
    fates: BTreeMap<u64, Fate>,
    trouble: Option<String>,
    wake: Arc<Notify>,
    noted: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct Shared(Arc<Mutex<Script>>);

impl Shared {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap()
    }

    fn noted(&self) -> Vec<String> {
        std::mem::take(&mut self.script().noted)
    }
}

impl Sequencing for Shared {
    fn gate(&mut self, first: &Departure<'_>) -> Gate {
        let script = self.script();
        match first.number {
            number if script.never.contains(&number) => Gate::Never(ErrorCode::InvalidRecord.because("never").into()),
            number if script.held.contains(&number) => Gate::Held,
            _ => Gate::Open,
        }
    }

    fn stamp(&mut self, leaving: &Departure<'_>) -> Option<Stamp> {
        let Departure { at, topic, number, records } = leaving;
        let topic = topic.expect("a leader is known").0;
        let mut script = self.script();
        script.noted.push(format!("{number} leaves for {at} of topic {topic}: {records} records"));
        script.stamps.get(number).copied()
    }

    fn attempt_failed(&mut self, failure: &Failure<'_>) -> Fate {
        let Failure { number, in_doubt, again, error, .. } = failure;
        let mut script = self.script();
        let code = error.code().map_or("no answer", ErrorCode::name);
        script.noted.push(format!("{number} failed: {code}, in doubt {in_doubt}, again {again}"));
        let as_said = if *again { Fate::Again } else { Fate::Failed };
        script.fates.get(number).copied().unwrap_or(as_said)
    }

    fn ended(&mut self, _: &TopicPartition, number: u64, ending: Ending) {
        self.script().noted.push(format!("{number} ended: {ending:?}"));
    }

    fn trouble(&self, _: &TopicPartition) -> Option<String> {
        self.script().trouble.clone()
    }
}

#[derive(Debug)]
struct Scripted {
    again: Again,
    shared: Shared,
}

impl Sending for Scripted {
    fn start(&self, broker: &Client, partitions: Vec<ProducePartition>) -> Result<Answer> {
        self.again.start(broker, partitions)
    }

    fn again(&self, error: &Error, attempts: u32) -> bool {
        self.again.again(error, attempts)
    }

    fn delivery_timeout(&self) -> Option<Duration> {
        self.again.delivery_timeout()
    }

    fn sequencing(&self, _: &Cluster, _: &ProducerConfig, wake: Arc<Notify>) -> Box<dyn Sequencing> {
        self.shared.script().wake = wake;
        Box::new(self.shared.clone())
    }
}

/// Each record alone, five requests at a time, and a script.
fn scripted(again: Again) -> (Fakes, Producer, Shared) {
    let shared = Shared::default();
    let sending = Arc::new(Scripted { again, shared: shared.clone() });
    let (fakes, producer) = one(ProducerConfig { sending, ..alone(5, again) });
    (fakes, producer, shared)
}

fn stamp(producer_id: i64, epoch: i16, base_sequence: i32) -> Stamp {
    Stamp { producer_id, epoch, base_sequence }
}

fn stamp_in(asked: &Asked) -> Stamp {
    let batch = BatchView::parse(&asked.request.partitions[0].records.0).unwrap();
    batch.verify().expect("it is signed");
    Stamp::of(&batch)
}

#[tokio::test(start_paused = true)]
async fn it_is_told_of_each_batch_that_leaves_and_how_each_ends() {
    let (mut fakes, producer, shared) = scripted(Again::default());
    let first = producer.send(order("0")).await.unwrap();
    fakes.next().await.accept(0);
    first.await.unwrap();
    let second = producer.send(order("1")).await.unwrap();
    fakes.next().await.hang_up();
    fakes.next().await.refuse(ErrorCode::NotEnoughReplicas);
    fakes.next().await.refuse(ErrorCode::MessageTooLarge);
    assert!(second.await.unwrap_err().is_in_doubt());
    let third = producer.send(order("2")).await.unwrap();
    fakes.next().await.refuse(ErrorCode::MessageTooLarge);
    third.await.unwrap_err();
    assert_eq!(
        shared.noted(),
        [
            "0 leaves for orders-0 of topic 1: 1 records",
            "0 ended: Stored",
            "1 leaves for orders-0 of topic 1: 1 records",
            "1 failed: no answer, in doubt true, again true",
            "1 leaves for orders-0 of topic 1: 1 records",
            "1 failed: NOT_ENOUGH_REPLICAS, in doubt true, again true",
            "1 leaves for orders-0 of topic 1: 1 records",
            "1 failed: MESSAGE_TOO_LARGE, in doubt true, again false",
            "1 ended: InDoubt",
            "2 leaves for orders-0 of topic 1: 1 records",
            "2 failed: MESSAGE_TOO_LARGE, in doubt false, again false",
            "2 ended: NotStored",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_held_waits_and_all_behind_it_until_it_is_woken() {
    let (mut fakes, producer, shared) = scripted(Again::default());
    shared.script().held.insert(1);
    let mut deliveries = Vec::new();
    for number in 0..3 {
        deliveries.push(producer.send(order(format!("{number}"))).await.unwrap());
    }
    let asked = fakes.next().await;
    assert_eq!(asked.values(), ["0"]);
    asked.accept(0);
    assert!(fakes.within(10_000).await.is_none());
    assert_eq!(producer.queued().len(), 2);
    let wake = {
        let mut script = shared.script();
        script.held.clear();
        script.wake.clone()
    };
    wake.notify_one();
    let (asked, after) = timed(fakes.next()).await;
    assert_eq!((asked.values(), after), (vec!["1".to_owned()], 0));
    asked.accept(1);
    fakes.next().await.accept(2);
    for (number, delivery) in deliveries.into_iter().enumerate() {
        assert_eq!(delivery.await.unwrap().offset, number as i64);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_held_until_its_time_is_over_says_why() {
    let (mut fakes, producer, shared) = scripted(Again { within: 5_000, ..Again::default() });
    shared.script().held.insert(0);
    shared.script().trouble = Some("nobody says who this producer is".to_owned());
    let delivery = producer.send(order("0")).await.unwrap();
    let (error, after) = timed(delivery).await;
    let text = "not acknowledged within delivery.timeout.ms = 5000: nobody says who this producer is";
    let error = error.unwrap_err();
    assert_eq!((error.to_string().as_str(), error.is_in_doubt(), after), (text, false, 5_000));
    assert!(fakes.within(1_000).await.is_none());
    assert_eq!(shared.noted(), ["0 ended: NotStored"], "it never left, and has ended all the same");
}

#[tokio::test(start_paused = true)]
async fn what_will_never_leave_fails_at_once_and_what_is_behind_it_goes_on() {
    let (mut fakes, producer, shared) = scripted(Again::default());
    shared.script().never.insert(1);
    let mut deliveries = Vec::new();
    for number in 0..3 {
        deliveries.push(producer.send(order(format!("{number}"))).await.unwrap());
    }
    let third = deliveries.pop().unwrap();
    let (error, after) = timed(deliveries.pop().unwrap()).await;
    assert_eq!((error.unwrap_err().to_string().as_str(), after), ("never (INVALID_RECORD)", 0));
    let (first, asked) = (fakes.next().await, fakes.next().await);
    assert_eq!(asked.values(), ["2"]);
    first.accept(0);
    asked.accept(1);
    assert_eq!(third.await.unwrap().offset, 1);
    assert_eq!((producer.stats().failed, producer.buffered()), (1, 0));
}

/// Also what was sent before, and then it may be in the log.
#[tokio::test(start_paused = true)]
async fn what_has_come_back_may_be_told_that_it_never_leaves_again() {
    let (mut fakes, producer, shared) = scripted(Again::default());
    let delivery = producer.send(order("0")).await.unwrap();
    let asked = fakes.next().await;
    shared.script().never.insert(0);
    asked.hang_up();
    let (error, after) = timed(delivery).await;
    let error = error.unwrap_err();
    assert!(error.is_in_doubt() && error.code() == Some(ErrorCode::InvalidRecord), "{error}");
    assert!((80..=120).contains(&after), "when it has rested: {after}");
    assert!(fakes.within(10_000).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn the_stamp_stands_in_the_header() {
    let (mut fakes, producer, shared) = scripted(Again::default());
    shared.script().stamps = BTreeMap::from([(0, stamp(7, 1, 0)), (1, stamp(7, 1, i32::MAX))]);
    for expected in [stamp(7, 1, 0), stamp(7, 1, i32::MAX), stamp(-1, -1, -1)] {
        let delivery = producer.send(order("0")).await.unwrap();
        let asked = fakes.next().await;
        assert_eq!(stamp_in(&asked), expected);
        asked.accept(0);
        delivery.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_back_is_stamped_anew_only_if_its_stamp_has_changed() {
    let (mut fakes, producer, shared) = scripted(Again::default());
    shared.script().stamps.insert(0, stamp(7, 1, 5));
    let delivery = producer.send(order("0")).await.unwrap();
    let first = fakes.next().await;
    let sent = first.request.clone();
    first.refuse(ErrorCode::NotEnoughReplicas);
    let second = fakes.next().await;
    assert_eq!(second.request, sent, "byte for byte");
    shared.script().stamps.insert(0, stamp(7, 2, 0));
    second.refuse(ErrorCode::NotEnoughReplicas);
    let third = fakes.next().await;
    assert_eq!((stamp_in(&third), third.values()), (stamp(7, 2, 0), vec!["0".to_owned()]));
    let renumbered = third.request.clone();
    third.refuse(ErrorCode::NotEnoughReplicas);
    let fourth = fakes.next().await;
    assert_eq!(fourth.request, renumbered);
    fourth.accept(3);
    assert_eq!(delivery.await.unwrap().retries, 3);
}

/// Whoever gives another stamp has made sure of it.
#[tokio::test(start_paused = true)]
async fn with_another_stamp_what_was_in_doubt_is_not_any_more() {
    let (mut fakes, producer, shared) = scripted(Again::default());
    shared.script().stamps.insert(0, stamp(7, 1, 5));
    let delivery = producer.send(order("0")).await.unwrap();
    let asked = fakes.next().await;
    shared.script().stamps.insert(0, stamp(7, 2, 0));
    asked.hang_up();
    fakes.next().await.refuse(ErrorCode::MessageTooLarge);
    assert!(!delivery.await.unwrap_err().is_in_doubt());
    assert_eq!(shared.noted().last().unwrap(), "0 ended: NotStored");
}

#[tokio::test(start_paused = true)]
async fn it_overrules_whether_a_batch_is_sent_again() {
    let (mut fakes, producer, shared) = scripted(Again::default());
    shared.script().fates = BTreeMap::from([(0, Fate::Again), (1, Fate::Failed)]);
    let zero = producer.send(order("0")).await.unwrap();
    fakes.next().await.refuse(ErrorCode::OutOfOrderSequenceNumber);
    let (asked, after) = timed(fakes.next()).await;
    assert!((80..=120).contains(&after), "it rests as any other: {after}");
    asked.accept(0);
    assert_eq!(zero.await.unwrap().retries, 1);
    let one = producer.send(order("1")).await.unwrap();
    fakes.next().await.refuse(ErrorCode::NotEnoughReplicas);
    let (error, after) = timed(one).await;
    assert_eq!((error.unwrap_err().code(), after), (Some(ErrorCode::NotEnoughReplicas), 0));
}

#[tokio::test(start_paused = true)]
async fn a_batch_whose_time_ends_under_way_has_ended_and_its_answer_is_not_told() {
    let (mut fakes, producer, shared) = scripted(Again { within: 5_000, ..Again::default() });
    let delivery = producer.send(order("0")).await.unwrap();
    let asked = fakes.next().await;
    assert!(delivery.await.unwrap_err().is_in_doubt());
    asked.accept(0);
    settle().await;
    let next = producer.send(order("1")).await.unwrap();
    fakes.next().await.accept(1);
    next.await.unwrap();
    let noted = shared.noted();
    assert_eq!(noted[1..3], ["0 ended: InDoubt", "1 leaves for orders-0 of topic 1: 1 records"]);
    assert_eq!(noted.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn another_topic_of_the_name_can_be_seen_and_batches_for_the_one_before_end() {
    let (mut fakes, producer, shared) = scripted(Again::default());
    let first = producer.send(order("0")).await.unwrap();
    let asked = fakes.next().await;
    fakes.topic_with("orders", TopicId(2), &[Some(1)]);
    asked.refuse(ErrorCode::UnknownTopicOrPartition);
    assert!(first.await.is_err());
    let second = producer.send(order("1")).await.unwrap();
    fakes.next().await.accept(0);
    second.await.unwrap();
    let noted = shared.noted();
    assert_eq!(noted[2..4], ["0 ended: NotStored", "1 leaves for orders-0 of topic 2: 1 records"], "{noted:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_closed_producer_leaves_behind_ends_too() {
    let (mut fakes, producer, shared) = scripted(Again::default());
    shared.script().held.insert(1);
    let under_way = producer.send(order("0")).await.unwrap();
    let held = producer.send(order("1")).await.unwrap();
    let _asked = fakes.next().await;
    assert_eq!(producer.close(ms(1_000)).await, 2);
    assert!(under_way.await.unwrap_err().is_in_doubt());
    assert!(!held.await.unwrap_err().is_in_doubt());
    assert_eq!(shared.noted()[1..], ["0 ended: InDoubt", "1 ended: NotStored"]);
}
