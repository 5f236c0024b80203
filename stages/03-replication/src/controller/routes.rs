//! Which question goes to which function of the controller; and its log, which is read like any other.

use std::sync::Arc;

use partitioning::api::{
    Api, BrokerInfo, CreatePartitions, CreateTopic, DeleteTopic, Metadata, MetadataResponse, PartitionInfo, TopicId,
    TopicInfo, TopicPartition,
};
use partitioning::broker::records;
use partitioning::topics::name::{CLUSTER_METADATA, shown};
use partitioning::{ErrorCode, Host, Partition, Partitions, Refusal, Router, Service, ServiceLimits};

use super::{Controller, Ruling};
use crate::api::{AlterPartition, AlterPartitionReassignments, BrokerHeartbeat, BrokerRegistration, ElectLeaders};
use crate::machine::{Decided, Moment, Runner};

/// The id of the metadata log's topic; Kafka's.
const METADATA_TOPIC: TopicId = TopicId(1);

/// A service that reads the controller's log, and nothing else.
pub(super) fn own_log(log: Arc<dyn Partition>, host: Host) -> Service {
    Service::new(Arc::new(OwnLog(log)), host, ServiceLimits::default())
}

/// All that the controller answers, with at most `max_answer` bytes each. `log` is its log, `service` what reads it, and `here` the controller itself,
/// for whoever wants to read that log as a topic.
pub fn routes(
    runner: &Runner<Controller>,
    log: Arc<dyn Partition>,
    here: BrokerInfo,
    service: Service,
    max_answer: usize,
) -> Router {
    let router = records(service, max_answer);
    let router = decides::<BrokerRegistration>(router, runner, Controller::register);
    let router = decides::<BrokerHeartbeat>(router, runner, Controller::heartbeat);
    let router = decides::<AlterPartition>(router, runner, Controller::alter_partitions);
    let router = decides::<ElectLeaders>(router, runner, Controller::elect_leaders);
    let router = decides::<AlterPartitionReassignments>(router, runner, Controller::reassign);
    let router = decides::<CreateTopic>(router, runner, Controller::create_topic);
    let router = decides::<CreatePartitions>(router, runner, Controller::create_partitions);
    let router = decides::<DeleteTopic>(router, runner, Controller::delete_topic);
    let runner = runner.clone();
    router.route::<Metadata>(move |request, _| {
        let (runner, log, here) = (runner.clone(), log.clone(), here.clone());
        Box::pin(async move {
            let described =
                runner.ask(move |controller, _| Ok(Decided::nothing(controller.metadata(&request)))).await?;
            Ok(with_own_log(described, &*log, here))
        })
    })
}

/// Has the controller decide `A`, and answers when that is committed. `act` may be a later stage's, which reads the
/// [state](Controller::state) and decides [notes](crate::records::Note).
pub fn decides<A: Api>(
    router: Router,
    runner: &Runner<Controller>,
    act: fn(&mut Controller, A::Request, Moment) -> Ruling<A::Response>,
) -> Router {
    let runner = runner.clone();
    router.route::<A>(move |request, _| {
        let runner = runner.clone();
        Box::pin(async move { runner.ask(move |controller, now| act(controller, request, now)).await })
    })
}

/// Whoever asks for the metadata log by its name is told that it is here.
fn with_own_log(mut described: MetadataResponse, log: &dyn Partition, here: BrokerInfo) -> MetadataResponse {
    let Some((_, own)) = described.topics.iter_mut().find(|(name, _)| name == CLUSTER_METADATA) else {
        return described;
    };
    let (id, leader_epoch) = (here.id, log.offsets().leader_epoch);
    let partition = PartitionInfo { leader: Some(id), leader_epoch, replicas: vec![id], in_sync: vec![id] };
    *own = Ok(TopicInfo { id: METADATA_TOPIC, partitions: vec![partition], configs: Default::default() });
    described.brokers.push(here);
    described.brokers.sort_by_key(|broker| broker.id);
    described
}

/// The only log that can be read here.
#[derive(Debug)]
struct OwnLog(Arc<dyn Partition>);

impl Partitions for OwnLog {
    fn find(&self, at: &TopicPartition) -> Result<Arc<dyn Partition>, Refusal> {
        if &*at.topic == CLUSTER_METADATA && at.partition == 0 {
            return Ok(self.0.clone());
        }
        let (topic, number) = (shown(&at.topic), at.partition);
        Err(ErrorCode::UnknownTopicOrPartition.because(format!(
            "the controller keeps {CLUSTER_METADATA}-0 and no other log: {topic}-{number} is a broker's"
        )))
    }
}
