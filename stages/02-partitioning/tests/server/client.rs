//! The client's end: what it is told when no answer comes. The test plays the broker.

use std::sync::Arc;
use std::time::Duration;

use partitioning::net::Net;
use partitioning::wire;
use partitioning::{Client, ClientConfig, Clock, Error, Host, Workers};
use segment_log::disk::RealDisk;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, sleep, timeout};

use crate::cables::{CABLE, Cables};
use crate::support::{ADDRESS, Echo, settle};

/// A client, and the broker's end of its connection.
async fn connected() -> (Client, DuplexStream) {
    let net = Cables::default();
    let mut socket = net.take(ADDRESS);
    let host = host(net);
    let config = ClientConfig::new(ADDRESS);
    let (client, broker) = tokio::join!(Client::connect(&host, ADDRESS, &config), socket.next());
    (client.unwrap(), broker)
}

fn host(net: impl Net) -> Host {
    Host { net: Arc::new(net), disk: Arc::new(RealDisk), clock: Clock::from_fn(|| 0), workers: Workers::Inline }
}

async fn answer(broker: &mut DuplexStream, correlation: u32, text: &str) {
    let frame = wire::answer_frame(correlation, &Ok(text.to_owned()), usize::MAX).unwrap();
    broker.write_all(&frame).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn nobody_listens() {
    let error = Client::connect(&host(Cables::default()), ADDRESS, &ClientConfig::new(ADDRESS)).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot reach broker:9092: connection refused");
    assert!(!error.is_in_doubt() && error.is_retriable());
}

#[tokio::test(start_paused = true)]
async fn requests_are_sent_before_the_first_answer_comes() {
    let (client, mut broker) = connected().await;
    let (one, two) = (client.start::<Echo>("a".to_owned()).unwrap(), client.start::<Echo>("b".to_owned()).unwrap());
    settle().await;
    let mut both = [0; 100];
    let read = broker.read(&mut both).await.unwrap();
    assert_eq!(both[..read].iter().filter(|&&byte| byte == b'a' || byte == b'b').count(), 2);
    answer(&mut broker, 0, "A").await;
    answer(&mut broker, 1, "B").await;
    assert_eq!((two.await.unwrap(), one.await.unwrap()), ("B".to_owned(), "A".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_ends_leaves_all_who_wait_in_doubt() {
    let (client, broker) = connected().await;
    let (one, two) = (client.start::<Echo>("a".to_owned()).unwrap(), client.start::<Echo>("b".to_owned()).unwrap());
    settle().await;
    drop(broker);
    for waiting in [one, two] {
        let error = waiting.await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the connection to broker:9092 ended before the answer came: the broker closed it"
        );
        assert!(error.is_in_doubt());
    }
    let error = client.call::<Echo>("c".to_owned()).await.unwrap_err();
    assert!(!error.is_in_doubt(), "it was never sent: {error}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_in_time_ends_the_connection() {
    let (client, _broker) = connected().await;
    let began = Instant::now();
    let first = client.start::<Echo>("a".to_owned()).unwrap();
    sleep(Duration::from_secs(20)).await;
    let second = client.start::<Echo>("b".to_owned()).unwrap();
    let error = first.await.unwrap_err();
    assert_eq!(error.to_string(), "no answer from broker:9092 within 30000 ms");
    assert_eq!(began.elapsed().as_secs(), 30);
    assert!(error.is_in_doubt());
    // Answers come in order: behind a missing one there is none.
    assert!(matches!(second.await, Err(Error::Disconnected { .. })));
    assert_eq!(began.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_waits_for_ends_the_connection_all_the_same() {
    let (client, _broker) = connected().await;
    drop(client.start::<Echo>("a".to_owned()).unwrap());
    sleep(Duration::from_secs(20)).await;
    let second = client.start::<Echo>("b".to_owned()).unwrap();
    let began = Instant::now();
    assert!(matches!(second.await, Err(Error::Disconnected { .. })));
    assert_eq!(began.elapsed().as_secs(), 10, "the first was late");
    assert!(client.is_closed());
    let error = client.call::<Echo>("c".to_owned()).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot reach broker:9092: the connection has ended: no answer within 30000 ms");
}

#[tokio::test(start_paused = true)]
async fn each_request_has_the_whole_time() {
    let (client, mut broker) = connected().await;
    for number in 0..5 {
        sleep(Duration::from_secs(100)).await;
        let waiting = client.start::<Echo>("a".to_owned()).unwrap();
        sleep(Duration::from_secs(29)).await;
        answer(&mut broker, number, "A").await;
        assert_eq!(waiting.await.unwrap(), "A");
    }
    let (first, began) = (client.start::<Echo>("a".to_owned()).unwrap(), Instant::now());
    sleep(Duration::from_secs(20)).await;
    let second = client.start::<Echo>("b".to_owned()).unwrap();
    answer(&mut broker, 5, "A").await;
    assert_eq!(first.await.unwrap(), "A");
    assert!(matches!(second.await, Err(Error::TimedOut { .. })));
    assert_eq!(began.elapsed().as_secs(), 50);
}

#[tokio::test(start_paused = true)]
async fn places_of_requests_that_nobody_waits_for_are_given_back() {
    let (client, mut broker) = connected().await;
    for _ in 0..100 {
        drop(client.start::<Echo>("a".to_owned()).unwrap());
    }
    let began = Instant::now();
    let error = client.call::<Echo>("b".to_owned()).await.unwrap_err();
    assert!(!error.is_in_doubt(), "it was never sent: {error}");
    assert_eq!(began.elapsed().as_secs(), 30);
    // The broker is told as well.
    timeout(Duration::from_secs(1), broker.read_to_end(&mut Vec::new())).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_does_not_read_is_let_go_in_the_middle_of_a_request() {
    let (client, mut broker) = connected().await;
    let error = client.call::<Echo>("a".repeat(2 * CABLE)).await.unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
    let mut rest = Vec::new();
    timeout(Duration::from_secs(1), broker.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert_eq!(rest.len(), CABLE);
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_nobody_ends_the_connection() {
    let (client, mut broker) = connected().await;
    let waiting = client.start::<Echo>("a".to_owned()).unwrap();
    settle().await;
    answer(&mut broker, 8, "?").await;
    let error = waiting.await.unwrap_err();
    assert!(error.to_string().ends_with("answer 8 came where 0 was due"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_longer_than_the_client_takes_ends_the_connection() {
    let (client, mut broker) = connected().await;
    let waiting = client.start::<Echo>("a".to_owned()).unwrap();
    broker.write_all(&[0xff; 4]).await.unwrap();
    let error = waiting.await.unwrap_err().to_string();
    assert!(error.ends_with(": an answer of 4294967295 bytes came, and this client takes 104857600"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_hundred_requests_may_wait_and_no_more() {
    let (client, _broker) = connected().await;
    let waiting: Vec<_> = (0..100).map(|_| client.start::<Echo>("a".to_owned()).unwrap()).collect();
    let error = client.start::<Echo>("b".to_owned()).unwrap_err();
    assert_eq!(error.to_string(), "cannot reach broker:9092: 100 requests wait for their answers already");
    drop(waiting);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_client_closes_its_connection() {
    let (client, mut broker) = connected().await;
    drop(client);
    assert_eq!(broker.read(&mut [0; 10]).await.unwrap(), 0);
}
