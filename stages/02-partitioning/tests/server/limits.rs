//! Who oversteps a bound loses his own connection, with a reason, and others keep theirs.

use std::time::Duration;

use partitioning::Limits;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, sleep, timeout};

use crate::support::{Echo, Repeat, Slow, put, request, serve, settle, take};

#[tokio::test(start_paused = true)]
async fn a_frame_that_is_too_long_ends_that_connection_alone() {
    let running = serve(Limits { max_frame: 100, ..Limits::default() }).await;
    let other = running.client().await;
    let mut raw = running.raw().await;
    put(&mut raw, b"GET /metrics HTTP/1.1\r\n\r\n").await;
    assert_eq!(take(&mut raw).await, None);
    assert_eq!(other.call::<Echo>("hello".to_owned()).await.unwrap(), "hello");
    let logged = running.logged();
    let reason = "WARN connection closed: a frame of 1195725856 bytes, and socket.request.max.bytes allows 100 (it \
                  looks like HTTP: is this the right port?) peer=127.0.0.1:2";
    assert!(logged.contains(reason), "{logged}");
}

#[tokio::test(start_paused = true)]
async fn what_came_before_a_bad_frame_is_answered() {
    let running = serve(Limits { max_frame: 100, ..Limits::default() }).await;
    let mut raw = running.raw().await;
    let mut bytes = request::<Slow>(1, &"good".to_owned());
    bytes.extend([255; 4]);
    put(&mut raw, &bytes).await;
    settle().await;
    running.gate.notify_one();
    assert_eq!(take(&mut raw).await, Some((1, Ok("good".to_owned()))));
    assert_eq!(take(&mut raw).await, None);
}

