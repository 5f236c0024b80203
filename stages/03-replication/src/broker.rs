//! The broker: a member of a cluster.
//!
//! ```text
//!   Server ──▶ Router ─┬─▶ Produce, Fetch, ListOffsets  ──▶ Service (stage 02) ──▶ ReplicaManager: those led here
//!                      ├─▶ Fetch of followers           ──▶ ReplicaManager
//!                      ├─▶ Metadata, DescribeReplicas   ──▶ what is known
//!                      └─▶ CreateTopic, …               ──▶ the controller
//!
//!   tasks: metadata · fetchers · heart · wishes · looking who is in sync · housekeeping
//! ```
//!
//! A broker starts in an order: folder, port, registration, metadata up to its own registration, and then it serves. It stops
//! in the reverse: it gives away what it leads while it still serves, closes its door, answers what it has taken, and closes
//! its logs.
//!
//! When a task fails for good, the broker ends with that task's error: a broker that does not hear the controller's log any
//! more must not go on as if nothing were.

mod config;
mod identity;
mod lifecycle;
mod routes;
mod tasks;

use std::sync::Arc;

use partitioning::broker::take_port;
use partitioning::net::{BoxFuture, Listener};
use partitioning::news::News;
use partitioning::{Error, Host, Result, Router, Server, Service};
use segment_log::{Fold, LogDir};
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::api::{BrokerRegistrationRequest, BrokerRegistrationResponse};
use crate::controller_link::ControllerLink;
use crate::followers::Followers;
use crate::manager::ReplicaManager;
use crate::metadata::{Image, MetadataReader};
use identity::Identity;
use tasks::Tasks;

pub use config::BrokerConfig;

/// A broker that has its folder and its port, and serves once it is [run](Broker::run). `F` is what a later stage derives from
/// each partition's log.
pub struct Broker<F: Fold = ()> {
    host: Host,
    config: BrokerConfig,
    identity: Identity,
    manager: Arc<ReplicaManager<F>>,
    image: News<Image>,
    reader: MetadataReader<F>,
    controller: ControllerLink,
    listener: Box<dyn Listener>,
    router: Router,
    doors: Doors<F>,
    address: String,
    /// Tasks of a later stage.
    more: Vec<BoxFuture<'static, Result<()>>>,
}

/// What the routes of a broker lead to.
#[derive(Debug)]
pub struct Doors<F: Fold> {
    /// The machine.
    pub host: Host,
    /// The broker's number.
    pub id: i32,
    /// A line to the controller, for all routes of a later stage together.
    pub controller: ControllerLink,
    /// The metadata as the broker knows them.
    pub image: News<Image>,
    /// Records, for clients.
    pub service: Service,
    /// Records, for followers.
    pub followers: Followers<F>,
}

impl<F: Fold + Default> Broker<F> {
    /// Opens the folder, then takes the port.
    ///
    /// # Errors
    ///
    /// [`Error::Config`]; [`Error::Log`] if the folder is in use or damaged; [`Error::Listen`].
    pub async fn open(host: Host, config: BrokerConfig) -> Result<Self> {
        Self::open_with(host, config, F::default).await
    }
}

