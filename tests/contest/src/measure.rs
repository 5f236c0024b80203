//! Clocks, and what many readings of them come to.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Adds up the time of the parts that count.
#[derive(Debug, Default)]
pub struct Stopwatch {
    wall: Duration,
    /// User and system time of this process; `None` where the system does not tell.
    cpu: Option<Duration>,
}

impl Stopwatch {
    /// Does `work` on time.
    pub fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let began = Began::now();
        let done = work();
        self.add(began);
        done
    }

    /// Waits for `work` on time. What else the process does meanwhile counts as well: other threads, other tasks.
    pub async fn time_async<T>(&mut self, work: impl Future<Output = T>) -> T {
        let began = Began::now();
        let done = work.await;
        self.add(began);
        done
    }

    fn add(&mut self, began: Began) {
        self.wall += began.wall.elapsed();
        let spent = began.cpu.and_then(|before| cpu_time()?.checked_sub(before));
        self.cpu = spent.map(|spent| self.cpu.unwrap_or_default() + spent);
    }

    /// The clock's time of all parts.
    pub fn wall(&self) -> Duration {
        self.wall
    }

    /// The CPU time of all parts, over all threads of the process; `None` where the system does not tell.
    pub fn cpu(&self) -> Option<Duration> {
        self.cpu
    }
}

/// What the clocks showed.
struct Began {
    wall: Instant,
    cpu: Option<Duration>,
}

impl Began {
    fn now() -> Self {
        Began { cpu: cpu_time(), wall: Instant::now() }
    }
}

#[cfg(unix)]
fn cpu_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
}

#[cfg(not(unix))]
fn cpu_time() -> Option<Duration> {
    None
}

/// Lowest, middle and highest of some readings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The lowest.
    pub low: f64,
    /// The middle one, or the mean of the two in the middle.
    pub median: f64,
    /// The highest.
    pub high: f64,
}

impl Spread {
    /// `None` if there are no readings.
    pub fn of(mut readings: Vec<f64>) -> Option<Self> {
        readings.sort_by(f64::total_cmp);
        let (low, high) = (*readings.first()?, *readings.last()?);
        let middle = readings.len() / 2;
        let median = match readings.len() % 2 {
            1 => readings[middle],
            _ => (readings[middle - 1] + readings[middle]) / 2.0,
        };
        Some(Spread { low, median, high })
    }
}

/// Uses so many bytes of memory once and gives them back. The page cache is then filled from pages that the machine below
/// has handed out already.
pub fn touch_memory(bytes: u64) {
    const PAGE: usize = 4096;
    let mut memory = vec![0u8; bytes as usize];
    memory.iter_mut().step_by(PAGE).for_each(|byte| *byte = 1);
    black_box(memory);
}
