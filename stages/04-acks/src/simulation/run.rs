//! One run: a cluster forms, a storm passes over it, all is healed, and what clients saw is judged.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use partitioning::api::{CreateTopic, NewTopic};
use partitioning::{Cluster, Error, ErrorCode, TopicPartition};
use replication::records::PartitionRecord;
use tokio::time::sleep;

use super::agreement::disagreements;
use super::ledger::Ledger;
use super::panics::Panics;
use super::programs::Programs;
use super::report::{Judged, Report};
use super::settings::{Policy, Settings};
use super::storm::Storm;
use super::trace::{Listener, Trace};
use super::workload::{Seat, Workload};
use super::world::World;

/// How long a cluster may take to form, while nothing is wrong.
const FORMING: Duration = Duration::from_secs(30);
/// How long all may take to be well again, once all is healed.
pub const HEALING: Duration = Duration::from_secs(30);
/// How often it is looked at what leaders call committed.
const LOOK: Duration = Duration::from_millis(50);
/// What comes of closing the workloads: the name of each, and what is wrong.
type Closed = Arc<Mutex<Vec<(String, Result<(), String>)>>>;

/// What is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its number, from which everything else is drawn.
    pub seed: u64,
    /// For how long there are faults.
    pub storm: Duration,
    /// A wrong rule, to see that it is found out.
    pub policy: Policy,
    /// Where the trace goes, if it is wanted.
    pub trace: Option<PathBuf>,
    /// Whether each message of the network is in it.
    pub messages: bool,
}

/// Runs one seed, with these programs on the machines and these clients. A process should run one seed only: the simulator keeps
/// something from one to the next, and the second run of a process is not the same as its first.
///
/// # Errors
///
/// If the trace cannot be written, or no temporary folder can be made.
pub fn run(
    options: &Options,
    programs: Arc<dyn Programs>,
    workloads: impl FnOnce(&Settings) -> Vec<Arc<dyn Workload>>,
) -> std::io::Result<Report> {
    let settings = Settings::drawn(options.seed, options.storm, options.policy);
    let folder = tempfile::tempdir()?;
    let trace = Trace::new(options.trace.is_some(), options.messages, folder.path().display().to_string());
    let listener = Listener::new(trace.clone());
    let workloads = workloads(&settings);
    let run = || Run::new(folder.path(), settings, programs, workloads, trace.clone()).run();
    let report = match trace.is_full() {
        true => tracing::subscriber::with_default(listener, run),
        false => run(),
    };
    if let Some(path) = &options.trace {
        std::fs::write(path, trace.text() + &report.history + &report.to_string())?;
    }
    Ok(report)
}

struct Run {
    world: World,
    ledger: Ledger,
    panics: Panics,
    workloads: Vec<Arc<dyn Workload>>,
    findings: Vec<String>,
    programs: Arc<dyn Programs>,
}

impl Run {
    fn new(
        root: &Path,
        settings: Settings,
        programs: Arc<dyn Programs>,
        workloads: Vec<Arc<dyn Workload>>,
        trace: Trace,
    ) -> Self {
        let world = World::new(root, &settings, programs.clone(), &workloads, trace);
        let (ledger, panics, findings) = (Ledger::default(), Panics::watch(), Vec::new());
        Run { world, ledger, panics, workloads, findings, programs }
    }

    fn run(mut self) -> Report {
        let mut storm = None;
        if let Err(why) = self.acts(&mut storm) {
            self.findings.push(why);
        }
        self.findings.extend(self.world.overseer().findings().iter().cloned());
        let judge = |workload: &Arc<dyn Workload>| Judged::new(workload.name(), &workload.judge());
        let judged = self.workloads.iter().map(judge).collect();
        Report::new(&self.world, (storm.as_ref(), judged), self.findings, &self.workloads, self.programs.counts())
    }

    fn acts(&mut self, storm: &mut Option<Storm>) -> Result<(), String> {
        self.form()?;
        let storm = storm.insert(Storm::new(self.world.settings(), self.world.now()));
        let end = self.world.now() + self.world.settings().storm;
        while self.world.now() < end {
            self.world.step()?;
            storm.blow(&mut self.world);
            self.nobody_ended_badly()?;
            self.look()?;
        }
        storm.heal(&mut self.world);
        self.world.calm();
        self.heal(storm)?;
        self.findings.extend(disagreements(&self.world));
        for (id, machine) in self.world.brokers() {
            let look = machine.inside().look();
            self.findings.extend(look.iter().flat_map(|look| self.ledger.missing_in(id, &**look, self.world.state())));
        }
        for workload in &self.workloads {
            self.findings.extend(workload.inspect(self.world.state()));
        }
        Ok(())
    }

    /// Waits until all brokers are members, and makes the topics.
    fn form(&mut self) -> Result<(), String> {
        let end = self.world.now() + FORMING;
        self.until(end, |world| world.brokers().all(|(id, _)| world.state().active(id)))
            .map_err(|why| format!("the cluster does not form: {why}"))?;
        let topics: Vec<NewTopic> = self.workloads.iter().flat_map(|workload| workload.topics()).collect();
        let names: Vec<_> = topics.iter().map(|topic| topic.name.clone()).collect();
        let seat = self.world.seat("topics");
        self.world.operate(make(seat, topics));
        self.until(end, |world| names.iter().all(|name| world.state().topic(name).is_some()))
            .map_err(|why| format!("the topics are not made: {why}"))
    }

