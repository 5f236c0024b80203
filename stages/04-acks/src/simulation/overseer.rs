//! What the controller has decided, known in the moment it is decided.
//!
//! Whoever wants to break a run must know where it stands: who leads, who is in sync, who has everything. The brokers know it a
//! little later, and some of them not at all. So the simulation reads the controller's log itself, from beside it, after each
//! step, and folds it as everybody does.
//!
//! Two things fall off. The numbers of a run come from here: elections, changes of those in sync. And the log is looked over
//! the controller's shoulder: a decision that is gone after a restart, or a record that cannot be, is a finding.

use std::sync::Arc;
use std::time::Duration;

use partitioning::{Isolation, Partition, ReadRequest, TopicPartition};
use replication::machine::decisions;
use replication::records::{BrokerRecord, MetadataRecord, PartitionRecord};
use replication::state::ClusterState;
use segment_log::{Offset, batches};
use serde::{Deserialize, Serialize};

use super::trace::Trace;

/// What was decided, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// A broker registered.
    pub registrations: u64,
    /// A broker was fenced.
    pub fenced: u64,
    /// A partition got another leader.
    pub elections: u64,
    /// A leader was elected from those in sync.
    pub from_in_sync: u64,
    /// A leader was elected from the second row.
    pub from_second_row: u64,
    /// Whoever had led last was elected, as nobody else was known to have everything.
    pub last_leaders: u64,
    /// A leader was elected that may have lacked something.
    pub unclean: u64,
    /// A partition was left without a leader.
    pub leaderless: u64,
    /// Somebody left those in sync.
    pub shrinks: u64,
    /// Somebody joined those in sync.
    pub expansions: u64,
    /// A move of replicas was done.
    pub moves: u64,
    /// A move was called off.
    pub moves_called_off: u64,
}

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Overseer {
    trace: Trace,
    state: ClusterState,
    /// The first offset that is not in `state`.
    next: Offset,
    decided: Decided,
    findings: Vec<String>,
}

impl Overseer {
    pub(super) fn new(trace: Trace) -> Self {
        let (state, decided) = (ClusterState::default(), Decided::default());
        Overseer { trace, state, next: 0, decided, findings: Vec::new() }
    }

    /// The cluster, as it is decided.
    pub(super) fn state(&self) -> &ClusterState {
        &self.state
    }

    pub(super) fn decided(&self) -> Decided {
        self.decided
    }

    /// What is wrong with the controller's log.
    pub(super) fn findings(&self) -> &[String] {
        &self.findings
    }

    /// Reads on in the log of the controller that runs.
    pub(super) fn read(&mut self, log: &Arc<dyn Partition>, now: Duration) {
        let committed = log.offsets().high_watermark;
        if committed < self.next {
            let known = self.next;
            self.wrong(format!(
                "the controller's log ends at {committed}, and decisions up to {known} were seen in it"
            ));
            return;
        }
        while self.next < committed {
            let before = self.next;
            if let Err(why) = self.read_once(log, now) {
                return self.wrong(format!("the controller's log cannot be read at {before}: {why}"));
            }
            if self.next == before {
                return self.wrong(format!("the controller's log gives nothing at {before}"));
            }
        }
    }

    fn read_once(&mut self, log: &Arc<dyn Partition>, now: Duration) -> Result<(), String> {
        let request = ReadRequest { from: self.next, max_bytes: 1 << 20, min_one_batch: true };
        let read = log.read(request, Isolation::HighWatermark).map_err(|refusal| refusal.to_string())?;
        let bytes = read.slice.to_bytes().map_err(|error| error.to_string())?;
        for batch in batches(&bytes) {
            let batch = batch.map_err(|rule| rule.to_string())?;
            for record in decisions::<MetadataRecord>(&batch)? {
                self.trace.say(now, "decided", shown(&record));
                self.learn(&record);
            }
            self.next = batch.next_offset();
        }
        Ok(())
    }

