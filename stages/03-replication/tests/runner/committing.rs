//! A reply leaves when what it says is committed, and not before.

use std::time::Duration;

use partitioning::{ErrorCode, Host, Workers};
use replication::machine::{Decided, RunnerConfig};

use crate::support::{Lagging, Sum, host, settle, start, start_on, start_with};

#[tokio::test(start_paused = true)]
async fn a_reply_waits_for_the_commit() {
    let log = Lagging::new();
    let running = start(&log).await;
    let reply = running.add(&[5]);
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert!(!reply.is_finished(), "it is written, and not committed");
    assert_eq!(log.end(), 1);
    log.commit(1);
    assert_eq!(reply.await.unwrap(), Ok(5));
}

#[tokio::test(start_paused = true)]
async fn each_reply_waits_for_its_own() {
    let log = Lagging::new();
    let running = start(&log).await;
    let replies = [running.add(&[1]), running.add(&[2, 3]), running.add(&[4])];
    settle().await;
    assert_eq!(log.end(), 4);
    let mut finished = Vec::new();
    for high_watermark in 0..=4 {
        log.commit(high_watermark);
        settle().await;
        finished.push(replies.iter().filter(|reply| reply.is_finished()).count());
    }
    assert_eq!(finished, [0, 1, 1, 2, 3], "a decision of two records is committed with the second");
}

#[tokio::test(start_paused = true)]
async fn the_next_request_is_judged_with_it_in_mind() {
    let log = Lagging::new();
    let running = start(&log).await;
    let (first, second) = (running.add(&[5]), running.add(&[6]));
    settle().await;
    assert!(!first.is_finished() && !second.is_finished());
    log.commit_all();
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(5), Ok(11)));
}

#[tokio::test(start_paused = true)]
async fn what_rests_on_a_decision_waits_for_it() {
    let log = Lagging::new();
    let running = start(&log).await;
    assert_eq!(running.added().await.unwrap(), Ok(Vec::new()), "there is nothing to wait for");
    let decided = running.add(&[5]);
    settle().await;
    let asked = running.added();
    let refused = {
        let runner = running.runner.clone();
        tokio::spawn(async move {
            let no = |sum: &mut Sum, _| -> Result<Decided<_, ()>, _> {
                Err(ErrorCode::InvalidRequest.because(format!("there are {} already", sum.added.len())))
            };
            runner.ask(no).await
        })
    };
    settle().await;
    assert!(!asked.is_finished() && !refused.is_finished(), "both have seen what may yet be lost");
    log.commit_all();
    assert_eq!(asked.await.unwrap(), Ok(vec![5]));
    assert_eq!(refused.await.unwrap().unwrap_err().message, "there are 1 already");
    assert_eq!(decided.await.unwrap(), Ok(5));
}

#[tokio::test(start_paused = true)]
async fn a_decision_is_one_batch() {
    let log = Lagging::new();
    let running = start(&log).await;
    let replies = [running.add(&[1, 2, 3]), running.add(&[]), running.add(&[4])];
    settle().await;
    log.commit_all();
    for reply in replies {
        reply.await.unwrap().unwrap();
    }
    assert_eq!(log.batches(), [vec!["1", "2", "3"], vec!["4"]]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_log_leaves_what_was_under_way_in_doubt() {
    let log = Lagging::new();
    let running = start(&log).await;
    let (first, second) = (running.add(&[1]), running.add(&[2]));
    settle().await;
    log.commit(1);
    settle().await;
    log.lose();
    assert_eq!(first.await.unwrap(), Ok(1), "that was committed before");
    let doubt = second.await.unwrap().unwrap_err();
    assert_eq!(doubt.code, ErrorCode::NotController);
    let ended = running.task.await.unwrap().unwrap_err();
    assert_eq!(
        ended.to_string(),
        "the log of decisions has another leader, or is closed: what was under way is in doubt (NOT_CONTROLLER)"
    );
    let late = running.runner.ask(|sum: &mut Sum, _| sum.add(&[3])).await.unwrap_err();
    assert_eq!(late.to_string(), "who decides this does not run any more (NOT_CONTROLLER)");
    assert_eq!(log.end(), 2);
}

#[tokio::test(start_paused = true)]
async fn another_leaders_commit_is_none_of_ours() {
    let log = Lagging::new();
    let running = start(&log).await;
    let reply = running.add(&[1]);
    settle().await;
    // Both at once: another record can be at our offset by now.
    log.lose();
    log.commit(5);
    assert_eq!(reply.await.unwrap().unwrap_err().code, ErrorCode::NotController);
    assert!(running.task.await.unwrap().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_log_that_does_not_write_ends_it() {
    let log = Lagging::new();
    let running = start(&log).await;
    let before = running.add(&[1]);
    settle().await;
    *log.fails.lock().unwrap() = Some(ErrorCode::StorageError);
    let failed = running.add(&[2]);
    let refusal = failed.await.unwrap().unwrap_err();
    assert_eq!(refusal.to_string(), "the disk is full (KAFKA_STORAGE_ERROR)");
    assert_eq!(running.task.await.unwrap(), Err(refusal), "nobody knows what is written: the next one reads it");
    assert_eq!(before.await.unwrap().unwrap_err().code, ErrorCode::NotController);
}

#[tokio::test(start_paused = true)]
async fn what_falls_due_is_decided_when_it_does() {
    let log = Lagging::new();
    let alarms = vec![Duration::from_secs(2), Duration::from_secs(1), Duration::from_secs(2)];
    let running = start_with(&log, Sum { alarms, ..Sum::default() }, RunnerConfig::default()).await;
    let mut ends = Vec::new();
    for _ in 0..5 {
        ends.push(log.end());
        tokio::time::sleep(Duration::from_millis(501)).await;
    }
    assert_eq!(ends, [0, 0, 1, 1, 3]);
    log.commit_all();
    assert_eq!(running.added().await.unwrap(), Ok(vec![100, 100, 100]));
    assert_eq!(log.batches().len(), 2, "what falls due together is one decision");
}

#[tokio::test(start_paused = true)]
async fn who_asked_in_time_is_heard_before_it_is_too_late() {
    let log = Lagging::new();
    let machine = Sum { alarms: vec![Duration::from_secs(5)], ..Sum::default() };
    let host = Host { workers: Workers::Threads, ..host() };
    let running = start_on(host, &log, machine, RunnerConfig::default()).await;
    let go = log.hold();
    let slow = running.add(&[1]);
    tokio::task::yield_now().await;
    let mut in_time = Box::pin(running.runner.ask(|sum: &mut Sum, _| {
        sum.alarms.clear();
        Ok(Decided::nothing(()))
    }));
    let asked = std::future::poll_fn(|context| std::task::Poll::Ready(in_time.as_mut().poll(context)));
    assert!(asked.await.is_pending(), "it waits behind a decision that takes long to write");
    tokio::time::advance(Duration::from_secs(10)).await;
    go.send(()).unwrap();
    while log.end() == 0 {
        tokio::task::yield_now().await;
    }
    settle().await;
    assert_eq!(log.end(), 1, "no alarm has gone off");
    log.commit_all();
    assert_eq!((slow.await.unwrap(), in_time.await), (Ok(1), Ok(())));
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_it_is_told_to_and_when_nobody_can_ask() {
    let log = Lagging::new();
    let running = start(&log).await;
    running.stop.cancel();
    assert_eq!(running.task.await.unwrap(), Ok(()));
    let running = start(&log).await;
    drop(running.runner);
    assert_eq!(running.task.await.unwrap(), Ok(()));
}
