//! A controller, the time, and everything that it has decided.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fastrand::Rng;
use partitioning::api::{CreatePartitionsRequest, DeleteTopicRequest, NewTopic, TopicId, TopicInfo};
use partitioning::{ErrorCode, Refusal, TopicPartition};
use replication::api::{
    AlterPartitionRequest, AlterPartitionsRequest, BrokerHeartbeatRequest, BrokerHeartbeatResponse,
    BrokerRegistrationRequest, BrokerRegistrationResponse, ElectLeadersRequest, ElectionType, ReassignRequest,
};
use replication::controller::{Controller, ControllerConfig, Ruling};
use replication::machine::{Decision, Machine, Moment};
use replication::records::{MetadataRecord, PartitionRecord};
use replication::state::ClusterState;
use replication::topic_config::TopicSettings;

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
    replayed: ClusterState,
    /// The last incarnation that was given to a process.
    incarnation: u128,
    /// Copies that brokers have called failed.
    failed: BTreeMap<i32, BTreeSet<TopicPartition>>,
    /// The first thing that was wrong, if that is to be kept and not to end the test.
    pub(crate) wrong: Option<Result<(), String>>,
}

/// The usual settings, with leadership left where it is.
pub(crate) fn config() -> ControllerConfig {
    ControllerConfig { auto_leader_rebalance: false, ..ControllerConfig::default() }
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

    /// What a process that has just started says.
    pub(crate) fn newcomer(&mut self, id: i32, stopped_in: Option<i64>) -> BrokerRegistrationRequest {
        self.incarnation += 1;
        BrokerRegistrationRequest {
            id,
            incarnation: self.incarnation,
            address: format!("broker-{id}:9092"),
            cluster: self.state().cluster(),
            stopped_in,
        }
    }

    pub(crate) fn register(
        &mut self,
        request: BrokerRegistrationRequest,
    ) -> Result<BrokerRegistrationResponse, Refusal> {
        // A new process has tried none of its logs yet.
        let id = request.id;
        let failed = self.failed.remove(&id).unwrap_or_default();
        let registered = self.ask(|controller, now| controller.register(request, now));
        if registered.is_err() {
            self.failed.insert(id, failed);
        }
        registered
    }

    /// A process registers, and catches up.
    pub(crate) fn start(&mut self, id: i32) {
        self.start_after(id, None);
    }

    pub(crate) fn start_after(&mut self, id: i32, stopped_in: Option<i64>) {
        let request = self.newcomer(id, stopped_in);
        self.register(request).expect("it is registered");
        assert!(!self.beat(id).is_fenced, "it knows its own record");
    }

    /// A broker that knows all there is says that it is alive.
    pub(crate) fn heartbeat(&self, id: i32) -> BrokerHeartbeatRequest {
        let epoch = self.epoch(id);
        let topic = |at: &TopicPartition| self.state().partition(at).map_or(TopicId(0), |record| record.topic);
        let failed = self.failed.get(&id).into_iter().flatten().map(|at| (at.clone(), topic(at))).collect();
        BrokerHeartbeatRequest { id, epoch, knows_epoch: Some(epoch), wants_to_stop: false, failed }
    }

    pub(crate) fn beat(&mut self, id: i32) -> BrokerHeartbeatResponse {
        self.forget_what_is_no_copy(id);
        let request = self.heartbeat(id);
        self.ask(|controller, now| controller.heartbeat(request, now)).expect("it is heard")
    }

    /// A copy that was moved away is none that could fail.
    fn forget_what_is_no_copy(&mut self, id: i32) {
        let state = self.controller.state();
        let is_copy = |at: &TopicPartition| state.partition(at).is_some_and(|record| record.replicas.contains(&id));
        self.failed.entry(id).or_default().retain(is_copy);
    }

    pub(crate) fn wants_to_stop(&mut self, id: i32) -> BrokerHeartbeatResponse {
        self.forget_what_is_no_copy(id);
        let request = BrokerHeartbeatRequest { wants_to_stop: true, ..self.heartbeat(id) };
        self.ask(|controller, now| controller.heartbeat(request, now)).expect("it is heard")
    }

    /// A broker says that it cannot use these copies.
    pub(crate) fn fails(&mut self, id: i32, copies: &[TopicPartition]) -> BrokerHeartbeatResponse {
        self.failed.insert(id, copies.iter().cloned().collect());
        self.beat(id)
    }

    /// A broker is silent for as long as it takes, while all others are not.
    pub(crate) fn silence(&mut self, ids: &[i32]) {
        let all: Vec<i32> =
            self.state().brokers().iter().filter(|(_, broker)| !broker.fenced).map(|(id, _)| *id).collect();
        let others: Vec<i32> = all.into_iter().filter(|id| !ids.contains(id)).collect();
        self.wait_with(10_000, &others);
        assert!(ids.iter().all(|id| self.state().broker(*id).expect("it is known").fenced));
    }

    pub(crate) fn create(
        &mut self,
        name: &str,
        partitions: u32,
        copies: u16,
        settings: &[(&str, &str)],
    ) -> Result<TopicInfo, Refusal> {
        let configs = settings.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        let (partitions, copies) = (Some(partitions), Some(copies));
        let new = NewTopic { name: name.into(), partitions, replication_factor: copies, configs };
        self.ask(|controller, now| controller.create_topic(new, now))
    }

    pub(crate) fn grow(&mut self, name: &str, count: u32) -> Result<TopicInfo, Refusal> {
        let request = CreatePartitionsRequest { name: name.into(), count };
        self.ask(|controller, now| controller.create_partitions(request, now))
    }

    pub(crate) fn delete(&mut self, name: &str) -> Result<(), Refusal> {
        let request = DeleteTopicRequest { name: name.into() };
        self.ask(|controller, now| controller.delete_topic(request, now))?;
        self.failed.values_mut().for_each(|failed| failed.retain(|at| &*at.topic != name));
        Ok(())
    }

    /// The leader of a partition asks for a list, and knows all there is to know.
    pub(crate) fn alter(&mut self, at: &TopicPartition, in_sync: &[i32]) -> Result<PartitionRecord, Refusal> {
        let record = self.partition(at).clone();
        let leader = record.leader.expect("somebody leads");
        let member = |&id: &i32| (id, self.state().broker(id).map_or(-1, |broker| broker.epoch));
        let wish = AlterPartitionRequest {
            leader,
            leader_epoch: record.leader_epoch,
            partition_epoch: record.partition_epoch,
            in_sync: in_sync.iter().map(member).collect(),
        };
        self.wish(leader, at, record.topic, wish)
    }

    pub(crate) fn wish(
        &mut self,
        broker: i32,
        at: &TopicPartition,
        topic: TopicId,
        wish: AlterPartitionRequest,
    ) -> Result<PartitionRecord, Refusal> {
        let partitions = vec![(at.clone(), topic, wish)];
        let request = AlterPartitionsRequest { broker, broker_epoch: self.epoch(broker), partitions };
        let answer = self.ask(|controller, now| controller.alter_partitions(request, now))?;
        only(answer.partitions)
    }

    pub(crate) fn elect(&mut self, at: &TopicPartition, election: ElectionType) -> Result<PartitionRecord, Refusal> {
        let request = ElectLeadersRequest { election, partitions: vec![at.clone()] };
        only(self.ask(|controller, now| controller.elect_leaders(request, now))?.partitions)
    }

    pub(crate) fn reassign(&mut self, at: &TopicPartition, target: Option<&[i32]>) -> Result<PartitionRecord, Refusal> {
        let request = ReassignRequest { partitions: vec![(at.clone(), target.map(<[i32]>::to_vec))] };
        only(self.ask(|controller, now| controller.reassign(request, now))?.partitions)
    }

    fn judge(&mut self, before: &ClusterState) {
        let checked = self.check(before);
        match &mut self.wrong {
            Some(kept) if kept.is_ok() => *kept = checked,
            Some(_) => {}
            None => checked.unwrap_or_else(|wrong| panic!("{wrong}")),
        }
    }

    /// What may never be.
    fn check(&self, before: &ClusterState) -> Result<(), String> {
        if self.state() != &self.replayed {
            return Err(format!("the records give {:#?}, and the controller knows {:#?}", self.replayed, self.state()));
        }
        for (at, record) in self.state().partitions() {
            self.check_partition(at, record).map_err(|rule| format!("{at}: {rule}: {record:?}"))?;
            if let Some(old) = before.partition(at).filter(|old| old.topic == record.topic) {
                check_step(old, record).map_err(|rule| format!("{at}: {rule}: {old:?} became {record:?}"))?;
            }
        }
        Ok(())
    }

    fn check_partition(&self, at: &TopicPartition, record: &PartitionRecord) -> Result<(), &'static str> {
        let PartitionRecord { replicas, in_sync, leader, adding, removing, eligible, .. } = record;
        let must = |holds: bool, rule| if holds { Ok(()) } else { Err(rule) };
        let different = |list: &[i32]| list.iter().collect::<BTreeSet<_>>().len() == list.len();
        let within = |list: &[i32]| different(list) && list.iter().all(|id| replicas.contains(id));
        must(different(replicas) && !replicas.is_empty(), "a replica is named twice, or there is none")?;
        must(within(in_sync) && within(eligible), "who is in sync or eligible is a replica")?;
        must(!eligible.iter().any(|id| in_sync.contains(id)), "nobody is in sync and eligible")?;
        must(within(adding) && within(removing), "what comes and goes are replicas")?;
        must(leader.is_none_or(|leader| in_sync.contains(&leader)), "the leader is in sync")?;
        let config = self.controller.config();
        must(!in_sync.is_empty() || config.eligible_leader_replicas, "somebody is always in sync")?;
        must(eligible.is_empty() || config.eligible_leader_replicas, "there is a second row")?;
        let broker = |id: &i32| self.state().broker(*id).expect("replicas have registered");
        let has_failed = |id: &i32| self.failed.get(id).is_some_and(|failed| failed.contains(at));
        must(leader.is_none_or(|leader| !broker(&leader).fenced), "the leader is alive")?;
        must(leader.is_none_or(|leader| !has_failed(&leader)), "the leader can use its copy")?;
        let is_last = in_sync.len() == 1 && leader.is_none();
        let counts = |id: &i32| !broker(id).fenced && !has_failed(id);
        must(is_last || in_sync.iter().all(counts), "those in sync are alive")?;
        let could_lead = |id: &i32| broker(id).is_active() && !has_failed(id);
        let row = if in_sync.is_empty() { eligible } else { in_sync };
        must(leader.is_some() || !row.iter().any(could_lead), "somebody leads if somebody can")?;
        let configs = self.state().topic(&at.topic).map(|topic| topic.configs.clone()).unwrap_or_default();
        let is_unclean = TopicSettings::of(&configs, config.topic).unclean;
        must(leader.is_some() || !is_unclean || !replicas.iter().any(could_lead), "anybody leads where anybody may")
    }
}

