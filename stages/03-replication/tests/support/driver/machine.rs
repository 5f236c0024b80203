//! One machine of a story: a disk that remembers what was flushed, and the program that runs on it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use partitioning::Host;
use replication::broker::BrokerConfig;
use replication::controller::process::ControllerProcessConfig;
use replication::look::Look;
use replication::metadata::Image;
use segment_log::disk::recording::RecordingDisk;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Stage;
use super::messages::{Messages, Turns, Watched};
use super::settings::Settings;

/// Where the controller listens.
pub(super) const CONTROLLER: &str = "controller:9093";

/// Where a broker listens.
pub(super) fn address(broker: i32) -> String {
    format!("broker-{broker}:9092")
}

/// What a machine shares with the story.
#[derive(Clone)]
pub(super) struct Machine(Arc<Mutex<Inside>>);

pub(super) struct Inside {
    stage: Arc<dyn Stage>,
    /// `None` is the controller's.
    broker: Option<i32>,
    settings: Settings,
    messages: Messages,
    pub(super) turns: Option<Arc<Turns>>,
    /// Where its disk is now: each loss of power makes a new one.
    root: PathBuf,
    disk: Arc<RecordingDisk>,
    starts: u64,
    pub(super) running: Option<Running>,
    /// How the last run ended.
    pub(super) ended: Option<Result<(), String>>,
}

pub(super) struct Running {
    pub(super) look: Option<Arc<dyn Look>>,
    pub(super) image: Option<watch::Receiver<Image>>,
    pub(super) stop: CancellationToken,
}

impl Machine {
    pub(super) fn new(
        stage: Arc<dyn Stage>,
        root: PathBuf,
        broker: Option<i32>,
        settings: &Settings,
        messages: &Messages,
    ) -> Self {
        std::fs::create_dir_all(&root).expect("the temporary folder can be written to");
        let disk = Arc::new(RecordingDisk::new(&root).expect("the temporary folder can be read"));
        let turns = settings.by_hand.then(|| Arc::new(Turns::new()));
        let inside = Inside {
            stage,
            broker,
            settings: settings.clone(),
            messages: messages.clone(),
            turns,
            root,
            disk,
            starts: 0,
            running: None,
            ended: None,
        };
        Machine(Arc::new(Mutex::new(inside)))
    }

    pub(super) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().expect("nothing panics while it holds the machine")
    }

    /// What the machine does from its start on.
    pub(super) async fn run(self) -> turmoil::Result {
        let stop = CancellationToken::new();
        let broker = self.inside().broker;
        let ended = match broker {
            Some(id) => self.broker(id, stop).await,
            None => self.controller(stop).await,
        };
        self.inside().ended(ended);
        // A machine whose program has ended still stands there.
        std::future::pending().await
    }

    async fn broker(&self, id: i32, stop: CancellationToken) -> Result<(), String> {
        let opening = {
            let mut inside = self.inside();
            inside.starts += 1;
            let data = inside.root.join("data");
            let mut config = BrokerConfig::new(id, data, "0.0.0.0:9092", CONTROLLER);
            config.advertised = Some(address(id));
            config.incarnation = u128::from(inside.starts) << 32 | id as u128;
            let (messages, turns) = (inside.messages.clone(), inside.turns.clone());
            inside
                .settings
                .broker(&mut config, Watched { broker: id, messages, turns, decisions: inside.settings.decisions });
            inside.stage.broker(inside.host(), config)
        };
        let broker = opening.await.map_err(|error| error.to_string())?;
        self.inside().running =
            Some(Running { look: Some(broker.look()), image: Some(broker.image()), stop: stop.clone() });
        broker.run(stop).await.map(drop).map_err(|error| error.to_string())
    }

    async fn controller(&self, stop: CancellationToken) -> Result<(), String> {
        let opening = {
            let inside = self.inside();
            let mut config = ControllerProcessConfig::new(inside.root.join("data"), "0.0.0.0:9093");
            (config.advertised, config.seed) = (Some(CONTROLLER.to_owned()), 3);
            inside.settings.controller(&mut config);
            inside.stage.controller(inside.host(), config)
        };
        let process = opening.await.map_err(|error| error.to_string())?;
        self.inside().running = Some(Running { look: None, image: None, stop: stop.clone() });
        process.run(stop).await.map(drop).map_err(|error| error.to_string())
    }
}

impl Inside {
    fn host(&self) -> Host {
        Host { disk: self.disk.clone(), ..Host::simulated() }
    }

    fn ended(&mut self, how: Result<(), String>) {
        (self.running, self.ended) = (None, Some(how));
    }

    /// The program is gone, and with it what it had in memory. The system still has what was written.
    pub(super) fn process_died(&mut self) {
        self.running = None;
    }

    /// What was not flushed is gone as well.
    pub(super) fn power_lost(&mut self) {
        self.running = None;
        let crash = self.disk.recording();
        let crash = crash.crash_at(self.disk.now());
        let image = crash.image(&crash.settled());
        self.new_disk(|root| image.build(root));
    }

    /// Everything is gone.
    pub(super) fn disk_lost(&mut self) {
        self.running = None;
        self.new_disk(|_| Ok(()));
    }

    fn new_disk(&mut self, fill: impl FnOnce(&Path) -> std::io::Result<()>) {
        let number = self.root.extension().and_then(|end| end.to_str()?.parse::<u32>().ok()).unwrap_or(0);
        self.root.set_extension((number + 1).to_string());
        std::fs::create_dir_all(&self.root).expect("the temporary folder can be written to");
        fill(&self.root).expect("the temporary folder can be written to");
        self.disk = Arc::new(RecordingDisk::new(&self.root).expect("the temporary folder can be read"));
    }
}
