//! Panics of the programs that run on the machines.
//!
//! A task that panics takes nothing with it: a connection ends, and the next is served. That is good for a broker, and bad for
//! whoever looks for bugs. So each panic of a run is written down, in whatever task it was.

use std::panic;
use std::sync::{Arc, Mutex};

/// The panics since this was made. The process tells of them as well, as it did before.
#[derive(Debug)]
pub(super) struct Panics(Arc<Mutex<Vec<String>>>);

impl Panics {
    pub(super) fn watch() -> Self {
        let noted = Arc::new(Mutex::new(Vec::new()));
        let (notes, before) = (noted.clone(), panic::take_hook());
        panic::set_hook(Box::new(move |panic| {
            // Whoever panics while this is held is told of by the process alone.
            if let Ok(mut notes) = notes.lock() {
                notes.push(panic.to_string());
            }
            before(panic);
        }));
        Panics(noted)
    }

    /// The first one.
    pub(super) fn first(&self) -> Option<String> {
        self.0.lock().ok()?.first().cloned()
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            drop(panic::take_hook());
        }
    }
}
