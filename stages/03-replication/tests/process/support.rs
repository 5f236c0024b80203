//! A controller on a port of this machine, and clients.

use std::path::Path;
use std::sync::Arc;

use partitioning::api::{Api, NewTopic};
use partitioning::{Client, ClientConfig, Clock, Error, Host, Result, Workers};
use replication::api::{
    BrokerHeartbeat, BrokerHeartbeatRequest, BrokerRegistration, BrokerRegistrationRequest, BrokerRegistrationResponse,
};
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::flaky_disk::FlakyDisk;

/// A folder, and the machine that it is on.
pub(crate) struct Machine {
    pub(crate) folder: TempDir,
    pub(crate) disk: Arc<FlakyDisk>,
}

/// A controller that serves.
pub(crate) struct Running {
    pub(crate) address: String,
    pub(crate) stop: CancellationToken,
    pub(crate) task: JoinHandle<Result<bool>>,
    host: Host,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Machine { folder: tempfile::tempdir().expect("a temporary folder"), disk: Arc::default() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn host(&self) -> Host {
        let real = Host::real();
        Host { disk: self.disk.clone(), clock: Clock::from_fn(|| 1_700_000_000_000), workers: Workers::Inline, ..real }
    }

    pub(crate) fn config(&self) -> ControllerProcessConfig {
        ControllerProcessConfig { seed: 1, ..ControllerProcessConfig::new(self.path(), "127.0.0.1:0") }
    }

    pub(crate) async fn open(&self) -> Result<ControllerProcess, Error> {
        ControllerProcess::open(self.host(), self.config()).await
    }

    pub(crate) async fn start(&self) -> Running {
        let process = self.open().await.expect("it opens");
        let (address, stop) = (process.address().to_owned(), CancellationToken::new());
        let task = tokio::spawn(process.run(stop.clone()));
        Running { address, stop, task, host: self.host() }
    }

    /// What an error says, without the part of its path that differs from run to run.
    pub(crate) fn told(&self, error: &Error) -> String {
        error.to_string().replace(&format!("{}/", self.path().display()), "")
    }
}

impl Running {
    pub(crate) async fn client(&self) -> Client {
        Client::connect(&self.host, &self.address, &ClientConfig::new(&self.address)).await.expect("it listens")
    }

    pub(crate) async fn ask<A: Api>(&self, request: A::Request) -> Result<A::Response> {
        self.client().await.call::<A>(request).await
    }

    /// A broker registers, and says that it has caught up.
    pub(crate) async fn join(&self, id: i32, incarnation: u128) -> BrokerRegistrationResponse {
        let address = format!("broker-{id}:9092");
        let request = BrokerRegistrationRequest { id, incarnation, address, cluster: None, stopped_in: None };
        let registered = self.ask::<BrokerRegistration>(request).await.expect("it is registered");
        let epoch = registered.epoch;
        let alive =
            BrokerHeartbeatRequest { id, epoch, knows_epoch: Some(epoch), wants_to_stop: false, failed: Vec::new() };
        assert!(!self.ask::<BrokerHeartbeat>(alive).await.expect("it is heard").is_fenced);
        registered
    }

    pub(crate) async fn stop(self) -> Result<bool> {
        self.stop.cancel();
        self.task.await.expect("it does not panic")
    }
}

pub(crate) fn topic(name: &str, partitions: u32, copies: u16) -> NewTopic {
    let (partitions, replication_factor) = (Some(partitions), Some(copies));
    NewTopic { name: name.into(), partitions, replication_factor, configs: Default::default() }
}
