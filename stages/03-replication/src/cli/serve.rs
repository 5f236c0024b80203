//! `serve`: a broker of a cluster, until it is told to stop.

use std::io::Write;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::Arc;

use partitioning::Host;
use partitioning::cli::failure::Failure;
use partitioning::cli::settings::topics_help;
use partitioning::cli::signals::Signals;
use partitioning::cli::{address, counted, heard, once, open_files, runtime};
use tracing::Level;

use super::cables::Cables;
use super::report::Serving;
use super::settings;
use super::stage::Stage;
use super::supervised::Supervised;
use crate::broker::BrokerConfig;

/// Keep copies of partitions in a folder, as a broker of a cluster
///
/// It registers with the controller, however long that takes, and prints when it is a member. It
/// stops at Ctrl-C or SIGTERM: it gives away what it leads, answers the requests that it has taken,
/// and closes the logs. A second signal ends it at once.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = after_help::<S>())]
pub struct Args<S: Stage> {
    /// This broker's number (node.id), from 1 on if the controller's is 0
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(0..))]
    id: i32,
    /// The data folder (log.dirs); it is made if it is not there
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where to listen (listeners); port 0 is any that is free
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9092", value_parser = address)]
    listen: String,
    /// Where clients and other brokers find it, if not where it listens (advertised.listeners)
    #[arg(long, value_name = "HOST:PORT", value_parser = address)]
    advertise: Option<String>,
    /// Where the controller is (controller.quorum.bootstrap.servers)
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9093", value_parser = address)]
    controller: String,
    /// A setting, as key=value; may be given more than once
    #[arg(long, value_name = "KEY=VALUE", value_parser = settings::parse_broker::<S>)]
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

fn after_help<S: Stage>() -> String {
    let example = "Example: the second broker of the cluster whose controller is on this machine, on any port
  {program} serve --id 2 --data data-2 --listen 127.0.0.1:0";
    format!("{example}\n\n{}\n\n{}", S::broker_settings().help("The broker's"), topics_help())
}

/// Serves.
///
/// # Errors
///
/// Those of [`Stage::open_broker`] and [`Broker::run`](crate::broker::Broker::run); [`Failure::Interrupted`].
pub async fn run<S: Stage>(args: &Args<S>, out: &mut dyn Write) -> Result<(), Failure> {
    let (config, incarnation) = config(args)?;
    runtime::logging(args.log);
    open_files::allow_all();
    // Before anybody can know of this broker: who stops it as soon as it serves stops it in order.
    let mut signals = Signals::listen()?;
    let host = Host::real();
    let run = (args.id, incarnation);
    if !args.supervised {
        let told = async |serving| tell(args, serving, out).await;
        let (replicas, is_clean) = serve::<S>(run, host, config, &mut signals, told).await?;
        return heard(writeln!(out, "{}", report(replicas, is_clean)));
    }
    let supervised = Supervised::begin().await?;
    let host = Host { net: Arc::new(Cables::new(host.net.clone(), supervised.cut.clone())), ..host };
    let heard = supervised.heard.clone();
    let told = async |serving: Serving<S::Fold>| serving.tell(heard).await;
    tokio::select! {
        served = serve::<S>(run, host, config, &mut signals, told) => served.map(drop),
        failure = supervised.over() => Err(failure),
    }
}

/// What the broker is told, and the number of its run.
fn config<S: Stage>(args: &Args<S>) -> Result<(S::BrokerConfig, u128), Failure> {
    once(args.set.iter().map(|(key, _)| key.as_str()))?;
    let mut config = BrokerConfig::new(args.id, &args.data, &args.listen, &args.controller);
    config.advertised = args.advertise.clone();
    let incarnation = config.incarnation;
    let mut config = config.into();
    let settings = S::broker_settings();
    for (key, value) in &args.set {
        settings.set(&mut config, key, value).map_err(Failure::Usage)?;
    }
    Ok((config, incarnation))
}

/// Serves, and gives how many replicas there were, and whether their logs were closed in order. `tell` is told of the broker, and
/// ends when it cannot go on.
async fn serve<S: Stage>(
    (id, incarnation): (i32, u128),
    host: Host,
    config: S::BrokerConfig,
    signals: &mut Signals,
    tell: impl AsyncFnOnce(Serving<S::Fold>) -> Failure,
) -> Result<(usize, bool), Failure> {
    let broker = tokio::select! {
        opened = S::open_broker(host, config) => opened?,
        signal = signals.next() => return Err(Failure::Interrupted(signal)),
    };
    let (address, manager, image) = (broker.address().to_owned(), broker.manager().clone(), broker.image());
    let serving = Serving { id, incarnation, address, manager, image };
    let counted = serving.clone();
    let then = "gives away what it leads; requests that were taken are answered";
    tokio::select! {
        ended = signals.until_stopped(then, |stop| broker.run(stop)) => Ok((counted.replicas(), ended?)),
        failure = tell(serving) => Err(failure),
    }
}

/// Says that it serves, once it does.
async fn tell<S: Stage>(args: &Args<S>, mut serving: Serving<S::Fold>, out: &mut dyn Write) -> Failure {
    serving.begun().await;
    let told = writeln!(out, "serving {} at {}, as broker {}", args.data.display(), serving.address, args.id);
    match heard(told.and_then(|()| out.flush())) {
        Ok(()) => std::future::pending().await,
        Err(failure) => failure,
    }
}

fn report(replicas: usize, is_clean: bool) -> String {
    let replicas = counted(replicas as u64, "replica");
    match is_clean {
        true => format!("stopped: {replicas}, all closed in order"),
        false => format!("stopped: {replicas}, not all closed in order; the next start reads those logs' ends"),
    }
}