/// What a partition may never become.
fn check_step(old: &PartitionRecord, new: &PartitionRecord) -> Result<(), &'static str> {
    let must = |holds: bool, rule| if holds { Ok(()) } else { Err(rule) };
    let same = PartitionRecord { leader_epoch: old.leader_epoch, partition_epoch: old.partition_epoch, ..new.clone() };
    let (changes, epochs) = (new.partition_epoch - old.partition_epoch, new.leader_epoch - old.leader_epoch);
    must((0..=1).contains(&changes) && (0..=1).contains(&epochs), "an epoch rises by one at a time")?;
    must(changes == 1 || new == old, "a change is a new partition epoch")?;
    must(epochs == 1 || new.leader == old.leader, "another leader is a new leader epoch")?;
    let is_smaller = old.replicas.iter().any(|id| !new.replicas.contains(id));
    must(
        epochs == 0 || new.leader != old.leader || is_smaller,
        "a new leader epoch is another leader, or fewer replicas",
    )?;
    // A leader that asks for the list that there is gets a change without a difference.
    must(changes == 0 || same != *old || new.leader.is_some(), "a change changes something")
}

pub(crate) fn told(record: &PartitionRecord) -> String {
    let PartitionRecord { in_sync, leader, leader_epoch, partition_epoch, eligible, .. } = record;
    let leader = leader.map_or("nobody".to_owned(), |leader| leader.to_string());
    format!("{leader} leads in {leader_epoch}, in sync {in_sync:?}, eligible {eligible:?}, change {partition_epoch}")
}

fn only<T>(mut answers: Vec<(TopicPartition, Result<T, Refusal>)>) -> Result<T, Refusal> {
    assert_eq!(answers.len(), 1, "one question, one answer");
    answers.remove(0).1
}

/// A refusal's code and sentence.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(code: ErrorCode, sentence: &str, found: Result<T, Refusal>) {
    let refusal = found.expect_err("it is refused");
    assert_eq!((refusal.message.as_str(), refusal.code), (sentence, code));
}