    fn learn(&mut self, record: &MetadataRecord) {
        match record {
            MetadataRecord::Broker(id, Some(new)) => {
                let old = self.state.broker(*id);
                self.decided.registrations += u64::from(old.is_none_or(|old| old.epoch != new.epoch));
                self.decided.fenced += u64::from(old.is_some_and(|old| !old.fenced) && new.fenced);
            }
            MetadataRecord::Partition(at, Some(new)) => self.learn_partition(at, new),
            _ => {}
        }
        self.state.replay(record);
    }

    fn learn_partition(&mut self, at: &TopicPartition, new: &PartitionRecord) {
        if let Some(leader) = new.leader
            && !new.in_sync.contains(&leader)
        {
            self.wrong(format!("broker {leader} is to lead {at} and is not in sync: {new:?}"));
        }
        let Some(old) = self.state.partition(at).filter(|old| old.topic == new.topic).cloned() else { return };
        if new.partition_epoch <= old.partition_epoch || new.leader_epoch < old.leader_epoch {
            self.wrong(format!("epochs of {at} go back: {old:?}, then {new:?}"));
        }
        if new.leader != old.leader && new.leader_epoch == old.leader_epoch {
            self.wrong(format!("{at} has another leader in the same epoch: {old:?}, then {new:?}"));
        }
        let decided = &mut self.decided;
        if let Some(leader) = new.leader.filter(|leader| old.leader != Some(*leader)) {
            decided.elections += 1;
            *match leader {
                // A record can hold two steps: who is elected may have joined with it.
                _ if old.in_sync.contains(&leader) || new.in_sync.len() > 1 => &mut decided.from_in_sync,
                _ if old.eligible.contains(&leader) => &mut decided.from_second_row,
                _ if old.leader.or(old.last_leader) == Some(leader) => &mut decided.last_leaders,
                _ => &mut decided.unclean,
            } += 1;
        }
        decided.leaderless += u64::from(old.leader.is_some() && new.leader.is_none());
        decided.shrinks += u64::from(old.in_sync.iter().any(|id| !new.in_sync.contains(id)));
        decided.expansions += u64::from(new.in_sync.iter().any(|id| !old.in_sync.contains(id)));
        let is_moving = |record: &PartitionRecord| !record.adding.is_empty() || !record.removing.is_empty();
        let has_moved = old.replicas.iter().all(|id| new.replicas.contains(id) || old.removing.contains(id));
        if is_moving(&old) && !is_moving(new) {
            *(if has_moved { &mut decided.moves } else { &mut decided.moves_called_off }) += 1;
        }
    }

    fn wrong(&mut self, what: String) {
        if !self.findings.contains(&what) {
            self.findings.push(what);
        }
    }
}

/// A decision in a line.
fn shown(record: &MetadataRecord) -> String {
    match record {
        MetadataRecord::Broker(id, Some(broker)) => {
            let BrokerRecord { epoch, fenced, stopping, .. } = broker;
            let is = [(*fenced, " fenced"), (*stopping, " stopping")].map(|(is, word)| if is { word } else { "" });
            format!("broker {id} in epoch {epoch}{}{}", is[0], is[1])
        }
        MetadataRecord::Partition(at, Some(partition)) => {
            let PartitionRecord { replicas, in_sync, leader, leader_epoch, partition_epoch, eligible, .. } = partition;
            let leader = leader.map_or_else(|| "nobody".to_owned(), |leader| leader.to_string());
            format!(
                "{at} led by {leader} in epoch {leader_epoch}, change {partition_epoch}: replicas {replicas:?}, in sync \
                 {in_sync:?}, eligible {eligible:?}"
            )
        }
        MetadataRecord::Topic(name, Some(_)) => format!("topic {name}"),
        MetadataRecord::Cluster(_) => "the cluster".to_owned(),
        gone => format!("{gone:?}"),
    }
}
