//! Told to stop, the server answers what it has taken, and takes no more.

use std::time::Duration;

use partitioning::{Error, Limits};
use tokio::time::{Instant, timeout};

use crate::support::{Echo, Patient, Slow, put, request, serve, settle, take};

#[tokio::test(start_paused = true)]
async fn what_was_taken_is_answered() {
    let running = serve(Limits::default()).await;
    let mut raw = running.raw().await;
    let both = [request::<Slow>(1, &"begun".to_owned()), request::<Echo>(2, &"taken".to_owned())].concat();
    put(&mut raw, &both).await;
    settle().await;
    running.stop.cancel();
    settle().await;
    assert!(!running.server.is_finished(), "an answer is under way");
    running.gate.notify_one();
    assert_eq!(take(&mut raw).await, Some((1, Ok("begun".to_owned()))));
    assert_eq!(take(&mut raw).await, Some((2, Ok("taken".to_owned()))));
    assert_eq!(take(&mut raw).await, None);
    timeout(Duration::from_secs(1), running.server).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_waits_in_a_handler_is_answered_with_what_there_is() {
    let running = serve(Limits::default()).await;
    let client = running.client().await;
    let waiting = client.start::<Patient>("first".to_owned()).unwrap();
    running.gate.notify_one();
    assert_eq!(waiting.await.unwrap(), "news");
    let began = Instant::now();
    let both = [1, 2].map(|_| client.start::<Patient>("second".to_owned()).unwrap());
    settle().await;
    running.stop.cancel();
    for waiting in both {
        // The second is begun when the server stops already.
        assert_eq!(waiting.await.unwrap(), "nothing new");
    }
    running.server.await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn nothing_more_is_taken() {
    let running = serve(Limits::default()).await;
    let mut raw = running.raw().await;
    settle().await;
    running.stop.cancel();
    settle().await;
    put(&mut raw, &request::<Echo>(1, &"too late".to_owned())).await;
    assert_eq!(take(&mut raw).await, None);
    assert!(running.begun().is_empty());
    assert!(running.net.plug_in(crate::support::ADDRESS).await.is_err(), "the port is free");
}

#[tokio::test(start_paused = true)]
async fn it_does_not_wait_for_ever() {
    let running = serve(Limits { drain: Duration::from_secs(7), ..Limits::default() }).await;
    let client = running.client().await;
    let slow = client.start::<Slow>("never".to_owned()).unwrap();
    settle().await;
    let began = Instant::now();
    running.stop.cancel();
    running.server.await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 7);
    drop(slow);
}

#[tokio::test(start_paused = true)]
async fn a_client_is_told_that_the_broker_has_gone() {
    let running = serve(Limits::default()).await;
    let client = running.client().await;
    client.call::<Echo>("hello".to_owned()).await.unwrap();
    running.stop.cancel();
    settle().await;
    assert!(client.is_closed());
    let error = client.call::<Echo>("again".to_owned()).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert_eq!(error.to_string(), "cannot reach broker:9092: the connection has ended: the broker closed it");
}
