//! The program in a folder of its own, with a controller and brokers that are processes of their own.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::time::{Duration, Instant};

pub(crate) use terminal::{Ran, Server, Signal, ended, line_of, next_line, signal};

/// How long anything may take. Nothing waits for so long, but on a machine that has much else to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// Dead brokers are noticed soon.
pub(crate) const QUICK: &str = "--set broker.session.timeout.ms=800 --set broker.heartbeat.interval.ms=80";

pub(crate) struct Program {
    terminal: terminal::Program,
}

impl Deref for Program {
    type Target = terminal::Program;

    fn deref(&self) -> &terminal::Program {
        &self.terminal
    }
}

impl Program {
    /// Nobody listens on port 1, where its clients look for a broker.
    pub(crate) fn new() -> Self {
        let mut terminal = terminal::Program::new(env!("CARGO_BIN_EXE_replication"));
        terminal.set("REPLICATION_BROKER", Some("127.0.0.1:1"));
        terminal.set("REPLICATION_LISTEN", Some("127.0.0.1:0"));
        terminal.set("COLUMNS", None);
        Program { terminal }
    }

    /// Temporary folders are made in this one.
    pub(crate) fn with_temporary_folders_here() -> Self {
        let mut program = Self::new();
        let folder = program.path("tmp");
        std::fs::create_dir(&folder).unwrap();
        program.terminal.set("TMPDIR", folder.to_str());
        program
    }
}

/// Waits until `look` finds something, and gives up after [`PATIENCE`].
pub(crate) fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(found) = look() {
            return Some(found);
        }
    }
    None
}

/// A controller, and brokers from 1 on, each with a folder `data-N`.
pub(crate) struct Machines {
    pub(crate) program: Program,
    pub(crate) controller: Option<Server>,
    pub(crate) controller_at: String,
    pub(crate) brokers: BTreeMap<i32, Server>,
    addresses: BTreeMap<i32, String>,
}

impl Machines {
    pub(crate) fn new(brokers: i32) -> Self {
        let program = Program::new();
        let arguments = "controller --data decisions --listen 127.0.0.1:0 --log warn";
        let mut child = program.start(&format!("{arguments} --set broker.session.timeout.ms=800"));
        let deciding = next_line(&mut child);
        let address = deciding.strip_prefix("deciding in decisions at ").unwrap_or_else(|| panic!("`{deciding}`"));
        let controller_at = address.to_owned();
        let controller = Some(Server { child });
        let mut machines =
            Machines { program, controller, controller_at, brokers: BTreeMap::new(), addresses: BTreeMap::new() };
        for id in 1..=brokers {
            machines.serve(id);
        }
        machines
    }

    /// Starts a broker, and waits until it is a member.
    pub(crate) fn serve(&mut self, id: i32) {
        let mut child = self.program.start(&self.serve_arguments(id, &format!("data-{id}")));
        let serving = next_line(&mut child);
        let words =
            serving.strip_prefix(&format!("serving data-{id} at ")).and_then(|rest| rest.split_once(", as broker "));
        let (address, told) = words.unwrap_or_else(|| panic!("it says `{serving}`"));
        assert_eq!(told, id.to_string());
        self.addresses.insert(id, address.to_owned());
        self.brokers.insert(id, Server { child });
    }

    pub(crate) fn serve_arguments(&self, id: i32, data: &str) -> String {
        format!(
            "serve --id {id} --data {data} --listen 127.0.0.1:0 --controller {} --log warn \
             --set broker.heartbeat.interval.ms=80",
            self.controller_at
        )
    }

    /// Runs a client that asks a broker which runs.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.run_with(arguments, "")
    }

    pub(crate) fn run_with(&self, arguments: &str, input: impl AsRef<[u8]>) -> Ran {
        let id = self.brokers.keys().next().expect("a broker that runs");
        self.program.run_with(&format!("{arguments} --broker {}", self.addresses[id]), input)
    }

    /// What a client prints, when it prints what is wanted.
    #[track_caller]
    pub(crate) fn until(&self, arguments: &str, is_wanted: impl Fn(&str) -> bool) -> String {
        let mut last = String::new();
        let found = eventually(|| {
            let ran = self.run(arguments);
            last = format!("{}{}", ran.out, ran.err);
            (ran.code == 0 && is_wanted(&ran.out)).then_some(ran.out)
        });
        found.unwrap_or_else(|| panic!("not within {PATIENCE:?}: `{arguments}` prints\n{last}"))
    }

    /// Makes a topic `orders` with one partition and a copy on each broker, and waits until all copies are there.
    pub(crate) fn make_orders(&self) {
        let copies = self.brokers.len();
        let made = self.run(&format!("create-topic orders --replication-factor {copies}"));
        assert_eq!(made, Ran::ok(&format!("made the topic orders: 1 partition, {copies} copies of it\n")));
        self.until("describe orders --replicas", |out| {
            out.matches("  leads ").count() == 1 && out.matches("  follows ").count() == copies - 1
        });
    }

    /// Who leads `orders-0`, in which epoch, and how many are in sync, as a broker tells it.
    pub(crate) fn leader(&self) -> Option<(i32, i32, usize)> {
        let out = self.run("describe orders").out;
        let row: Vec<_> = out.lines().last()?.split_whitespace().collect();
        Some((row.get(1)?.parse().ok()?, row.get(2)?.parse().ok()?, row.get(4)?.split(',').count()))
    }

    /// Waits until all copies of `orders-0` end at `end`, and are committed up to there.
    #[track_caller]
    pub(crate) fn until_all_have(&self, end: u64) {
        let figures = format!("{end}");
        self.until("describe orders --replicas", |out| {
            let rows: Vec<Vec<_>> = out.lines().skip(1).map(|line| line.split_whitespace().rev().collect()).collect();
            rows.len() == self.brokers.len() && rows.iter().all(|row| row[..2] == [figures.as_str(), figures.as_str()])
        });
    }
}
