//! Where everything stands, as a person reads it and as the player draws it. Looking changes nothing and takes no time.

use std::collections::BTreeMap;
use std::sync::Arc;

use partitioning::TopicPartition;
use partitioning::topics::name::is_internal;
use replication::api::{ReplicaRole, ReplicaState};
use replication::look::Look;
use replication::state::ClusterState;
use serde_json::{Value, json};
use story::Args;
use story::text::table;

use super::lines::{line_json, lines};
use super::machine::Machine;
use super::text::list;
use super::{Answer, Driver, World};

impl Driver {
    /// `show`, `show orders-0`: a row for each replica.
    pub(super) fn show(&mut self, mut args: Args<'_>) -> Answer {
        let only: Option<String> = args.optional("partition")?;
        args.done()?;
        let world = self.world()?;
        let mut rows: BTreeMap<(String, i32), Vec<String>> = BTreeMap::new();
        for (id, machine) in world.brokers() {
            let Some(look) = running(machine) else {
                rows.insert((String::new(), id), vec![format!("broker {id}"), "does not run".to_owned()]);
                continue;
            };
            for (at, state) in look.states() {
                if only.as_ref().is_none_or(|only| *only == at.to_string()) {
                    rows.insert((at.to_string(), id), row(id, &at, &state, &*look));
                }
            }
        }
        Ok(table(&rows.into_values().collect::<Vec<_>>()))
    }

    /// `controller`, `controller brokers`: what it has decided last.
    pub(super) fn controller(&mut self, mut args: Args<'_>) -> Answer {
        let what: Option<String> = args.optional("what")?;
        args.done()?;
        let world = self.world()?;
        let state = newest(world).ok_or("no broker runs")?;
        Ok(match what.as_deref() {
            Some("brokers") => table(&broker_rows(&state)),
            _ => table(&partition_rows(&state)),
        })
    }

    /// Remembers how replicas stand, for when their brokers do not run any more.
    pub(crate) fn note_last_known(&mut self) {
        let Some(world) = &self.world else { return };
        for (id, machine) in world.brokers() {
            if let Some(look) = running(machine) {
                self.last_known.insert(id, replicas_json(&*look));
            }
        }
    }

    pub(super) fn picture(&self, world: &World) -> Value {
        let state = newest(world).unwrap_or_default();
        let name = |host: &String| host.replace('-', " ");
        let cuts = world.cuts.iter().map(|(from, to)| json!({ "from": name(from), "to": name(to) }));
        let brokers = world.brokers().map(|(id, machine)| {
            let (state, replicas) = match running(machine) {
                Some(look) => ("running", replicas_json(&*look)),
                None => {
                    let how = if machine.inside().ended.is_some() { "stopped" } else { "crashed" };
                    (how, self.last_known.get(&id).cloned().unwrap_or_else(|| json!([])))
                }
            };
            json!({ "id": id, "state": state, "replicas": replicas })
        });
        json!({
            "time": world.elapsed().as_millis() as u64,
            "controller": controller_json(world, &state),
            "cuts": cuts.collect::<Vec<_>>(),
            "brokers": brokers.collect::<Vec<_>>(),
            "messages": world.messages().all(),
            "acked": self.acked,
            "read": self.read,
        })
    }
}

fn running(machine: &Machine) -> Option<Arc<dyn Look>> {
    machine.inside().running.as_ref()?.look.clone()
}

/// The metadata of whoever knows most.
fn newest(world: &World) -> Option<ClusterState> {
    let images = world.brokers().filter_map(|(_, machine)| {
        let inside = machine.inside();
        Some(inside.running.as_ref()?.image.as_ref()?.borrow().clone())
    });
    images.max_by_key(|image| image.end).map(|image| ClusterState::clone(&image.state))
}

fn row(id: i32, at: &TopicPartition, state: &ReplicaState, look: &dyn Look) -> Vec<String> {
    let role = match &state.role {
        ReplicaRole::Leader { in_sync, pending, .. } => {
            let asks = if pending.is_empty() { String::new() } else { format!(", asks for {}", list(pending)) };
            format!("leads in epoch {}, in sync {}{asks}", state.leader_epoch, list(in_sync))
        }
        ReplicaRole::Follower(leader) => format!("follows {leader} in epoch {}", state.leader_epoch),
        ReplicaRole::Waiting => format!("waits in epoch {}", state.leader_epoch),
        ReplicaRole::Failed(why) => format!("failed: {why}"),
    };
    let records = look.topic(at).map(|_| shown(look, at, state)).unwrap_or_default();
    vec![
        format!("broker {id}"),
        at.to_string(),
        role,
        format!("high watermark {}", state.high_watermark),
        format!("end {}", state.end),
        records,
    ]
}

