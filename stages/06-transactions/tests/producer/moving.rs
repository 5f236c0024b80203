//! The coordinator moves, and dies.

use transactions::records::Identity;

use crate::support::{ID, World, put};

#[tokio::test(start_paused = true)]
async fn a_coordinator_that_has_moved_is_found_again() {
    let world = World::new().await;
    let mut producer = world.begun().await;
    put(&producer, 0).await.await.unwrap();
    world.heard();
    world.script().coordinator = 2;
    put(&producer, 1).await.await.unwrap();
    producer.commit().await.unwrap();
    let mut heard = world.heard();
    heard.retain(|line| !line.starts_with("orders"));
    let told = [
        "1: add orders-1 as 7 epoch 1",
        "2: add orders-1 as 7 epoch 1",
        "1: commit as 7 epoch 1",
        "2: commit as 7 epoch 1",
    ];
    assert_eq!(heard, told);
    assert_eq!(producer.identity(), Some(Identity { id: ID, epoch: 2 }));
}

#[tokio::test(start_paused = true)]
async fn a_coordinator_that_dies_is_found_elsewhere() {
    let world = World::new().await;
    world.script().coordinator = 2;
    let mut producer = world.begun().await;
    put(&producer, 0).await.await.unwrap();
    world.kill(2).await;
    world.script().coordinator = 1;
    world.heard();
    producer.commit().await.unwrap();
    assert_eq!(world.heard(), ["1: commit as 7 epoch 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_coordinator_that_is_away_for_a_while_is_waited_for() {
    let world = World::new().await;
    world.script().coordinator = 2;
    let mut producer = world.begun().await;
    put(&producer, 0).await.await.unwrap();
    world.kill(2).await;
    let away = world.clone();
    tokio::spawn(async move {
        tokio::time::sleep(crate::support::ms(10_000)).await;
        away.start(2).await;
    });
    producer.commit().await.unwrap();
    assert_eq!(producer.identity(), Some(Identity { id: ID, epoch: 2 }));
}
