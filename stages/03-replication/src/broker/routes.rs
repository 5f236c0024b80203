//! What a member of a cluster answers.

use std::time::Duration;

use partitioning::api::{Api, CreatePartitions, CreateTopic, DeleteTopic, Metadata};
use partitioning::error::{Error, ErrorCode, Refusal};
use partitioning::net::BoxFuture;
use partitioning::news::News;
use partitioning::{Host, Router, Service, broker};
use segment_log::Fold;
use tokio::time::timeout;

use super::BrokerConfig;
use crate::api::{
    AlterPartitionReassignments, DescribeReplicas, DescribeReplicasResponse, ElectLeaders, FollowerFetch,
};
use crate::controller_link::ControllerLink;
use crate::followers::Followers;
use crate::metadata::Image;

pub(super) fn routes<F: Fold>(
    followers: &Followers<F>,
    host: &Host,
    service: Service,
    controller: ControllerLink,
    image: News<Image>,
    config: &BrokerConfig,
) -> Router {
    let max_answer = config.limits.max_answer;
    let (followers, described) = (followers.clone(), followers.manager().clone());
    let workers = host.workers;
    broker::records(service, max_answer)
        .route::<FollowerFetch>(move |request, context| {
            let followers = followers.clone();
            Box::pin(async move {
                let found = followers.find(&request, &context, true).await;
                Ok(followers.answer(found, &context).await)
            })
        })
        .route::<DescribeReplicas>(move |_, _| {
            let manager = described.clone();
            Box::pin(async move {
                let broker = manager.config().node_id;
                let replicas = workers.run(move || manager.describe()).await;
                Ok(DescribeReplicasResponse { broker, replicas })
            })
        })
        .merge(cluster(controller, image, max_answer))
}

/// Questions about the cluster, and those that only the controller can answer.
fn cluster(controller: ControllerLink, image: News<Image>, max_answer: usize) -> Router {
    let known = image.clone();
    Router::new(max_answer)
        .route::<Metadata>(move |request, _| {
            let state = known.now().state;
            Box::pin(async move { Ok(state.metadata(&request)) })
        })
        .route::<CreateTopic>({
            let (controller, image) = (controller.clone(), image.clone());
            move |new, _| {
                let (controller, image) = (controller.clone(), image.clone());
                Box::pin(async move {
                    let name = new.name.clone();
                    let made = pass_on::<CreateTopic>(&controller, new).await?;
                    heard(image, |image| image.state.topic(&name).is_some_and(|topic| topic.id == made.id)).await;
                    Ok(made)
                })
            }
        })
        .route::<DeleteTopic>(passing::<DeleteTopic>(controller.clone()))
        .route::<CreatePartitions>(passing::<CreatePartitions>(controller.clone()))
        .route::<ElectLeaders>(passing::<ElectLeaders>(controller.clone()))
        .route::<AlterPartitionReassignments>(passing::<AlterPartitionReassignments>(controller))
}

/// How long the answer to an act waits for this broker to hear of the act.
const HEARD: Duration = Duration::from_secs(1);

/// Waits until this broker has heard of what it has just passed on, so that who asked can go on here. If that takes too
/// long, he will be refused for a moment, and ask again.
async fn heard(image: News<Image>, is_heard: impl FnMut(&Image) -> bool) {
    let _ = timeout(HEARD, image.listen().wait_for(is_heard)).await;
}

/// A handler that has the controller answer.
fn passing<A: Api>(
    controller: ControllerLink,
) -> impl Fn(A::Request, partitioning::Context) -> BoxFuture<'static, Result<A::Response, Refusal>> + Send + Sync + 'static
{
    move |request, _| {
        let controller = controller.clone();
        Box::pin(async move { pass_on::<A>(&controller, request).await })
    }
}

async fn pass_on<A: Api>(controller: &ControllerLink, request: A::Request) -> Result<A::Response, Refusal> {
    controller.call::<A>(request).await.map_err(|error| match error {
        Error::Refused(refusal) => refusal,
        error if error.is_in_doubt() => ErrorCode::RequestTimedOut.because(format!("the controller: {error}")),
        error => ErrorCode::NotController.because(format!("the controller: {error}")),
    })
}