#[tokio::test(start_paused = true)]
async fn no_more_connections_than_allowed() {
    let running = serve(Limits { max_connections: 1, ..Limits::default() }).await;
    let first = running.client().await;
    assert!(first.call::<Echo>("in".to_owned()).await.is_ok());
    let mut second = running.raw().await;
    assert_eq!(take(&mut second).await, None);
    assert!(
        running.logged().contains("WARN connection refused: 1 are open (max.connections) peer=127.0.0.1:2"),
        "{}",
        running.logged()
    );
    drop(first);
    settle().await;
    let third = running.client().await;
    assert!(third.call::<Echo>("now there is room".to_owned()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn no_more_frames_in_flight_than_allowed() {
    let running = serve(Limits { max_in_flight: 2, ..Limits::default() }).await;
    let mut raw = running.raw().await;
    let all: Vec<u8> = (0..5).flat_map(|number| request::<Slow>(number, &"x".repeat(100_000))).collect();
    let writing = tokio::spawn(async move {
        put(&mut raw, &all).await;
        raw
    });
    sleep(Duration::from_secs(5)).await;
    assert!(!writing.is_finished(), "the broker has stopped reading, so the client cannot write on");
    for _ in 0..3 {
        running.gate.notify_one();
        settle().await;
    }
    let mut raw = writing.await.unwrap();
    for number in 0..3 {
        assert_eq!(take(&mut raw).await.unwrap().0, number);
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_bytes_in_flight_than_allowed_on_all_connections_together() {
    let running = serve(Limits { request_memory: 1_000, ..Limits::default() }).await;
    let (one, other) = (running.client().await, running.client().await);
    let large = one.start::<Slow>("x".repeat(900)).unwrap();
    settle().await;
    let waits = other.start::<Echo>("y".repeat(900)).unwrap();
    tokio::pin!(waits);
    assert!(timeout(Duration::from_secs(1), &mut waits).await.is_err());
    running.gate.notify_one();
    large.await.unwrap();
    assert!(timeout(Duration::from_secs(1), &mut waits).await.unwrap().is_ok());
}

/// What counts is what has come, and not what was announced.
#[tokio::test(start_paused = true)]
async fn large_frames_that_do_not_come_take_nobodys_room() {
    let limits = Limits { request_memory: 1 << 20, max_frame: 1 << 20, ..Limits::default() };
    let running = serve(limits).await;
    let mut stalled = Vec::new();
    for _ in 0..10 {
        let mut raw = running.raw().await;
        put(&mut raw, &(1_u32 << 20).to_be_bytes()).await;
        stalled.push(raw);
    }
    settle().await;
    let client = running.client().await;
    let answer = timeout(Duration::from_secs(1), client.call::<Echo>("y".repeat(200_000))).await;
    assert_eq!(answer.expect("it has its room at once").unwrap().len(), 200_000);
}

/// Four frames have come by a quarter and want more room than there is: one goes on without it, then the next.
#[tokio::test(start_paused = true)]
async fn frames_that_have_come_in_part_do_not_wait_for_each_other() {
    let running = serve(Limits { request_memory: 300_000, ..Limits::default() }).await;
    let text = "x".repeat(250_000);
    let (one, two, three, four) = tokio::join!(running.client(), running.client(), running.client(), running.client());
    let calls = [&one, &two, &three, &four].map(|client| client.start::<Echo>(text.clone()).unwrap());
    for call in calls {
        let answer = timeout(Duration::from_secs(5), call).await.expect("none is stuck");
        assert_eq!(answer.unwrap().len(), text.len());
    }
}

/// Who waits for room is not slow.
#[tokio::test(start_paused = true)]
async fn the_time_for_a_frame_does_not_run_while_it_waits_for_room() {
    let running = serve(Limits { request_memory: 1_000, frame: Duration::from_secs(5), ..Limits::default() }).await;
    let (one, other) = (running.client().await, running.client().await);
    let large = one.start::<Slow>("x".repeat(900)).unwrap();
    settle().await;
    let waits = other.start::<Echo>("y".repeat(900)).unwrap();
    sleep(Duration::from_secs(20)).await;
    running.gate.notify_one();
    large.await.unwrap();
    assert_eq!(waits.await.unwrap().len(), 900);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_brokers_memory_is_not_slow() {
    let running = serve(Limits { request_memory: 1_000, frame: Duration::from_secs(5), ..Limits::default() }).await;
    let (one, other) = (running.client().await, running.client().await);
    let large = one.start::<Slow>("x".repeat(900)).unwrap();
    settle().await;
    let waits = other.start::<Echo>("y".repeat(900)).unwrap();
    sleep(Duration::from_secs(20)).await;
    running.gate.notify_one();
    large.await.unwrap();
    assert_eq!(waits.await.unwrap(), "y".repeat(900));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_the_brokers_memory_for_ever() {
    let running = serve(Limits { request_memory: 1_000, room: Duration::from_secs(5), ..Limits::default() }).await;
    let (one, other) = (running.client().await, running.client().await);
    let large = one.start::<Slow>("x".repeat(900)).unwrap();
    settle().await;
    let (waits, began) = (other.start::<Echo>("y".repeat(900)).unwrap(), Instant::now());
    assert!(waits.await.unwrap_err().is_in_doubt());
    assert_eq!(began.elapsed().as_secs(), 5);
    let logged = running.logged();
    let reason = "bytes found no room within 5000 ms: queued.max.request.bytes = 1000 bytes of other requests are not \
                  answered yet peer=127.0.0.1:2";
    assert!(logged.contains(reason), "{logged}");
    running.gate.notify_one();
    large.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_is_let_go() {
    let running = serve(Limits { idle: Duration::from_secs(60), ..Limits::default() }).await;
    let began = Instant::now();
    let mut raw = running.raw().await;
    assert_eq!(take(&mut raw).await, None);
    assert_eq!(began.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_an_answer_is_not_idle() {
    let running = serve(Limits { idle: Duration::from_secs(60), ..Limits::default() }).await;
    let mut raw = running.raw().await;
    put(&mut raw, &request::<Slow>(1, &"patience".to_owned())).await;
    sleep(Duration::from_secs(200)).await;
    running.gate.notify_one();
    assert_eq!(take(&mut raw).await, Some((1, Ok("patience".to_owned()))));
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_was_begun_must_end() {
    let running = serve(Limits { frame: Duration::from_secs(5), ..Limits::default() }).await;
    let began = Instant::now();
    let mut raw = running.raw().await;
    put(&mut raw, &request::<Echo>(1, &"half".to_owned())[..9]).await;
    assert_eq!(take(&mut raw).await, None);
    assert_eq!(began.elapsed().as_secs(), 5);
    let logged = running.logged();
    let reason = "WARN connection closed: a frame was not finished within 5000 ms: 9 bytes of 20 had come";
    assert!(logged.contains(reason), "{logged}");
}

#[tokio::test(start_paused = true)]
async fn who_does_not_take_his_answer_is_let_go() {
    let running = serve(Limits { answer: Duration::from_secs(5), ..Limits::default() }).await;
    let mut raw = running.raw().await;
    put(&mut raw, &request::<Echo>(1, &"x".repeat(200_000))).await;
    sleep(Duration::from_secs(6)).await;
    let mut rest = Vec::new();
    raw.read_to_end(&mut rest).await.unwrap();
    assert!(rest.len() < 200_000, "the cable holds less than the answer, and nobody fills it up any more");
    let logged = running.logged();
    assert!(logged.contains("WARN connection closed: nothing of an answer was taken within 5000 ms"), "{logged}");
}

#[tokio::test(start_paused = true)]
async fn who_takes_his_answer_slowly_gets_it() {
    let running = serve(Limits { answer: Duration::from_secs(5), ..Limits::default() }).await;
    let mut raw = running.raw().await;
    put(&mut raw, &request::<Repeat>(1, &400_000)).await;
    let (began, mut rest, mut piece) = (Instant::now(), 400_000, vec![0; 10_000]);
    while rest > 0 {
        sleep(Duration::from_secs(4)).await;
        let taken = raw.read(&mut piece).await.unwrap();
        assert!(taken > 0, "{rest} bytes are missing after {} s", began.elapsed().as_secs());
        rest = usize::saturating_sub(rest, taken);
    }
    assert_eq!(began.elapsed().as_secs(), 160);
}
