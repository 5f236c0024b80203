//! The program around the controller: a folder with one log, a port, and what lies between.
//!
//! ```text
//!   Server ──▶ Router ─┬─▶ Runner ──▶ Controller ──▶ records ─┐
//!                      └─▶ Fetch, ListOffsets ────────────────┴─▶ __cluster_metadata-0
//! ```
//!
//! Opening comes in an order: the folder, all that was ever decided, then the port. So who can connect can be answered. Closing
//! is the reverse. If the log fails, nothing more can be decided, and the process ends with that error.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fastrand::Rng;
use partitioning::api::BrokerInfo;
use partitioning::broker::take_port;
use partitioning::net::Listener;
use partitioning::topics::catalogue::CATALOGUE_LOG;
use partitioning::topics::name::CLUSTER_METADATA;
use partitioning::topics::no_decision_is_behind_damage;
use partitioning::{
    Error, ErrorCode, Host, Limits, LocalPartition, Partition, Refusal, Router, Server, Service, TopicPartition,
};
use segment_log::batch::DECOMPRESSED_LIMIT;
use segment_log::{EveryAppend, LogConfig, LogDir};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::routes::{own_log, routes};
use super::{Controller, ControllerConfig};
use crate::machine::{Runner, RunnerConfig};
use crate::owner::Owner;

/// What the process is told. Names are Kafka's.
#[derive(Debug, Clone)]
pub struct ControllerProcessConfig {
    /// `metadata.log.dir`: the folder of its log.
    pub folder: PathBuf,
    /// `listeners`: the port to take, as `host:port`; port 0 is any.
    pub listen: String,
    /// `advertised.listeners`: where brokers find it, if that is not where it listens.
    pub advertised: Option<String>,
    /// What whoever connects may take.
    pub limits: Limits,
    /// How many requests may wait to be decided.
    pub runner: RunnerConfig,
    /// What it decides by.
    pub controller: ControllerConfig,
    /// For ids, and for where replicas are placed.
    pub seed: u64,
}

impl ControllerProcessConfig {
    /// The defaults, with the log in `folder` and a port of `listen`.
    pub fn new(folder: impl Into<PathBuf>, listen: impl Into<String>) -> Self {
        ControllerProcessConfig {
            folder: folder.into(),
            listen: listen.into(),
            advertised: None,
            limits: Limits::default(),
            runner: RunnerConfig::default(),
            controller: ControllerConfig::default(),
            seed: fastrand::u64(..),
        }
    }
}

/// A controller that knows all that was decided and has its port, and serves once it is [run](ControllerProcess::run).
#[derive(Debug)]
pub struct ControllerProcess {
    host: Host,
    kept: Kept,
    runner: Runner<Controller>,
    deciding: Deciding,
    listener: Box<dyn Listener>,
    router: Router,
    service: Service,
    limits: Limits,
    address: String,
}

/// The folder, and the log in it.
#[derive(Debug)]
struct Kept {
    dir: LogDir,
    log: Arc<LocalPartition>,
    /// Whether it says whose it is.
    is_owned: bool,
}

/// The task that decides, and what ends it.
#[derive(Debug)]
struct Deciding {
    task: JoinHandle<Result<(), Refusal>>,
    stop: CancellationToken,
}

impl ControllerProcess {
    /// Opens the folder, learns what was decided, then takes the port.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], [`Error::Listen`]; [`Error::Log`] if the folder is in use or damaged, or is a broker's or another
    /// controller's, or if the log in it is not a controller's.
    pub async fn open(host: Host, config: ControllerProcessConfig) -> Result<Self, Error> {
        let ControllerProcessConfig { folder, listen, advertised, limits, runner, controller, seed } = config;
        let controller = controller.checked()?;
        let node_id = controller.node_id;
        let (opening, path) = (host.clone(), folder.clone());
        let kept = host.workers.run(move || Kept::open(&opening, &path, node_id)).await?;
        let machine = Controller::new(controller, Rng::with_seed(seed));
        let stop = CancellationToken::new();
        let started = Runner::start(host.clone(), kept.log.clone(), machine, runner, stop.clone()).await;
        let (runner, task) = match started {
            Ok(started) => started,
            Err(refusal) => return Err(kept.close_after(&host, unreadable(&folder, refusal)).await),
        };
        let deciding = Deciding { task, stop };
        let taken = match kept.own(&host, node_id).await {
            Ok(()) => take_port(&host, &listen, advertised).await,
            Err(error) => Err(error),
        };
        let (listener, address) = match taken {
            Ok(taken) => taken,
            Err(error) => {
                // That somebody else has the port is no crash, and should not look like one to the next start.
                let ended = deciding.end().await.err().map(Error::Refused);
                return Err(kept.close_after(&host, ended.unwrap_or(error)).await);
            }
        };
        let here = BrokerInfo { id: node_id, address: address.clone() };
        let service = own_log(kept.log.clone(), host.clone());
        let router = routes(&runner, kept.log.clone(), here, service.clone(), limits.max_answer);
        Ok(ControllerProcess { host, kept, runner, deciding, listener, router, service, limits, address })
    }

