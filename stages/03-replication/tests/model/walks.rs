//! The model and the real thing, side by side.
//!
//! Around the functions that it shares with the stage the model has a few lines of its own: in which order a replica calls them,
//! and what the controller does around its own. So chance takes walks through the model, and at each step real replicas, with
//! logs and checkpoints in files, and a real controller do the same. After each step they must be where the model is: logs,
//! epochs, high watermarks, roles, what leaders know and wish, what the controller has decided. And where the model says that a
//! message is refused, they must refuse it.
//!
//! The walks are the same in every run. `MODEL_WALKS=2000` makes more of them, `MODEL_SEED=2` others.

mod cluster;
mod controller;
mod replica;

use std::collections::BTreeMap;

use fastrand::Rng;
use stateright::Model;

use crate::protocol::Protocol;
use crate::protocol::action::Action;
use crate::protocol::bounds::Bounds;
use crate::protocol::policy::Policy;
use crate::protocol::run::told;
use crate::protocol::state::State;
use cluster::Cluster;

/// The most steps of a walk.
const STEPS: usize = 160;
/// Wide enough that walks end because they are long.
const WIDE: Bounds = Bounds {
    changes: 40,
    fences: 9,
    brief: false,
    late_news: true,
    crashes: 4,
    loses: true,
    ticks: 4,
    fetches: 3,
    wishes: 2,
    ..Bounds::new(3, 12, 9)
};

fn from_env(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[tokio::test(start_paused = true)]
async fn replicas_and_controller_do_what_the_model_does() {
    let (walks, seed) = (from_env("MODEL_WALKS", 40), from_env("MODEL_SEED", 1));
    let mut happened: BTreeMap<&str, usize> = BTreeMap::new();
    for walk in 0..walks {
        let mut random = Rng::with_seed(seed * 1_000_003 + walk);
        let policy = [Policy::AsItIs, Policy::ToHighWatermark, Policy::NoSecondRow][walk as usize % 3];
        let bounds = Bounds { min_in_sync: 1 + walk as usize % 2, ..WIDE };
        take(&mut random, Protocol::new(policy, bounds), &mut happened).await;
    }
    println!("{happened:?}");
    for kind in Action::KINDS.into_iter().chain(["cut", "refused"]) {
        let count = happened.get(kind).copied().unwrap_or(0);
        assert!(count as u64 >= walks / 10, "{kind} happened {count} times in {walks} walks");
    }
}

/// One walk. What has happened so far is told if it goes wrong.
async fn take(random: &mut Rng, protocol: Protocol, happened: &mut BTreeMap<&'static str, usize>) {
    let mut state = protocol.init_states().remove(0);
    let mut cluster = Cluster::new(&protocol, &state);
    let mut story = format!("{:?}, {:?}\n", protocol.policy, protocol.bounds);
    for _ in 0..STEPS {
        *happened.entry("refused").or_default() += cluster.refuses(&protocol, &state, &story);
        let Some((action, next)) = choose(random, &protocol, &state) else { return };
        story.push_str(&told(&state, action, &next));
        cluster.does(&state, action, &next, &story).await;
        cluster.must_be_as(&next, &story);
        let cuts = state.brokers.iter().zip(&next.brokers).filter(|(was, is)| was.disk.end() > is.disk.end()).count();
        *happened.entry("cut").or_default() += if matches!(action, Action::Crash { .. }) { 0 } else { cuts };
        *happened.entry(Action::KINDS[action.kind()]).or_default() += 1;
        state = next;
    }
}

/// Each kind of action that is possible is as likely as another, so that what is rare in the model is not rare here; only what
/// goes wrong is rarer, so that there is time to get well.
fn choose(random: &mut Rng, protocol: &Protocol, state: &State) -> Option<(Action, State)> {
    let mut kinds: BTreeMap<usize, Vec<(Action, State)>> = BTreeMap::new();
    for (action, next) in protocol.next_steps(state) {
        kinds.entry(action.kind()).or_default().push((action, next));
    }
    let is_trouble = |kind: usize| ["fence", "crash", "tick", "give up"].contains(&Action::KINDS[kind]);
    let weighted = kinds.keys().flat_map(|kind| std::iter::repeat_n(*kind, if is_trouble(*kind) { 1 } else { 4 }));
    let kind = random.choice(weighted.collect::<Vec<_>>())?;
    random.choice(kinds.remove(&kind)?)
}
