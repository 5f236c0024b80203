//! What operators do meanwhile: topics that come and go, leaders and replicas that are moved.

use std::time::Duration;

use partitioning::TopicPartition;
use partitioning::api::{Api, CreateTopic, DeleteTopic, DeleteTopicRequest, NewTopic};
use replication::api::{AlterPartitionReassignments, ElectLeaders, ElectLeadersRequest, ElectionType, ReassignRequest};

use super::super::faults::Fault;
use super::super::world::World;
use super::{GoingOn, Storm};

/// The topic that comes and goes. It always has the same name, and is always another.
const OTHER: &str = "passing";

impl Storm {
    pub(super) fn other_topic(&mut self, world: &mut World) -> Option<String> {
        if self.going_on.iter().any(|one| matches!(one, GoingOn::Topic { .. })) {
            return None;
        }
        let partitions = self.draw.from_to(1, 3) as u32;
        let new = NewTopic {
            name: OTHER.into(),
            partitions: Some(partitions),
            replication_factor: Some(3),
            configs: [("min.insync.replicas".to_owned(), "2".to_owned())].into(),
        };
        ask::<CreateTopic>(world, new);
        let until = world.now() + self.long(world);
        self.going_on.push(GoingOn::Topic { until });
        Some(format!("{OTHER}, {partitions} partitions, for {} ms", (until - world.now()).as_millis()))
    }

    /// Another leader, or other replicas, for some partition.
    pub(super) fn order(&mut self, fault: Fault, world: &mut World) -> Option<String> {
        let all: Vec<TopicPartition> = world.state().partitions().keys().cloned().collect();
        let at = (!all.is_empty()).then(|| self.draw.one_of(&all))?;
        if fault == Fault::PreferredElection {
            let election = ElectionType::Preferred;
            ask::<ElectLeaders>(world, ElectLeadersRequest { election, partitions: vec![at.clone()] });
            return Some(at.to_string());
        }
        let replicas = world.state().partition(&at)?.replicas.clone();
        let mut target = self.draw.shuffled((1..=world.settings().brokers).collect::<Vec<_>>());
        target.truncate(3);
        let what = format!("{at} to {target:?}");
        if fault == Fault::CancelledMove {
            // Another order of the same brokers is there at once.
            target.iter().find(|id| !replicas.contains(id))?;
            let until = world.now() + self.draw.time(Duration::ZERO, Duration::from_millis(500));
            self.going_on.push(GoingOn::Move { at: at.clone(), until });
        }
        ask::<AlterPartitionReassignments>(world, ReassignRequest { partitions: vec![(at, Some(target))] });
        Some(what)
    }
}

/// Calls a move off, if it is not done yet.
pub(super) fn call_off(at: &TopicPartition, world: &World) {
    ask::<AlterPartitionReassignments>(world, ReassignRequest { partitions: vec![(at.clone(), None)] });
}

pub(super) fn delete_other_topic(world: &World) {
    ask::<DeleteTopic>(world, DeleteTopicRequest { name: OTHER.into() });
}

/// Has the operator ask any broker. What comes of it is told in the trace.
fn ask<A: Api>(world: &World, request: A::Request) {
    let seat = world.seat("operator");
    world.operate(async move {
        let what = match seat.cluster("operator").call::<A>(request).await {
            Ok(_) => format!("{}: done", A::NAME),
            Err(error) => format!("{}: {error}", A::NAME),
        };
        seat.say("operator", what);
    });
}
