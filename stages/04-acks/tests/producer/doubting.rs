//! What a failure says of whether the record may be in the log.

use acks::api::Acks;
use acks::producer::AckedSending;
use partitioning::{Error, ErrorCode};

use crate::support::{config, fakes, ms, order, producer, with};

/// What a record is told after these refusals, the last of which is the last attempt.
async fn after(acks: Acks, refusals: &[ErrorCode]) -> Error {
    let mut fakes = fakes(1, &[1]);
    let retries = refusals.len() as u32 - 1;
    let producer = producer(&fakes, config(AckedSending { retries, ..with(acks) }));
    let delivery = producer.send(order(0, "0")).await.unwrap();
    for &code in refusals {
        fakes.next().await.refuse(code);
    }
    delivery.await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn each_refusal_says_whether_it_may_be_there() {
    use ErrorCode::{NotEnoughReplicas, NotEnoughReplicasAfterAppend, NotLeaderOrFollower, RequestTimedOut};
    for (acks, refusals, in_doubt) in [
        (Acks::All, &[NotEnoughReplicas][..], false),
        (Acks::All, &[NotEnoughReplicasAfterAppend], true),
        (Acks::All, &[RequestTimedOut], true),
        (Acks::All, &[NotEnoughReplicas, NotEnoughReplicas], false),
        (Acks::All, &[RequestTimedOut, NotEnoughReplicas], true),
        (Acks::All, &[NotEnoughReplicas, RequestTimedOut], true),
        // A leader that has written the batch and is replaced before all have it says this as well.
        (Acks::All, &[NotLeaderOrFollower], true),
        (Acks::All, &[NotLeaderOrFollower, NotEnoughReplicas], true),
        // With acks=1 it says nothing after it has written.
        (Acks::Leader, &[NotLeaderOrFollower], false),
    ] {
        let error = after(acks, refusals).await;
        assert_eq!(error.is_in_doubt(), in_doubt, "acks={acks}, {refusals:?}: {error}");
        assert_eq!(error.code(), refusals.last().copied());
    }
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_may_have_written_it_is_told_of() {
    let error = after(Acks::All, &[ErrorCode::NotLeaderOrFollower]).await;
    let told = "orders-0 is refused by the test (NOT_LEADER_OR_FOLLOWER); and it may have been done all the same: a \
                leader that is replaced says the same when it has written the records";
    assert_eq!(error.to_string(), told);
}

#[tokio::test(start_paused = true)]
async fn when_the_time_is_over_the_attempts_decide() {
    for (code, in_doubt) in [
        (ErrorCode::NotEnoughReplicas, false),
        (ErrorCode::NotEnoughReplicasAfterAppend, true),
        (ErrorCode::NotLeaderOrFollower, true),
    ] {
        let mut fakes = fakes(1, &[1]);
        let producer = producer(&fakes, config(AckedSending { delivery_timeout: ms(30_000), ..with(Acks::All) }));
        let mut delivery = producer.send(order(0, "0")).await.unwrap();
        let error = loop {
            tokio::select! {
                biased;
                outcome = &mut delivery => break outcome.unwrap_err(),
                asked = fakes.next() => asked.refuse(code),
            }
        };
        let told =
            format!("not acknowledged within delivery.timeout.ms = 30000: orders-0 is refused by the test ({code})");
        assert_eq!((error.to_string(), error.is_in_doubt()), (told, in_doubt));
    }
}
