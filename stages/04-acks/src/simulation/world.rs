//! The machines of a run, and time.
//!
//! ```text
//!   controller    broker-1 … broker-5        the cluster: machines with disks that can fail
//!   client-1, client-2                       the workloads' clients
//!   operator                                 who makes topics, moves replicas, and closes the run
//! ```
//!
//! Servers and clients are the real ones. Only the network, the clock and the disks are simulated, so a second passes when
//! [`World::step`] says so, and the same seed gives the same run.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use partitioning::Host;
use partitioning::net::BoxFuture;
use partitioning::news::News;
use replication::state::ClusterState;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use turmoil::Sim;

use super::draw::Draw;
use super::fetches::Fetches;
use super::machine::{Common, EPOCH, Machine, address, name};
use super::network::Network;
use super::overseer::Overseer;
use super::programs::Programs;
use super::promise::{Doing, Promise};
use super::settings::{Flush, Settings};
use super::trace::Trace;
use super::workload::{LastAcked, Program, Seat, Workload};

/// How far time goes with each step.
const STEP: Duration = Duration::from_millis(1);
/// The machines of clients.
const CLIENTS: usize = 2;

type Job = BoxFuture<'static, ()>;

/// See the [module](self).
pub(super) struct World {
    pub(super) sim: Sim<'static>,
    pub(super) network: Network,
    pub(super) promise: Promise,
    pub(super) trace: Trace,
    settings: Settings,
    overseer: Overseer,
    /// In which order the machines' processes move on.
    turns: Draw,
    /// By the names of their hosts.
    machines: BTreeMap<String, Machine>,
    clients: BTreeMap<String, ClientMachine>,
    fetches: Fetches,
    acked: LastAcked,
    over: CancellationToken,
    jobs: mpsc::UnboundedSender<Job>,
    seat: Seat,
}

/// A machine on which clients run.
#[derive(Clone)]
struct ClientMachine(Arc<Mutex<Clients>>);

struct Clients {
    programs: Vec<Arc<dyn Program>>,
    /// What each program's place is like, but for the restarts.
    seat: Seat,
    nudges: News<u64>,
    starts: u64,
    /// Programs that run.
    running: usize,
}

