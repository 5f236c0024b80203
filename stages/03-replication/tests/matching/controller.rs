//! An honest controller: what the real one promises, in few words.
//!
//! It elects only from those in sync. A broker that it holds for dead, or that has started anew, leaves the ISR, but for the
//! last one. It grants another list if the leader that asks is the one that there is and knows what there is, and if whoever
//! joins is alive, and the same that the leader knows.

use std::collections::BTreeMap;

use partitioning::ErrorCode;
use replication::api::AlterPartitionRequest;
use replication::leader::LeaderConfig;
use replication::records::PartitionRecord;
use replication::replica::Leading;

use crate::messages::{LAG, record};

pub(crate) struct Controller {
    pub(crate) record: PartitionRecord,
    /// Those that are alive, as far as it knows, and the epochs of all.
    alive: BTreeMap<i32, bool>,
    pub(crate) epochs: BTreeMap<i32, i64>,
    /// All decisions, as the metadata log holds them.
    pub(crate) decisions: Vec<Leading>,
}

impl Controller {
    /// Broker 1 leads, and all are in sync.
    pub(crate) fn new() -> Self {
        let epochs = BTreeMap::from([(1, 10), (2, 20), (3, 30)]);
        let alive = [1, 2, 3].map(|broker| (broker, true)).into();
        let mut controller = Controller { record: record(1, 0, 0, &[1, 2, 3]), alive, epochs, decisions: Vec::new() };
        controller.publish();
        controller
    }

    fn is_alive(&self, broker: i32) -> bool {
        self.alive[&broker]
    }

    fn publish(&mut self) {
        let eligible = self.epochs.iter().filter(|(broker, _)| self.is_alive(**broker));
        let eligible = eligible.map(|(broker, epoch)| (*broker, *epoch)).collect();
        let config = LeaderConfig { lag_time_max: LAG, min_in_sync: 1 };
        self.decisions.push(Leading { record: self.record.clone(), eligible, config });
    }

    /// The partition is to have this list, and whoever is elected from it. If that changes nothing, it is no change; what is
    /// known of the brokers may be new all the same.
    fn settle(&mut self, in_sync: Vec<i32>) {
        let before = self.record.clone();
        self.record.in_sync = in_sync;
        self.record.leader = self.elected();
        if self.record != before {
            self.record.partition_epoch += 1;
            self.record.leader_epoch += i32::from(self.record.leader != before.leader);
        }
        self.publish();
    }

    /// Whoever leads stays, if it can; else the first that is in sync and alive.
    fn elected(&self) -> Option<i32> {
        let in_order = self.record.leader.into_iter().chain(self.record.replicas.iter().copied());
        in_order.into_iter().find(|broker| self.record.in_sync.contains(broker) && self.is_alive(*broker))
    }

    /// A broker is not heard of any more.
    pub(crate) fn fence(&mut self, broker: i32) {
        self.alive.insert(broker, false);
        let others: Vec<_> = self.record.in_sync.iter().copied().filter(|member| *member != broker).collect();
        self.settle(if others.is_empty() { self.record.in_sync.clone() } else { others });
    }

    /// A broker has started anew: it has another epoch, and is not alive yet.
    pub(crate) fn register(&mut self, broker: i32) -> i64 {
        let epoch = self.epochs.values().max().expect("there are brokers") + 1;
        self.epochs.insert(broker, epoch);
        self.fence(broker);
        epoch
    }

    /// A broker is heard of again.
    pub(crate) fn unfence(&mut self, broker: i32) {
        if !self.is_alive(broker) {
            self.alive.insert(broker, true);
            self.settle(self.record.in_sync.clone());
        }
    }

    /// An operator wants it to lead. Gives whether it does now, and did not before.
    pub(crate) fn elect(&mut self, broker: i32) -> bool {
        let can = self.record.in_sync.contains(&broker) && self.is_alive(broker);
        let is_new = can && self.record.leader != Some(broker);
        if is_new {
            self.record.leader = Some(broker);
            self.record.leader_epoch += 1;
            self.record.partition_epoch += 1;
            self.publish();
        }
        is_new
    }

    /// A leader asks for another list.
    pub(crate) fn alter(&mut self, request: &AlterPartitionRequest) -> Result<PartitionRecord, ErrorCode> {
        if request.leader_epoch != self.record.leader_epoch || self.record.leader != Some(request.leader) {
            return Err(ErrorCode::FencedLeaderEpoch);
        }
        if request.partition_epoch != self.record.partition_epoch {
            return Err(ErrorCode::InvalidUpdateVersion);
        }
        let may_be = |(member, epoch): &(i32, i64)| {
            let is_same = self.epochs[member] == *epoch || *epoch == -1 && self.record.in_sync.contains(member);
            self.is_alive(*member) && is_same
        };
        if !request.in_sync.iter().all(may_be) {
            return Err(ErrorCode::IneligibleReplica);
        }
        // The same list is granted too, as a change: whatever else was asked before is refused then.
        self.record.in_sync = request.in_sync.iter().map(|(member, _)| *member).collect();
        self.record.partition_epoch += 1;
        self.publish();
        Ok(self.record.clone())
    }
}
