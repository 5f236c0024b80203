//! `serve`: the broker, until it is told to stop.

use std::io::Write;
use std::path::PathBuf;

use partitioning::cli::failure::Failure;
use partitioning::cli::signals::Signals;
use partitioning::cli::{address, counted, heard, once, open_files, runtime};
use partitioning::{Broker, BrokerConfig, Host, Topics};
use tracing::Level;

use super::settings;

/// Keep topics in a folder, and answer whoever connects
///
/// When it serves it prints where. It stops at Ctrl-C or SIGTERM: it takes no more requests,
/// answers those that it has taken, and closes the logs. A second signal ends it at once.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = after_help())]
pub(crate) struct Args {
    /// The data folder; it is made if it is not there
    dir: PathBuf,
    /// Where to listen (listeners); port 0 is any that is free
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9092", value_parser = address)]
    listen: String,
    /// Where clients find this broker, if not where it listens (advertised.listeners)
    #[arg(long, value_name = "HOST:PORT", value_parser = address)]
    advertise: Option<String>,
    /// This broker's number (node.id)
    #[arg(long, default_value = "1", value_parser = clap::value_parser!(i32).range(0..))]
    id: i32,
    /// A setting, as key=value; may be given more than once
    #[arg(long, value_name = "KEY=VALUE", value_parser = settings::parse)]
    set: Vec<(String, String)>,
    /// What to log on stderr: warn, info or debug, each with all that comes before it
    #[arg(long, value_name = "LEVEL", default_value = "info", value_parser = runtime::level)]
    log: Level,
}

fn after_help() -> String {
    let examples = "Example: a broker whose topics forget what is older than a minute, on any port
  partitioning serve data --listen 127.0.0.1:0 --set retention.ms=60000";
    format!("{examples}\n\n{}", settings::help())
}

pub(crate) async fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let config = config(args)?;
    runtime::logging(args.log);
    open_files::allow_all();
    // Before anybody can know of this broker: who stops it as soon as it serves stops it in order.
    let mut signals = Signals::listen()?;
    let broker = tokio::select! {
        opened = Broker::open(Host::real(), config) => opened?,
        signal = signals.next() => return Err(Failure::Interrupted(signal)),
    };
    let served = writeln!(out, "serving {} at {}", args.dir.display(), broker.address());
    heard(served.and_then(|()| out.flush()))?;
    let topics = broker.topics().clone();
    let then = "no more requests; those that were taken are answered";
    let is_clean = signals.until_stopped(then, |stop| broker.run(stop)).await?;
    heard(writeln!(out, "{}", report(&topics, is_clean)))
}

fn config(args: &Args) -> Result<BrokerConfig, Failure> {
    once(args.set.iter().map(|(key, _)| key.as_str()))?;
    let mut config = BrokerConfig::new(&args.dir, &args.listen);
    config.topics.node_id = args.id;
    config.advertised = args.advertise.clone();
    let settings = settings::all();
    for (key, value) in &args.set {
        settings.set(&mut config, key, value).map_err(Failure::Usage)?;
    }
    Ok(config)
}

fn report(topics: &Topics, is_clean: bool) -> String {
    let topics = topics.describe(None);
    let partitions = topics.iter().filter_map(|(_, topic)| topic.as_ref().ok()).map(|topic| topic.partitions.len());
    let closed = format!(
        "{} with {}",
        counted(topics.len() as u64, "topic"),
        counted(partitions.sum::<usize>() as u64, "partition")
    );
    match is_clean {
        true => format!("stopped: {closed}, all closed in order"),
        false => format!("stopped: {closed}, not all closed in order; the next start reads those logs' ends"),
    }
}
