//! The signals by which a program is asked to end.

use std::future::Future;
use std::pin::pin;

use tokio_util::sync::CancellationToken;
use tracing::info;

use super::failure::Failure;

/// Ctrl-C, and on Unix SIGTERM. From when it is made on, neither ends the process by itself.
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    ///
    /// [`Failure::Runtime`].
    pub fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(Failure::Runtime);
        Ok(Signals { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    /// Waits for the next one, and names it.
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    ///
    /// [`Failure::Runtime`].
    pub fn listen() -> Result<Self, Failure> {
        Ok(Signals {})
    }

    /// Waits for the next one, and names it.
    pub async fn next(&mut self) -> &'static str {
        match tokio::signal::ctrl_c().await {
            Ok(()) => "Ctrl-C",
            // It cannot be listened to, so it ends the process as if nobody did.
            Err(_) => std::future::pending().await,
        }
    }
}

impl Signals {
    /// Lets a server run until a signal comes, and then until it has stopped in order. A second signal does not wait for that.
    /// What follows from the first is told by `then`, in the log.
    ///
    /// # Errors
    ///
    /// Those of the server; [`Failure::Interrupted`].
    pub async fn until_stopped<T, E, R>(
        &mut self,
        then: &str,
        run: impl FnOnce(CancellationToken) -> R,
    ) -> Result<T, Failure>
    where
        Failure: From<E>,
        R: Future<Output = Result<T, E>>,
    {
        let stop = CancellationToken::new();
        let mut running = pin!(run(stop.clone()));
        let signal = tokio::select! {
            ended = &mut running => return Ok(ended?),
            signal = self.next() => signal,
        };
        info!("{signal}: {then}");
        stop.cancel();
        tokio::select! {
            ended = running => Ok(ended?),
            signal = self.next() => Err(Failure::Interrupted(signal)),
        }
    }
}
