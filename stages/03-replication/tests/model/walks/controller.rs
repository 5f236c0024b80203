//! A real controller, without the log behind it: what it decides is learned at once.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use partitioning::api::TopicId;
use partitioning::topics::catalogue::TopicRecord;
use partitioning::{ErrorCode, TopicPartition};
use replication::api::{
    AlterPartitionsRequest, BrokerHeartbeatRequest, BrokerRegistrationRequest, ElectLeadersRequest, ElectionType,
};
use replication::controller::{Controller, ControllerConfig, Ruling};
use replication::machine::{Machine, Moment};
use replication::records::{ClusterId, MetadataRecord, PartitionRecord};
use replication::topic_config::TopicSettings;

use crate::protocol::Protocol;
use crate::protocol::state::{Decision, Wish};

/// See the [module](self).
pub(super) struct ControllerTwin {
    controller: Controller,
    uptime: Duration,
    /// How many processes have registered.
    registered: u128,
}

impl ControllerTwin {
    pub(super) fn new(protocol: &Protocol, first: &Decision) -> Self {
        let rules = protocol.policy.rules(protocol.bounds.min_in_sync);
        let config = ControllerConfig {
            topic: TopicSettings { min_in_sync: rules.min_in_sync, unclean: rules.unclean },
            eligible_leader_replicas: rules.eligible_leader_replicas,
            unclean_recovery: rules.recovery,
            auto_leader_rebalance: false,
            restart: protocol.policy.restart(),
            ..ControllerConfig::default()
        };
        let mut controller = Controller::new(config, Rng::with_seed(1));
        let topic = TopicRecord {
            id: first.record.topic,
            partitions: 1,
            replication_factor: first.record.replicas.len() as u16,
            configs: BTreeMap::new(),
            deleted: false,
        };
        controller.replay(&MetadataRecord::Cluster(ClusterId(1)));
        for (id, broker) in &first.brokers {
            controller.replay(&MetadataRecord::Broker(*id, Some(broker.clone())));
        }
        controller.replay(&MetadataRecord::Topic("orders".into(), Some(topic)));
        controller.replay(&MetadataRecord::Partition(at(), Some(first.record.clone())));
        ControllerTwin { controller, uptime: Duration::ZERO, registered: 0 }
    }

    fn now(&self) -> Moment {
        Moment { wall: 0, uptime: self.uptime }
    }

    fn learn(&mut self, records: &[MetadataRecord]) {
        records.iter().for_each(|record| self.controller.replay(record));
    }

    fn ruled<T>(&mut self, ruling: Ruling<T>) -> Result<T, ErrorCode> {
        let decided = ruling.map_err(|refusal| refusal.code)?;
        self.learn(&decided.records);
        Ok(decided.reply)
    }

    /// A session goes by, in which all others that are not fenced are heard of.
    pub(super) fn fence(&mut self, id: i32) {
        self.uptime += self.controller.config().session_timeout;
        let brokers = self.controller.state().brokers().clone();
        for (other, broker) in brokers.iter().filter(|(other, broker)| **other != id && !broker.fenced) {
            self.beat(*other, broker.epoch, None);
        }
        let records = self.controller.tick(self.now());
        self.learn(&records);
    }

    pub(super) fn unfence(&mut self, id: i32) {
        let epoch = self.controller.state().broker(id).expect("it has registered").epoch;
        self.beat(id, epoch, Some(epoch));
    }

    fn beat(&mut self, id: i32, epoch: i64, knows_epoch: Option<i64>) {
        let beat = BrokerHeartbeatRequest { id, epoch, knows_epoch, wants_to_stop: false, failed: Vec::new() };
        let ruling = self.controller.heartbeat(beat, self.now());
        self.ruled(ruling).expect("it is a member");
    }

    pub(super) fn register(&mut self, id: i32) {
        self.registered += 1;
        let (incarnation, address) = (self.registered, "broker:9092".to_owned());
        let request =
            BrokerRegistrationRequest { id, incarnation, address, cluster: Some(ClusterId(1)), stopped_in: None };
        let ruling = self.controller.register(request, self.now());
        self.ruled(ruling).expect("it may be a member");
    }

    pub(super) fn prefer(&mut self) {
        let request = ElectLeadersRequest { election: ElectionType::Preferred, partitions: vec![at()] };
        let ruling = self.controller.elect_leaders(request, self.now());
        self.ruled(ruling).expect("it is judged");
    }

    pub(super) fn alter(&mut self, wish: &Wish) -> Result<PartitionRecord, ErrorCode> {
        let Wish { from, broker_epoch, request, .. } = wish.clone();
        let partitions = vec![(at(), TopicId(1), request)];
        let ruling = self
            .controller
            .alter_partitions(AlterPartitionsRequest { broker: from, broker_epoch, partitions }, self.now());
        let (_, answer) = self.ruled(ruling)?.partitions.remove(0);
        answer.map_err(|refusal| refusal.code)
    }

    /// What is decided must be as in the model.
    pub(super) fn must_be_as(&self, decided: &Decision, story: &str) {
        let state = self.controller.state();
        assert_eq!(state.partition(&at()), Some(&decided.record), "{story}");
        for (id, broker) in &decided.brokers {
            let known = state.broker(*id).map(|broker| (broker.epoch, broker.fenced));
            assert_eq!((id, known), (id, Some((broker.epoch, broker.fenced))), "{story}");
        }
    }
}

fn at() -> TopicPartition {
    TopicPartition::new("orders", 0)
}
