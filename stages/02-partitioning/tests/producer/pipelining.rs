//! Several requests at a time, and the order of records.

use std::collections::BTreeMap;
use std::time::Duration;

use partitioning::producer::ProducerConfig;

use crate::fake_broker::Fakes;
use crate::support::{config, ms, one, order, order_to, producer, settle, timed};

/// Each record in a request of its own.
fn alone(max_in_flight: usize) -> ProducerConfig {
    ProducerConfig { linger: Duration::ZERO, batch_size: 0, max_in_flight, ..config() }
}

#[tokio::test(start_paused = true)]
async fn so_many_requests_are_under_way_and_no_more() {
    for max_in_flight in [1, 2, 5] {
        let (mut fakes, producer) = one(alone(max_in_flight));
        for number in 0..10 {
            producer.send(order(format!("{number}"))).await.unwrap();
        }
        let mut under_way = Vec::new();
        while let Some(asked) = fakes.within(1_000).await {
            under_way.push(asked);
        }
        assert_eq!(under_way.len(), max_in_flight);
        let mut ends = BTreeMap::new();
        for next in max_in_flight..10 {
            under_way.remove(0).append(&mut ends);
            under_way.push(fakes.next().await);
            assert_eq!(under_way.last().unwrap().values(), [format!("{next}")], "an answer makes room for one");
            settle().await;
            assert!(fakes.within(0).await.is_none());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn records_arrive_in_the_order_in_which_they_were_sent() {
    let mut fakes = Fakes::new(2);
    fakes.topic("orders", &[1, 2, 1]);
    let producer = producer(&fakes, ProducerConfig { batch_size: 300, max_in_flight: 3, ..config() });
    let sending = async {
        for number in 0..300_u32 {
            producer.send(order_to(number % 3, format!("{number}"))).await.unwrap();
            if number % 7 == 0 {
                tokio::time::sleep(ms(1)).await;
            }
        }
        producer.flush().await;
    };
    let mut arrived: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let answering = async {
        // Answers are late, and by different times.
        for wait in [0, 9, 3, 30, 1].into_iter().cycle() {
            let asked = fakes.next().await;
            for (at, records) in asked.records() {
                let numbers = records
                    .iter()
                    .map(|record| std::str::from_utf8(record.value.as_ref().unwrap()).unwrap().parse::<u32>().unwrap());
                arrived.entry(at.partition).or_default().extend(numbers);
            }
            tokio::time::sleep(ms(wait)).await;
            asked.accept(0);
        }
    };
    tokio::select! {
        () = sending => {}
        () = answering => {}
    }
    for partition in 0..3 {
        let expected: Vec<u32> = (0..300).filter(|number| number % 3 == partition).collect();
        assert_eq!(arrived[&partition], expected);
    }
    let stats = producer.stats();
    assert_eq!((stats.acknowledged, stats.failed), (300, 0));
}

#[tokio::test(start_paused = true)]
async fn batches_grow_while_a_broker_is_slow() {
    let (mut fakes, producer) = one(ProducerConfig { linger: Duration::ZERO, max_in_flight: 1, ..config() });
    producer.send(order("first")).await.unwrap();
    let first = fakes.next().await;
    for number in 0..50 {
        producer.send(order(format!("{number}"))).await.unwrap();
    }
    assert!(fakes.within(10_000).await.is_none());
    first.accept(0);
    assert_eq!(fakes.next().await.values().len(), 50, "all that came meanwhile, in one batch");
}

#[tokio::test(start_paused = true)]
async fn a_slow_broker_does_not_hold_up_another() {
    let mut fakes = Fakes::new(2);
    fakes.topic("orders", &[1, 2]);
    let producer = producer(&fakes, alone(1));
    for number in 0..3 {
        producer.send(order_to(0, format!("slow {number}"))).await.unwrap();
    }
    let slow = fakes.next().await;
    for number in 0..3 {
        let delivery = producer.send(order_to(1, format!("fast {number}"))).await.unwrap();
        let asked = fakes.next().await;
        assert_eq!((asked.broker, asked.values()), (2, vec![format!("fast {number}")]));
        asked.accept(number);
        assert_eq!(delivery.await.unwrap().offset, number);
    }
    slow.accept(0);
    assert_eq!(fakes.next().await.values(), ["slow 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_cannot_be_reached_at_once_does_not_hold_up_another() {
    let mut fakes = Fakes::new(1);
    fakes.topic("orders", &[2, 1]);
    let socket = fakes.net.take("broker-2:9092");
    // One cable fills the socket, as nobody accepts it: a second waits.
    let _first = fakes.net.plug_in("broker-2:9092").await.unwrap();
    let producer = producer(&fakes, alone(1));
    let stuck = producer.send(order_to(0, "stuck")).await.unwrap();
    settle().await;
    let other = producer.send(order_to(1, "not stuck")).await.unwrap();
    let (asked, after) = timed(fakes.next()).await;
    assert_eq!((asked.values(), after), (vec!["not stuck".to_owned()], 0));
    asked.accept(0);
    other.await.unwrap();
    let (lost, after) = timed(stuck).await;
    let told = "cannot reach broker-2:9092: no connection within 10000 ms";
    assert_eq!((lost.unwrap_err().to_string(), after), (told.to_owned(), 10_000));
    drop(socket);
}

#[tokio::test(start_paused = true)]
async fn partitions_take_turns_when_requests_are_full() {
    let mut fakes = Fakes::new(1);
    fakes.topic("orders", &[1; 3]);
    let config = ProducerConfig { batch_size: 500, max_request_size: 1_000, max_in_flight: 1, ..config() };
    let producer = producer(&fakes, config);
    for _ in 0..4 {
        for partition in 0..3 {
            // A batch holds one of these, a request two.
            producer.send(order_to(partition, "x".repeat(400))).await.unwrap();
        }
    }
    let mut asked = Vec::new();
    for _ in 0..6 {
        let next = fakes.next().await;
        asked.push(next.partitions());
        next.accept(0);
    }
    let mut counts = [0; 3];
    for (number, partitions) in (1..).zip(&asked) {
        partitions.iter().for_each(|&partition| counts[partition as usize] += 1);
        let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
        assert!(most - least <= 1, "after {number} requests: {asked:?}");
    }
    assert_eq!(counts, [4; 3]);
}
