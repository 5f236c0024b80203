//! Whether all that must follow from what has happened has followed. Pure functions of what is known.
//!
//! A cluster is at rest when nothing will change until somebody does something: whoever cannot be reached is fenced, whoever can
//! is in sync, and all have what their leader has. A script waits for that, and then what it shows is the same each time.

use partitioning::TopicPartition;

use super::super::report::{ControllerReport, Decision};
use super::members::{Life, Members, Name};
use crate::api::{ReplicaRole, ReplicaState};

/// Why the cluster is not at rest; `None` if it is.
pub fn unrest(members: &Members) -> Option<String> {
    let controller = match &members.controller {
        Some(controller) if members.is_reachable(Name::Controller) => controller,
        _ => return Some("the controller does not answer".to_owned()),
    };
    let brokers = members.brokers().find_map(|id| broker(members, controller, id));
    brokers.or_else(|| controller.partitions.iter().find_map(|(at, decided)| partition(members, at, decided)))
}

/// Whether all brokers that can be reached know all that is decided.
pub fn have_heard(members: &Members) -> bool {
    let end = members.controller.as_ref().map_or(0, |controller| controller.end);
    members.reachable().all(|id| members.brokers.get(&id).is_some_and(|report| report.knows >= end))
}

fn broker(members: &Members, controller: &ControllerReport, id: i32) -> Option<String> {
    match members.processes.get(&Name::Broker(id)) {
        // One that is cut off goes on starting for ever.
        Some(process) if process.life == Life::Starting && !process.is_isolated => {
            return Some(format!("broker {id} starts"));
        }
        Some(process) if process.life == Life::Stopping => return Some(format!("broker {id} is about to end")),
        _ => {}
    }
    let is_fenced = controller.brokers.get(&id).is_none_or(|membership| membership.fenced);
    match (members.is_reachable(Name::Broker(id)), is_fenced) {
        (true, true) => Some(format!("broker {id} runs, and is fenced still")),
        (false, false) => Some(format!("broker {id} cannot be reached, and is not fenced yet")),
        (false, true) => None,
        (true, false) => {
            let knows = members.brokers.get(&id).map_or(0, |report| report.knows);
            (knows < controller.end).then(|| format!("broker {id} has not heard of all that is decided"))
        }
    }
}

fn partition(members: &Members, at: &TopicPartition, decided: &Decision) -> Option<String> {
    if decided.is_moving {
        return Some(format!("{at} moves to other brokers"));
    }
    let reachable = |id: &i32| members.is_reachable(Name::Broker(*id));
    let Some(leader) = decided.leader else {
        let could = decided.in_sync.iter().find(|id| reachable(id));
        return could.map(|id| format!("{at} has no leader yet, and broker {id} could lead it"));
    };
    if let Some(id) = decided.replicas.iter().find(|id| reachable(id) != decided.in_sync.contains(id)) {
        let (state, rule) =
            if reachable(id) { ("can be reached", "not in sync yet") } else { ("cannot be reached", "in sync still") };
        return Some(format!("broker {id} {state}, and is {rule} with {at}"));
    }
    let Some(led) =
        state(members, leader, at).filter(|led| is_in(led, decided) && matches!(led.role, ReplicaRole::Leader { .. }))
    else {
        return Some(format!("broker {leader} does not lead {at} yet"));
    };
    if decided.in_sync.len() >= decided.min_in_sync && led.high_watermark != led.end {
        return Some(format!("{at} is committed up to {}, and ends at {}", led.high_watermark, led.end));
    }
    let behind = |id: &&i32| !state(members, **id, at).is_some_and(|state| follows(state, led, leader, decided));
    let behind = decided.in_sync.iter().filter(|id| **id != leader).find(behind);
    behind.map(|id| format!("broker {id} does not have all that the leader of {at} has"))
}

/// Where a broker's copy stands.
pub(super) fn state<'m>(members: &'m Members, id: i32, at: &TopicPartition) -> Option<&'m ReplicaState> {
    let replicas = &members.brokers.get(&id)?.replicas;
    replicas.iter().find(|(of, _)| of == at).map(|(_, state)| state)
}

fn is_in(state: &ReplicaState, decided: &Decision) -> bool {
    state.leader_epoch == decided.leader_epoch
}

fn follows(state: &ReplicaState, led: &ReplicaState, leader: i32, decided: &Decision) -> bool {
    let has_all = (state.end, state.high_watermark) == (led.end, led.high_watermark);
    has_all && is_in(state, decided) && state.role == ReplicaRole::Follower(leader)
}
