//! Another producer has the transactional id by now; or the transaction took too long, which looks the same for a while.

use partitioning::ErrorCode;
use transactions::records::Identity;

use crate::support::{ID, World, order, put};

#[tokio::test(start_paused = true)]
async fn a_fenced_producer_is_told_so_by_the_coordinator_and_ends() {
    for commit in [true, false] {
        let world = World::new().await;
        let mut producer = world.begun().await;
        put(&producer, 0).await.await.unwrap();
        world.refuse("EndTxn", ErrorCode::ProducerFenced);
        let ended = if commit { producer.commit().await } else { producer.abort().await };
        let error = ended.unwrap_err();
        assert!(error.is_fatal() && !error.is_in_doubt(), "{error}");
        world.heard();
        for error in [
            producer.begin().unwrap_err(),
            producer.send(order(0, "more")).await.map(drop).unwrap_err(),
            producer.commit().await.unwrap_err(),
            producer.abort().await.unwrap_err(),
            producer.init().await.unwrap_err(),
        ] {
            assert!(error.is_fatal(), "{error}");
            assert_eq!(error.code(), Some(ErrorCode::ProducerFenced));
        }
        assert_eq!(world.heard(), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_is_fenced_while_its_commit_is_in_doubt_does_not_know() {
    use crate::support::Twist::{Refuse, Silence};
    let world = World::new().await;
    let mut producer = world.begun().await;
    put(&producer, 0).await.await.unwrap();
    world.next("EndTxn", [Silence, Refuse(ErrorCode::ProducerFenced)]);
    let error = producer.commit().await.unwrap_err();
    assert!(error.is_fatal() && error.is_in_doubt(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_not_known_any_more_is_fatal_whoever_says_so() {
    for api in ["AddPartitionsToTxn", "Produce", "EndTxn"] {
        let world = World::new().await;
        let mut producer = world.begun().await;
        world.refuse(api, ErrorCode::InvalidProducerIdMapping);
        let delivered = put(&producer, 0).await.await;
        let error = match producer.commit().await {
            Err(error) => error,
            Ok(()) => panic!("{api}: it is committed, and the record is {delivered:?}"),
        };
        assert!(error.is_fatal(), "{api}: {error}");
        assert!(producer.abort().await.unwrap_err().is_fatal());
    }
}

/// It is said at first what a fenced one is told. The coordinator knows better.
#[tokio::test(start_paused = true)]
async fn one_whose_time_was_over_goes_on_after_abort() {
    for (api, code) in [
        ("Produce", ErrorCode::InvalidProducerEpoch),
        ("Produce", ErrorCode::ProducerFenced),
        ("AddPartitionsToTxn", ErrorCode::ProducerFenced),
    ] {
        let world = World::new().await;
        let mut producer = world.begun().await;
        // The coordinator has aborted it, and raised the epoch.
        world.script().epoch = 2;
        world.refuse(api, code);
        put(&producer, 0).await.await.unwrap_err();
        let error = producer.commit().await.unwrap_err();
        assert_eq!((error.is_abortable(), error.code()), (true, Some(code)));
        producer.abort().await.unwrap();
        assert_eq!(producer.identity(), Some(Identity { id: ID, epoch: 2 }), "its next one");
        producer.begin().unwrap();
        put(&producer, 0).await.await.unwrap();
        producer.commit().await.unwrap();
    }
}