    /// Where brokers find it.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its log, for whoever watches from beside what it decides.
    pub fn log(&self) -> Arc<dyn Partition> {
        self.kept.log.clone()
    }

    /// The same process, and `extend` says what it answers: a later stage adds routes. The service reads its log.
    pub fn extend(mut self, extend: impl FnOnce(Router, &Service) -> Router) -> Self {
        self.router = extend(self.router, &self.service);
        self
    }

    /// The way to the controller, for whoever is in the same process.
    pub fn runner(&self) -> &Runner<Controller> {
        &self.runner
    }

    /// Serves until `stop` is cancelled, answers what it has taken, and closes the folder. Gives whether the next start can
    /// believe the log without reading it.
    ///
    /// # Errors
    ///
    /// What ended the deciding, if that ended by itself: then it serves no more either. Else what closing gives.
    pub async fn run(self, stop: CancellationToken) -> Result<bool, Error> {
        let ControllerProcess { host, kept, runner, deciding, listener, router, limits, address, .. } = self;
        debug!("deciding at {address}");
        drop(runner);
        let serving = stop.child_token();
        let server = Server::new(listener, router, limits, serving.clone());
        let Deciding { mut task, stop: stop_deciding } = deciding;
        let serve = async {
            server.run().await;
            stop_deciding.cancel();
        };
        let decide = async {
            let ended = (&mut task).await;
            serving.cancel();
            ended
        };
        let ((), ended) = tokio::join!(serve, decide);
        info!("closing the log");
        match ended {
            Ok(Ok(())) => host.workers.run(move || kept.close()).await,
            Ok(Err(refusal)) => Err(kept.close_after(&host, refusal.into()).await),
            Err(_) => Err(kept.close_after(&host, Error::Closed("the controller")).await),
        }
    }
}

impl Deciding {
    /// Ends it, and gives why it had ended already, if it had.
    async fn end(self) -> Result<(), Refusal> {
        self.stop.cancel();
        match self.task.await {
            Ok(ended) => ended,
            Err(error) => Err(ErrorCode::UnknownServerError.because(format!("the controller failed: {error}"))),
        }
    }
}

impl Kept {
    fn open(host: &Host, folder: &Path, node_id: i32) -> Result<Self, Error> {
        let dir = LogDir::open(host.disk.clone(), folder)?;
        let this = Owner::Controller { id: node_id };
        let owner = Owner::of(&*host.disk, folder)?;
        if let Some(owner) = owner.filter(|owner| *owner != this) {
            return Err(owner.is_not(folder, this).into());
        }
        no_decision_is_behind_damage(&*host.disk, &folder.join(CATALOGUE_LOG))?;
        let (log, recovery) = dir.open_log(CATALOGUE_LOG, log_config(), (), host.clock.now())?;
        if let Some(cut) = &recovery.cut {
            warn!("{CATALOGUE_LOG} was not closed in order: {}; it now ends at offset {}", cut.why, cut.end);
        }
        let log = Arc::new(LocalPartition::new(TopicPartition::new(CLUSTER_METADATA, 0), log));
        Ok(Kept { dir, log, is_owned: owner.is_some() })
    }

    /// Writes down whose the folder is, if that is new. Not before its log could be read: another program's is left as it is.
    async fn own(&self, host: &Host, node_id: i32) -> Result<(), Error> {
        if self.is_owned {
            return Ok(());
        }
        let (disk, folder) = (host.disk.clone(), self.dir.path().to_owned());
        Ok(host.workers.run(move || Owner::Controller { id: node_id }.keep(&*disk, &folder)).await?)
    }

    fn close(self) -> Result<bool, Error> {
        self.log.close()?;
        Ok(self.dir.close()?)
    }

    /// Closes what was opened, as something else has failed. That is the error that matters.
    async fn close_after(self, host: &Host, error: Error) -> Error {
        if let Err(also) = host.workers.run(move || self.close()).await {
            warn!("{also}");
        }
        error
    }
}

/// A decision that is lost is worse than one that takes a moment, and there are few: each is flushed. None grows old. A segment
/// has room for the largest decision that can be read.
fn log_config() -> LogConfig {
    LogConfig {
        flush: Arc::new(EveryAppend),
        retention_ms: None,
        retention_bytes: None,
        segment_bytes: DECOMPRESSED_LIMIT as u32,
        segment_index_bytes: 64 << 10,
        ..LogConfig::default()
    }
}

/// The log cannot be replayed. The likeliest cause is the folder of another program.
fn unreadable(folder: &Path, refusal: Refusal) -> Error {
    let hint = "this is no controller's log: a broker of stage 02 keeps one of the same name, with other records";
    let rule = match refusal.code {
        ErrorCode::CorruptMessage => format!("{}; or {hint}", refusal.message),
        _ => return refusal.into(),
    };
    segment_log::Error::BadFile { file: folder.join(CATALOGUE_LOG), rule }.into()
}
