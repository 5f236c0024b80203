//! What becomes of a partition when something happens. Pure functions from one [`PartitionRecord`] to the next.
//!
//! ```text
//!                        who is in sync     is a reassignment done?     the second row     who leads     the two epochs
//!   a broker is gone ──▶      [-]       ──▶          [ ]            ──▶      [ ]       ──▶    [ ]    ──▶       [ ]
//!   a leader's wish  ──▶      [±]       ──▶          [ ]            ──▶      [ ]       ──▶    [ ]    ──▶       [ ]
//!   a broker is back ──▶                                                                      [ ]    ──▶       [ ]
//! ```
//!
//! Each act says what it changes, and all of them draw the same consequences, in this order (`settle`). They
//! know no state but the record, so that a model checker can drive them.
//!
//! Invariants, of a record that was made by these functions:
//!
//! 1. Whoever is in sync or eligible is a replica, and nobody is both.
//! 2. The leader is in sync. There is none if nobody who may lead is alive.
//! 3. The ISR becomes empty only if there is a second row. Without one the last member stays, though it be dead: it is the
//!    only one of which is known that it has everything.
//! 4. The partition epoch rises by one with each change. The leader epoch rises by one if another leads, or nobody, or
//!    somebody again; and if a replica is taken away: what that one said, in the epoch in which it was a replica, must not
//!    count if it becomes one again.
//!
//! The rules are those of Kafka's `PartitionChangeBuilder`.

use partitioning::api::TopicId;

use super::election::{Elected, Election, ElectionRules, elect};
use super::reassignment::complete;
use crate::records::PartitionRecord;

/// How a broker went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gone {
    /// It cannot be reached, or stops in order. What it has on its disk it will have when it is back.
    Away,
    /// It ended without having stopped in order. What it had not flushed it may have lost.
    Unclean,
}

/// A new partition. Those of its replicas that are alive are in sync, as there is nothing yet to be behind with, and the first
/// of them leads.
pub fn created(topic: TopicId, replicas: Vec<i32>, is_active: impl Fn(i32) -> bool) -> PartitionRecord {
    let in_sync: Vec<i32> = replicas.iter().copied().filter(|&id| is_active(id)).collect();
    PartitionRecord {
        topic,
        leader: in_sync.first().copied(),
        replicas,
        in_sync,
        leader_epoch: 0,
        partition_epoch: 0,
        adding: Vec::new(),
        removing: Vec::new(),
        eligible: Vec::new(),
        last_leader: None,
    }
}

/// A broker is gone, or its copy is. It leaves the ISR, and if it led, another does. `None` if that changes nothing.
pub fn gone(
    record: &PartitionRecord,
    broker: i32,
    how: Gone,
    is_active: impl Fn(i32) -> bool,
    rules: ElectionRules,
) -> Option<PartitionRecord> {
    let mut next = record.clone();
    next.in_sync.retain(|&id| id != broker);
    let lost = Some(broker).filter(|_| how == Gone::Unclean);
    settle(record, next, lost, &|id| id != broker && is_active(id), rules.usual(), rules)
}

/// A broker asks to stop, and gives away what it leads to another that is in sync. `None` if there is nothing to give away, or
/// nobody to give it to: then it leads until it is gone.
pub fn give_away(
    record: &PartitionRecord,
    broker: i32,
    is_active: impl Fn(i32) -> bool,
    rules: ElectionRules,
) -> Option<PartitionRecord> {
    // To give up data is too high a price for a stop in order.
    let rules = ElectionRules { unclean: false, ..rules };
    gone(record, broker, Gone::Away, is_active, rules).filter(|next| next.leader.is_some())
}

/// Somebody may lead who could not, or an operator asks. `None` if that changes nothing.
pub fn hold_election(
    record: &PartitionRecord,
    election: Election,
    is_active: impl Fn(i32) -> bool,
    rules: ElectionRules,
) -> Option<PartitionRecord> {
    settle(record, record.clone(), None, &is_active, election, rules)
}

/// The record that follows `old` when its lists are to be as in `next`. `lost` is a broker that may have lost what it had.
/// `None` if nothing changes.
pub(super) fn settle(
    old: &PartitionRecord,
    mut next: PartitionRecord,
    lost: Option<i32>,
    is_active: &dyn Fn(i32) -> bool,
    election: Election,
    rules: ElectionRules,
) -> Option<PartitionRecord> {
    complete(&mut next);
    next.eligible = lacking_nothing(old, &next, lost, rules);
    match elect(&next, is_active, election, rules) {
        Elected::InSync(leader) => next.leader = Some(leader),
        Elected::Eligible(leader) | Elected::LastLeader(leader) => {
            (next.leader, next.in_sync) = (Some(leader), vec![leader]);
        }
        Elected::Unclean(leader) => {
            (next.leader, next.in_sync) = (Some(leader), vec![leader]);
            next.eligible.clear();
        }
        Elected::Nobody => next.leader = None,
    }
    if next.in_sync.is_empty() && !rules.eligible_leader_replicas {
        next.in_sync = old.in_sync.clone();
    }
    let is_committing = commits(&next, rules);
    next.eligible.retain(|id| !is_committing && !next.in_sync.contains(id));
    let led_last = old.leader.or(old.last_leader).filter(|id| next.replicas.contains(id));
    next.last_leader = if next.leader.is_none() { led_last } else { None };
    if next == *old {
        return None;
    }
    let is_smaller = old.replicas.iter().any(|id| !next.replicas.contains(id));
    next.leader_epoch = old.leader_epoch + i32::from(next.leader != old.leader || is_smaller);
    next.partition_epoch = old.partition_epoch + 1;
    Some(next)
}

/// Whether enough replicas are in sync for anything to be committed.
fn commits(record: &PartitionRecord, rules: ElectionRules) -> bool {
    record.in_sync.len() >= rules.min_in_sync_of(record.replicas.len())
}

/// Who can be elected if nobody is in sync any more: whoever was in sync until now; and whoever was eligible, unless enough
/// were in sync for something to be committed that the eligible lack. In the order of the replicas.
fn lacking_nothing(old: &PartitionRecord, next: &PartitionRecord, lost: Option<i32>, rules: ElectionRules) -> Vec<i32> {
    if !rules.eligible_leader_replicas {
        return Vec::new();
    }
    let lacked_nothing = |id: &i32| old.in_sync.contains(id) || (!commits(old, rules) && old.eligible.contains(id));
    next.replicas.iter().copied().filter(|id| lacked_nothing(id) && Some(*id) != lost).collect()
}
