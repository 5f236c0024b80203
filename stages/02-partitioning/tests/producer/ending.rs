//! Flush, close and drop; deliveries and callbacks. Each record ends once.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use partitioning::api::TopicId;
use partitioning::producer::{Producer, ProducerConfig, RecordMetadata};
use partitioning::{ClientConfig, Cluster, Error, ErrorCode, Host, Result, Workers};
use segment_log::Compression;

use crate::fake_broker::{FIRST, Fakes};
use crate::support::{config, host, ms, one, order, order_to, producer, settle, timed};

/// What callbacks were told, in the order in which they were called.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<Told>>>);

/// The record's number, and what became of it.
type Told = (u32, Result<RecordMetadata>);

impl Heard {
    /// A callback that notes what it is told under this number.
    fn note(&self, number: u32) -> impl FnOnce(Result<RecordMetadata>) + Send + 'static {
        let heard = self.clone();
        move |outcome| heard.0.lock().unwrap().push((number, outcome))
    }

    fn numbers(&self) -> Vec<u32> {
        self.0.lock().unwrap().iter().map(|(number, _)| *number).collect()
    }
}

/// Each record alone, one request at a time: the first is under way, the others wait.
fn slow() -> ProducerConfig {
    ProducerConfig { linger: Duration::ZERO, batch_size: 0, max_in_flight: 1, ..config() }
}

async fn send_three(producer: &Producer) -> [partitioning::producer::Delivery; 3] {
    let [first, second, third] = ["0", "1", "2"].map(|text| producer.send(order(text)));
    [first.await.unwrap(), second.await.unwrap(), third.await.unwrap()]
}

#[tokio::test(start_paused = true)]
async fn a_flush_waits_for_what_was_sent_before_and_for_nothing_else() {
    let (mut fakes, producer) = one(slow());
    let _three = send_three(&producer).await;
    let flushed = producer.flush();
    tokio::pin!(flushed);
    let first = fakes.next().await;
    tokio::select! {
        biased;
        () = &mut flushed => panic!("nothing was answered"),
        () = settle() => {}
    }
    let _later = producer.send(order("later")).await.unwrap();
    first.accept(0);
    fakes.next().await.refuse(ErrorCode::InvalidRecord);
    tokio::select! {
        biased;
        () = &mut flushed => panic!("the third was not answered"),
        third = fakes.next() => third.accept(2),
    }
    let ((), after) = timed(flushed).await;
    assert_eq!(after, 0, "the later one is not waited for");
    assert_eq!(fakes.next().await.values(), ["later"]);
}

#[tokio::test(start_paused = true)]
async fn a_flush_without_records_returns_at_once() {
    let (mut fakes, producer) = one(config());
    producer.flush().await;
    let delivery = producer.send(order("0")).await.unwrap();
    fakes.next().await.accept(0);
    delivery.await.unwrap();
    let ((), after) = timed(producer.flush()).await;
    assert_eq!(after, 0);
}

#[tokio::test(start_paused = true)]
async fn callbacks_come_in_order_and_before_the_flush_returns() {
    let mut fakes = Fakes::new(1);
    fakes.topic("orders", &[1, 1]);
    let producer = producer(&fakes, ProducerConfig { batch_size: 150, ..config() });
    let heard = Heard::default();
    for number in 0..20 {
        producer.send_with(order_to(number % 2, format!("{number:0>30}")), heard.note(number)).await.unwrap();
    }
    tokio::select! {
        () = fakes.accept_all() => {}
        () = producer.flush() => {}
    }
    let numbers = heard.numbers();
    for parity in 0..2 {
        let of_one: Vec<u32> = numbers.iter().copied().filter(|number| number % 2 == parity).collect();
        assert_eq!(of_one, (0..20).filter(|number| number % 2 == parity).collect::<Vec<_>>());
    }
    assert!(heard.0.lock().unwrap().iter().all(|(_, outcome)| outcome.is_ok()));
}

