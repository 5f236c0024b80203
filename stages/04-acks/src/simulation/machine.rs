//! One machine of the cluster: a disk that knows what was flushed, a clock that can be wrong, and the program that runs on it.
//!
//! ```text
//!   process dies    the program is gone. What it had written is there
//!   power is lost   what was not flushed is gone as well, or torn, as chance will have it
//!   disk is lost    everything is gone
//! ```

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use partitioning::{Clock, Host, Partition, Pauses, Workers};
use replication::broker::BrokerConfig;
use replication::controller::process::ControllerProcessConfig;
use segment_log::Timestamp;
use segment_log::disk::recording::{Random, RecordingDisk};
use tokio_util::sync::CancellationToken;

use super::draw::Draw;
use super::fetches::{Counted, Fetches};
use super::programs::{Look, Programs};
use super::settings::Settings;

/// Where the controller listens.
pub(super) const CONTROLLER: &str = "controller:9093";

/// The name of a broker's machine.
pub(super) fn name(broker: i32) -> String {
    format!("broker-{broker}")
}

/// Where a broker listens.
pub(super) fn address(broker: i32) -> String {
    format!("broker-{broker}:9092")
}

/// What all machines of a run have in common.
pub(super) struct Common {
    pub(super) settings: Settings,
    pub(super) programs: Arc<dyn Programs>,
    pub(super) fetches: Fetches,
}

/// See the [module](self). Clones are the same machine.
#[derive(Clone)]
pub(super) struct Machine(Arc<Mutex<Inside>>);

/// A machine, and what runs on it.
pub(super) struct Inside {
    common: Arc<Common>,
    /// `None` is the controller's.
    broker: Option<i32>,
    /// Where its disk is now: each loss of power makes a new one.
    root: PathBuf,
    disk: Arc<RecordingDisk>,
    /// How far its clock is ahead of the true time, in milliseconds.
    clock: Arc<AtomicI64>,
    /// How long each call waits that may wait for the disk, in milliseconds, beside what is usual.
    slowness: Arc<AtomicU64>,
    pauses: Pauses,
    starts: u64,
    running: Option<Running>,
    /// How the last run ended, if the program has ended by itself.
    ended: Option<Result<(), String>>,
}

/// A program that runs.
pub(super) struct Running {
    pub(super) stop: CancellationToken,
    /// A broker's replicas; nothing until its folder is open.
    pub(super) look: Option<Arc<dyn Look>>,
    /// The controller's log.
    pub(super) log: Option<Arc<dyn Partition>>,
}

impl Machine {
    pub(super) fn new(root: PathBuf, broker: Option<i32>, common: &Arc<Common>) -> Self {
        std::fs::create_dir_all(&root).expect("the temporary folder can be written to");
        let disk = Arc::new(RecordingDisk::new(&root).expect("the temporary folder can be read"));
        let slowness = Arc::new(AtomicU64::new(0));
        let name = broker.map_or_else(|| "controller".to_owned(), name);
        let pauses = pauses(&common.settings, &name, slowness.clone());
        let inside = Inside {
            common: common.clone(),
            broker,
            root,
            disk,
            clock: Arc::default(),
            slowness,
            pauses,
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
        let broker = {
            let mut inside = self.inside();
            inside.starts += 1;
            inside.ended = None;
            inside.running = Some(Running { stop: stop.clone(), look: None, log: None });
            inside.broker
        };
        let ended = match broker {
            Some(id) => self.broker(id, stop).await,
            None => self.controller(stop).await,
        };
        self.inside().note_end(ended);
        // A machine whose program has ended still stands there.
        std::future::pending().await
    }

    async fn broker(&self, id: i32, stop: CancellationToken) -> partitioning::Result<()> {
        let (programs, host, config) = {
            let inside = self.inside();
            let mut config = BrokerConfig::new(id, inside.root.join("data"), "0.0.0.0:9092", CONTROLLER);
            config.advertised = Some(address(id));
            config.incarnation = u128::from(inside.starts) << 32 | id as u128;
            inside.common.settings.broker(&mut config);
            let programs = inside.common.programs.clone();
            config.fetching =
                Arc::new(Counted::new(programs.fetching(&inside.common.settings), inside.common.fetches.clone()));
            (programs, inside.host(), config)
        };
        let member = programs.broker(host, config).await?;
        if let Some(running) = &mut self.inside().running {
            running.look = Some(member.look());
        }
        member.run(stop).await.map(drop)
    }

    async fn controller(&self, stop: CancellationToken) -> partitioning::Result<()> {
        let (programs, host, config) = {
            let inside = self.inside();
            let mut config = ControllerProcessConfig::new(inside.root.join("data"), "0.0.0.0:9093");
            let seed = Draw::new(inside.common.settings.seed, "controller").seed();
            (config.advertised, config.seed) = (Some(CONTROLLER.to_owned()), seed.wrapping_add(inside.starts));
            inside.common.settings.controller(&mut config);
            (inside.common.programs.clone(), inside.host(), config)
        };
        let process = programs.controller(host, config).await?;
        if let Some(running) = &mut self.inside().running {
            running.log = Some(process.log());
        }
        process.run(stop).await.map(drop)
    }
}

impl Inside {
    fn note_end(&mut self, how: partitioning::Result<()>) {
        (self.running, self.ended) = (None, Some(how.map_err(|error| error.to_string())));
    }