impl<F: Fold> Broker<F> {
    /// The same, and `make` makes what each replica derives from its log, before the first batch.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub async fn open_with(
        host: Host,
        config: BrokerConfig,
        make: impl Fn() -> F + Send + Sync + 'static,
    ) -> Result<Self> {
        let config = config.checked()?;
        let (disk, path) = (host.disk.clone(), config.folder.clone());
        let folder = host.workers.run(move || LogDir::open(disk, path)).await?;
        let identity = Identity::read(&*host.disk, &folder, config.manager.node_id)?;
        let (listener, address) = take_port(&host, &config.listen, config.advertised.clone()).await?;
        let manager = ReplicaManager::new(host.clone(), config.manager.clone(), folder, make)?;
        let manager = Arc::new(manager);
        let controller = ControllerLink::new(host.clone(), config.controller_client());
        let (reader, image) =
            MetadataReader::new(host.clone(), controller.another(), config.fetching.clone(), manager.clone());
        let service = Service::new(manager.clone(), host.clone(), config.service);
        let followers = Followers::new(manager.clone(), host.clone(), config.limits.max_answer);
        let router = routes::routes(&followers, &host, service.clone(), controller.another(), image.clone(), &config);
        let (id, line) = (config.manager.node_id, controller.another());
        let doors = Doors { host: host.clone(), id, controller: line, image: image.clone(), service, followers };
        let more = Vec::new();
        Ok(Broker {
            host,
            config,
            identity,
            manager,
            image,
            reader,
            controller,
            listener,
            router,
            doors,
            address,
            more,
        })
    }

    /// Where clients and other brokers find it.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its replicas.
    pub fn manager(&self) -> &Arc<ReplicaManager<F>> {
        &self.manager
    }

    /// The metadata as it knows them.
    pub fn image(&self) -> tokio::sync::watch::Receiver<Image> {
        self.image.listen()
    }

    /// The same broker, and `extend` says what it answers: a later stage adds routes, or replaces some.
    pub fn extend(mut self, extend: impl FnOnce(Router, &Doors<F>) -> Router) -> Self {
        self.router = extend(self.router, &self.doors);
        self
    }

    /// The same broker, which does this as well, once it knows the metadata up to its own registration. It ends with the broker, and
    /// if it fails, so does the broker.
    pub fn also(mut self, task: impl FnOnce(&Doors<F>) -> BoxFuture<'static, Result<()>>) -> Self {
        self.more.push(task(&self.doors));
        self
    }

    /// Registers, serves until `stop` is cancelled, takes its leave, and closes the folder. Gives whether the next start can
    /// believe the logs without reading them.
    ///
    /// # Errors
    ///
    /// Why it had to end: the controller refuses it, somebody else has registered in its name, the controller's log cannot be
    /// read; those of [`ReplicaManager::close`].
    pub async fn run(self, stop: CancellationToken) -> Result<bool> {
        let Broker {
            host,
            config,
            mut identity,
            manager,
            image,
            reader,
            controller,
            listener,
            router,
            address,
            more,
            ..
        } = self;
        let request = BrokerRegistrationRequest {
            id: config.manager.node_id,
            incarnation: config.incarnation,
            address: address.clone(),
            cluster: identity.cluster,
            stopped_in: identity.stopped_in,
        };
        let registering = stop.run_until_cancelled(lifecycle::register(&controller, request)).await;
        let registered: BrokerRegistrationResponse = match registering {
            // Nothing was begun, and nobody knows of this run.
            None => return close(&host, &manager, &identity).await,
            Some(Err(error)) => {
                close(&host, &manager, &identity).await?;
                return Err(error);
            }
            Some(Ok(registered)) => registered,
        };
        info!("broker {} at {address} has registered, epoch {}", config.manager.node_id, registered.epoch);
        identity.join(&host, &config, registered)?;
        let tasks = Tasks {
            host: host.clone(),
            config: config.clone(),
            manager: manager.clone(),
            image,
            controller,
            registered,
            more,
        };
        let door = CancellationToken::new();
        let server = Server::new(listener, router, config.limits.clone(), door.clone());
        let served = tasks.run(reader, (server, door), stop).await;
        if served.is_ok() {
            identity.stopped_in = Some(registered.epoch);
        }
        info!("closing the logs");
        let closed = close(&host, &manager, &identity).await;
        served.and(closed)
    }
}

impl<F: Fold> std::fmt::Debug for Broker<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Broker {} at {}", self.config.manager.node_id, self.address)
    }
}

async fn close<F: Fold>(host: &Host, manager: &Arc<ReplicaManager<F>>, identity: &Identity) -> Result<bool, Error> {
    let (manager, words) = (manager.clone(), identity.last_words());
    host.workers.run(move || manager.close(&words)).await
}
