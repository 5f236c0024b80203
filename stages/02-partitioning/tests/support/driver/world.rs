//! The machines of a story, and the network between them: a `turmoil` simulation that the story moves.
//!
//! ```text
//!   story's thread            host "client"                 host "broker"
//!   run(future) ──job──▶  [ loop: take a job, spawn it ]   [ Broker::run ]
//!        │  step, step, step: a millisecond of everybody's time each
//!        ◀── answer ──────────────┘
//! ```
//!
//! The servers and clients are the real ones. Only the network, the clock and the threads are not. A message takes one
//! millisecond from host to host, always, so the same story takes the same time wherever it is played.

use std::error::Error;
use std::future::Future;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use partitioning::net::BoxFuture;
use partitioning::{Broker, BrokerConfig, Host, Topics};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::subscriber::DefaultGuard;
use turmoil::Sim;

type Job = BoxFuture<'static, ()>;
type Fault = Box<dyn Error>;

/// Where the broker listens.
pub(crate) const BROKER: &str = "broker:9092";
/// What a command may take before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(600);

/// See the [module](self).
pub(crate) struct World {
    sim: Sim<'static>,
    jobs: mpsc::UnboundedSender<Job>,
    broker: Arc<Mutex<BrokerHost>>,
    log: Log,
    _listening: DefaultGuard,
}

/// What the broker's host shares with the story.
struct BrokerHost {
    folder: PathBuf,
    /// The settings it starts with.
    change: Box<dyn Fn(&mut BrokerConfig) + Send>,
    running: Option<Running>,
    /// How the last run ended.
    ended: Option<Result<bool, String>>,
}

struct Running {
    topics: Arc<Topics>,
    stop: CancellationToken,
}

impl World {
    /// Two machines, with the broker's data in `folder`. The broker runs when this returns.
    ///
    /// # Errors
    ///
    /// If it does not start.
    pub(crate) fn new(folder: PathBuf, change: impl Fn(&mut BrokerConfig) + Send + 'static) -> Result<Self, Fault> {
        let log = Log::default();
        let _listening = log.listen();
        let mut sim = turmoil::Builder::new()
            .epoch(SystemTime::UNIX_EPOCH)
            .rng_seed(2)
            .tick_duration(Duration::from_millis(1))
            .min_message_latency(Duration::from_millis(1))
            .max_message_latency(Duration::from_millis(1))
            .simulation_duration(Duration::from_secs(u64::from(u32::MAX)))
            .build();
        let broker = Arc::new(Mutex::new(BrokerHost { folder, change: Box::new(change), running: None, ended: None }));
        let shared = broker.clone();
        sim.host("broker", move || serve(shared.clone()));
        let (jobs, queue) = mpsc::unbounded_channel();
        sim.client("client", work(queue));
        let mut world = World { sim, jobs, broker, log, _listening };
        world.await_start()?;
        Ok(world)
    }

    /// Does `work` on the client's machine, and lets time pass until it is done.
    ///
    /// # Errors
    ///
    /// If it is not done within ten minutes of the story's time.
    pub(crate) fn run<T: Send + 'static>(
        &mut self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Fault> {
        let done = Arc::new(Mutex::new(None));
        let answer = done.clone();
        let job = async move {
            let value = work.await;
            *answer.lock().unwrap() = Some(value);
        };
        self.jobs.send(Box::pin(job)).map_err(|_| "the client's machine has stopped")?;
        self.until(|_| done.lock().unwrap().take())?.ok_or_else(|| "no answer within ten minutes".into())
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, time: Duration) -> Result<(), Fault> {
        let end = self.sim.elapsed() + time;
        while self.sim.elapsed() < end {
            self.step()?;
        }
        Ok(())
    }

    /// The topics of the broker, while it runs.
    pub(crate) fn topics(&self) -> Option<Arc<Topics>> {
        self.host().running.as_ref().map(|running| running.topics.clone())
    }

    /// Keeps everything that is sent between the two machines back, until [`release`](Self::release).
    pub(crate) fn hold(&mut self) {
        self.sim.hold("client", "broker");
    }

