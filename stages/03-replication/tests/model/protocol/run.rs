//! Searches, and what they find.

use std::time::{Duration, Instant};

use stateright::{Checker, HasDiscoveries, Model, Path};

use super::Protocol;
use super::action::Action;
use super::bounds::Bounds;
use super::picture::{describe, titles};
use super::policy::Policy;
use super::promises::{PROMISES, SIGHTS};
use super::state::State;

pub(crate) type Way = Path<State, Action>;

/// What a search has found.
pub(crate) struct Search {
    /// Different states.
    pub states: usize,
    /// Steps from one of them to one.
    pub steps: usize,
    /// How many steps the farthest state is away.
    pub depth: usize,
    pub time: Duration,
    /// The promises that are broken, and a way there.
    pub broken: Vec<(&'static str, Way)>,
    /// What the search did not come upon, though it should have.
    pub unseen: Vec<&'static str>,
    /// How often each kind of thing happened.
    pub counts: Vec<(&'static str, u64)>,
}

impl Search {
    pub(crate) fn size(&self) -> String {
        format!("{} states, {} steps, the farthest {} away", self.states, self.steps, self.depth)
    }
}

/// Looks at all states within the bounds, the nearest first. Ends early if a promise is broken: then the way is a shortest one.
pub(crate) fn search(policy: Policy, bounds: Bounds) -> Search {
    let checker = Protocol::new(policy, bounds).checker().finish_when(HasDiscoveries::AnyFailures);
    finish(Instant::now(), checker.spawn_bfs())
}

/// A shortest way to a state in which a promise is broken.
pub(crate) fn shortest(policy: Policy, bounds: Bounds, promise: &'static str) -> Option<Way> {
    let until = HasDiscoveries::AnyOf([promise].into());
    Protocol::new(policy, bounds).checker().finish_when(until).spawn_bfs().join().discovery(promise)
}

/// Waits until a checker that was started at `began` has ended.
pub(crate) fn finish(began: Instant, checker: impl Checker<Protocol>) -> Search {
    let checker = checker.join();
    let mut found = checker.discoveries();
    let ways = PROMISES.iter().filter_map(|(promise, _)| Some((*promise, found.remove(promise)?)));
    let broken = ways.collect();
    let unseen = SIGHTS.iter().map(|(sight, _)| *sight).filter(|sight| !found.contains_key(sight)).collect();
    Search {
        states: checker.unique_state_count(),
        steps: checker.state_count(),
        depth: checker.max_depth(),
        time: began.elapsed(),
        broken,
        unseen,
        counts: checker.model().coverage.counts(),
    }
}

/// A way as a story: a line for each step, with the logs after it ([`picture`](super::picture)).
pub(crate) fn story(way: Way) -> String {
    let steps = way.into_vec();
    let first = &steps[0].0;
    let mut text = format!("{}\n{}{}\n", titles(first), first.logs(), first.decided());
    for pair in steps.windows(2) {
        let [(before, Some(action)), (after, _)] = pair else { continue };
        text.push_str(&told(before, *action, after));
    }
    text
}

/// A step as a line of a story.
pub(crate) fn told(before: &State, action: Action, after: &State) -> String {
    format!("{}{}\n", after.logs(), describe(before, action, after))
}
