//! Leader epochs: which leader wrote which part of a log. A fold over batches.
//!
//! Two replicas of a partition can hold different records at one offset: a leader wrote some that nobody copied, died, and
//! the next leader wrote others there. Offsets cannot tell the two apart. So leadership is numbered. The controller gives each
//! leader an *epoch*, higher than all before it, and the leader writes it into every batch. Each epoch has one leader, and a
//! leader writes each offset once. So **two logs that hold the same epoch at the same offset are the same up to there**. That
//! is the log matching property of Raft, and it is what truncation rests on (KIP-101).
//!
//! ```text
//!   leader     ▐█0 1 2█▌▐█3 4█▌▐█5 6 7█▌            entries      epoch 1 starts at 0
//!   epoch        1        2      4                               epoch 2 starts at 3
//!                                                                epoch 4 starts at 5
//!   follower   ▐█0 1 2█▌▐█3 4 5 6█▌
//!   epoch        1        2
//!                              ▲ the follower asks: where does epoch 2 end?
//!                                the leader: at 5. So 5 and 6 are not the leader's: cut there, and copy from 5 on.
//! ```
//!
//! The list is a fold: whoever has the batches has the list, and a log that is truncated has the list of what is left. One
//! entry comes from no batch. A new leader notes its epoch *before its first batch*, at its log's end (KAFKA-7415). If it did
//! not, it could not say where the epoch before its own ends, as long as it has written nothing.
//!
//! Such an entry is the last one, and lies at the log's end, until a batch follows. If that batch is of the noted epoch, it
//! bears the entry out. If it is of another, nobody wrote in the noted epoch, and the entry goes: no batch carries that epoch,
//! so nobody can ask for it. The batch may be of an *earlier* epoch: whoever led for a moment, wrote nothing, and now follows,
//! may be behind the new leader by records that are older than its own leadership.
//!
//! Invariant: epochs ascend, and so do the offsets at which they begin.

pub mod checkpoint;

use segment_log::{Appended, BatchView, Fold, Offset, Rejection, codec};
use serde::{Deserialize, Serialize};

const SNAPSHOT_VERSION: u8 = 1;

/// Where an epoch begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EpochEntry {
    /// The leader epoch.
    pub epoch: i32,
    /// The offset of its first record.
    pub start: Offset,
}

/// Where an epoch ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EpochEnd {
    /// The leader epoch.
    pub epoch: i32,
    /// The offset behind its last record.
    pub end: Offset,
}

/// See the [module](self). Kafka's `LeaderEpochFileCache`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct LeaderEpochs {
    /// Both numbers ascend.
    entries: Vec<EpochEntry>,
}

impl LeaderEpochs {
    /// The epochs, oldest first.
    pub fn entries(&self) -> &[EpochEntry] {
        &self.entries
    }

    /// The latest epoch.
    pub fn latest(&self) -> Option<i32> {
        self.entries.last().map(|entry| entry.epoch)
    }

    /// The epoch of the last record before `offset`; for a log's end, that of its last record.
    pub fn before(&self, offset: Offset) -> Option<i32> {
        self.entries.iter().rev().find(|entry| entry.start < offset).map(|entry| entry.epoch)
    }

    /// Notes that `epoch` begins at `start`, where the log ends. Entries that this contradicts go: those of a later epoch, and
    /// those of an earlier one that would begin there or behind it. An epoch that has begun before goes on, and keeps its start.
    pub fn note(&mut self, epoch: i32, start: Offset) {
        self.entries.retain(|entry| match entry.epoch == epoch {
            true => entry.start <= start,
            false => entry.epoch < epoch && entry.start < start,
        });
        if self.latest() != Some(epoch) {
            self.entries.push(EpochEntry { epoch, start });
        }
    }

    /// A batch of `epoch` is in the log, at `base`. A batch that no leader wrote has no epoch (-1).
    pub fn learn(&mut self, epoch: i32, base: Offset) {
        if epoch >= 0 && self.latest() != Some(epoch) {
            self.note(epoch, base);
        }
    }

    /// Where `asked` ends in a log that ends at `log_end`. If no record carries it, the latest epoch before it that has one,
    /// and its end. `None` if it is later than all that this log knows of: then nothing can be said of it.
    pub fn end_of(&self, asked: i32, log_end: Offset) -> Option<EpochEnd> {
        let next = self.entries.partition_point(|entry| entry.epoch <= asked);
        let end = match self.entries.get(next) {
            Some(later) => later.start,
            None if self.latest() == Some(asked) => log_end,
            None => return None,
        };
        // An epoch from before this log's start ended where the log starts, as far as anybody can tell.
        let epoch = next.checked_sub(1).map_or(asked, |last| self.entries[last].epoch);
        Some(EpochEnd { epoch, end })
    }

    /// The log was cut at `end`: what began there or behind it is gone.
    pub fn truncate(&mut self, end: Offset) {
        self.entries.retain(|entry| entry.start < end);
    }

    /// Takes in what was noted elsewhere and no batch tells: a later epoch, which begins where the log ends. All else that was
    /// noted is known from the batches, or has come to nothing since: they do not bear it out, or a crash took them.
    pub fn take_in(&mut self, noted: &[EpochEntry], log_end: Offset) {
        let at_end = noted.iter().rfind(|entry| entry.start == log_end);
        if let Some(entry) = at_end.filter(|entry| self.latest() < Some(entry.epoch)) {
            self.note(entry.epoch, entry.start);
        }
    }
}

impl Fold for LeaderEpochs {
    fn apply(&mut self, batch: &BatchView<'_>, at: &Appended) {
        self.learn(batch.leader_epoch(), at.base_offset);
    }

    /// The epoch that holds the new start goes on, from there.
    fn start_moved(&mut self, log_start: Offset) {
        let holds = self.entries.iter().rposition(|entry| entry.start <= log_start);
        if let Some(holds) = holds {
            self.entries.drain(..holds);
            self.entries[0].start = log_start;
        }
    }

    fn snapshot(&self) -> Vec<u8> {
        codec::encode(SNAPSHOT_VERSION, &self.entries)
    }

    fn restore(&mut self, snapshot: Option<&[u8]>) -> Result<(), Rejection> {
        self.entries = match snapshot {
            Some(bytes) => codec::decode(SNAPSHOT_VERSION, bytes).map_err(Rejection::new)?,
            None => Vec::new(),
        };
        Ok(())
    }
}