    /// Delivers what was kept back.
    pub(crate) fn release(&mut self) {
        self.sim.release("client", "broker");
    }

    /// Tells the broker to stop, and waits until it has. Gives whether it left everything in order.
    ///
    /// # Errors
    ///
    /// What the broker's program would have said.
    pub(crate) fn stop(&mut self) -> Result<bool, Fault> {
        let Some(running) = self.host().running.take() else { return Err("the broker does not run".into()) };
        running.stop.cancel();
        drop(running);
        let ended = self.until(|world| world.host().ended.take())?;
        Ok(ended.ok_or("the broker does not stop")??)
    }

    /// Ends the broker's process, whatever it does.
    pub(crate) fn crash(&mut self) -> Result<(), Fault> {
        self.host().running.take().ok_or("the broker does not run")?;
        self.sim.crash("broker");
        Ok(())
    }

    /// Starts the broker again, with its settings changed.
    ///
    /// # Errors
    ///
    /// What the broker's program would have said.
    pub(crate) fn start(&mut self, change: impl Fn(&mut BrokerConfig) + Send + 'static) -> Result<(), Fault> {
        if self.host().running.is_some() {
            return Err("the broker runs".into());
        }
        self.host().change = Box::new(change);
        self.sim.bounce("broker");
        self.await_start()
    }

    /// What the broker has logged as a warning since this was asked last, without times and places.
    pub(crate) fn warnings(&mut self) -> Vec<String> {
        self.log.take().lines().filter_map(|line| line.trim().strip_prefix("WARN ").map(str::to_owned)).collect()
    }

    fn await_start(&mut self) -> Result<(), Fault> {
        let started = self.until(|world| {
            let mut host = world.host();
            match host.ended.take() {
                Some(ended) => Some(ended.map(|_| ())),
                None => host.running.as_ref().map(|_| Ok(())),
            }
        })?;
        Ok(started.ok_or("the broker does not start")??)
    }

    /// Lets time pass until there is an answer, or for as long as a story has patience.
    fn until<T>(&mut self, mut answer: impl FnMut(&Self) -> Option<T>) -> Result<Option<T>, Fault> {
        let end = self.sim.elapsed() + PATIENCE;
        while self.sim.elapsed() < end {
            if let Some(answer) = answer(self) {
                return Ok(Some(answer));
            }
            self.step()?;
        }
        Ok(None)
    }

    fn step(&mut self) -> Result<(), Fault> {
        self.sim.step().map(drop).map_err(|error| error.to_string().into())
    }

    fn host(&self) -> std::sync::MutexGuard<'_, BrokerHost> {
        self.broker.lock().expect("nothing panics while it holds the host")
    }
}

/// The broker's machine.
async fn serve(shared: Arc<Mutex<BrokerHost>>) -> turmoil::Result {
    let config = {
        let shared = shared.lock().unwrap();
        let mut config = BrokerConfig::new(shared.folder.clone(), "0.0.0.0:9092");
        (config.advertised, config.seed) = (Some(BROKER.to_owned()), 2);
        (shared.change)(&mut config);
        config
    };
    let ended = match Broker::open(Host::simulated(), config).await {
        Ok(broker) => {
            let stop = CancellationToken::new();
            let running = Running { topics: broker.topics().clone(), stop: stop.clone() };
            shared.lock().unwrap().running = Some(running);
            broker.run(stop).await
        }
        Err(error) => Err(error),
    };
    shared.lock().unwrap().ended = Some(ended.map_err(|error| error.to_string()));
    // A machine whose program has ended still stands there.
    std::future::pending().await
}

/// The client's machine: whatever the story hands it, side by side.
async fn work(mut jobs: mpsc::UnboundedReceiver<Job>) -> turmoil::Result {
    while let Some(job) = jobs.recv().await {
        tokio::spawn(job);
    }
    Ok(())
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Notes what is logged on this thread.
    fn listen(&self) -> DefaultGuard {
        let writer = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .without_time()
            .with_target(false)
            .with_ansi(false)
            .with_max_level(tracing::Level::WARN)
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).expect("a log is text")
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
