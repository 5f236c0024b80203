//! What the system can do to a process.

use std::io;

/// See [`Supervisor`](super::supervisor::Supervisor).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// It ends here.
    Kill,
    /// It is asked to end.
    Terminate,
    /// It stops where it is.
    Stop,
    /// It goes on.
    Continue,
}

/// Sends it.
///
/// # Errors
///
/// Those of the system.
#[cfg(unix)]
pub(super) fn send(pid: u32, signal: Signal) -> io::Result<()> {
    use rustix::process::{Pid, Signal as Unix, kill_process};

    let signal = match signal {
        Signal::Kill => Unix::KILL,
        Signal::Terminate => Unix::TERM,
        Signal::Stop => Unix::STOP,
        Signal::Continue => Unix::CONT,
    };
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::InvalidInput)?;
    Ok(kill_process(pid, signal)?)
}

/// Other systems have no signals, and their processes end by themselves at best.
#[cfg(not(unix))]
pub(super) fn send(_: u32, signal: Signal) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, format!("this system knows no {signal:?}")))
}
