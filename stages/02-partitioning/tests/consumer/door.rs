//! A broker over a network in memory: a [`Shelf`] behind the real server, with what a test needs to get in its way.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use partitioning::api::{
    BrokerInfo, Fetch, FetchRequest, ListOffsets, ListOffsetsRequest, ListOffsetsResponse, Metadata, MetadataRequest,
    MetadataResponse,
};
use partitioning::net::Net;
use partitioning::{ClientConfig, Clock, Cluster, Consumer, ConsumerConfig, Host, Limits, Router, Server, Workers};
use segment_log::Offset;
use segment_log::disk::RealDisk;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::cables::Cables;
use crate::shelf::Shelf;

/// The network, and what all brokers share.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) net: Cables,
    state: Arc<Mutex<State>>,
    /// A fetch takes one before it is answered.
    pub(crate) gate: Arc<Semaphore>,
    born: Instant,
}

type Change = Box<dyn FnOnce(&mut Shelf) + Send>;

struct State {
    shelf: Shelf,
    brokers: Vec<i32>,
    fetches: Vec<(Duration, FetchRequest)>,
    /// Where fetches, and all else, come from.
    fetching: BTreeSet<SocketAddr>,
    asking: BTreeSet<SocketAddr>,
    /// Done when the next look-up was answered.
    after_look_up: Option<Change>,
}

/// A broker that runs.
pub(crate) struct Running {
    stop: CancellationToken,
    server: JoinHandle<()>,
}

impl World {
    /// A world with broker 0.
    pub(crate) async fn new(shelf: Shelf) -> (World, Running) {
        let state = State {
            shelf,
            brokers: Vec::new(),
            fetches: Vec::new(),
            fetching: BTreeSet::new(),
            asking: BTreeSet::new(),
            after_look_up: None,
        };
        let gate = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
        let world = World { net: Cables::default(), state: Arc::new(Mutex::new(state)), gate, born: Instant::now() };
        let broker = world.start(0).await;
        (world, broker)
    }

    /// Starts a broker.
    pub(crate) async fn start(&self, id: i32) -> Running {
        let stop = CancellationToken::new();
        let listener = self.net.listen(&address(id)).await.expect("the network in memory takes any address");
        self.state().brokers.push(id);
        let limits = Limits { drain: Duration::ZERO, ..Limits::default() };
        let server = tokio::spawn(Server::new(listener, self.router(limits.max_answer), limits, stop.clone()).run());
        Running { stop, server }
    }

    /// Stops a broker; nobody knows it any more.
    pub(crate) async fn stop(&self, id: i32, running: Running) {
        self.state().brokers.retain(|other| *other != id);
        running.stop.cancel();
        running.server.await.expect("the server ends");
    }

    fn router(&self, max_answer: usize) -> Router {
        let [described, fetched, looked_up] = std::array::from_fn(|_| self.clone());
        Router::new(max_answer)
            .route::<Metadata>(move |request, context| {
                described.state().asking.insert(context.peer);
                let answer = described.describe(request);
                Box::pin(async move { Ok(answer) })
            })
            .route::<Fetch>(move |request, context| {
                let world = fetched.clone();
                world.state().fetching.insert(context.peer);
                Box::pin(async move {
                    let when = world.born.elapsed();
                    world.state().fetches.push((when, request.clone()));
                    world.gate.acquire().await.expect("the gate is never closed").forget();
                    Ok(world.shelf(|shelf| shelf.fetch(&request)))
                })
            })
            .route::<ListOffsets>(move |request, context| {
                looked_up.state().asking.insert(context.peer);
                let answer = looked_up.look_up(&request);
                Box::pin(async move { Ok(answer) })
            })
    }

    fn describe(&self, request: MetadataRequest) -> MetadataResponse {
        let state = self.state();
        let brokers = state.brokers.iter().map(|&id| BrokerInfo { id, address: address(id) }).collect();
        let names = request.topics.unwrap_or_default();
        let topics = names.into_iter().map(|name| {
            let topic = state.shelf.describe(&name);
            (name, topic)
        });
        MetadataResponse { brokers, topics: topics.collect() }
    }

    fn look_up(&self, request: &ListOffsetsRequest) -> ListOffsetsResponse {
        let mut state = self.state();
        let answer = state.shelf.list_offsets(request);
        if let Some(change) = state.after_look_up.take() {
            change(&mut state.shelf);
        }
        answer
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the state")
    }

    /// Looks into the shelf, or changes it.
    pub(crate) fn shelf<T>(&self, work: impl FnOnce(&mut Shelf) -> T) -> T {
        work(&mut self.state().shelf)
    }

    /// Does `work` when the next look-up was answered.
    pub(crate) fn after_look_up(&self, work: impl FnOnce(&mut Shelf) + Send + 'static) {
        self.state().after_look_up = Some(Box::new(work));
    }

    /// Connections over which fetches came, and connections over which anything else came.
    pub(crate) fn connections(&self) -> [BTreeSet<SocketAddr>; 2] {
        let state = self.state();
        [state.fetching.clone(), state.asking.clone()]
    }

    /// Fetches that came: when, in milliseconds, and which partitions from where.
    pub(crate) fn fetches(&self) -> Vec<(u128, Vec<(u32, Offset)>)> {
        let parts = |request: &FetchRequest| {
            let parts = request.partitions.iter().map(|asked| (asked.at.partition, asked.offset));
            parts.collect()
        };
        self.state().fetches.iter().map(|(when, request)| (when.as_millis(), parts(request))).collect()
    }

    /// From now on, fetches wait until the test lets them go on.
    pub(crate) fn close_gate(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// A client of this world.
    pub(crate) fn cluster(&self) -> Cluster {
        let host = Host {
            net: Arc::new(self.net.clone()),
            disk: Arc::new(RealDisk),
            clock: Clock::from_fn(|| 0),
            workers: Workers::Inline,
        };
        Cluster::new(host, ClientConfig::new(address(0))).expect("the settings are good")
    }

    /// A consumer of all partitions, from the beginning.
    pub(crate) fn consumer(&self, config: ConsumerConfig) -> Consumer {
        let mut consumer = Consumer::new(self.cluster(), config).expect("the settings are good");
        consumer.assign(self.shelf(|shelf| shelf.logs.keys().cloned().collect()));
        consumer
    }
}

/// Where a broker is.
pub(crate) fn address(id: i32) -> String {
    format!("broker-{id}:9092")
}

/// Lets so many milliseconds pass on the clock that stands still, and everything happen that happens in them.
pub(crate) async fn pass(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

/// So many milliseconds.
pub(crate) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
