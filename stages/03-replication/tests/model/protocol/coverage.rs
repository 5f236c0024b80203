//! What a search has seen. A model in which nothing happens keeps every promise, so a search that has not seen enough has failed.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::action::Action;
use super::promises::{PROMISES, SIGHTS};
use super::state::State;

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    actions: [AtomicU64; Action::KINDS.len()],
    /// How often a follower cut its log.
    cuts: AtomicU64,
    /// Which promises were found broken.
    broken: [AtomicBool; PROMISES.len()],
    /// Which sights were seen.
    seen: [AtomicBool; SIGHTS.len()],
}

impl Coverage {
    pub(crate) fn note(&self, before: &State, action: Action, after: &State) {
        self.actions[action.kind()].fetch_add(1, Ordering::Relaxed);
        if let Action::Copy { follower, .. } | Action::Learn { broker: follower, .. } = action
            && before.broker(follower).disk.log.len() > after.broker(follower).disk.log.len()
        {
            self.cuts.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether a promise was found broken before. From now on it was.
    pub(crate) fn finds_broken(&self, promise: usize) -> bool {
        !self.broken[promise].swap(true, Ordering::Relaxed)
    }

    /// Whether a sight is new. From now on it is not.
    pub(crate) fn sees(&self, sight: usize) -> bool {
        !self.seen[sight].swap(true, Ordering::Relaxed)
    }

    pub(crate) fn has_seen(&self, sight: usize) -> bool {
        self.seen[sight].load(Ordering::Relaxed)
    }

    /// How often each kind of action was taken, and how often a follower cut its log.
    pub(crate) fn counts(&self) -> Vec<(&'static str, u64)> {
        let actions = Action::KINDS.into_iter().zip(&self.actions);
        actions.chain([("cut", &self.cuts)]).map(|(name, count)| (name, count.load(Ordering::Relaxed))).collect()
    }
}