    /// All is healed: within [`HEALING`] everybody must be in sync everywhere, and clients must have done what they can do then.
    fn heal(&mut self, storm: &Storm) -> Result<(), String> {
        let end = self.world.now() + HEALING;
        let mut is_closing = false;
        let closed = Closed::default();
        while self.world.now() < end {
            self.world.step()?;
            storm.start_all(&mut self.world);
            self.nobody_ended_badly()?;
            self.look()?;
            if !is_closing && self.world.clients_running() == 0 {
                is_closing = true;
                self.close(&closed);
            }
            let all_closed = closed.lock().expect("nothing panics while it notes").len() == self.workloads.len();
            if all_closed && unwell(&self.world).is_empty() {
                let closed = std::mem::take(&mut *closed.lock().expect("nothing panics while it notes"));
                let failed = closed.into_iter().filter_map(|(name, done)| Some(format!("{name}: {}", done.err()?)));
                self.findings.extend(failed);
                return Ok(());
            }
        }
        let mut why = unwell(&self.world);
        why.extend(standing(&self.world));
        let closed = closed.lock().expect("nothing panics while it notes");
        let open = self.workloads.iter().filter(|one| closed.iter().all(|(name, _)| name != one.name()));
        why.extend(open.map(|one| format!("the clients of `{}` have not come to their end", one.name())));
        Err(format!("not well {} s after all was healed: {}", HEALING.as_secs(), why.join("; ")))
    }

    fn close(&self, closed: &Closed) {
        for workload in &self.workloads {
            let (name, closed) = (workload.name().to_owned(), closed.clone());
            let closing = workload.close(self.world.seat(&name));
            self.world.operate(async move {
                let done = closing.await;
                closed.lock().expect("nothing panics while it notes").push((name, done));
            });
        }
    }

    /// Looks at what leaders call committed, every so often. Ends the run when that is not what it was: what comes after would hide
    /// the cause.
    fn look(&mut self) -> Result<(), String> {
        if !self.world.now().as_millis().is_multiple_of(LOOK.as_millis()) {
            return Ok(());
        }
        for (id, machine) in self.world.brokers() {
            let Some(look) = machine.inside().look() else { continue };
            if let Some(wrong) = self.ledger.look_at(id, &*look, self.world.state()).into_iter().next() {
                return Err(wrong);
            }
        }
        match self.panics.first() {
            Some(panic) => Err(format!("a program has panicked: {panic}")),
            None => Ok(()),
        }
    }

    /// A program ends because it was told to. One that ends by itself has met something that it could not bear.
    fn nobody_ended_badly(&self) -> Result<(), String> {
        for (host, machine) in self.world.machines() {
            if let Some(Err(error)) = machine.inside().ended() {
                return Err(format!("{host} has ended: {error}"));
            }
        }
        Ok(())
    }

    fn until(&mut self, end: Duration, is_so: impl Fn(&World) -> bool) -> Result<(), String> {
        while self.world.now() < end {
            if is_so(&self.world) {
                return Ok(());
            }
            self.world.step()?;
            self.nobody_ended_badly()?;
        }
        Err("the time is over".to_owned())
    }
}

/// What is not as it should be in a cluster that nothing is wrong with.
fn unwell(world: &World) -> Vec<String> {
    let state = world.state();
    let missing =
        world.brokers().filter(|(id, _)| !state.active(*id)).map(|(id, _)| format!("broker {id} is no member"));
    let ill = state.partitions().iter().filter(|(_, record)| !is_whole(record));
    let ill = ill.map(|(at, record)| {
        let PartitionRecord { leader, replicas, in_sync, eligible, adding, removing, .. } = record;
        format!(
            "{at}: leader {leader:?}, replicas {replicas:?}, in sync {in_sync:?}, eligible {eligible:?}, \
             adding {adding:?}, removing {removing:?}"
        )
    });
    missing.chain(ill).collect()
}

/// Whether a partition is led, and all its replicas are in sync and where they should be.
fn is_whole(record: &PartitionRecord) -> bool {
    let all = record.replicas.iter().all(|id| record.in_sync.contains(id));
    all && record.leader.is_some() && record.adding.is_empty() && record.removing.is_empty()
}

/// Where the replicas stand of partitions that are not whole, as their brokers see it.
fn standing(world: &World) -> Vec<String> {
    let is_ill = |at: &TopicPartition| world.state().partition(at).is_some_and(|record| !is_whole(record));
    let looks = world.brokers().filter_map(|(id, machine)| Some((id, machine.inside().look()?)));
    let all = looks.flat_map(|(id, look)| look.states().into_iter().map(move |(at, state)| (id, at, state)));
    let ill = all.filter(|(_, at, _)| is_ill(at));
    ill.map(|(id, at, state)| format!("{at} on broker {id}: {state:?}")).collect()
}

/// Makes topics, one after the other.
async fn make(seat: Seat, topics: Vec<NewTopic>) {
    let cluster: Cluster = seat.cluster("operator");
    for topic in topics {
        loop {
            match cluster.call::<CreateTopic>(topic.clone()).await {
                Ok(_) => break,
                Err(Error::Refused(refusal)) if refusal.code == ErrorCode::TopicAlreadyExists => break,
                Err(error) => seat.say("operator", format_args!("{} is not made yet: {error}", topic.name)),
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
}
