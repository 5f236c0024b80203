//! The broker: a data folder, a port, and what lies between.
//!
//! ```text
//!   Server ──▶ Router ─┬─▶ records: Produce, Fetch, ListOffsets ──▶ Service ──▶ Partition
//!                      └─▶ topics: Metadata, CreateTopic, …     ──▶ Topics  ──▶ catalogue
//!   housekeeping, every log.retention.check.interval.ms         ──▶ Topics
//! ```
//!
//! Opening comes in an order: first the folder, with whatever a crash left to mend, then the port. So who can connect can be
//! answered. Closing is the reverse: the port, then what was taken from it is answered, then the logs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::api::{
    BrokerInfo, CreatePartitions, CreateTopic, DeleteTopic, Fetch, FetchRequest, ListOffsets, Metadata,
    MetadataResponse, Produce,
};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::Listener;
use crate::router::Router;
use crate::server::{Limits, Server};
use crate::service::{Service, ServiceLimits};
use crate::topics::{Topics, TopicsConfig};

/// What a broker is told. Names are Kafka's, and so are the defaults, but for the limits that Kafka leaves open ([`Limits`]).
#[derive(Debug, Clone)]
pub struct BrokerConfig {
    /// The data folder, and what topics are kept by.
    pub topics: TopicsConfig,
    /// `listeners`: the port to take, as `host:port`; port 0 is any.
    pub listen: String,
    /// `advertised.listeners`: where clients find this broker, if that is not where it listens.
    pub advertised: Option<String>,
    /// What clients may take.
    pub limits: Limits,
    /// What requests may ask for.
    pub service: ServiceLimits,
    /// `log.retention.check.interval.ms`: how often old segments are looked for.
    pub housekeeping: Duration,
    /// For ids that nobody else has.
    pub seed: u64,
}

impl BrokerConfig {
    /// The defaults, with the data in `folder` and a port of `listen`.
    pub fn new(folder: impl Into<std::path::PathBuf>, listen: impl Into<String>) -> Self {
        BrokerConfig {
            topics: TopicsConfig::new(folder),
            listen: listen.into(),
            advertised: None,
            limits: Limits::default(),
            service: ServiceLimits::default(),
            housekeeping: Duration::from_secs(300),
            seed: fastrand::u64(..),
        }
    }
}

/// A broker that has its folder and its port, and serves once it is [run](Broker::run).
#[derive(Debug)]
pub struct Broker {
    host: Host,
    topics: Arc<Topics>,
    listener: Box<dyn Listener>,
    router: Router,
    limits: Limits,
    housekeeping: Duration,
    address: String,
}

impl Broker {
    /// Opens the folder, then takes the port.
    ///
    /// # Errors
    ///
    /// Those of [`Topics::open`]; [`Error::Listen`].
    pub async fn open(host: Host, config: BrokerConfig) -> Result<Self> {
        let BrokerConfig { topics, listen, advertised, limits, service, housekeeping, seed } = config;
        let opening = host.clone();
        let open = move || Topics::open(&opening, topics, fastrand::Rng::with_seed(seed));
        let topics = Arc::new(host.workers.run(open).await?);
        let (listener, address) = match take_port(&host, &listen, advertised).await {
            Ok(taken) => taken,
            Err(error) => {
                // That somebody else has the port is no crash, and should not look like one to the next start.
                if let Err(also) = host.workers.run(move || topics.close()).await {
                    warn!("{also}");
                }
                return Err(error);
            }
        };
        let service = Service::new(topics.clone(), host.clone(), service);
        let here = BrokerInfo { id: topics.config().node_id, address: address.clone() };
        let router = records(service, limits.max_answer).merge(admin(&topics, here, &host, limits.max_answer));
        Ok(Broker { host, topics, listener, router, limits, housekeeping, address })
    }

    /// Where clients find it.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What it keeps.
    pub fn topics(&self) -> &Arc<Topics> {
        &self.topics
    }

    /// What it answers.
    pub fn router(&self) -> &Router {
        &self.router
    }

    /// Serves until `stop` is cancelled, answers what it has taken, and closes the folder. Gives whether the next start
    /// can believe the logs without reading them.
    ///
    /// # Errors
    ///
    /// Those of [`Topics::close`].
    pub async fn run(self, stop: CancellationToken) -> Result<bool> {
        let Broker { host, topics, listener, router, limits, housekeeping, address } = self;
        debug!("serving at {address}");
        let house = tokio::spawn(housekeep(topics.clone(), host.clone(), housekeeping, stop.child_token()));
        Server::new(listener, router, limits, stop.clone()).run().await;
        house.await.map_err(|_| Error::Closed("housekeeping"))?;
        info!("closing the logs");
        host.workers.run(move || topics.close()).await
    }
}

