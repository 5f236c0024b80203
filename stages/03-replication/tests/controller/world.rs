//! A controller, the time, and everything that it has decided.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fastrand::Rng;
use partitioning::{ErrorCode, Refusal, TopicPartition};
use replication::controller::election::UncleanRecovery;
use replication::controller::{Controller, ControllerConfig, Ruling};
use replication::machine::{Decision, Machine, Moment};
use replication::records::{MetadataRecord, PartitionRecord};
use replication::state::ClusterState;

/// The time of day at which each test begins.
pub(crate) const BEGIN: i64 = 1_700_000_000_000;

pub(crate) struct World {
    pub(crate) controller: Controller,
    /// Time since this controller began.
    pub(crate) uptime: Duration,
    /// The time of day at which it began.
    pub(crate) began: i64,
    /// All records, oldest first.
    pub(crate) log: Vec<MetadataRecord>,
    /// What they give.
    pub(crate) replayed: ClusterState,
    /// The last incarnation that was given to a process.
    pub(crate) incarnation: u128,
    /// Copies that brokers have called failed.
    pub(crate) failed: BTreeMap<i32, BTreeSet<TopicPartition>>,
    /// The first thing that was wrong, if that is to be kept and not to end the test.
    pub(crate) wrong: Option<Result<(), String>>,
}

/// The usual settings, with leadership left where it is.
pub(crate) fn config() -> ControllerConfig {
    let unclean_recovery = UncleanRecovery::None;
    ControllerConfig { auto_leader_rebalance: false, unclean_recovery, ..ControllerConfig::default() }
}

/// The same without a second row.
pub(crate) fn one_row() -> ControllerConfig {
    ControllerConfig { eligible_leader_replicas: false, ..config() }
}

pub(crate) fn at(topic: &str, partition: u32) -> TopicPartition {
    TopicPartition::new(topic, partition)
}

impl World {
    pub(crate) fn new(config: ControllerConfig) -> Self {
        World {
            controller: Controller::new(config, Rng::with_seed(1)),
            uptime: Duration::ZERO,
            began: BEGIN,
            log: Vec::new(),
            replayed: ClusterState::default(),
            incarnation: 0,
            failed: BTreeMap::new(),
            wrong: None,
        }
    }

    /// Another controller, which knows what this one has decided.
    pub(crate) fn succeeded_by(&self, config: ControllerConfig) -> World {
        let mut next = World::new(config);
        (next.incarnation, next.began) = (self.incarnation, self.now().wall + 1);
        next.learn(self.log.clone());
        next
    }

    /// The same, once all brokers have said anew which copies they cannot use.
    pub(crate) fn after_a_succession(self) -> World {
        let mut next = self.succeeded_by(self.controller.config().clone());
        (next.failed, next.wrong) = (self.failed, self.wrong);
        for id in Vec::from_iter(next.failed.keys().copied()) {
            next.forget_what_is_no_copy(id);
            let (request, now) = (next.heartbeat(id), next.now());
            let decided = next.controller.heartbeat(request, now).expect("it is heard");
            next.learn(decided.records);
        }
        let told = next.state().clone();
        next.judge(&told);
        next
    }

    /// With these brokers, all alive.
    pub(crate) fn with_brokers(config: ControllerConfig, ids: &[i32]) -> Self {
        let mut world = World::new(config);
        for &id in ids {
            world.start(id);
        }
        world
    }

    /// With the brokers 1, 2 and 3, and a partition `t-0` whose replicas are in this order, all in sync.
    pub(crate) fn with_partition(config: ControllerConfig, replicas: &[i32], settings: &[(&str, &str)]) -> Self {
        let mut world = World::with_brokers(config, &[1, 2, 3]);
        world.create("t", 1, replicas.len() as u16, settings).expect("it is made");
        world.place(&at("t", 0), replicas);
        world
    }

