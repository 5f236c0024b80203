//! A process that `cluster` has started: it is told which cables are cut, and ends with whoever started it.
//!
//! ```text
//!   cluster ──▶ stdin    a notice: its number, and which cables are cut; the end of stdin is the end of this process
//!           ◀── stdout   how this process stands, and which notice it has read, a line each time that changes (`report`)
//!           ◀── stderr   the log
//! ```
//!
//! The system closes a pipe whatever happens to the process at its other end. So a cluster leaves nothing behind, even if it is
//! killed. One thing cannot see that: a process that is stopped (SIGSTOP). On Linux the system is asked to kill it then. On
//! others it is alone in a group of processes, and the system ends groups that are stopped and have nobody left.

use std::fmt;
use std::io;
use std::str::FromStr;

use partitioning::cli::failure::Failure;
use partitioning::cli::lines::{self, Line};
use tokio::sync::{mpsc, oneshot, watch};

use super::cables::Cut;

/// Bytes of a line. It names each broker at most.
const LONGEST: usize = 64 << 10;

/// What such a process is told: `7 none`, `8 127.0.0.1:4001`. With a number that is higher it is asked to report at once, so that
/// whoever asked knows that the report is newer than the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) number: u64,
    pub(super) cut: Cut,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.cut)
    }
}

impl FromStr for Notice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no notice: one is a number, and which cables are cut");
        let (number, cut) = text.split_once(' ').ok_or_else(wrong)?;
        Ok(Notice { number: number.parse().map_err(|_| wrong())?, cut: cut.parse()? })
    }
}

/// How such a process ends.
pub(super) const GONE: Failure = Failure::Interrupted("the end of its supervisor");

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Supervised {
    /// Which cables are cut.
    pub(super) cut: watch::Receiver<Cut>,
    /// The number of the notice that was read last. What it says has been done.
    pub(super) heard: watch::Receiver<u64>,
    over: oneshot::Receiver<Failure>,
}

impl Supervised {
    /// Learns which cables are cut from the beginning.
    ///
    /// # Errors
    ///
    /// [`GONE`]; a notice that is none.
    pub(super) async fn begin() -> Result<Self, Failure> {
        end_with_parent();
        let mut notices = lines::of_stdin(LONGEST);
        let first = next(&mut notices).await?;
        let ((tell_cut, cut), (tell_heard, heard)) = (watch::channel(first.cut), watch::channel(first.number));
        let (end, over) = oneshot::channel();
        tokio::spawn(async move {
            let failure = loop {
                match next(&mut notices).await {
                    Ok(notice) => {
                        tell_cut.send_replace(notice.cut);
                        tell_heard.send_replace(notice.number);
                    }
                    Err(failure) => break failure,
                }
            };
            // If nobody waits for it, the process ends already.
            let _ = end.send(failure);
        });
        Ok(Supervised { cut, heard, over })
    }

    /// Ends when there is nobody left who supervises it.
    pub(super) async fn over(self) -> Failure {
        self.over.await.unwrap_or(GONE)
    }
}

async fn next(notices: &mut mpsc::Receiver<io::Result<Line>>) -> Result<Notice, Failure> {
    let Some(line) = notices.recv().await else { return Err(GONE) };
    let bytes = line.map_err(Failure::Input)?.bytes.unwrap_or_default();
    String::from_utf8_lossy(&bytes).parse().map_err(Failure::Usage)
}

/// If the parent is gone already, stdin is closed.
#[cfg(target_os = "linux")]
fn end_with_parent() {
    use rustix::process::{Signal, set_parent_process_death_signal};

    if let Err(error) = set_parent_process_death_signal(Some(Signal::KILL)) {
        tracing::warn!("if it is stopped, this process will outlive its supervisor: {error}");
    }
}

/// Other systems cannot be asked.
#[cfg(not(target_os = "linux"))]
fn end_with_parent() {}
