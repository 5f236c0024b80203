//! What brokers, leaders and operators ask of a [`World`].

use partitioning::api::{CreatePartitionsRequest, DeleteTopicRequest, NewTopic, TopicId, TopicInfo};
use partitioning::{Refusal, TopicPartition};
use replication::api::{
    AlterPartitionRequest, AlterPartitionsRequest, BrokerHeartbeatRequest, BrokerHeartbeatResponse,
    BrokerRegistrationRequest, BrokerRegistrationResponse, ElectLeadersRequest, ElectionType, ReassignRequest,
};
use replication::records::PartitionRecord;

use crate::world::World;

impl World {
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
    pub(crate) fn forget_what_is_no_copy(&mut self, id: i32) {
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
}

fn only<T>(mut answers: Vec<(TopicPartition, Result<T, Refusal>)>) -> Result<T, Refusal> {
    assert_eq!(answers.len(), 1, "one question, one answer");
    answers.remove(0).1
}
