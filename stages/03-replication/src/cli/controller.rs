//! `controller`: whoever decides, until he is told to stop.

use std::io::Write;
use std::marker::PhantomData;
use std::path::PathBuf;

use partitioning::Host;
use partitioning::cli::failure::Failure;
use partitioning::cli::settings::topics_help;
use partitioning::cli::signals::Signals;
use partitioning::cli::{address, heard, once, open_files, runtime};
use tokio::sync::watch;
use tracing::Level;

use super::report::Deciding;
use super::settings;
use super::stage::Stage;
use super::supervised::Supervised;
use crate::controller::process::{ControllerProcess, ControllerProcessConfig};

/// Decide who leads which partition, and who is in sync
///
/// A cluster has one controller. When it listens it prints where. It stops at Ctrl-C or SIGTERM,
/// and a second signal ends it at once. While it is away, leaders go on leading; no broker that
/// dies is replaced.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = after_help())]
pub struct Args<S: Stage> {
    /// The folder of its log (metadata.log.dir); it is made if it is not there
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where to listen (listeners); port 0 is any that is free
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9093", value_parser = address)]
    listen: String,
    /// Where brokers find it, if not where it listens (advertised.listeners)
    #[arg(long, value_name = "HOST:PORT", value_parser = address)]
    advertise: Option<String>,
    /// Its number (node.id), which no broker can have
    #[arg(long, value_name = "NUMBER", default_value = "0", value_parser = clap::value_parser!(i32).range(0..))]
    id: i32,
    /// Draw lots in the same order each time, for ids and for who gets which replica
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// A setting, as key=value; may be given more than once
    #[arg(long, value_name = "KEY=VALUE", value_parser = settings::parse_controller)]
    set: Vec<(String, String)>,
    /// What to log on stderr: warn, info or debug, each with all that comes before it
    #[arg(long, value_name = "LEVEL", default_value = "info", value_parser = runtime::level)]
    log: Level,
    /// Started by `cluster`: takes orders from stdin, and reports on stdout
    #[arg(long, hide = true)]
    supervised: bool,
    #[arg(skip)]
    stage: PhantomData<S>,
}

fn after_help() -> String {
    let example = "Example: brokers are dead after two seconds of silence
  {program} controller --data decisions --set broker.session.timeout.ms=2000";
    format!("{example}\n\n{}\n\n{}", settings::of_controller().help("The controller's"), topics_help())
}

/// Decides.
///
/// # Errors
///
/// Those of [`ControllerProcess::open`] and [`ControllerProcess::run`]; [`Failure::Interrupted`].
pub async fn run<S: Stage>(args: &Args<S>, out: &mut dyn Write) -> Result<(), Failure> {
    let config = config(args)?;
    runtime::logging(args.log);
    open_files::allow_all();
    let mut signals = Signals::listen()?;
    if !args.supervised {
        return decide(args, config, &mut signals, None, out).await;
    }
    // It connects to nobody, so it has no cable that could be cut on its side.
    let supervised = Supervised::begin().await?;
    let heard = supervised.heard.clone();
    tokio::select! {
        decided = decide(args, config, &mut signals, Some(heard), out) => decided,
        failure = supervised.over() => Err(failure),
    }
}

fn config<S: Stage>(args: &Args<S>) -> Result<ControllerProcessConfig, Failure> {
    once(args.set.iter().map(|(key, _)| key.as_str()))?;
    let mut config = ControllerProcessConfig::new(&args.data, &args.listen);
    config.controller.node_id = args.id;
    config.advertised = args.advertise.clone();
    config.seed = args.seed.unwrap_or(config.seed);
    let settings = settings::of_controller();
    for (key, value) in &args.set {
        settings.set(&mut config, key, value).map_err(Failure::Usage)?;
    }
    Ok(config)
}

async fn decide<S: Stage>(
    args: &Args<S>,
    config: ControllerProcessConfig,
    signals: &mut Signals,
    supervised: Option<watch::Receiver<u64>>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let process = tokio::select! {
        opened = S::open_controller(Host::real(), config) => opened?,
        signal = signals.next() => return Err(Failure::Interrupted(signal)),
    };
    if let Some(heard) = supervised {
        let (address, runner, log) = (process.address().to_owned(), process.runner().clone(), process.log());
        return tokio::select! {
            ended = until_stopped(process, signals) => ended.map(drop),
            failure = Deciding { address, runner, log }.tell(heard) => Err(failure),
        };
    }
    let told = writeln!(out, "deciding in {} at {}", args.data.display(), process.address());
    heard(told.and_then(|()| out.flush()))?;
    let is_clean = until_stopped(process, signals).await?;
    heard(writeln!(out, "{}", report(is_clean)))
}

async fn until_stopped(process: ControllerProcess, signals: &mut Signals) -> Result<bool, Failure> {
    let then = "no more requests; those that were taken are answered";
    signals.until_stopped(then, |stop| process.run(stop)).await
}

fn report(is_clean: bool) -> &'static str {
    match is_clean {
        true => "stopped: the log of decisions is closed in order",
        false => "stopped: the log of decisions is not closed in order; the next start reads its end",
    }
}
