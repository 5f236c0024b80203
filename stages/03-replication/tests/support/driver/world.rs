//! The machines of a story, and the network between them: a `turmoil` simulation that the story moves.
//!
//! The servers and clients are the real ones. Only the network, the clock and the threads are not. A message takes one
//! millisecond from host to host, always, so the same story takes the same time wherever it is played.

use std::collections::BTreeMap;
use std::error::Error;
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use partitioning::net::BoxFuture;
use tokio::sync::mpsc;
use turmoil::Sim;

use super::Stage;
use super::machine::{Machine, address};
use super::messages::Messages;
use super::settings::Settings;

type Job = BoxFuture<'static, ()>;
type Fault = Box<dyn Error>;

/// What a command may take before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(120);

/// See the [module](self).
pub(crate) struct World {
    sim: Sim<'static>,
    jobs: mpsc::UnboundedSender<Job>,
    /// By the names of their hosts.
    machines: BTreeMap<String, Machine>,
    brokers: i32,
    messages: Messages,
    /// Directions in which nothing gets through, by the names of hosts.
    pub(super) cuts: Vec<(String, String)>,
}

impl World {
    /// A controller and brokers, which all run when this returns.
    pub(crate) fn new(stage: &Arc<dyn Stage>, root: &Path, brokers: i32, settings: Settings) -> Result<Self, Fault> {
        let mut sim = turmoil::Builder::new()
            .epoch(SystemTime::UNIX_EPOCH)
            .rng_seed(3)
            .tick_duration(Duration::from_millis(1))
            .min_message_latency(Duration::from_millis(1))
            .max_message_latency(Duration::from_millis(1))
            .simulation_duration(Duration::from_secs(u64::from(u32::MAX)))
            .build();
        let messages = Messages::default();
        let mut machines = BTreeMap::new();
        for broker in [None].into_iter().chain((1..=brokers).map(Some)) {
            let name = broker.map_or_else(|| "controller".to_owned(), |id| format!("broker-{id}"));
            let machine = Machine::new(stage.clone(), root.join(&name), broker, &settings, &messages);
            let host = machine.clone();
            sim.host(name.as_str(), move || host.clone().run());
            machines.insert(name, machine);
        }
        let (jobs, queue) = mpsc::unbounded_channel();
        sim.client("client", work(queue));
        let mut world = World { sim, jobs, machines, brokers, messages, cuts: Vec::new() };
        for broker in 1..=brokers {
            world.await_active(broker)?;
        }
        Ok(world)
    }

    /// Where the brokers are.
    pub(crate) fn addresses(&self) -> Vec<String> {
        (1..=self.brokers).map(address).collect()
    }

    pub(super) fn messages(&self) -> &Messages {
        &self.messages
    }

    /// All brokers, by number.
    pub(super) fn brokers(&self) -> impl Iterator<Item = (i32, &Machine)> {
        (1..=self.brokers).map(|id| (id, &self.machines[&format!("broker-{id}")]))
    }

    /// All hosts but the client's.
    pub(super) fn hosts(&self) -> Vec<String> {
        self.machines.keys().cloned().collect()
    }

    pub(super) fn machine(&self, host: &str) -> Result<&Machine, Fault> {
        self.machines.get(host).ok_or_else(|| format!("there is no machine {host}").into())
    }

    pub(super) fn sim(&mut self) -> &mut Sim<'static> {
        &mut self.sim
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.sim.elapsed()
    }

    /// Does `work` on the client's machine, and lets time pass until it is done.
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
        self.until(|_| done.lock().unwrap().take())?.ok_or_else(|| "no answer within two minutes".into())
    }

    /// Does `work` on the client's machine, and does not wait for it. (Stage 04 asks so.)
    #[allow(dead_code)]
    pub(crate) fn start(&mut self, work: impl Future<Output = ()> + Send + 'static) -> Result<(), Fault> {
        self.jobs.send(Box::pin(work)).map_err(|_| "the client's machine has stopped".into())
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, time: Duration) -> Result<(), Fault> {
        let end = self.sim.elapsed() + time;
        while self.sim.elapsed() < end {
            self.step()?;
        }
        Ok(())
    }

    /// Waits until a broker is a member that may lead, as it knows itself.
    pub(super) fn await_active(&mut self, broker: i32) -> Result<(), Fault> {
        let active = self.until(|world| {
            let machine = world.machine(&format!("broker-{broker}")).ok()?;
            let inside = machine.inside();
            if let Some(Err(error)) = &inside.ended {
                return Some(Err(error.clone()));
            }
            let image = inside.running.as_ref()?.image.as_ref()?.borrow().clone();
            image.state.active(broker).then_some(Ok(()))
        })?;
        Ok(active.ok_or_else(|| format!("broker {broker} does not start"))??)
    }

    /// Lets time pass until there is an answer, or for as long as a story has patience.
    pub(crate) fn until<T>(&mut self, mut answer: impl FnMut(&Self) -> Option<T>) -> Result<Option<T>, Fault> {
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
}

/// The client's machine: whatever the story hands it, side by side.
async fn work(mut jobs: mpsc::UnboundedReceiver<Job>) -> turmoil::Result {
    while let Some(job) = jobs.recv().await {
        tokio::spawn(job);
    }
    Ok(())
}
