//! What happened in a run, line by line.
//!
//! Two runs of one seed must be the same run. So whatever has a part in a run writes here: the faults, what brokers and
//! clients log, and at the end the whole history. Two traces are then compared to the byte. And whoever looks for the cause
//! of a failure reads here what was said around it.
//!
//! ```text
//!  12.345  fault         broker-2 loses power; starts again after 800 ms
//!  13.402  controller    …
//! ```

use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// How many faults are remembered for a report.
const RECENT: usize = 12;

/// See the [module](self). Clones write into the same one.
#[derive(Debug, Clone)]
pub struct Trace(Arc<Mutex<Lines>>);

#[derive(Debug)]
struct Lines {
    /// All of it, if that was asked for.
    all: Option<String>,
    /// With each message of the network.
    messages: bool,
    /// The time since the run began.
    now: Duration,
    /// The last faults.
    recent: VecDeque<String>,
    /// What names this run's folder, which is another each time.
    hidden: String,
}

impl Trace {
    /// An empty one. Keeps everything if it is `full`, otherwise only the last faults; with `messages` each message of the network
    /// as well. `hidden` is left out wherever it comes.
    pub fn new(full: bool, messages: bool, hidden: String) -> Self {
        let lines =
            Lines { all: full.then(String::new), messages, now: Duration::ZERO, recent: VecDeque::new(), hidden };
        Trace(Arc::new(Mutex::new(lines)))
    }

    /// Time passes: so much has passed since the run began.
    pub(super) fn passes(&self, now: Duration) {
        self.lines().now = now;
    }

    /// The time since the run began.
    pub fn now(&self) -> Duration {
        self.lines().now
    }

    fn has_messages(&self) -> bool {
        self.lines().messages
    }

    /// Whether everything is kept.
    pub fn is_full(&self) -> bool {
        self.lines().all.is_some()
    }

    /// Somebody did something that reports tell.
    pub fn note(&self, at: Duration, who: &str, what: impl fmt::Display) {
        let line = line(at, who, what);
        let mut lines = self.lines();
        lines.keep(&line);
        if lines.recent.len() == RECENT {
            lines.recent.pop_front();
        }
        lines.recent.push_back(line);
    }

    /// Somebody said something.
    pub fn say(&self, at: Duration, who: &str, what: impl fmt::Display) {
        let mut lines = self.lines();
        if lines.all.is_some() {
            lines.keep(&line(at, who, what));
        }
    }

    /// The last notes.
    pub fn recent(&self) -> Vec<String> {
        self.lines().recent.iter().cloned().collect()
    }

    /// All of it; nothing if it is not full.
    pub fn text(&self) -> String {
        self.lines().all.clone().unwrap_or_default()
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().expect("nothing panics while it writes a line")
    }
}

impl Lines {
    fn keep(&mut self, line: &str) {
        if let Some(all) = &mut self.all {
            all.push_str(&line.replace(&self.hidden, ""));
            all.push('\n');
        }
    }
}

fn line(at: Duration, who: &str, what: impl fmt::Display) -> String {
    format!("{:4}.{:03}  {who:12}  {what}", at.as_secs(), at.subsec_millis())
}

/// What the programs of a run log, written into its trace with the name of the machine.
#[derive(Debug)]
pub(super) struct Listener {
    trace: Trace,
    /// The machines that were seen, by number: the name of a machine's span.
    machines: Mutex<Vec<String>>,
    /// The machine that works now, counted from 1; 0 is none.
    now: AtomicU64,
}

impl Listener {
    pub(super) fn new(trace: Trace) -> Self {
        Listener { trace, machines: Mutex::default(), now: AtomicU64::new(0) }
    }

    fn machines(&self) -> MutexGuard<'_, Vec<String>> {
        self.machines.lock().expect("nothing panics while it names a machine")
    }
}

impl Subscriber for Listener {
    /// What programs say, and the simulation's span around each machine's turn.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        match metadata.is_span() {
            true => metadata.name() == "node",
            false if metadata.target().starts_with("turmoil") => self.trace.has_messages(),
            false => *metadata.level() <= Level::INFO,
        }
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut name = Words::default();
        span.record(&mut name);
        let name = name.fields.trim_start_matches(" name=").trim_matches('"').to_owned();
        let mut machines = self.machines();
        let known = machines.iter().position(|machine| *machine == name);
        let place = known.unwrap_or_else(|| {
            machines.push(name);
            machines.len() - 1
        });
        Id::from_u64(place as u64 + 1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let machine = self.now.load(Ordering::Relaxed).checked_sub(1);
        if machine.is_none() && event.metadata().target().starts_with("turmoil") {
            // Between two turns there is no time that means anything.
            return;
        }
        let mut words = Words::default();
        event.record(&mut words);
        // Who is not on a host of the simulator has the time of the last step.
        let at = turmoil::sim_elapsed().unwrap_or_else(|| self.trace.now());
        let name = machine.map_or_else(|| "-".to_owned(), |place| self.machines()[place as usize].clone());
        self.trace.say(at, &name, format_args!("{}{}", words.message, words.fields));
    }

    fn enter(&self, span: &Id) {
        self.now.store(span.into_u64(), Ordering::Relaxed);
    }

    fn exit(&self, _span: &Id) {
        self.now.store(0, Ordering::Relaxed);
    }
}

/// An event in words.
#[derive(Default)]
struct Words {
    message: String,
    fields: String,
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let written = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
        written.expect("a string takes everything");
    }
}
