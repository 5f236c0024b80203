//! Moving a partition to other brokers. Pure functions.
//!
//! ```text
//!                      replicas      in sync     adding   removing
//!   before             1 2 3         1 2 3
//!   move to 4 5 3      4 5 3 1 2     1 2 3       4 5      1 2          old and new ones together
//!   they copy          4 5 3 1 2     1 2 3 4 5   4 5      1 2          …until all of the target are in sync
//!   done               4 5 3         4 5 3                             one change: the others go, and if one of them
//!                                                                      led, another leads
//! ```
//!
//! No copy is given up before its successor is complete. That takes room for all of them meanwhile, and may take long; it can
//! be called off at any time.
//!
//! Kafka's `PartitionReassignmentReplicas` and `PartitionReassignmentRevert`. As there, a second move that is asked for during
//! a first begins from where the first has come to: what was being added and is not in the new target is removed, and counts as
//! an old copy if the second move is called off.

use std::collections::BTreeSet;

use partitioning::{ErrorCode, Refusal};

use super::election::ElectionRules;
use super::partition::settle;
use crate::records::PartitionRecord;

/// Begins to move a partition to `target`, the preferred leader first. Completes at once if all of them are in sync. `None` if
/// that changes nothing.
///
/// # Errors
///
/// [`InvalidReplicaAssignment`](ErrorCode::InvalidReplicaAssignment) if the target is empty, names a broker twice, or one that
/// has not registered.
pub fn begin(
    record: &PartitionRecord,
    target: &[i32],
    is_registered: impl Fn(i32) -> bool,
    is_active: impl Fn(i32) -> bool,
    rules: ElectionRules,
) -> Result<Option<PartitionRecord>, Refusal> {
    judge_target(target, is_registered)?;
    let is_new = |id: &&i32| !record.replicas.contains(id) || record.adding.contains(id);
    let adding = target.iter().filter(is_new).copied().collect();
    let removing: Vec<i32> = record.replicas.iter().filter(|id| !target.contains(id)).copied().collect();
    let replicas = target.iter().chain(&removing).copied().collect();
    let next = PartitionRecord { replicas, adding, removing, ..record.clone() };
    Ok(settle(record, next, None, &is_active, rules.usual(), rules))
}

/// Calls a move off: what was to be added goes. `None` never comes of it, as something changes.
///
/// # Errors
///
/// [`NoReassignmentInProgress`](ErrorCode::NoReassignmentInProgress);
/// [`InvalidReplicaAssignment`](ErrorCode::InvalidReplicaAssignment) if only new copies are in sync by now, so that an old one
/// would have to lead that may lack something, and the topic does not allow that.
pub fn cancel(
    record: &PartitionRecord,
    is_active: impl Fn(i32) -> bool,
    rules: ElectionRules,
) -> Result<Option<PartitionRecord>, Refusal> {
    if record.adding.is_empty() && record.removing.is_empty() {
        return Err(ErrorCode::NoReassignmentInProgress.because("its replicas are not being moved"));
    }
    let mut next = record.clone();
    (next.adding, next.removing) = (Vec::new(), Vec::new());
    next.replicas.retain(|id| !record.adding.contains(id));
    next.in_sync.retain(|id| !record.adding.contains(id));
    if next.in_sync.is_empty() && !record.in_sync.is_empty() {
        if !rules.unclean {
            let rule = "is false, and only copies that were added are in sync";
            let message = format!("{} {rule}: wait until the move is done", crate::topic_config::UNCLEAN);
            return Err(ErrorCode::InvalidReplicaAssignment.because(message));
        }
        next.in_sync = next.replicas.first().copied().into_iter().collect();
    }
    Ok(settle(record, next, None, &is_active, rules.usual(), rules))
}

/// Ends a move whose target is all in sync.
pub(super) fn complete(record: &mut PartitionRecord) {
    if record.adding.is_empty() && record.removing.is_empty() {
        return;
    }
    let stays = |id: &&i32| !record.removing.contains(id);
    let target: Vec<i32> = record.replicas.iter().filter(stays).copied().collect();
    if target.is_empty() || target.iter().any(|id| !record.in_sync.contains(id)) {
        return;
    }
    record.in_sync.retain(|id| target.contains(id));
    (record.replicas, record.adding, record.removing) = (target, Vec::new(), Vec::new());
}

fn judge_target(target: &[i32], is_registered: impl Fn(i32) -> bool) -> Result<(), Refusal> {
    let refuse = |rule: String| Err(ErrorCode::InvalidReplicaAssignment.because(rule));
    if target.is_empty() {
        return refuse("a partition has at least one replica, and the new list is empty".to_owned());
    }
    let mut seen = BTreeSet::new();
    for &id in target {
        if !is_registered(id) {
            return refuse(format!("broker {id} has not registered, and cannot get a replica"));
        }
        if !seen.insert(id) {
            return refuse(format!("broker {id} is named twice, and has one replica of a partition at most"));
        }
    }
    Ok(())
}