/// The connection ends, and the next one fails: what waits fails behind what was under way. Threads race here, so it is
/// tried often.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callbacks_come_in_order_when_the_broker_goes() {
    for _ in 0..200 {
        let settings = ProducerConfig { linger: Duration::ZERO, batch_size: 0, max_in_flight: 20, ..config() };
        let (mut fakes, producer) = one(settings);
        let heard = Heard::default();
        for number in 0..25 {
            producer.send_with(order("x"), heard.note(number)).await.unwrap();
        }
        let mut under_way = Vec::new();
        for _ in 0..20 {
            under_way.push(fakes.next().await);
        }
        fakes.kill(1).await;
        producer.flush().await;
        assert_eq!(heard.numbers(), (0..25).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn callbacks_come_in_order_when_the_leader_goes() {
    let mut fakes = Fakes::new(2);
    fakes.topic("orders", &[1, 2]);
    let producer = producer(&fakes, slow());
    let heard = Heard::default();
    producer.send_with(order_to(0, "first"), heard.note(0)).await.unwrap();
    let first = fakes.next().await;
    let other = producer.send(order_to(1, "other")).await.unwrap();
    fakes.next().await.refuse(ErrorCode::UnknownTopicOrPartition);
    assert!(other.await.is_err());
    // With the next record the producer learns that nobody leads the partition any more.
    fakes.topic_with("orders", TopicId(1), &[None, Some(2)]);
    producer.send_with(order_to(0, "second"), heard.note(1)).await.unwrap();
    settle().await;
    assert_eq!(heard.numbers(), [], "the first is under way");
    first.accept(0);
    producer.flush().await;
    assert_eq!(heard.numbers(), [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_callback_that_panics_harms_nobody() {
    let (mut fakes, producer) = one(slow());
    producer.send_with(order("0"), |_| panic!("somebody else's fault")).await.unwrap();
    let other = producer.send(order("1")).await.unwrap();
    fakes.next().await.accept(0);
    fakes.next().await.accept(1);
    assert_eq!(other.await.unwrap().offset, 1);
    producer.flush().await;
}

#[tokio::test(start_paused = true)]
async fn a_callback_is_called_if_and_only_if_the_record_was_taken() {
    let (_fakes, producer) = one(ProducerConfig { max_request_size: 200, ..config() });
    let heard = Heard::default();
    let refused = producer.send_with(order("x".repeat(500)), heard.note(1)).await;
    assert!(matches!(refused, Err(Error::RecordTooLarge { .. })));
    producer.send_with(order("x"), heard.note(2)).await.unwrap();
    drop(producer);
    settle().await;
    assert_eq!(heard.numbers(), [2]);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_nobody_waits_for_is_no_trouble() {
    let (mut fakes, producer) = one(slow());
    drop(send_three(&producer).await);
    for offset in 0..3 {
        fakes.next().await.accept(offset);
    }
    producer.flush().await;
    assert_eq!(producer.stats().acknowledged, 3);
}

#[tokio::test(start_paused = true)]
async fn close_waits_for_all_answers() {
    let (mut fakes, producer) = one(ProducerConfig { linger: ms(3_600_000), batch_size: 16_384, ..slow() });
    let three = send_three(&producer).await;
    let closing = producer.close(ms(5_000));
    let answering = async {
        let asked = fakes.next().await;
        tokio::time::sleep(ms(1_000)).await;
        asked.accept(0);
    };
    let ((abandoned, ()), after) = timed(async { tokio::join!(closing, answering) }).await;
    assert_eq!((abandoned, after), (0, 1_000), "nothing lingers, and nothing is given up");
    for (offset, delivery) in (0..).zip(three) {
        assert_eq!(delivery.await.unwrap().offset, offset);
    }
}

#[tokio::test(start_paused = true)]
async fn close_gives_up_when_its_time_is_over() {
    let (mut fakes, producer) = one(slow());
    let [under_way, second, third] = send_three(&producer).await;
    let asked = fakes.next().await;
    let (abandoned, after) = timed(producer.close(ms(5_000))).await;
    assert_eq!((abandoned, after), (3, 5_000));
    let in_doubt = under_way.await.unwrap_err();
    let told = "the connection to broker-1:9092 ended before the answer came: the producer was closed";
    assert_eq!(in_doubt.to_string(), told);
    assert!(in_doubt.is_in_doubt());
    for delivery in [second, third] {
        let error = delivery.await.unwrap_err();
        assert_eq!((error.to_string(), error.is_in_doubt()), ("the producer is closed".to_owned(), false));
    }
    assert_eq!(producer.close(ms(5_000)).await, 3, "to close it again changes nothing");
    drop(asked);
}

#[tokio::test(start_paused = true)]
async fn close_without_time_gives_up_at_once() {
    let (_fakes, producer) = one(slow());
    let three = send_three(&producer).await;
    let (abandoned, after) = timed(producer.close(Duration::ZERO)).await;
    assert_eq!((abandoned, after), (3, 0));
    for delivery in three {
        assert!(matches!(delivery.await, Err(Error::Closed(_))));
    }
}

#[tokio::test(start_paused = true)]
async fn a_closed_producer_takes_nothing() {
    let (_fakes, producer) = one(config());
    assert_eq!(producer.close(ms(5_000)).await, 0);
    let error = producer.send(order("0")).await.unwrap_err();
    assert_eq!(error.to_string(), "the producer is closed");
    producer.flush().await;
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_memory_or_for_a_topic_is_told_of_the_close() {
    let (mut fakes, producer) = one(ProducerConfig { buffer_memory: 300, ..slow() });
    let first = producer.send(order("x".repeat(150))).await.unwrap();
    let asked = fakes.next().await;
    fakes.told.lock().unwrap().is_silent = true;
    let memory = producer.send(order("x".repeat(150)));
    let mut other = order("y");
    other.topic = "payments".into();
    let topic = producer.send(other);
    let closing = async {
        settle().await;
        producer.close(ms(1_000)).await
    };
    let ((memory, topic, abandoned), after) = timed(async { tokio::join!(memory, topic, closing) }).await;
    assert_eq!((abandoned, after), (1, 1_000));
    for error in [memory.unwrap_err(), topic.unwrap_err()] {
        assert_eq!(error.to_string(), "the producer is closed");
    }
    assert!(first.await.unwrap_err().is_in_doubt());
    drop(asked);
}

#[tokio::test(start_paused = true)]
async fn a_producer_that_is_dropped_tells_all_who_wait() {
    let (mut fakes, producer) = one(slow());
    let heard = Heard::default();
    let [under_way, second, third] = send_three(&producer).await;
    producer.send_with(order("3"), heard.note(3)).await.unwrap();
    let asked = fakes.next().await;
    drop(producer);
    let ((), after) = timed(async {
        assert!(under_way.await.unwrap_err().is_in_doubt());
        for delivery in [second, third] {
            assert!(matches!(delivery.await, Err(Error::Closed("the producer"))));
        }
    })
    .await;
    assert_eq!((after, heard.numbers()), (0, vec![3]));
    drop(asked);
}

#[test]
fn what_is_being_compressed_when_the_time_is_over_is_counted_too() {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let fakes = Fakes::new(1);
        fakes.topic("orders", &[1]);
        let host = Host { workers: Workers::Threads, ..host(fakes.net.clone()) };
        let cluster = Cluster::new(host, ClientConfig::new(FIRST)).unwrap();
        let settings = ProducerConfig { compression: Compression::Gzip, ..slow() };
        let producer = Producer::new(cluster, settings).unwrap();
        // The only worker has other things to do.
        let (release, released) = std::sync::mpsc::channel::<()>();
        let busy = tokio::task::spawn_blocking(move || released.recv());
        let deliveries = send_three(&producer).await;
        settle().await;
        assert_eq!(producer.queued().len(), 2, "the first has left");
        assert_eq!(producer.close(Duration::ZERO).await, 3);
        for delivery in deliveries {
            assert!(matches!(delivery.await, Err(Error::Closed(_))));
        }
        assert_eq!((producer.buffered(), producer.stats().failed), (0, 3));
        drop(release);
        assert!(busy.await.unwrap().is_err());
    });
}

#[test]
fn a_runtime_that_ends_tells_all_who_wait() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let first = runtime();
    let (producer, deliveries, heard) = first.block_on(async {
        let (fakes, producer) = one(slow());
        let heard = Heard::default();
        let deliveries = send_three(&producer).await;
        producer.send_with(order("3"), heard.note(3)).await.unwrap();
        drop(fakes);
        (producer, deliveries, heard)
    });
    drop(first);
    runtime().block_on(async {
        for delivery in deliveries {
            assert!(matches!(delivery.await, Err(Error::Closed(_))));
        }
        assert_eq!(heard.numbers(), [3]);
        assert!(matches!(producer.send(order("4")).await, Err(Error::Closed(_))));
        producer.flush().await;
        producer.close(ms(1_000)).await;
    });
}

/// A batch that is being compressed when the producer goes is in nobody's list. Its records are told all the same.
#[tokio::test(start_paused = true)]
async fn records_that_are_being_packed_are_told_too() {
    let fakes = Fakes::new(1);
    fakes.topic("orders", &[1]);
    let mut host = host(fakes.net.clone());
    host.workers = Workers::Threads;
    let cluster = Cluster::new(host, ClientConfig::new(FIRST)).unwrap();
    let config = ProducerConfig { compression: Compression::Gzip, ..slow() };
    let producer = Producer::new(cluster, config).unwrap();
    let heard = Heard::default();
    let mut random = fastrand::Rng::with_seed(1);
    let mut noise = vec![0; 1_000_000];
    random.fill(&mut noise);
    let mut record = order("");
    record.value = Some(noise.into());
    producer.send_with(record, heard.note(1)).await.unwrap();
    settle().await;
    assert_eq!(producer.close(Duration::ZERO).await, 1);
    settle().await;
    assert_eq!(heard.numbers(), [1]);
}
