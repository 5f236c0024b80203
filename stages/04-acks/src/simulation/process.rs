//! A process: a program that runs on a machine, with a time of its own.
//!
//! The simulator has one runtime for each host, and moves it on with each step. Nothing on such a host can stand still while
//! the rest of the world goes on, and real processes do: in a long garbage collection, on a machine that is short of memory,
//! after a signal (`SIGSTOP`). Then a leader that has long been replaced wakes up, and takes what is past for the present. So a machine is
//! two things here:
//!
//! ```text
//!   ┌───────── machine ──────────┐
//!   │ process   its own runtime: │  tasks, timers, disk. Stands still as a whole
//!   │    ▲                       │
//!   │    ▼                       │
//!   │ system    the simulator's: │  sockets. Takes what arrives, whatever the process does
//!   └────┬───────────────────────┘
//!        └── network
//! ```
//!
//! A process that stands still is not moved on. When it goes on, its clocks jump: all timers that would have ended meanwhile
//! end now, in order, and what has arrived meanwhile is there to be read. Neither is told that it is late.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::{advance, sleep};

/// See the [module](self). Who drops it ends it, in the middle of what it does.
pub(super) struct Process {
    /// Of its machine.
    name: String,
    runtime: Runtime,
    stands_still: bool,
    /// For how long it has stood still.
    missed: Duration,
}

impl Process {
    /// Starts a program. It does nothing before the first step.
    pub(super) fn start(name: String, program: impl Future<Output = ()> + Send + 'static) -> Self {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime without sockets needs nothing that could be missing");
        // Timers count whole milliseconds from the runtime's making. From here on its clock does, too.
        runtime.block_on(async { sleep(Duration::from_millis(1)).await });
        runtime.spawn(program);
        Process { name, runtime, stands_still: false, missed: Duration::ZERO }
    }

    /// Lets so much time pass.
    pub(super) fn step(&mut self, time: Duration) {
        if self.stands_still {
            self.missed += time;
            return;
        }
        let missed = std::mem::take(&mut self.missed);
        // As the simulator calls it: a trace tells so whose words are whose.
        let _span = tracing::info_span!("node", name = &*self.name).entered();
        self.runtime.block_on(async {
            if !missed.is_zero() {
                advance(missed).await;
            }
            sleep(time).await;
        });
    }

    /// Stands still from here on. Gives whether it did not before.
    pub(super) fn stand_still(&mut self) -> bool {
        !std::mem::replace(&mut self.stands_still, true)
    }

    /// Goes on with the next step.
    pub(super) fn go_on(&mut self) {
        self.stands_still = false;
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Process { name, stands_still, missed, .. } = self;
        write!(f, "Process({name}, stands still: {stands_still}, missed: {missed:?})")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::time::Instant;

    use super::*;

    const STEP: Duration = Duration::from_millis(1);

    fn steps(process: &mut Process, count: u32) {
        (0..count).for_each(|_| process.step(STEP));
    }

    /// A process that writes down, every 10 ms, how much time has passed for it.
    fn ticking() -> (Process, Arc<Mutex<Vec<u128>>>) {
        let ticks = Arc::new(Mutex::new(Vec::new()));
        let noted = ticks.clone();
        let process = Process::start("broker-1".to_owned(), async move {
            let start = Instant::now();
            loop {
                sleep(Duration::from_millis(10)).await;
                noted.lock().unwrap().push(start.elapsed().as_millis());
            }
        });
        (process, ticks)
    }

    #[test]
    fn time_passes_step_by_step() {
        let (mut process, ticks) = ticking();
        steps(&mut process, 35);
        assert_eq!(*ticks.lock().unwrap(), [10, 20, 30]);
    }

    #[test]
    fn who_stands_still_does_nothing_and_then_it_is_late() {
        let (mut process, ticks) = ticking();
        steps(&mut process, 15);
        assert!(process.stand_still());
        assert!(!process.stand_still(), "it does already");
        steps(&mut process, 100);
        assert_eq!(*ticks.lock().unwrap(), [10]);
        process.go_on();
        steps(&mut process, 12);
        assert_eq!(*ticks.lock().unwrap(), [10, 115, 125], "the tick that was due at 20 comes at once, and late");
    }

    #[test]
    fn who_is_dropped_does_nothing_more() {
        let (process, ticks) = ticking();
        drop(process);
        assert_eq!(Arc::strong_count(&ticks), 1);
    }
}
