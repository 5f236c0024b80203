//! Notices that a file of the copy was saved.
//!
//! The system's reports are a doorbell, not a letter: they say that something may have happened. What did happen is told by
//! comparing [`fingerprint`]s.

use std::path::PathBuf;
use std::sync::mpsc::Sender;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::Event;
use crate::course::Stage;
use crate::files;

/// The doorbell.
pub(super) struct Saves {
    tell: Sender<Event>,
    /// None where the system has no more watches to give. Then the regular look has to do.
    watcher: Option<RecommendedWatcher>,
}

impl Saves {
    pub(super) fn new(tell: Sender<Event>) -> Saves {
        Saves { tell, watcher: None }
    }

    /// Watches the copy of a stage, and no longer what was watched before. Called again after each check, since a folder
    /// that was deleted and made again is no longer the one that was watched.
    pub(super) fn follow(&mut self, stage: &Stage) {
        let tell = self.tell.clone();
        let ring = move |event: notify::Result<notify::Event>| {
            // Reading a file rings on some systems; it changes nothing.
            if event.is_ok_and(|event| !event.kind.is_access()) {
                // Nobody listens any more when the screen is gone.
                let _ = tell.send(Event::Saved);
            }
        };
        self.watcher = notify::recommended_watcher(ring).ok();
        let Some(watcher) = &mut self.watcher else { return };
        let work = stage.work();
        let folders = [
            (work.join("src"), RecursiveMode::Recursive),
            (work, RecursiveMode::NonRecursive),
            (stage.home(), RecursiveMode::NonRecursive),
        ];
        for (folder, mode) in folders {
            // A folder that is not there rings through the one above it when it comes.
            let _ = watcher.watch(&folder, mode);
        }
    }
}

/// The content of everything that a learner writes in a copy, in short.
pub(super) fn fingerprint(stage: &Stage) -> String {
    let work = stage.work();
    let written = |path: &PathBuf| {
        let ours = path.starts_with("src") || path.extension().is_some_and(|extension| extension == "story");
        ours || path.as_os_str() == "Cargo.toml"
    };
    let mut all = Vec::new();
    for path in files::walk(&work, &["target", "tests"]).unwrap_or_default().iter().filter(|path| written(path)) {
        let bytes = files::read(&work.join(path)).ok().flatten().unwrap_or_default();
        all.extend_from_slice(format!("{} {}\n", path.display(), files::hash(&bytes)).as_bytes());
    }
    files::hash(&all)
}
