//! What a broker or a client asks of the machine that it runs on.
//!
//! A network, a disk, the time, and threads for calls that may take long. All four are handed in. In a program they are
//! the machine's. In a test they are simulated, so that a second passes when the test says so, a cable is cut when the
//! test says so, and the same seed gives the same run.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use segment_log::Timestamp;
use segment_log::disk::{Disk, RealDisk};

use crate::net::{Net, Simulated, Tcp};

/// The machine, real or simulated. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Host {
    /// The way to other machines.
    pub net: Arc<dyn Net>,
    /// The way to the files.
    pub disk: Arc<dyn Disk>,
    /// The time of day.
    pub clock: Clock,
    /// Where slow calls run.
    pub workers: Workers,
}

impl Host {
    /// This machine.
    pub fn real() -> Self {
        Host { net: Arc::new(Tcp), disk: Arc::new(RealDisk), clock: Clock::system(), workers: Workers::Threads }
    }

    /// A host of the `turmoil` simulation that is running, with a real disk. Its clock is the simulation's.
    pub fn simulated() -> Self {
        Host { net: Arc::new(Simulated), disk: Arc::new(RealDisk), clock: Clock::simulated(), workers: Workers::Inline }
    }
}

/// The time of day, in milliseconds since 1970. For timestamps only: it may jump, as someone may set it. Waiting is
/// `tokio::time`'s business, whose clock never goes back.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Clock::from_fn(|| {
            let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Timestamp::try_from(since_1970.as_millis()).unwrap_or(Timestamp::MAX)
        })
    }

    /// The simulation's clock.
    pub fn simulated() -> Self {
        Clock::from_fn(|| {
            let since_1970 = turmoil::since_epoch().expect("only hosts of a simulation ask the simulated clock");
            Timestamp::try_from(since_1970.as_millis()).unwrap_or(Timestamp::MAX)
        })
    }

    /// A clock of the caller's.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Clock(Arc::new(now))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// Where calls run that may wait for the disk. A thread that serves the network must never wait for anything else: all
/// connections that it serves would wait with it.
#[derive(Debug, Clone, Copy)]
pub enum Workers {
    /// On threads of their own.
    Threads,
    /// Where they are called. For simulations, in which threads would bring back chance.
    Inline,
    /// Where they are called, after a pause. For simulations too: other tasks go on meanwhile, as they do while a thread
    /// works, and a disk can be slow.
    Late(Pauses),
}

/// How long each call waits, in a simulation whose disks take time.
#[derive(Clone, Copy)]
pub struct Pauses(&'static (dyn Fn() -> Duration + Send + Sync));

impl Pauses {
    /// As long as `next` says, each time. It lives as long as the program, so that [`Workers`] can be copied: a program
    /// simulates a few machines, and ends.
    pub fn new(next: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Pauses(Box::leak(Box::new(next)))
    }
}

impl fmt::Debug for Pauses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pauses")
    }
}

impl Workers {
    /// Does `work` where it disturbs nobody.
    ///
    /// # Panics
    ///
    /// If `work` panics.
    pub async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> T {
        match self {
            Workers::Inline => work(),
            Workers::Late(Pauses(next)) => {
                match next() {
                    Duration::ZERO => {}
                    pause => tokio::time::sleep(pause).await,
                }
                work()
            }
            Workers::Threads => match tokio::task::spawn_blocking(work).await {
                Ok(done) => done,
                Err(failed) => match failed.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => panic!("the runtime ended while work was waited for"),
                },
            },
        }
    }
}
