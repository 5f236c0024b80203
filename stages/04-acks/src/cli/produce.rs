//! `produce`: stage 02's, by a producer that says how sure it wants to be and tries again.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use partitioning::Cluster;
use partitioning::cli::Program;
use partitioning::cli::failure::Failure;
use partitioning::cli::produce::{self, More, Outlet};
use partitioning::producer::{Producer, ProducerConfig, Sending};

use crate::producer::{AckedConfig, AckedSending};

/// Send the lines of stdin to a topic, one record a line, and be told when they are safe
///
/// A record is acknowledged when as many replicas have it as --acks says. What fails is sent again
/// until --delivery-timeout-ms is over, to whoever leads by then. What is sent again may be there
/// twice, and a failure says whether the record may be there all the same.
///
/// The end of the input sends what still lingers. At a terminal that is Ctrl-D, or Ctrl-C. A line
/// that cannot be a record ends it, when what came before has been sent. Without the topic it does
/// not begin.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Example: each record is waited for, and what became of it is told
  printf 'paid 10\\npaid 7\\n' | {program} produce orders --acks all --sync --report"
)]
#[group(skip)]
pub struct Args {
    #[command(flatten)]
    of: produce::Args,
    /// Who must have a record before it is acknowledged: all (that are in sync), 1 (the leader),
    /// or 0 (nobody: it is not waited for)
    #[arg(long, value_name = "WHO", default_value = "all", value_parser = setting("acks"), verbatim_doc_comment)]
    acks: String,
    /// How often a batch may be sent again; without it, until its time is over
    #[arg(long, value_name = "NUMBER", value_parser = setting("retries"))]
    retries: Option<String>,
    /// How long after it was read a record is acknowledged or has failed (delivery.timeout.ms)
    #[arg(long, value_name = "MS", default_value = "120000", value_parser = setting("delivery.timeout.ms"))]
    delivery_timeout_ms: String,
    /// How long a broker may take to answer (request.timeout.ms)
    #[arg(long, value_name = "MS", default_value = "30000", value_parser = setting("request.timeout.ms"))]
    request_timeout_ms: String,
    /// How long a broker may wait for replicas, and then answers that it does not know; without
    /// it, for as long as it may take to answer
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u32).range(1..), verbatim_doc_comment)]
    timeout_ms: Option<u32>,
    /// How many requests to a broker are under way at a time; with 1, records that are sent again
    /// stay in order (max.in.flight.requests.per.connection)
    #[arg(long, value_name = "NUMBER", default_value = "5", value_parser = setting(IN_FLIGHT), verbatim_doc_comment)]
    max_in_flight: String,
    /// Wait for each record before the next line is read
    #[arg(long)]
    sync: bool,
    /// Tell what became of each record, in the order of the input: where it is (at offset -1 if
    /// nobody has told), that it failed, or that nobody knows
    #[arg(long, conflicts_with = "each", verbatim_doc_comment)]
    report: bool,
}

const IN_FLIGHT: &str = "max.in.flight.requests.per.connection";

/// Reads a setting: whatever it may be by its own rule.
fn setting(key: &'static str) -> impl Fn(&str) -> Result<String, String> + Clone + Send + Sync + 'static {
    move |text| match AckedConfig::default().set(key, text) {
        Ok(()) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

impl Args {
    fn config(&self) -> Result<AckedConfig, Failure> {
        let mut config = AckedConfig::default();
        let given = [
            ("acks", Some(&self.acks)),
            ("retries", self.retries.as_ref()),
            ("delivery.timeout.ms", Some(&self.delivery_timeout_ms)),
            ("request.timeout.ms", Some(&self.request_timeout_ms)),
            (IN_FLIGHT, Some(&self.max_in_flight)),
        ];
        for (key, text) in given {
            if let Some(text) = text {
                config.set(key, text)?;
            }
        }
        Ok(config)
    }
}

/// Sends what stdin has, and tells what became of it.
///
/// # Errors
///
/// Those of stage 02's [`run_with`](produce::run_with); settings that do not fit together.
pub async fn run(program: &Program, args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    run_by(program, args, |sending| Arc::new(sending), out).await
}

/// The same, by a later stage's way of sending, which is made from this stage's.
///
/// # Errors
///
/// As [`run`], and those of that way's settings.
pub async fn run_by(
    program: &Program,
    args: &Args,
    make: impl Fn(AckedSending) -> Arc<dyn Sending>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let open = |cluster, producer, sending| {
        let producer = ProducerConfig { sending: make(sending), ..producer };
        Ok(Producer::new(cluster, producer)?)
    };
    run_with(program, args, open, out).await
}

/// The same, by whatever `open` opens with these settings.
///
/// # Errors
///
/// As [`run`], and those of that outlet.
pub async fn run_with<O: Outlet>(
    program: &Program,
    args: &Args,
    open: impl FnOnce(Cluster, ProducerConfig, AckedSending) -> Result<O, Failure>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let config = args.config()?;
    let wait = args.timeout_ms.map(|millis| Duration::from_millis(millis.into()));
    let sending = AckedSending { request_timeout: wait.unwrap_or(config.sending.request_timeout), ..config.sending };
    let more = More {
        configure: Some(&|producer, client| config.apply(producer, client)),
        one_by_one: args.sync,
        report: args.report,
    };
    let open = |cluster, producer| open(cluster, producer, sending);
    produce::run_with(program, &args.of, more, open, out).await
}
