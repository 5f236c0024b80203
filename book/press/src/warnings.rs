//! What mdBook says while it works.
//!
//! mdBook reports unclosed tags, unknown footnotes and the like as log events, and goes on. In this book they are
//! faults, so we listen: [`collect`] runs a piece of work and returns the warnings and errors that were logged in it.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Runs `work` and returns what it returned, with the warnings and errors that it logged on this thread.
pub fn collect<T>(work: impl FnOnce() -> T) -> (T, Vec<String>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let result = tracing::subscriber::with_default(Listener { heard: Arc::clone(&heard) }, work);
    let warnings = std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner));
    (result, warnings)
}

struct Listener {
    heard: Arc<Mutex<Vec<String>>>,
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::WARN)
    }

    fn event(&self, event: &Event<'_>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(message.0);
    }

    // Spans carry nothing that we report.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The text of one event.
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            // Writing to a String cannot fail.
            let _ = write!(self.0, "{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::collect;

    #[test]
    fn warnings_and_errors_are_heard_and_lesser_events_are_not() {
        let (result, warnings) = collect(|| {
            tracing::info!("all is well");
            tracing::warn!("tag `{}` is not closed", "div");
            tracing::error!("no such icon");
            7
        });
        assert_eq!(result, 7);
        assert_eq!(warnings, ["tag `div` is not closed", "no such icon"]);
    }
}
