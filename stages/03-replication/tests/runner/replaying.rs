//! A machine is what its log holds.

use partitioning::{ErrorCode, Partition, Writer};
use replication::machine::{Runner, RunnerConfig};
use segment_log::{Batch, BatchBuilder, Compression, Record};
use tokio_util::sync::CancellationToken;

use crate::support::{Lagging, Sum, host, settle, start};

fn batch(records: &[(Option<&'static str>, &'static str)]) -> Batch {
    let mut batch = BatchBuilder::new(Compression::None);
    for (key, value) in records {
        batch.push(&Record { key: key.map(Into::into), ..Record::new(0, None, *value) });
    }
    batch.build().expect("nothing is compressed")
}

async fn refused(log: &std::sync::Arc<Lagging>) -> String {
    let stop = CancellationToken::new();
    let started = Runner::start(host(), log.clone(), Sum::default(), RunnerConfig::default(), stop).await;
    let refusal = started.expect_err("it cannot be read");
    assert_eq!(refusal.code, ErrorCode::CorruptMessage);
    refusal.message
}

#[tokio::test(start_paused = true)]
async fn the_next_one_knows_all_that_is_there_and_tells_it_once_it_is_committed() {
    let log = Lagging::new();
    let running = start(&log).await;
    let replies = [running.add(&[1, 2]), running.add(&[3]), running.add(&[4])];
    settle().await;
    log.commit(3);
    settle().await;
    running.stop.cancel();
    running.task.await.unwrap().unwrap();
    drop(replies);
    let next = start(&log).await;
    let reply = next.added();
    settle().await;
    assert!(!reply.is_finished(), "4 is in the log, and may yet be lost with this leader");
    log.commit_all();
    assert_eq!(reply.await.unwrap(), Ok(vec![1, 2, 3, 4]));
}

#[tokio::test(start_paused = true)]
async fn what_the_next_one_found_and_is_not_committed_is_told_to_nobody() {
    let log = Lagging::new();
    let running = start(&log).await;
    let reply = running.add(&[1]);
    settle().await;
    running.stop.cancel();
    running.task.await.unwrap().unwrap();
    drop(reply);
    let next = start(&log).await;
    let reply = next.added();
    settle().await;
    log.lose();
    assert_eq!(reply.await.unwrap().unwrap_err().code, ErrorCode::NotController);
}

#[tokio::test(start_paused = true)]
async fn a_long_log_is_read_to_its_end() {
    let log = Lagging::new();
    let running = start(&log).await;
    let numbers: Vec<u64> = (0..50_000).collect();
    for part in numbers.chunks(10_000) {
        let reply = running.add(part);
        settle().await;
        log.commit_all();
        reply.await.unwrap().unwrap();
    }
    let next = start(&log).await;
    assert_eq!(next.added().await.unwrap(), Ok(numbers), "it takes more than one read");
}

#[tokio::test(start_paused = true)]
async fn a_record_that_cannot_be_read_ends_the_replay() {
    for (records, rule) in [
        (
            &[(Some("added"), "5"), (Some("orders"), "6")][..],
            "the record at offset 1: `orders` is no number that was added",
        ),
        (&[(Some("added"), "5"), (None, "6")], "the record at offset 1 has no key"),
        (&[(Some("added"), "many")], "the record at offset 0: `added` is no number that was added"),
    ] {
        let log = Lagging::new();
        log.append(batch(records), Writer::Coordinator, 0).unwrap();
        log.commit_all();
        assert_eq!(refused(&log).await, format!("the log of decisions: {rule}"));
    }
}
