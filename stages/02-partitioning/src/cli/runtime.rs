//! What a command's work runs on.

use std::future::Future;
use std::io::stderr;

use tokio::runtime::{Builder, Runtime};
use tracing::Level;

use super::failure::Failure;

/// How many requests are worked on at a time (`num.io.threads`; 8 in Kafka). Each may have a batch open, which takes up to
/// [64 MiB](segment_log::batch::DECOMPRESSED_LIMIT): with threads without end, memory would be without end, too.
const IO_THREADS: usize = 16;

/// For a broker: a thread for each processor, and 16 for the disk.
///
/// # Errors
///
/// [`Failure::Runtime`].
pub fn of_server() -> Result<Runtime, Failure> {
    built(Builder::new_multi_thread())
}

/// For a client: one thread. What it does comes in an order then, and the same commands print the same.
///
/// # Errors
///
/// [`Failure::Runtime`].
pub fn of_client() -> Result<Runtime, Failure> {
    built(Builder::new_current_thread())
}

fn built(mut builder: Builder) -> Result<Runtime, Failure> {
    builder.enable_all().max_blocking_threads(IO_THREADS).build().map_err(Failure::Runtime)
}

/// Does a command's work, and gives what came of it.
///
/// # Errors
///
/// Those of the work.
pub fn run(runtime: Runtime, work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let done = runtime.block_on(work);
    // Without waiting: whoever was interrupted does not want to wait for a disk, say.
    runtime.shutdown_background();
    done
}

/// Lets a client tell on stderr what goes wrong and may pass, such as a broker that is gone for a moment. Once in a process.
pub fn warnings() {
    let lines = tracing_subscriber::fmt().with_writer(stderr).with_ansi(false).with_target(false).without_time();
    lines.with_max_level(Level::WARN).init();
}

/// Lets a server tell on stderr what it does, up to `level`, and when. Once in a process.
pub fn logging(level: Level) {
    tracing_subscriber::fmt().with_writer(stderr).with_ansi(false).with_target(false).with_max_level(level).init();
}

/// Reads `warn`, `info` or `debug`.
///
/// # Errors
///
/// A sentence with these three.
pub fn level(text: &str) -> Result<Level, String> {
    match text {
        "warn" => Ok(Level::WARN),
        "info" => Ok(Level::INFO),
        "debug" => Ok(Level::DEBUG),
        _ => Err("use warn, info or debug".to_owned()),
    }
}
