//! What the controller does around its pure functions: which of them it calls, and with whom alive. The steps are those of
//! `src/controller/{draft,brokers,partitions}.rs`, for one partition.

use partitioning::ErrorCode;
use partitioning::api::TopicId;
use replication::controller::Restart;
use replication::controller::alter::alter;
use replication::controller::election::{Election, ElectionRules};
use replication::controller::partition::{Gone, created, gone, hold_election};
use replication::records::{BrokerRecord, PartitionRecord};

use super::policy::Policy;
use super::state::{Decision, Wish};

impl Decision {
    /// All brokers are there, and the partition is new.
    pub(crate) fn first(replicas: i32) -> Self {
        let broker = |id: i32| {
            let (epoch, address) = (i64::from(id), String::new());
            (id, BrokerRecord { epoch, incarnation: 0, address, fenced: false, stopping: false })
        };
        Decision {
            record: created(TopicId(1), (1..=replicas).collect(), |_| true),
            brokers: (1..=replicas).map(broker).collect(),
        }
    }

    /// `Draft::fence`.
    pub(crate) fn fence(&self, id: i32, rules: ElectionRules) -> Self {
        self.with(id, |broker| broker.fenced = true).leaves(id, Gone::Away, rules)
    }

    /// `Controller::heartbeat`, of a broker that is fenced and knows its own registration.
    pub(crate) fn unfence(&self, id: i32, rules: ElectionRules) -> Self {
        let mut next = self.with(id, |broker| broker.fenced = false);
        if next.record.leader.is_none() {
            next.change(|now| hold_election(&now.record, rules.usual(), |id| now.is_active(id), rules));
        }
        next
    }

    /// `Controller::register`, of a process that did not stop in order.
    pub(crate) fn register(&self, id: i32, policy: Policy, rules: ElectionRules) -> Self {
        let latest = self.brokers.values().map(|broker| broker.epoch).max().unwrap_or(0);
        let keeps_place = policy.restart() == Restart::KeepsPlace;
        let next = self.with(id, |broker| {
            broker.epoch = latest + 1;
            broker.fenced = broker.fenced || !keeps_place;
        });
        if keeps_place { next } else { next.leaves(id, policy.died(), rules) }
    }

    /// `Controller::elect_leaders`, for the preferred one. `None` if that changes nothing.
    pub(crate) fn prefer(&self, rules: ElectionRules) -> Option<Self> {
        if self.record.leader == self.record.replicas.first().copied() {
            return None;
        }
        let record = hold_election(&self.record, Election::Preferred, |id| self.is_active(id), rules)?;
        Some(Decision { record, ..self.clone() })
    }

    /// `Controller::alter_partitions`.
    pub(crate) fn alter(&self, wish: &Wish, policy: Policy, rules: ElectionRules) -> Result<Self, ErrorCode> {
        if self.brokers[&wish.from].epoch != wish.broker_epoch {
            return Err(ErrorCode::StaleBrokerEpoch);
        }
        let request = policy.as_seen(wish.request.clone(), self);
        let record = alter(&self.record, &request, wish.from, &self.brokers, rules).map_err(|refusal| refusal.code)?;
        Ok(Decision { record, ..self.clone() })
    }

    /// `Draft::leaves`.
    fn leaves(mut self, id: i32, how: Gone, rules: ElectionRules) -> Self {
        let is_counted_on = self.record.in_sync.contains(&id) || self.record.eligible.contains(&id);
        if is_counted_on {
            self.change(|now| gone(&now.record, id, how, |id| now.is_active(id), rules));
        }
        self
    }

    fn with(&self, id: i32, change: impl FnOnce(&mut BrokerRecord)) -> Self {
        let mut next = self.clone();
        if let Some(broker) = next.brokers.get_mut(&id) {
            change(broker);
        }
        next
    }

    fn change(&mut self, step: impl FnOnce(&Decision) -> Option<PartitionRecord>) {
        if let Some(record) = step(self) {
            self.record = record;
        }
    }
}
