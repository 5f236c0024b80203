//! What must hold after each step.

use std::collections::BTreeMap;

use replication::api::ReplicaRole;
use segment_log::Offset;

use crate::cluster::Cluster;

/// All that was ever committed, and how far each leadership had come.
#[derive(Debug, Default)]
pub(crate) struct Committed {
    /// By offset: value and epoch.
    records: BTreeMap<Offset, (String, i32)>,
    /// By broker and epoch: the high watermark.
    leaders: BTreeMap<(i32, i32), Offset>,
}

impl Committed {
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }
}

/// A replica's records by offset.
type Records = BTreeMap<Offset, (String, i32)>;

impl Cluster {
    pub(crate) fn check(&mut self) -> Result<(), String> {
        let records = |id: &i32| -> Records {
            self.brokers[id].listed().into_iter().map(|(offset, value, epoch)| (offset, (value, epoch))).collect()
        };
        let records: BTreeMap<i32, Records> = self.brokers.keys().map(|id| (*id, records(id))).collect();
        for (id, broker) in &self.brokers {
            let state = broker.replica().describe();
            let (start, high_watermark, end) = broker.offsets();
            if !(start <= high_watermark && high_watermark <= end) {
                return Err(format!("broker {id}: start {start}, high watermark {high_watermark}, end {end}"));
            }
            if matches!(state.role, ReplicaRole::Leader { .. }) {
                let reached = self.committed.leaders.entry((*id, state.leader_epoch)).or_default();
                if high_watermark < *reached {
                    return Err(format!("leader {id}: its high watermark went from {reached} to {high_watermark}"));
                }
                *reached = high_watermark;
                for (offset, record) in records[id].range(start..high_watermark) {
                    self.committed.records.entry(*offset).or_insert_with(|| record.clone());
                }
            }
        }
        for (id, records) in &records {
            let (start, high_watermark, end) = self.brokers[id].offsets();
            self.compare(*id, records, start..high_watermark, "calls committed")?;
            if self.controller.record.in_sync.contains(id) {
                self.compare(*id, records, start..Offset::MAX, "is in sync, and must have,")?;
            }
            self.check_last_epoch(*id, records, start..end)?;
        }
        Ok(())
    }

    /// At each offset of the range at which something was committed, the replica has that.
    fn compare(&self, id: i32, records: &Records, range: std::ops::Range<Offset>, what: &str) -> Result<(), String> {
        for (offset, record) in self.committed.records.range(range.clone()) {
            if records.get(offset) != Some(record) {
                let found = records.get(offset);
                return Err(format!(
                    "broker {id} {what} offset {offset}: {found:?}, and {record:?} was committed there"
                ));
            }
        }
        let reached = self.committed.records.last_key_value().map_or(0, |(offset, _)| offset + 1);
        match range.end == Offset::MAX || range.end <= reached {
            true => Ok(()),
            false => {
                Err(format!("broker {id} {what} all before {}, and nobody committed more than {reached}", range.end))
            }
        }
    }

    fn check_last_epoch(&self, id: i32, records: &Records, range: std::ops::Range<Offset>) -> Result<(), String> {
        let Some(ask) = self.brokers[&id].replica().ask() else { return Ok(()) };
        let last = records.range(range).next_back().map(|(_, (_, epoch))| *epoch);
        match last.is_none() || ask.last_epoch == last {
            true => Ok(()),
            false => {
                Err(format!("broker {id} says {:?} of its last record, which is of epoch {last:?}", ask.last_epoch))
            }
        }
    }
}