impl World {
    /// A controller, brokers and clients. Nothing has happened yet.
    pub(super) fn new(
        root: &Path,
        settings: &Settings,
        programs: Arc<dyn Programs>,
        workloads: &[Arc<dyn Workload>],
        trace: Trace,
    ) -> Self {
        let mut sim = turmoil::Builder::new()
            .epoch(SystemTime::UNIX_EPOCH + Duration::from_millis(EPOCH.unsigned_abs()))
            .rng_seed(Draw::new(settings.seed, "network").seed())
            .tick_duration(STEP)
            .min_message_latency(Duration::ZERO)
            .max_message_latency(settings.latency)
            .simulation_duration(Duration::from_secs(u64::from(u32::MAX)))
            .enable_random_order()
            .build();
        let fetches = Fetches::default();
        let common =
            Arc::new(Common { settings: settings.clone(), programs, fetches: fetches.clone(), trace: trace.clone() });
        let mut machines = BTreeMap::new();
        for broker in [None].into_iter().chain((1..=settings.brokers).map(Some)) {
            let name = broker.map_or_else(|| "controller".to_owned(), name);
            let machine = Machine::new(root.join(&name), broker, &common);
            let host = machine.clone();
            sim.host(name.as_str(), move || host.clone().run());
            machines.insert(name, machine);
        }
        let (over, acked) = (CancellationToken::new(), LastAcked::default());
        let seat = seat(settings, &trace, &over, &acked);
        let clients = clients(&mut sim, workloads, &seat);
        let (jobs, queue) = mpsc::unbounded_channel();
        sim.client("operator", work(queue));
        World {
            sim,
            overseer: Overseer::new(trace.clone()),
            turns: Draw::new(settings.seed, "turns"),
            network: Network::new(settings.latency),
            promise: Promise::new(settings.eligible, settings.flush == Flush::EveryAppend),
            trace,
            settings: settings.clone(),
            machines,
            clients,
            fetches,
            acked,
            over,
            jobs,
            seat,
        }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The time since the run began.
    pub(super) fn now(&self) -> Duration {
        self.sim.elapsed()
    }

    /// Lets a millisecond pass: first for the network, clients and the machines' systems, then for what runs on these.
    ///
    /// # Errors
    ///
    /// What a program of the simulation panicked with, or gave up with.
    pub(super) fn step(&mut self) -> Result<(), String> {
        self.sim.step().map_err(|error| error.to_string())?;
        self.trace.passes(self.sim.elapsed());
        for host in self.turns.shuffled(self.cluster_hosts()) {
            self.machines[&host].step(STEP);
        }
        let log = self.machines["controller"].inside().running().and_then(|running| running.log.clone());
        if let Some(log) = log {
            self.overseer.read(&log, self.sim.elapsed());
        }
        Ok(())
    }

    /// The cluster, as it is decided.
    pub(super) fn state(&self) -> &ClusterState {
        self.overseer.state()
    }

    pub(super) fn overseer(&self) -> &Overseer {
        &self.overseer
    }

    pub(super) fn fetches(&self) -> &Fetches {
        &self.fetches
    }

    /// All brokers, by number.
    pub(super) fn brokers(&self) -> impl Iterator<Item = (i32, &Machine)> {
        (1..=self.settings.brokers).map(|id| (id, &self.machines[&name(id)]))
    }

    /// The machines of the cluster, by the names of their hosts.
    pub(super) fn machines(&self) -> &BTreeMap<String, Machine> {
        &self.machines
    }

    pub(super) fn machine(&self, host: &str) -> &Machine {
        &self.machines[host]
    }

    /// The hosts of the cluster.
    pub(super) fn cluster_hosts(&self) -> Vec<String> {
        self.machines.keys().cloned().collect()
    }

    /// The hosts of clients.
    pub(super) fn client_hosts(&self) -> Vec<String> {
        self.clients.keys().cloned().collect()
    }

    /// What replicas of these brokers do just now.
    pub(super) fn roles(&self, brokers: &[i32]) -> Vec<Doing> {
        let looks = brokers.iter().filter_map(|id| self.machines[&name(*id)].inside().look());
        looks.flat_map(|look| look.states()).map(|(at, state)| (at, state.role)).collect()
    }

    /// The partition of a record that was acknowledged since this was asked before.
    pub(super) fn acked(&self) -> Option<partitioning::TopicPartition> {
        self.acked.take()
    }

    /// Ends a client machine's programs in the middle of their work, and lets them begin anew.
    pub(super) fn nudge(&self, host: &str) {
        self.clients[host].lock().nudges.change(|count| count + 1);
    }

    /// The storm is over: clients come to an end.
    pub(super) fn calm(&self) {
        self.over.cancel();
    }

    /// How many programs of clients run still.
    pub(super) fn clients_running(&self) -> usize {
        self.clients.values().map(|clients| clients.lock().running).sum()
    }

    /// Has something done on the operator's machine. What comes of it is told in the trace.
    pub(super) fn operate(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.jobs.send(Box::pin(work)).expect("the operator's machine never stops");
    }

    /// The operator's place.
    pub(super) fn seat(&self, part: &str) -> Seat {
        Seat { draw: Draw::new(self.settings.seed, part), ..self.seat.clone() }
    }
}

fn seat(settings: &Settings, trace: &Trace, over: &CancellationToken, acked: &LastAcked) -> Seat {
    Seat {
        host: Host::simulated(),
        bootstrap: (1..=settings.brokers).map(address).collect(),
        restarts: 0,
        draw: Draw::new(settings.seed, "operator"),
        over: over.clone(),
        nudge: watch::channel(0).1,
        trace: trace.clone(),
        acked: acked.clone(),
        session: settings.session,
    }
}

/// The machines of clients, with the workloads' programs spread over them.
fn clients(sim: &mut Sim<'static>, workloads: &[Arc<dyn Workload>], seat: &Seat) -> BTreeMap<String, ClientMachine> {
    let mut spread = vec![Vec::new(); CLIENTS];
    for (number, program) in workloads.iter().flat_map(|workload| workload.programs()).enumerate() {
        spread[number % CLIENTS].push(program);
    }
    let mut clients = BTreeMap::new();
    for (number, programs) in spread.into_iter().enumerate() {
        let name = format!("client-{}", number + 1);
        let nudges = News::new(0);
        let inside = Clients { programs, seat: seat.clone(), nudges, starts: 0, running: 0 };
        let machine = ClientMachine(Arc::new(Mutex::new(inside)));
        let host = machine.clone();
        sim.host(name.as_str(), move || host.clone().run());
        clients.insert(name, machine);
    }
    clients
}

impl ClientMachine {
    fn lock(&self) -> MutexGuard<'_, Clients> {
        self.0.lock().expect("nothing panics while it holds the machine")
    }

    /// Runs all programs, from each start of the machine on.
    async fn run(self) -> turmoil::Result {
        let (programs, seat, restarts) = {
            let mut inside = self.lock();
            inside.starts += 1;
            inside.running = inside.programs.len();
            (inside.programs.clone(), inside.seat.clone(), inside.starts - 1)
        };
        for program in programs {
            let name = format!("{} {restarts}", program.name());
            let draw = Draw::new(seat.draw.clone().seed(), &name);
            let nudge = self.lock().nudges.listen();
            let work = program.run(Seat { restarts, draw, nudge, ..seat.clone() });
            let machine = self.clone();
            tokio::spawn(async move {
                work.await;
                machine.lock().running -= 1;
            });
        }
        std::future::pending().await
    }
}

/// The operator's machine: whatever it is handed, side by side.
async fn work(mut jobs: mpsc::UnboundedReceiver<Job>) -> turmoil::Result {
    while let Some(job) = jobs.recv().await {
        tokio::spawn(job);
    }
    Ok(())
}
