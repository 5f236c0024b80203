//! `cluster`: a controller and some brokers, as processes of this machine, and somebody to whom they can be shown and whom they
//! obey.
//!
//! ```text
//!   cluster ─┬─▶ controller --supervised                      each is this program, started once more
//!      ▲     ├─▶ serve --id 1 --supervised
//!      │     └─▶ serve --id 2 --supervised
//!   prompt, view
//! ```
//!
//! | file | |
//! |---|---|
//! | [`supervisor`], `plan`, `child`, `signal` | starts processes, and does to them what can happen to machines |
//! | [`members`], [`rest`](mod@rest) | what is known of them; whether all has come to rest |
//! | `asking` | what is asked as a client asks it |
//! | `orders`, `session`, `live` | the prompt, without a terminal and with one |
//! | [`view`](mod@view), `bar`, [`screen`], `terminal`, `editor` | what is seen |
//!
//! A later stage's program can do more with such a cluster than take orders: it makes a [`Supervisor`] of its own, and shows what it likes
//! on a [`Screen`](screen::Screen).

mod asking;
mod bar;
mod child;
#[cfg(unix)]
mod editor;
#[cfg(unix)]
mod live;
pub mod members;
mod orders;
mod plan;
pub mod rest;
pub mod screen;
mod session;
mod signal;
pub mod supervisor;
#[cfg(unix)]
mod terminal;
pub mod view;

use std::io::Write;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use partitioning::cli::failure::{Failure, say};
use partitioning::cli::signals::Signals;
use partitioning::cli::{Program, address, once};
use tempfile::TempDir;

use super::settings;
use super::stage::Stage;
use members::{Members, Name};
use plan::Plan;
use session::Session;
use supervisor::Supervisor;

/// What a cluster to be looked at goes by, where nothing else is set: with Kafka's settings one would wait for nine seconds until
/// somebody notices that a broker is dead.
const QUICK: [(&str, &str); 3] = [
    ("broker.session.timeout.ms", "2000"),
    ("broker.heartbeat.interval.ms", "300"),
    ("replica.lag.time.max.ms", "5000"),
];

/// Start a controller and brokers on this machine, and see what they do
///
/// At a terminal the view is live: who leads, who follows, how far each log reaches and is
/// committed. At the prompt brokers can be killed, paused, cut off, started and stopped, and
/// records sent and read: `help` shows how, and `quit` or Ctrl-C ends it. Without a terminal it
/// reads the same from stdin, and `show` shows the view once. However it ends, all that it has
/// started ends with it.
///
/// Silence is noticed sooner than usual: broker.session.timeout.ms=2000,
/// broker.heartbeat.interval.ms=300, replica.lag.time.max.ms=5000. A topic has as many copies as
/// there are brokers, and 3 at most.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Example: the leader dies, and a record is read from its successor
  printf 'topic orders 1 3\\nproduce orders paid 10\\nwait\\nkill 1\\nwait\\nconsume orders\\nshow\\n' |
    {program} cluster"
)]
pub struct Args<S: Stage> {
    /// How many brokers, numbered from 1
    #[arg(long, value_name = "NUMBER", default_value = "3", value_parser = clap::value_parser!(i32).range(1..=9))]
    brokers: i32,
    /// Where everything is kept, and found again the next time; without it, in a temporary folder
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where the first broker listens. The next ports are the others', and the one behind them is
    /// the controller's. With port 0, all have any that is free
    #[arg(
        long,
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:9092",
        value_parser = address,
        verbatim_doc_comment
    )]
    listen: String,
    /// Draw lots for who gets which replica in the same order each time
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// A setting of the brokers, the controller or both, as key=value; may be given more than
    /// once (`serve --help` and `controller --help` list them)
    #[arg(long, value_name = "KEY=VALUE", value_parser = settings::parse_either::<S>, verbatim_doc_comment)]
    set: Vec<(String, String)>,
    #[arg(skip)]
    stage: PhantomData<S>,
}

/// Starts everything, takes orders, and ends everything.
///
/// # Errors
///
/// [`Failure::Child`] if something does not start; those of the input and the output.
pub async fn run<S: Stage>(program: &Program, args: &Args<S>, out: &mut dyn Write) -> Result<(), Failure> {
    once(args.set.iter().map(|(key, _)| key.as_str()))?;
    let mut signals = Signals::listen()?;
    let temporary = match &args.data {
        Some(folder) => make(folder).map(|()| None)?,
        None => Some(temporary(program)?),
    };
    let folder = args.data.as_deref().or(temporary.as_ref().map(TempDir::path)).expect("it is one or the other");
    let Args { brokers, seed, .. } = *args;
    let supervisor = Supervisor::of::<S>(&Layout { folder, brokers, listen: &args.listen, seed, settings: &args.set })?;
    let session = Session { program, supervisor: &supervisor };
    let done = tokio::select! {
        started = supervisor.start_all() => started.map_err(|rule| Failure::Child(with_news(&session, rule))),
        _ = signals.next() => Err(Failure::Interrupted("a signal")),
    };
    let done = match done {
        Ok(()) => take_orders(&session, &mut signals, out).await,
        failed => failed,
    };
    let is_started = done.is_ok();
    // What is in a temporary folder need not be closed in order.
    let left = tokio::select! {
        left = supervisor.end_all(args.data.is_some() && is_started) => left,
        _ = signals.next() => supervisor.end_all(false).await,
    };
    for name in left {
        say(program, &format!("{name} has not ended in order, and is killed"));
    }
    if let Some(folder) = temporary {
        folder.close().map_err(Failure::Temporary)?;
    }
    done
}

