//! Requests and answers, one connection and many.

use partitioning::Limits;
use partitioning::api::{ApiVersions, ApiVersionsRequest};

use crate::support::{Echo, Repeat, Slow, put, request, serve, settle, take};

#[tokio::test(start_paused = true)]
async fn a_question_gets_its_answer() {
    let running = serve(Limits::default()).await;
    let client = running.client().await;
    assert_eq!(client.call::<Echo>("hello".to_owned()).await.unwrap(), "hello");
}

#[tokio::test(start_paused = true)]
async fn requests_of_one_connection_are_answered_one_after_the_other() {
    let running = serve(Limits::default()).await;
    let client = running.client().await;
    let slow = client.start::<Slow>("first".to_owned()).unwrap();
    let echo = client.start::<Echo>("second".to_owned()).unwrap();
    settle().await;
    assert_eq!(running.begun(), ["first"], "the second is sent, and waits its turn at the broker");
    running.gate.notify_one();
    assert_eq!(slow.await.unwrap(), "first");
    assert_eq!(echo.await.unwrap(), "second");
}

#[tokio::test(start_paused = true)]
async fn a_slow_request_holds_up_no_other_connection() {
    let running = serve(Limits::default()).await;
    let (one, other) = (running.client().await, running.client().await);
    let slow = one.start::<Slow>("slow".to_owned()).unwrap();
    assert_eq!(other.call::<Echo>("quick".to_owned()).await.unwrap(), "quick");
    running.gate.notify_one();
    slow.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_answer_repeats_the_number_of_its_request() {
    let running = serve(Limits::default()).await;
    let mut raw = running.raw().await;
    let both = [request::<Echo>(70, &"a".to_owned()), request::<Echo>(5, &"b".to_owned())].concat();
    put(&mut raw, &both).await;
    assert_eq!(take(&mut raw).await, Some((70, Ok("a".to_owned()))));
    assert_eq!(take(&mut raw).await, Some((5, Ok("b".to_owned()))));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_served_is_refused_and_the_connection_goes_on() {
    let running = serve(Limits::default()).await;
    let mut raw = running.raw().await;
    // Key 900 is served in version 1, key 7 in none. The keys are one byte and three bytes long.
    let mut version_2 = request::<Echo>(1, &"x".to_owned());
    assert_eq!(version_2[5..9], [251, 0x84, 0x03, 1]);
    version_2[8] = 2;
    put(&mut raw, &version_2).await;
    let refusal = take(&mut raw).await.unwrap().1.unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "Echo is served in versions 1 to 1, and version 2 was asked for (UNSUPPORTED_VERSION)"
    );
    let mut key_1924 = request::<Echo>(2, &"x".to_owned());
    key_1924[7] = 7;
    put(&mut raw, &key_1924).await;
    let refusal = take(&mut raw).await.unwrap().1.unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "no API with key 1924 is served: ApiVersions names those that are (UNSUPPORTED_VERSION)"
    );
    put(&mut raw, &request::<Echo>(3, &"still here".to_owned())).await;
    assert_eq!(take(&mut raw).await, Some((3, Ok("still here".to_owned()))));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_cannot_be_read_is_refused_and_the_connection_goes_on() {
    let running = serve(Limits::default()).await;
    let mut raw = running.raw().await;
    let mut bad = request::<Echo>(1, &"abc".to_owned());
    let length_of_the_text = bad.len() - 4;
    bad[length_of_the_text] = 200;
    put(&mut raw, &bad).await;
    let refusal = take(&mut raw).await.unwrap().1.unwrap_err().to_string();
    assert!(refusal.starts_with("the request is no Echo of version 1: they do not decode:"), "{refusal}");
    put(&mut raw, &request::<Echo>(2, &"still here".to_owned())).await;
    assert!(take(&mut raw).await.unwrap().1.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_header_that_cannot_be_read_ends_that_connection_alone() {
    let running = serve(Limits::default()).await;
    let other = running.client().await;
    let mut raw = running.raw().await;
    put(&mut raw, &[0, 0, 0, 3, 9, 9, 9]).await;
    assert_eq!(take(&mut raw).await, None);
    assert_eq!(other.call::<Echo>("hello".to_owned()).await.unwrap(), "hello");
    assert!(
        running.logged().contains(
            "WARN connection closed: a frame whose header cannot be read: they were written as version 9, and this \
             program reads version 1 peer=127.0.0.1:2"
        ),
        "{}",
        running.logged()
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_too_long_is_told() {
    let running = serve(Limits { max_answer: 200, ..Limits::default() }).await;
    let client = running.client().await;
    assert_eq!(client.call::<Repeat>(150).await.unwrap().len(), 150);
    let error = client.call::<Repeat>(300).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the answer does not fit: it has 307 bytes, and an answer has at most 200 (UNKNOWN_SERVER_ERROR)"
    );
    assert!(client.call::<Echo>("still here".to_owned()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_requests_is_none_of_answers() {
    let running = serve(Limits { max_frame: 200, ..Limits::default() }).await;
    let client = running.client().await;
    assert_eq!(client.call::<Repeat>(100_000).await.unwrap().len(), 100_000);
    assert!(client.call::<Echo>("x".repeat(201)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_router_names_its_apis() {
    let running = serve(Limits::default()).await;
    let answer = running.client().await.call::<ApiVersions>(ApiVersionsRequest).await.unwrap();
    let names: Vec<_> = answer.apis.iter().map(|api| api.name.as_str()).collect();
    assert_eq!(names, ["ApiVersions", "Echo", "Slow", "Repeat", "Patient"]);
}