    fn host(&self) -> Host {
        let (clock, true_time) = (self.clock.clone(), Clock::simulated());
        let wrong = move || true_time.now().saturating_add(clock.load(Ordering::Relaxed)).max(0);
        let workers = Workers::Late(self.pauses);
        Host { disk: self.disk.clone(), clock: Clock::from_fn(wrong), workers, ..Host::simulated() }
    }

    /// What runs on it.
    pub(super) fn running(&self) -> Option<&Running> {
        self.running.as_ref()
    }

    /// A broker's replicas, if it runs.
    pub(super) fn look(&self) -> Option<Arc<dyn Look>> {
        self.running.as_ref()?.look.clone()
    }

    /// How its program ended, if it has ended by itself.
    pub(super) fn ended(&self) -> Option<&Result<(), String>> {
        self.ended.as_ref()
    }

    /// Sets its clock ahead of the true time, or behind it, by so many milliseconds.
    pub(super) fn set_clock(&self, ahead: Timestamp) {
        self.clock.store(ahead, Ordering::Relaxed);
    }

    /// Makes its disk slow by so much a call.
    pub(super) fn set_slowness(&self, by: Duration) {
        self.slowness.store(by.as_millis() as u64, Ordering::Relaxed);
    }

    /// The program is gone, and with it what it had in memory. The system still has what was written.
    pub(super) fn process_died(&mut self) {
        self.running = None;
    }

    /// What was not flushed is gone as well: all of it, or this and that by chance.
    pub(super) fn power_lost(&mut self, draw: &mut Draw) {
        self.running = None;
        let recording = self.disk.recording();
        let crash = recording.crash_at(self.disk.now());
        let survivors = match draw.chance(30) {
            true => crash.settled(),
            false => crash.sample(&mut Random::new(draw.seed())),
        };
        let image = crash.image(&survivors);
        self.new_disk(|root| image.build(root));
    }

    /// Everything is gone.
    pub(super) fn disk_lost(&mut self) {
        self.running = None;
        self.new_disk(|_| Ok(()));
    }

    fn new_disk(&mut self, fill: impl FnOnce(&Path) -> std::io::Result<()>) {
        let old = self.root.clone();
        let number = old.extension().and_then(|end| end.to_str()?.parse::<u32>().ok()).unwrap_or(0);
        self.root.set_extension((number + 1).to_string());
        std::fs::create_dir_all(&self.root).expect("the temporary folder can be written to");
        fill(&self.root).expect("the temporary folder can be written to");
        self.disk = Arc::new(RecordingDisk::new(&self.root).expect("the temporary folder can be read"));
        std::fs::remove_dir_all(old).expect("the temporary folder can be written to");
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Machine({:?})", self.inside().broker)
    }
}

/// How long calls wait that may wait for a disk: mostly for a moment, sometimes longer, and long while the disk is slow.
fn pauses(settings: &Settings, machine: &str, slowness: Arc<AtomicU64>) -> Pauses {
    let draw = Mutex::new(Draw::new(settings.seed, machine));
    let usual = settings.pause.as_millis() as u64;
    Pauses::new(move || {
        let slow = slowness.load(Ordering::Relaxed);
        if usual == 0 && slow == 0 {
            return Duration::ZERO;
        }
        let mut draw = draw.lock().expect("nothing panics while it draws");
        let most = if draw.chance(20) { usual } else { 0 };
        Duration::from_millis(draw.from_to(0, most) + draw.from_to(slow / 2, slow))
    })
}