/// Takes the port `listen`, and says where clients find it: at `advertised`, or where it is.
///
/// # Errors
///
/// [`Error::Listen`], [`Error::Config`].
pub async fn take_port(host: &Host, listen: &str, advertised: Option<String>) -> Result<(Box<dyn Listener>, String)> {
    let cannot = |error: std::io::Error| Error::Listen {
        address: listen.to_owned(),
        kind: error.kind(),
        reason: error.to_string(),
    };
    let listener = host.net.listen(listen).await.map_err(cannot)?;
    let address = match advertised {
        Some(address) => address,
        None => own_address(listener.local_addr().map_err(cannot)?)?,
    };
    Ok((listener, address))
}

/// Where clients find a broker of which nothing else is said.
fn own_address(local: SocketAddr) -> Result<String> {
    if local.ip().is_unspecified() {
        let rule = "it says where clients find this broker, as `listeners` takes a port on all addresses";
        return Err(Error::Config { key: "advertised.listeners", found: "not set".to_owned(), rule });
    }
    Ok(local.to_string())
}

/// Looks after all partitions now and then, until `stop`.
async fn housekeep(topics: Arc<Topics>, host: Host, every: Duration, stop: CancellationToken) {
    let mut rounds = interval(every);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick is now, and there is nothing to do yet.
    rounds.tick().await;
    while stop.run_until_cancelled(rounds.tick()).await.is_some() {
        let (topics, now) = (topics.clone(), host.clock.now());
        let done = host.workers.run(move || topics.housekeep(now)).await;
        if done.removed > 0 {
            info!("{} old segments went", done.removed);
        }
    }
}

/// The routes to records, whose answers have at most `max_answer` bytes.
pub fn records(service: Service, max_answer: usize) -> Router {
    let [produce, fetch, list] = std::array::from_fn(|_| service.clone());
    Router::new(max_answer)
        .route::<Produce>(move |request, _| {
            let service = produce.clone();
            Box::pin(async move { Ok(service.produce(request).await) })
        })
        .route::<Fetch>(move |mut request, context| {
            let service = fetch.clone();
            Box::pin(async move {
                let most = room_for_records(&request, max_answer.min(context.share()));
                request.max_bytes = request.max_bytes.min(most);
                let reads = service.fetch(&request).await;
                let bytes = reads.iter().flat_map(|(_, read)| read).map(|read| read.slice.len()).sum();
                context.reserve(bytes).await;
                Ok(service.read_bytes(reads).await)
            })
        })
        .route::<ListOffsets>(move |request, _| {
            let service = list.clone();
            Box::pin(async move { Ok(service.list_offsets(request).await) })
        })
}

/// Bytes of an answer that are left for records when each partition has room for what else is said of it: its name, and
/// offsets, or a sentence that names it once more and may name a file. So an answer fits, unless its first batch alone is
/// too large for it (a first batch is given whatever the limits are).
pub fn room_for_records(request: &FetchRequest, max_answer: usize) -> u32 {
    const BESIDE_NAMES: usize = 1024;
    let beside = request.partitions.iter().map(|asked| 2 * asked.at.topic.len() + BESIDE_NAMES);
    let room = max_answer.saturating_sub(BESIDE_NAMES + beside.sum::<usize>());
    u32::try_from(room).unwrap_or(u32::MAX)
}

/// The routes to topics, whose answers have at most `max_answer` bytes.
pub fn admin(topics: &Arc<Topics>, here: BrokerInfo, host: &Host, max_answer: usize) -> Router {
    let workers = host.workers;
    let [described, created, deleted, grown] = std::array::from_fn(|_| topics.clone());
    Router::new(max_answer)
        .route::<Metadata>(move |request, _| {
            let topics = described.describe(request.topics.as_deref());
            let brokers = vec![here.clone()];
            Box::pin(async move { Ok(MetadataResponse { brokers, topics }) })
        })
        .route::<CreateTopic>(move |new, _| {
            let topics = created.clone();
            Box::pin(workers.run(move || topics.create(&new)))
        })
        .route::<DeleteTopic>(move |request, _| {
            let topics = deleted.clone();
            Box::pin(workers.run(move || topics.delete(&request.name)))
        })
        .route::<CreatePartitions>(move |request, _| {
            let topics = grown.clone();
            Box::pin(workers.run(move || topics.grow(&request.name, request.count)))
        })
}
