//! A topic that was deleted and made anew is another topic: records for the one before do not get into it.

use std::sync::{Arc, Mutex};

use partitioning::api::TopicId;
use partitioning::producer::{Producer, ProducerConfig, RecordMetadata};
use partitioning::{Error, ErrorCode};

use crate::fake_broker::Fakes;
use crate::support::{Again, alone, config, ms, one, order, order_to, producer, settle};

const GONE: &str = "the topic of orders-0 was deleted, and another has its name: the record was for the one before \
                    (INCONSISTENT_TOPIC_ID)";

/// Two records, one under way and one that waits, for a topic that is another when they end.
async fn two(fakes: &mut Fakes, producer: &Producer) -> [Result<i64, Error>; 2] {
    let under_way = producer.send(order("under way")).await.unwrap();
    let waits = producer.send(order("waits")).await.unwrap();
    let asked = fakes.next().await;
    fakes.topic_with("orders", TopicId(2), &[Some(1)]);
    asked.refuse(ErrorCode::UnknownTopicOrPartition);
    [under_way.await.map(|metadata| metadata.offset), waits.await.map(|metadata| metadata.offset)]
}

#[tokio::test(start_paused = true)]
async fn what_was_put_for_the_topic_before_fails() {
    let (mut fakes, producer) = one(alone(1, Again::default()));
    let [under_way, waits] = two(&mut fakes, &producer).await;
    assert_eq!(under_way.unwrap_err().to_string(), GONE);
    assert_eq!(waits.unwrap_err().to_string(), GONE);
    assert_eq!((producer.buffered(), producer.stats().failed), (0, 2));
    let next = producer.send(order("for the new one")).await.unwrap();
    let asked = fakes.next().await;
    assert_eq!(asked.values(), ["for the new one"]);
    asked.accept(0);
    assert!(next.await.is_ok());
}

/// The batch is under way while the producer learns of the new topic, and comes back after that.
#[tokio::test(start_paused = true)]
async fn what_comes_back_when_the_topic_is_another_fails() {
    let (mut fakes, producer) = one(alone(5, Again::default()));
    let first = producer.send(order("first")).await.unwrap();
    let second = producer.send(order("second")).await.unwrap();
    let (first_asked, second_asked) = (fakes.next().await, fakes.next().await);
    fakes.topic_with("orders", TopicId(2), &[Some(1)]);
    first_asked.refuse(ErrorCode::UnknownTopicOrPartition);
    assert_eq!(first.await.unwrap_err().to_string(), GONE);
    second_asked.hang_up();
    let error = second.await.unwrap_err();
    assert!(error.to_string().starts_with(GONE) && error.is_in_doubt(), "{error}");
    assert!(fakes.within(10_000).await.is_none());
}

/// Also where nothing is sent again: the producer learns of the new topic when it asks for the next record.
#[tokio::test(start_paused = true)]
async fn what_waits_fails_behind_what_is_under_way() {
    let mut fakes = Fakes::new(2);
    fakes.topic("orders", &[1, 2]);
    let producer = producer(&fakes, ProducerConfig { linger: ms(0), batch_size: 0, max_in_flight: 1, ..config() });
    let heard = Arc::new(Mutex::new(Vec::new()));
    let note = |name: &'static str| {
        let heard = heard.clone();
        move |outcome: Result<RecordMetadata, Error>| heard.lock().unwrap().push((name, outcome.is_ok()))
    };
    producer.send_with(order_to(0, "0"), note("under way")).await.unwrap();
    let under_way = fakes.next().await;
    producer.send_with(order_to(0, "1"), note("waits")).await.unwrap();
    let other = producer.send(order_to(1, "2")).await.unwrap();
    let refused = fakes.next().await;
    fakes.topic_with("orders", TopicId(2), &[Some(1)]);
    refused.refuse(ErrorCode::UnknownTopicOrPartition);
    assert!(other.await.is_err());
    producer.send_with(order_to(0, "3"), note("for the new one")).await.unwrap();
    settle().await;
    assert_eq!(*heard.lock().unwrap(), [], "the first has not ended");
    under_way.accept(0);
    let asked = fakes.next().await;
    assert_eq!(asked.values(), ["3"]);
    asked.accept(0);
    producer.flush().await;
    assert_eq!(*heard.lock().unwrap(), [("under way", true), ("waits", false), ("for the new one", true)]);
}