    /// Gives a partition these replicas, all in sync, by a decision that nobody has asked for. Where chance has placed it matters
    /// to few tests.
    pub(crate) fn place(&mut self, at: &TopicPartition, replicas: &[i32]) {
        let old = self.partition(at).clone();
        let placed = PartitionRecord {
            replicas: replicas.to_vec(),
            in_sync: replicas.to_vec(),
            leader: Some(replicas[0]),
            ..old
        };
        self.learn(vec![MetadataRecord::Partition(at.clone(), Some(placed))]);
    }

    pub(crate) fn now(&self) -> Moment {
        Moment { wall: self.began + self.uptime.as_millis() as i64, uptime: self.uptime }
    }

    pub(crate) fn state(&self) -> &ClusterState {
        self.controller.state()
    }

    pub(crate) fn partition(&self, at: &TopicPartition) -> &PartitionRecord {
        self.state().partition(at).expect("there is such a partition")
    }

    /// `t-0` in one line: who leads, in sync, eligible, and the two epochs.
    pub(crate) fn told(&self) -> String {
        told(self.partition(&at("t", 0)))
    }

    /// The epoch of a broker's last registration.
    pub(crate) fn epoch(&self, id: i32) -> i64 {
        self.state().broker(id).expect("it has registered").epoch
    }

    /// Has something decided, and checks what that makes.
    pub(crate) fn ask<T>(&mut self, act: impl FnOnce(&mut Controller, Moment) -> Ruling<T>) -> Result<T, Refusal> {
        let now = self.now();
        let before = self.state().clone();
        let decided = act(&mut self.controller, now);
        assert_eq!(self.state(), &before, "a request changes nothing: its records do");
        let decided = decided?;
        self.learn(decided.records);
        self.judge(&before);
        Ok(decided.reply)
    }

    fn learn(&mut self, records: Vec<MetadataRecord>) {
        for record in records {
            let (key, value) = record.to_parts();
            let read = MetadataRecord::from_parts(&key, value.as_deref()).expect("a record can be read");
            assert_eq!(read, record);
            self.controller.replay(&record);
            self.replayed.replay(&read);
            self.log.push(record);
        }
    }

    /// Lets time pass, with whatever falls due.
    pub(crate) fn wait(&mut self, millis: u64) {
        let end = self.uptime + Duration::from_millis(millis);
        while let Some(deadline) = self.controller.deadline().filter(|deadline| *deadline <= end) {
            self.uptime = self.uptime.max(deadline);
            self.tick();
            let next = self.controller.deadline();
            assert!(next.is_none_or(|next| next > self.uptime), "the deadline lies ahead: {next:?}");
        }
        self.uptime = end;
    }

    pub(crate) fn tick(&mut self) {
        let before = self.state().clone();
        let records = self.controller.tick(self.now());
        self.learn(records);
        self.judge(&before);
    }

    /// As [`wait`](Self::wait), while these brokers say that they are alive.
    pub(crate) fn wait_with(&mut self, millis: u64, alive: &[i32]) {
        for _ in 0..millis / 500 {
            self.wait(500);
            for &id in alive {
                self.beat(id);
            }
        }
    }

    fn judge(&mut self, before: &ClusterState) {
        let checked = self.check(before);
        match &mut self.wrong {
            Some(kept) if kept.is_ok() => *kept = checked,
            Some(_) => {}
            None => checked.unwrap_or_else(|wrong| panic!("{wrong}")),
        }
    }
}

pub(crate) fn told(record: &PartitionRecord) -> String {
    let PartitionRecord { in_sync, leader, leader_epoch, partition_epoch, eligible, .. } = record;
    let leader = leader.map_or("nobody".to_owned(), |leader| leader.to_string());
    format!("{leader} leads in {leader_epoch}, in sync {in_sync:?}, eligible {eligible:?}, change {partition_epoch}")
}

/// A refusal's code and sentence.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(code: ErrorCode, sentence: &str, found: Result<T, Refusal>) {
    let refusal = found.expect_err("it is refused");
    assert_eq!((refusal.message.as_str(), refusal.code), (sentence, code));
}
