//! What the player shows of transactions, beside stage 05's: how far each replica is stable, and what coordinators know.
//!
//! ```text
//!   "brokers": [{ …, "replicas": [{ …, "last_stable": 0 }] }],       where its log holds something of a transaction
//!   "coordinators": [{ "at": "__transaction_state-1", "broker": 1, "transactions": [
//!       { "id": "pay-1", "producer": 0, "epoch": 1, "state": "PrepareCommit", "timeout": 60000, "partitions": ["debits-0"] }] }]
//! ```
//!
//! A coordinator's state is a fold over its log, so here it is had by that fold, from the replica that leads. Nobody is asked, and no
//! time passes.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use partitioning::{Partition, TopicPartition};
use replication::machine::{Machine, decisions};
use replication::manager::ReplicaManager;
use replication::replica::Replica;
use segment_log::{Offset, batches};
use serde_json::{Value, json};
use transactions::coordinator::{Coordinator, CoordinatorConfig};
use transactions::coordinators::TRANSACTION_STATE;
use transactions::partition::Transactions;
use transactions::records::TransactionRecord;

use super::TransactionsDriver;

type Manager = Arc<ReplicaManager<Transactions>>;

impl TransactionsDriver {
    pub(super) fn add_transactions(&self, state: &mut Value) {
        self.below.each_replica(state, |replica, shown| {
            let records = shown["records"].as_array().expect("a replica has records");
            if records.iter().any(|one| one["transactional"] == true || one["marker"].is_string()) {
                shown["last_stable"] = json!(replica.offsets().last_stable);
            }
        });
        let coordinators = self.coordinators(state);
        if !coordinators.is_empty() {
            state["coordinators"] = json!(coordinators);
        }
    }

    /// Those that know of a transactional id.
    fn coordinators(&self, state: &Value) -> Vec<Value> {
        let none = &Vec::new();
        let brokers = state["brokers"].as_array().unwrap_or(none).iter().filter(|one| one["state"] == "running");
        let ids: Vec<i64> = brokers.filter_map(|one| one["id"].as_i64()).collect();
        let managers = self.below.managers.lock().unwrap();
        let running = managers.iter().filter(|(id, _)| ids.contains(&i64::from(**id)));
        let running: BTreeMap<i32, Manager> =
            running.filter_map(|(id, manager)| Some((*id, Weak::upgrade(manager)?))).collect();
        (0..self.rules.lock().unwrap().state_partitions).filter_map(|number| coordinator(&running, number)).collect()
    }
}

/// The coordinator of a partition of decisions: who that is by the newest word of it, and what its log says. If it does not run, what
/// the log of another says that does.
fn coordinator(running: &BTreeMap<i32, Manager>, number: u32) -> Option<Value> {
    let at = TopicPartition::new(TRANSACTION_STATE, number);
    let words = running.values().filter_map(|manager| {
        let metadata = manager.metadata();
        let (_, record) = metadata.partitions_in(TRANSACTION_STATE).find(|(it, _)| it.partition == number)?;
        Some((record.leader_epoch, record.leader))
    });
    let (_, leader) = words.max()?;
    let replicas = running.iter().filter_map(|(id, manager)| Some((*id, manager.replica(&at).ok()?)));
    let replicas: Vec<_> = replicas.collect();
    let committed = replicas.iter().map(|(_, replica)| replica.offsets().high_watermark).max()?;
    let (id, replica) = replicas.iter().max_by_key(|(id, replica)| (Some(*id) == leader, replica.offsets().end))?;
    // Whoever leads next begins with all that its log holds.
    let until = if Some(*id) == leader { committed } else { replica.offsets().end };
    let machine = replayed(replica, until);
    let known: Vec<Value> = machine.iter().map(|(id, record)| transaction(id, record)).collect();
    (!known.is_empty()).then(|| json!({ "at": at.to_string(), "broker": leader, "transactions": known }))
}

/// What the decisions of a replica's log come to, those below `until`.
fn replayed(replica: &Replica<Transactions>, until: Offset) -> Coordinator {
    let mut machine = Coordinator::new(CoordinatorConfig::default());
    let mut next = replica.offsets().log_start;
    while next < until {
        let bytes = replica.inspect(next, 1 << 20).ok().and_then(|seen| seen.slice.to_bytes().ok()).unwrap_or_default();
        let before = next;
        for batch in batches(&bytes).map_while(|batch| batch.ok()).filter(|batch| batch.next_offset() <= until) {
            for decision in decisions(&batch).expect("a coordinator's log holds decisions") {
                machine.replay(&decision);
            }
            next = batch.next_offset();
        }
        if next == before {
            break;
        }
    }
    machine
}

fn transaction(id: &str, record: &TransactionRecord) -> Value {
    let partitions: Vec<String> = record.partitions.iter().map(ToString::to_string).collect();
    json!({
        "id": id, "producer": record.producer.id, "epoch": record.producer.epoch, "state": record.state.to_string(),
        "timeout": record.timeout_ms, "partitions": partitions,
    })
}
