//! What it makes of its folder, and what it refuses to.

use std::collections::BTreeMap;
use std::fs;

use partitioning::api::NewTopic;
use partitioning::{Error, Topics, TopicsConfig};
use replication::controller::ControllerConfig;
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};

use crate::support::{Machine, topic};

#[tokio::test]
async fn the_folder_of_another_program_is_refused() {
    let machine = Machine::new();
    let topics = Topics::open(&machine.host(), TopicsConfig::new(machine.path()), fastrand::Rng::with_seed(1)).unwrap();
    let new =
        NewTopic { name: "orders".into(), partitions: Some(1), replication_factor: None, configs: BTreeMap::new() };
    topics.create(&new).unwrap();
    topics.close().unwrap();
    let error = machine.open().await.expect_err("it is a broker's of stage 02");
    assert_eq!(
        machine.told(&error),
        "__cluster_metadata-0: the log of decisions: the record at offset 0: `orders` is no key of this log; or this is no \
         controller's log: a broker of stage 02 keeps one of the same name, with other records"
    );
    let topics = Topics::open(&machine.host(), TopicsConfig::new(machine.path()), fastrand::Rng::with_seed(1)).unwrap();
    assert_eq!(topics.describe(None).len(), 1, "nothing was changed in it");
}

#[tokio::test]
async fn a_folder_has_one_owner() {
    let machine = Machine::new();
    let first = machine.open().await.unwrap();
    let error = machine.open().await.expect_err("it is in use");
    assert!(matches!(&error, Error::Log(error) if matches!(**error, segment_log::Error::Locked { .. })), "{error}");
    drop(first);
}

#[tokio::test]
async fn a_port_that_is_taken_leaves_the_folder_as_it_was() {
    let machine = Machine::new();
    let running = machine.start().await;
    let other = Machine::new();
    let config = ControllerProcessConfig { listen: running.address.clone(), ..other.config() };
    let error = ControllerProcess::open(other.host(), config).await.expect_err("the port is taken");
    assert!(matches!(error, Error::Listen { .. }), "{error}");
    assert!(other.path().join(".kafka_cleanshutdown").exists(), "it was closed in order");
    other.start().await.stop().await.unwrap();
    running.stop().await.unwrap();
}

#[tokio::test]
async fn decisions_behind_damage_are_not_forgotten() {
    let machine = Machine::new();
    let running = machine.start().await;
    running.join(1, 1).await;
    running.ask::<partitioning::api::CreateTopic>(topic("orders", 1, 1)).await.unwrap();
    running.stop().await.unwrap();
    fs::remove_file(machine.path().join(".kafka_cleanshutdown")).unwrap();
    let file = machine.path().join("__cluster_metadata-0/00000000000000000000.log");
    let mut bytes = fs::read(&file).unwrap();
    bytes[70] ^= 1;
    fs::write(&file, bytes).unwrap();
    let error = machine.told(&machine.open().await.expect_err("the first decision is damaged"));
    assert!(error.ends_with("whole decisions follow, so no crash has done this, and none is cut away"), "{error}");
}

#[tokio::test]
async fn settings_are_judged_before_anything_is_opened() {
    let machine = Machine::new();
    let controller = ControllerConfig { num_partitions: 0, ..ControllerConfig::default() };
    let config = ControllerProcessConfig { controller, ..machine.config() };
    let error = ControllerProcess::open(machine.host(), config).await.expect_err("no topic has 0 partitions");
    assert_eq!(error.to_string(), "num.partitions is 0, and it is from 1 to 10000");
    assert_eq!(fs::read_dir(machine.path()).unwrap().count(), 0);
}