/// The records, with a bar where the high watermark is.
fn shown(look: &dyn Look, at: &TopicPartition, state: &ReplicaState) -> String {
    let mut words = Vec::new();
    let mut is_marked = false;
    for line in lines(look, at, state.log_start) {
        if line.offset >= state.high_watermark && !is_marked {
            words.push("|".to_owned());
            is_marked = true;
        }
        let key = line.key.as_ref().map_or_else(String::new, |key| format!("{key}: "));
        words.push(format!("{} {key}{} (e{})", line.offset, line.value, line.epoch));
    }
    if !is_marked {
        words.push("|".to_owned());
    }
    words.join("  ")
}

fn partition_rows(state: &ClusterState) -> Vec<Vec<String>> {
    let row = |(at, record): (&TopicPartition, &replication::records::PartitionRecord)| {
        let leader = record.leader.map_or_else(|| "nobody leads".to_owned(), |leader| format!("broker {leader} leads"));
        let mut row = vec![
            at.to_string(),
            format!("{leader} in epoch {}", record.leader_epoch),
            format!("replicas {}", list(&record.replicas)),
            format!("in sync {}", list(&record.in_sync)),
        ];
        if !record.eligible.is_empty() {
            row.push(format!("eligible {}", list(&record.eligible)));
        }
        row
    };
    state.partitions().iter().map(row).collect()
}

fn broker_rows(state: &ClusterState) -> Vec<Vec<String>> {
    let row = |(id, broker): (&i32, &replication::records::BrokerRecord)| {
        vec![format!("broker {id}"), broker_state(broker).to_owned(), format!("epoch {}", broker.epoch)]
    };
    state.brokers().iter().map(row).collect()
}

fn broker_state(broker: &replication::records::BrokerRecord) -> &'static str {
    match (broker.fenced, broker.stopping) {
        (false, false) => "active",
        (false, true) => "stopping",
        (true, _) => "fenced",
    }
}

fn controller_json(world: &World, state: &ClusterState) -> Value {
    let is_running = world.machine("controller").is_ok_and(|machine| machine.inside().running.is_some());
    let brokers = state
        .brokers()
        .iter()
        .map(|(id, broker)| json!({ "id": id, "state": broker_state(broker), "epoch": broker.epoch }));
    let partitions = state.partitions().iter().filter(|(at, _)| !is_internal(&at.topic)).map(|(at, record)| {
        json!({
            "at": at.to_string(), "leader": record.leader, "leader_epoch": record.leader_epoch,
            "partition_epoch": record.partition_epoch, "replicas": record.replicas, "in_sync": record.in_sync,
            "eligible": record.eligible,
        })
    });
    json!({
        "running": is_running, "brokers": brokers.collect::<Vec<_>>(), "partitions": partitions.collect::<Vec<_>>(),
    })
}

/// Without the cluster's own topics: they hold decisions, which a later stage's state tells in their own words.
fn replicas_json(look: &dyn Look) -> Value {
    let one = |(at, state): (TopicPartition, ReplicaState)| {
        let inspected = look.inspect(&at, state.end, 0);
        let records = lines(look, &at, state.log_start);
        let records = records.iter().map(line_json);
        let entries = inspected.as_ref().map(|inspected| inspected.epochs.entries().to_vec()).unwrap_or_default();
        let epochs = entries.iter().map(|entry| json!({ "epoch": entry.epoch, "start": entry.start }));
        let (role, followers, in_sync, pending) = match &state.role {
            ReplicaRole::Leader { in_sync, pending, followers } => {
                let followers = followers.iter().map(|follower| json!({ "id": follower.id, "end": follower.end }));
                let pending = if pending.is_empty() { Value::Null } else { json!(pending) };
                ("leader", followers.collect(), in_sync.clone(), pending)
            }
            ReplicaRole::Follower(_) => ("follower", Vec::new(), Vec::new(), Value::Null),
            _ => ("none", Vec::new(), Vec::new(), Value::Null),
        };
        json!({
            "at": at.to_string(), "role": role, "leader_epoch": state.leader_epoch, "start": state.log_start,
            "end": state.end, "high_watermark": state.high_watermark,
            "flushed": inspected.map_or(0, |inspected| inspected.flushed),
            "records": records.collect::<Vec<_>>(), "epochs": epochs.collect::<Vec<_>>(), "followers": followers,
            "in_sync": in_sync, "pending": pending,
        })
    };
    let shown = look.states().into_iter().filter(|(at, _)| !is_internal(&at.topic));
    Value::Array(shown.map(one).collect())
}
