//! How many may wait.

use partitioning::ErrorCode;
use replication::machine::RunnerConfig;

use crate::support::{Lagging, Sum, settle, start_with};

#[tokio::test(start_paused = true)]
async fn more_than_can_wait_are_refused_and_not_begun() {
    let log = Lagging::new();
    let running = start_with(&log, Sum::default(), RunnerConfig { max_waiting: 3 }).await;
    // Nothing is decided before this task waits for something.
    let mut asked = Vec::new();
    for number in 1..=5 {
        let runner = running.runner.clone();
        let mut ask = Box::pin(async move { runner.ask(move |sum: &mut Sum, _| sum.add(&[number])).await });
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(ask.as_mut().poll(context))).await;
        match polled {
            std::task::Poll::Ready(answer) => asked.push(Err(answer.unwrap_err())),
            std::task::Poll::Pending => asked.push(Ok(ask)),
        }
    }
    let refused: Vec<_> = asked.iter().filter_map(|asked| asked.as_ref().err()).collect();
    assert_eq!(refused.len(), 2);
    for refusal in refused {
        assert_eq!(refusal.code, ErrorCode::RequestTimedOut);
        assert_eq!(refusal.message, "too many requests wait to be decided: this one was not begun");
    }
    settle().await;
    log.commit_all();
    settle().await;
    for waited in asked.into_iter().flatten() {
        waited.await.unwrap();
    }
    assert_eq!(log.batches().concat(), ["1", "2", "3"]);
    let later = running.add(&[9]);
    settle().await;
    log.commit_all();
    assert_eq!(later.await.unwrap(), Ok(15), "there is room again");
}

#[tokio::test(start_paused = true)]
async fn who_has_gone_is_not_waited_for() {
    let log = Lagging::new();
    let running = start_with(&log, Sum::default(), RunnerConfig::default()).await;
    let gone = running.add(&[1]);
    settle().await;
    gone.abort();
    settle().await;
    log.commit_all();
    assert_eq!(running.added().await.unwrap(), Ok(vec![1]), "it was decided all the same");
}
