//! One machine of the cluster: a disk that knows what was flushed, a clock that can be wrong, and the program that runs on it.
//!
//! ```text
//!   process stands  the program does nothing, and does not know it
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
use replication::look::Look;
use segment_log::Timestamp;
use segment_log::disk::recording::{Random, RecordingDisk};
use tokio_util::sync::CancellationToken;

use super::draw::Draw;
use super::fetches::{Counted, Fetches};
use super::process::Process;
use super::programs::Programs;
use super::settings::Settings;
use super::sockets::{Gate, Sockets, sockets};
use super::trace::Trace;

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
    /// Knows what time it is.
    pub(super) trace: Trace,
}

/// The time at which each run begins, in milliseconds since 1970.
pub(super) const EPOCH: Timestamp = 1_700_000_000_000;

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
    gate: Gate,
    /// The sockets of a system that is up, and has not started its program yet.
    is_up: Option<Sockets>,
    process: Option<Process>,
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
            gate: Gate::default(),
            is_up: None,
            process: None,
            running: None,
            ended: None,
        };
        Machine(Arc::new(Mutex::new(inside)))
    }

    pub(super) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().expect("nothing panics while it holds the machine")
    }

    /// What the machine's system does from its start on: it starts the program with the next step.
    pub(super) async fn run(self) -> turmoil::Result {
        let (sockets, calls) = sockets(self.inside().gate.clone());
        self.inside().is_up = Some(sockets);
        calls.serve().await
    }

    /// Lets so much time pass for the process.
    pub(super) fn step(&self, time: Duration) {
        let sockets = self.inside().is_up.take();
        let started = sockets.map(|sockets| self.start(sockets));
        let before = self.inside().process.take();
        let Some(mut process) = started.or(before) else { return };
        // The program looks at its machine.
        process.step(time);
        let mut inside = self.inside();
        // One that has ended takes all its tasks with it.
        inside.process = Some(process).filter(|_| inside.ended.is_none());
    }

    fn start(&self, sockets: Sockets) -> Process {
        let (machine, stop) = (self.clone(), CancellationToken::new());
        let mut inside = self.inside();
        inside.starts += 1;
        inside.ended = None;
        inside.running = Some(Running { stop: stop.clone(), look: None, log: None });
        let (broker, host) = (inside.broker, inside.host(sockets));
        Process::start(inside.name(), async move {
            let ended = match broker {
                Some(id) => machine.broker(id, host, stop).await,
                None => machine.controller(host, stop).await,
            };
            machine.inside().note_end(ended);
        })
    }

    async fn broker(&self, id: i32, host: Host, stop: CancellationToken) -> partitioning::Result<()> {
        let (programs, config) = {
            let inside = self.inside();
            let mut config = BrokerConfig::new(id, inside.root.join("data"), "0.0.0.0:9092", CONTROLLER);
            config.advertised = Some(address(id));
            config.incarnation = u128::from(inside.starts) << 32 | id as u128;
            inside.common.settings.broker(&mut config);
            let programs = inside.common.programs.clone();
            config.fetching =
                Arc::new(Counted::new(programs.fetching(&inside.common.settings), inside.common.fetches.clone()));
            (programs, config)
        };
        let member = programs.broker(host, config).await?;
        if let Some(running) = &mut self.inside().running {
            running.look = Some(member.look());
        }
        member.run(stop).await.map(drop)
    }

    async fn controller(&self, host: Host, stop: CancellationToken) -> partitioning::Result<()> {
        let (programs, config) = {
            let inside = self.inside();
            let mut config = ControllerProcessConfig::new(inside.root.join("data"), "0.0.0.0:9093");
            let seed = Draw::new(inside.common.settings.seed, "controller").seed();
            (config.advertised, config.seed) = (Some(CONTROLLER.to_owned()), seed.wrapping_add(inside.starts));
            inside.common.settings.controller(&mut config);
            (inside.common.programs.clone(), config)
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

    fn name(&self) -> String {
        self.broker.map_or_else(|| "controller".to_owned(), name)
    }

    fn host(&self, sockets: Sockets) -> Host {
        let (ahead, time) = (self.clock.clone(), self.common.trace.clone());
        let clock = Clock::from_fn(move || {
            let since = Timestamp::try_from(time.now().as_millis()).unwrap_or(Timestamp::MAX);
            EPOCH.saturating_add(since).saturating_add(ahead.load(Ordering::Relaxed)).max(0)
        });
        Host { net: Arc::new(sockets), disk: self.disk.clone(), clock, workers: Workers::Late(self.pauses) }
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

    /// Through which comes what is sent to it.
    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Its program stands still from here on. Gives whether it ran.
    pub(super) fn stand_still(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::stand_still)
    }

    /// Its program goes on. One that was started meanwhile does so anyway.
    pub(super) fn go_on(&mut self) {
        self.process.iter_mut().for_each(Process::go_on);
    }

    /// The program is gone, and with it what it had in memory. The system still has what was written.
    pub(super) fn process_died(&mut self) {
        (self.is_up, self.process, self.running) = (None, None, None);
    }

    /// What was not flushed is gone as well: all of it, or this and that by chance.
    pub(super) fn power_lost(&mut self, draw: &mut Draw) {
        self.process_died();
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
        self.process_died();
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
