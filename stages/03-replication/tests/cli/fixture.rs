//! A cluster of three brokers, as it is known when all is well: broker 1 leads `orders-0`, the others follow.

use partitioning::TopicPartition;
use replication::api::{ReplicaRole, ReplicaState};
use replication::cli::cluster::members::{Life, Members, Name, Process};
use replication::cli::report::{BrokerReport, ControllerReport, Decision, Membership};

pub(crate) fn orders() -> TopicPartition {
    TopicPartition::new("orders", 0)
}

pub(crate) fn leads() -> ReplicaRole {
    ReplicaRole::Leader { in_sync: vec![1, 2, 3], pending: vec![], followers: vec![] }
}

/// A replica with a log from 0 on.
pub(crate) fn replica(role: ReplicaRole, leader_epoch: i32, high_watermark: i64, end: i64) -> ReplicaState {
    ReplicaState { role, leader_epoch, log_start: 0, high_watermark, end }
}

pub(crate) fn healthy() -> Members {
    let mut members = Members::new(3);
    for (number, process) in members.processes.values_mut().enumerate() {
        let address = Some(format!("127.0.0.1:{}", 4000 + number));
        *process = Process { life: Life::Running, address, run: 1, ..Process::default() };
    }
    let decision = Decision {
        leader: Some(1),
        leader_epoch: 0,
        partition_epoch: 0,
        replicas: vec![1, 2, 3],
        in_sync: vec![1, 2, 3],
        is_moving: false,
        min_in_sync: 1,
    };
    let alive = Membership { fenced: false, stopping: false };
    members.controller = Some(ControllerReport {
        address: "127.0.0.1:4000".to_owned(),
        end: 12,
        brokers: (1..=3).map(|id| (id, alive)).collect(),
        partitions: vec![(orders(), decision)],
    });
    for id in 1..=3 {
        let role = if id == 1 { leads() } else { ReplicaRole::Follower(1) };
        let replicas = vec![(orders(), replica(role, 0, 10, 10))];
        let report = BrokerReport { address: format!("127.0.0.1:400{id}"), is_active: true, knows: 12, replicas };
        members.brokers.insert(id, report);
    }
    members
}

/// What is decided of `orders-0`.
pub(crate) fn decided(members: &mut Members) -> &mut Decision {
    &mut members.controller.as_mut().unwrap().partitions[0].1
}

/// What a broker tells of its only replica.
pub(crate) fn told(members: &mut Members, id: i32) -> &mut ReplicaState {
    &mut members.brokers.get_mut(&id).unwrap().replicas[0].1
}

pub(crate) fn process(members: &mut Members, id: i32) -> &mut Process {
    members.processes.get_mut(&Name::Broker(id)).unwrap()
}

/// A broker is dead, and the controller has noticed.
pub(crate) fn bury(members: &mut Members, id: i32) {
    process(members, id).life = Life::Dead;
    fence(members, id);
    decided(members).in_sync.retain(|other| *other != id);
}

pub(crate) fn fence(members: &mut Members, id: i32) {
    members.controller.as_mut().unwrap().brokers.get_mut(&id).unwrap().fenced = true;
}
