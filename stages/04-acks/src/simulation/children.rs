//! A seed in a process of its own.

use std::fmt;
use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Report;
use super::command::Simulate;

/// How long a run may take, in real time. It is so long that only one that has stopped making progress takes it.
const LONGEST: Duration = Duration::from_secs(300);

/// See the [module](self).
pub(super) struct Child {
    seed: u64,
    process: std::process::Child,
    /// Who reads what it says: a pipe that is full would stop it.
    said: Option<JoinHandle<io::Result<Vec<u8>>>>,
    complained: Option<JoinHandle<io::Result<Vec<u8>>>>,
    began: Instant,
}

/// A run that gave no report.
#[derive(Debug)]
pub(super) enum Lost {
    /// Its process ended without one.
    Ended(ExitStatus, String),
    /// It did not come to an end.
    Endless,
}

impl Child {
    /// Starts this program for another seed.
    pub(super) fn start(args: &Simulate, seed: u64) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("simulate").args(args.of_seed(seed)).arg("--json");
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let said = process.stdout.take().map(reader);
        let complained = process.stderr.take().map(reader);
        Ok(Child { seed, process, said, complained, began: Instant::now() })
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// What came of it, if it has ended. One that takes too long is ended.
    pub(super) fn ended(&mut self) -> io::Result<Option<Result<Box<Report>, Lost>>> {
        let Some(status) = self.process.try_wait()? else {
            if self.began.elapsed() < LONGEST {
                return Ok(None);
            }
            self.process.kill()?;
            self.process.wait()?;
            return Ok(Some(Err(Lost::Endless)));
        };
        let (said, complained) = (text(self.said.take())?, text(self.complained.take())?);
        let report = said.lines().last().and_then(|line| serde_json::from_str(line).ok());
        Ok(Some(report.map(Box::new).ok_or(Lost::Ended(status, complained))))
    }
}

impl Drop for Child {
    /// Nobody is left behind.
    fn drop(&mut self) {
        // One that has ended cannot be ended, and that is well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn reader(mut pipe: impl Read + Send + 'static) -> JoinHandle<io::Result<Vec<u8>>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes)?;
        Ok(bytes)
    })
}

fn text(reader: Option<JoinHandle<io::Result<Vec<u8>>>>) -> io::Result<String> {
    let Some(reader) = reader else { return Ok(String::new()) };
    let bytes = reader.join().expect("a reader does not panic")?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lost::Ended(status, complained) => write!(f, "the process ended without a report ({status}): {complained}"),
            Lost::Endless => write!(f, "the run did not come to an end within {} s of real time", LONGEST.as_secs()),
        }
    }
}
