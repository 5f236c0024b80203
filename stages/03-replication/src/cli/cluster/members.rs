//! What is known of a cluster's processes: whether they run, which of them is cut off, and what each told last.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use super::super::cables::Cut;
use super::super::report::{BrokerReport, ControllerReport, Report, Standing};
use super::super::supervised::Notice;

/// News that may wait to be told. What is older goes.
const MAX_NEWS: usize = 100;

/// Which process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// Whoever decides.
    Controller,
    /// A broker, by its number.
    Broker(i32),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Controller => f.write_str("controller"),
            Name::Broker(id) => write!(f, "broker {id}"),
        }
    }
}

/// Whether a process runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Life {
    /// It was started, and has not said yet that it serves.
    Starting,
    /// It serves.
    Running,
    /// It was stopped in the middle of what it did, and can go on.
    Paused,
    /// It was told to end.
    Stopping,
    /// It has ended, or was never started.
    Dead,
}

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Whether it runs.
    pub life: Life,
    /// Where it listens, or did.
    pub address: Option<String>,
    /// Whether it is cut off from the others. That outlives it, as cables do.
    pub is_isolated: bool,
    /// Its number at the system, as long as it has one.
    pub pid: Option<u32>,
    /// How often it was started.
    pub run: u32,
    /// The number of the notice that it has read last.
    pub heard: u64,
}

impl Default for Process {
    fn default() -> Self {
        Process { life: Life::Dead, address: None, is_isolated: false, pid: None, run: 0, heard: 0 }
    }
}

/// All processes of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    /// Each process.
    pub processes: BTreeMap<Name, Process>,
    /// What the controller told last.
    pub controller: Option<ControllerReport>,
    /// What each broker told last.
    pub brokers: BTreeMap<i32, BrokerReport>,
    /// How often all were asked to report.
    pub asked: u64,
    /// What has happened, and nobody was told yet.
    pub(super) news: VecDeque<String>,
}

impl Members {
    /// A controller and so many brokers, none of which runs.
    pub fn new(brokers: i32) -> Self {
        let names = std::iter::once(Name::Controller).chain((1..=brokers).map(Name::Broker));
        Members { processes: names.map(|name| (name, Process::default())).collect(), ..Members::default() }
    }

    /// Whether a process runs, and the others can reach it.
    pub fn is_reachable(&self, name: Name) -> bool {
        self.processes.get(&name).is_some_and(|process| process.life == Life::Running && !process.is_isolated)
    }

    /// Brokers that run, and that the others can reach.
    pub fn reachable(&self) -> impl Iterator<Item = i32> {
        self.brokers().filter(|id| self.is_reachable(Name::Broker(*id)))
    }

    /// All brokers' numbers.
    pub fn brokers(&self) -> impl Iterator<Item = i32> {
        self.processes.keys().filter_map(|name| match name {
            Name::Broker(id) => Some(*id),
            Name::Controller => None,
        })
    }

    /// What a process is to be told: the cables that are cut are all, or those to whoever is cut off.
    pub(in crate::cli) fn notice_to(&self, name: Name) -> Notice {
        let is_isolated = self.processes.get(&name).is_some_and(|process| process.is_isolated);
        let isolated = self.processes.values().filter(|process| process.is_isolated);
        let addresses: BTreeSet<_> = isolated.filter_map(|process| process.address.clone()).collect();
        let cut = match is_isolated {
            true => Cut::Everything,
            false if addresses.is_empty() => Cut::Nothing,
            false => Cut::To(addresses),
        };
        Notice { number: self.asked, cut }
    }

    /// Whether all that run have reported since they were asked for the `asked`th time.
    pub fn have_answered(&self, asked: u64) -> bool {
        self.processes.values().all(|process| process.life != Life::Running || process.heard >= asked)
    }

    /// A process was started.
    pub(super) fn begun(&mut self, name: Name, pid: Option<u32>) {
        let process = self.processes.entry(name).or_default();
        (process.life, process.pid) = (Life::Starting, pid);
        process.run += 1;
        if let Name::Broker(id) = name
            && let Some(report) = self.brokers.get_mut(&id)
        {
            report.is_active = false;
        }
    }

    /// A process has told something in its run `run`.
    pub(super) fn told(&mut self, name: Name, run: u32, report: Report) {
        let Some(process) = self.processes.get_mut(&name).filter(|process| process.run == run) else { return };
        let (address, serves) = match (name, report.of) {
            (Name::Controller, Standing::Controller(report)) => {
                let address = report.address.clone();
                self.controller = Some(report);
                (address, true)
            }
            (Name::Broker(id), Standing::Broker(report)) => {
                let told = (report.address.clone(), report.is_active);
                self.brokers.insert(id, report);
                told
            }
            _ => return,
        };
        (process.address, process.heard) = (Some(address), report.heard);
        if process.life == Life::Starting && serves {
            process.life = Life::Running;
        }
    }

    /// A process has ended: `how`. That is news, unless it was told to end.
    pub(super) fn ended(&mut self, name: Name, how: &str) {
        let Some(process) = self.processes.get_mut(&name) else { return };
        let was_told = process.life == Life::Stopping;
        (process.life, process.pid) = (Life::Dead, None);
        if !was_told {
            self.tell(format!("{name} has ended by itself: {how}"));
        }
    }

    /// Something has happened.
    pub(super) fn tell(&mut self, news: String) {
        self.news.push_back(news);
        while self.news.len() > MAX_NEWS {
            self.news.pop_front();
        }
    }
}