async fn take_orders(session: &Session<'_>, signals: &mut Signals, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "{}", greeting(&session.supervisor.members.borrow()))?;
    session.news(out)?;
    out.flush()?;
    #[cfg(unix)]
    if std::io::IsTerminal::is_terminal(&std::io::stdin()) && std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        return live::run(session, signals).await;
    }
    session.plain(signals, out).await
}

/// Where the brokers are, as `--broker` may be told, and in a second line where the controller is.
fn greeting(members: &Members) -> String {
    let address = |name| members.processes.get(&name).and_then(|process| process.address.clone()).unwrap_or_default();
    let brokers: Vec<_> = members.brokers().map(|id| address(Name::Broker(id))).collect();
    format!("brokers at {}\ncontroller at {}", brokers.join(","), address(Name::Controller))
}

/// What went wrong, and what is known of it beside.
fn with_news(session: &Session<'_>, rule: String) -> String {
    std::iter::once(rule).chain(session.take_news()).collect::<Vec<_>>().join("; ")
}

/// A folder for as long as it is needed.
///
/// # Errors
///
/// [`Failure::Temporary`].
pub fn temporary(program: &Program) -> Result<TempDir, Failure> {
    let prefix = format!("{}-", program.name);
    tempfile::Builder::new().prefix(&prefix).tempdir().map_err(Failure::Temporary)
}

/// Makes the folder, if it is not there. One that holds something else is left alone.
fn make(folder: &Path) -> Result<(), Failure> {
    let wrong = |error: std::io::Error| Failure::Usage(format!("{} cannot be used: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(wrong)?;
    let is_empty = std::fs::read_dir(folder).map_err(wrong)?.next().is_none();
    match is_empty || folder.join("controller").is_dir() {
        true => Ok(()),
        false => Err(Failure::Usage(format!(
            "{} is no cluster's folder: it holds something, and no folder `controller`",
            folder.display()
        ))),
    }
}

/// What a cluster on this machine is like.
#[derive(Debug)]
pub struct Layout<'a> {
    /// Where everything is kept.
    pub folder: &'a Path,
    /// How many brokers, numbered from 1. At most 9.
    pub brokers: i32,
    /// Where the first broker listens, as host:port. The next ports are the others', and the one behind them is the controller's. With port
    /// 0, all have any that is free.
    pub listen: &'a str,
    /// What the controller draws lots by.
    pub seed: Option<u64>,
    /// Settings of the brokers, the controller or both, each key once.
    pub settings: &'a [(String, String)],
}

impl Layout<'_> {
    /// How its processes are started.
    fn plan<S: Stage>(&self) -> Result<Plan, Failure> {
        let Layout { folder, brokers, listen, seed, settings: set } = *self;
        let (host, port) = listen.rsplit_once(':').expect("it was read as an address");
        let port: u16 = port.parse().expect("it was read as an address");
        if port.checked_add(brokers as u16).is_none() {
            let rule = format!("from port {port} on there is none for each of {brokers} brokers and the controller");
            return Err(Failure::Usage(rule));
        }
        let quick = QUICK.map(|(key, value)| (key, value.to_owned()));
        let own = quick.into_iter().chain(S::with_copies(brokers.min(3) as u16));
        let is_set = |key: &str| set.iter().any(|(set, _)| set == key);
        let own = own.filter(|(key, _)| !is_set(key)).map(|(key, value)| (key.to_owned(), value));
        let all: Vec<_> = own.chain(set.iter().cloned()).collect();
        let of = |keys: Vec<&str>| {
            let known = all.iter().filter(|(key, _)| keys.contains(&key.as_str()));
            known.map(|(key, value)| format!("{key}={value}")).collect()
        };
        Ok(Plan {
            program: std::env::current_exe().map_err(Failure::Runtime)?,
            folder: std::path::absolute(folder).map_err(Failure::Runtime)?,
            host: host.to_owned(),
            port,
            brokers_count: brokers,
            seed,
            controller: of(settings::of_controller().keys()),
            brokers: of(S::broker_settings().keys()),
        })
    }
}
