//! A leader asks for another list of replicas in sync (`AlterPartition`, KIP-497). A pure function.
//!
//! The list is the leader's to know and the controller's to grant. Two things must not happen. A leader that has been replaced
//! must change nothing: so it says its epoch. And no broker must enter the list that the controller holds for dead, or that
//! has started anew since the leader heard of it: it would be elected for what it had before (KIP-841, KIP-903).
//!
//! | the request | is refused with | and the leader |
//! |---|---|---|
//! | knows an epoch that the controller does not know | `NOT_CONTROLLER` | asks again: here speaks an old controller |
//! | comes from an earlier epoch | `FENCED_LEADER_EPOCH` | has been replaced, and will read it |
//! | knows an earlier change last | `INVALID_UPDATE_VERSION` | waits for the news that it has not read |
//! | is no leader's, or its list cannot be | `INVALID_REQUEST` | gives up |
//! | lets in who may not | `INELIGIBLE_REPLICA` | gives up, and tries later |
//!
//! The codes are Kafka's, and so is the order.

use std::collections::{BTreeMap, BTreeSet};

use partitioning::{ErrorCode, Refusal};

use super::election::ElectionRules;
use super::partition::settle;
use crate::api::AlterPartitionRequest;
use crate::records::{BrokerRecord, PartitionRecord};

/// The record that follows when broker `from` asks for another list. A list that is the same is granted too, as a change like
/// any other: once the partition epoch is a new one, whatever else was asked under the old one is refused. (Kafka leaves such a
/// request without effect.)
///
/// A move that the list completes is ended, and may give the partition another leader.
///
/// # Errors
///
/// See the [module](self).
pub fn alter(
    record: &PartitionRecord,
    request: &AlterPartitionRequest,
    from: i32,
    brokers: &BTreeMap<i32, BrokerRecord>,
    rules: ElectionRules,
) -> Result<PartitionRecord, Refusal> {
    judge_time(record, request, from)?;
    judge_list(record, request)?;
    judge_members(record, request, brokers)?;
    let in_sync = request.in_sync.iter().map(|(id, _)| *id).collect();
    let next = PartitionRecord { in_sync, ..record.clone() };
    let is_active = |id| brokers.get(&id).is_some_and(BrokerRecord::is_active);
    let settled = settle(record, next, None, &is_active, rules.usual(), rules);
    Ok(settled.unwrap_or_else(|| PartitionRecord { partition_epoch: record.partition_epoch + 1, ..record.clone() }))
}

/// Whether the leader that asks is the one that there is, and knows what there is.
fn judge_time(record: &PartitionRecord, request: &AlterPartitionRequest, from: i32) -> Result<(), Refusal> {
    let (its, epoch) = (request.leader_epoch, record.leader_epoch);
    let (knows, change) = (request.partition_epoch, record.partition_epoch);
    if its > epoch || knows > change {
        return Err(ErrorCode::NotController.because(format!(
            "broker {from} knows leader epoch {its} and change {knows}, and this controller {epoch} and {change}"
        )));
    }
    if its < epoch {
        let message = format!("broker {from} asks in leader epoch {its}, and it is {epoch} by now");
        return Err(ErrorCode::FencedLeaderEpoch.because(message));
    }
    if request.leader != from || record.leader != Some(from) {
        let leader = record.leader.map_or("nobody".to_owned(), |leader| format!("broker {leader}"));
        let message = format!("broker {from} asks for broker {}, and {leader} leads", request.leader);
        return Err(ErrorCode::InvalidRequest.because(message));
    }
    if knows < change {
        let message = format!("broker {from} knows change {knows} of the partition, and there is change {change}");
        return Err(ErrorCode::InvalidUpdateVersion.because(message));
    }
    Ok(())
}

/// Whether the list can be one of replicas in sync.
fn judge_list(record: &PartitionRecord, request: &AlterPartitionRequest) -> Result<(), Refusal> {
    let refuse = |rule: String| Err(ErrorCode::InvalidRequest.because(rule));
    let mut seen = BTreeSet::new();
    for (id, _) in &request.in_sync {
        if !record.replicas.contains(id) {
            return refuse(format!("broker {id} has no replica, and cannot be in sync"));
        }
        if !seen.insert(id) {
            return refuse(format!("broker {id} is named twice"));
        }
    }
    match seen.contains(&request.leader) {
        true => Ok(()),
        false => refuse(format!("the leader, broker {}, is always in sync, and the list lacks it", request.leader)),
    }
}

/// Whether all members are alive, and the same that the leader knows.
fn judge_members(
    record: &PartitionRecord,
    request: &AlterPartitionRequest,
    brokers: &BTreeMap<i32, BrokerRecord>,
) -> Result<(), Refusal> {
    for &(id, epoch) in &request.in_sync {
        let rule = match brokers.get(&id) {
            None => "has not registered".to_owned(),
            Some(broker) if broker.fenced => "is fenced".to_owned(),
            Some(broker) if broker.stopping => "is about to stop".to_owned(),
            Some(_) if epoch == -1 && record.in_sync.contains(&id) => continue,
            Some(broker) if broker.epoch == epoch => continue,
            Some(broker) => format!("is in epoch {}, and the leader knows {epoch}", broker.epoch),
        };
        return Err(ErrorCode::IneligibleReplica.because(format!("broker {id} cannot be in sync: it {rule}")));
    }
    Ok(())
}
