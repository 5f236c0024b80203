//! Within which bounds each wrong policy is found out, and by which promise.

use super::bounds::Bounds;
use super::policy::Policy;
use super::promises::{CUTS, IN_SYNC, KEPT, MATCH};

/// A search that must find something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    pub name: &'static str,
    pub policy: Policy,
    pub bounds: Bounds,
    /// What is broken.
    pub promise: &'static str,
}

/// A follower dies and starts again, and then the leader changes. (The first scenario of KIP-101.)
pub(crate) const RESTART: Bounds = Bounds { brief: false, crashes: 1, fetches: 1, ..Bounds::new(2, 1, 1) };
/// A broker dies and loses its log, and starts again in time to lead. (The second one.)
pub(crate) const POWER: Bounds = Bounds { crashes: 1, loses: true, fetches: 1, ..Bounds::new(2, 3, 1) };
/// A leader goes on for a while that has been replaced, and writes.
const ZOMBIE: Bounds = Bounds::new(3, 3, 1);
/// Leadership changes twice, so that a leader may have nothing of the epoch before its own.
const TWICE: Bounds = Bounds::new(3, 2, 2);
/// Those in sync change, and no leader does.
pub(crate) const IN_AND_OUT: Bounds = Bounds {
    brief: false,
    late_news: true,
    changes: 4,
    fences: 1,
    ticks: 1,
    wishes: 2,
    fetches: 1,
    ..Bounds::new(2, 1, 0)
};
/// As before, and a process dies and loses its log.
pub(crate) const DEATH: Bounds = Bounds { ticks: 0, wishes: 1, crashes: 1, loses: true, ..IN_AND_OUT };
/// Two brokers are silent for a moment, one of them the leader, so that too few are in sync for anything to be committed.
const TOO_FEW: Bounds = Bounds { changes: 3, fences: 2, wishes: 1, fetches: 1, min_in_sync: 2, ..Bounds::new(3, 1, 1) };
/// The last one in sync dies and loses its log.
pub(crate) const LAST: Bounds =
    Bounds { brief: false, fences: 1, changes: 3, crashes: 1, loses: true, ..Bounds::new(2, 1, 2) };
/// Two must be in sync. One is silent, then it dies and loses its log, and then the other is silent.
const SECOND_ROW: Bounds = Bounds { min_in_sync: 2, fences: 2, changes: 4, ..LAST };
/// One after the other is silent, and comes back.
pub(crate) const IN_TURN: Bounds = Bounds { brief: false, changes: 4, wishes: 1, fetches: 1, ..Bounds::new(2, 1, 2) };

/// All of them, by name.
pub(crate) const SCENARIOS: [Scenario; 13] = [
    of("to_high_watermark_loses", Policy::ToHighWatermark, RESTART, KEPT),
    of("to_high_watermark_forks", Policy::ToHighWatermark, POWER, MATCH),
    of("epoch_without_fencing", Policy::EpochWithoutFencing, ZOMBIE, MATCH),
    of("isr_unfenced", Policy::IsrUnfenced, IN_AND_OUT, IN_SYNC),
    of("wish_not_counted", Policy::WishNotCounted, IN_AND_OUT, IN_SYNC),
    of("epoch_not_noted", Policy::EpochNotNoted, TWICE, CUTS),
    of("joins_too_early", Policy::JoinsTooEarly, TOO_FEW, IN_SYNC),
    of("any_process_joins", Policy::AnyProcessJoins, DEATH, IN_SYNC),
    of("restart_keeps_place", Policy::RestartKeepsPlace, POWER, IN_SYNC),
    of("epoch_reused", Policy::EpochReused, POWER, MATCH),
    of("no_second_row", Policy::NoSecondRow, LAST, KEPT),
    of("disks_believed", Policy::DisksBelieved, SECOND_ROW, IN_SYNC),
    of("elect_anyone", Policy::ElectAnyone, IN_TURN, KEPT),
];

const fn of(name: &'static str, policy: Policy, bounds: Bounds, promise: &'static str) -> Scenario {
    Scenario { name, policy, bounds, promise }
}
