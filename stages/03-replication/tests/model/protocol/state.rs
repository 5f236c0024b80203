//! What there is at a moment: brokers with their logs, what the controller has decided, and what is under way.

use std::collections::BTreeMap;
use std::sync::Arc;

use partitioning::ErrorCode;
use replication::api::AlterPartitionRequest;
use replication::epochs::{EpochEnd, EpochEntry, LeaderEpochs};
use replication::leader::Leader;
use replication::records::{BrokerRecord, PartitionRecord};
use replication::replica::Ask;
use segment_log::Offset;

/// See the [module](self).
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    /// By number, from 1.
    pub brokers: Vec<Arc<Broker>>,
    /// The metadata log, from the decision that the slowest running broker knows. The last one is what the controller holds.
    pub decisions: Vec<Arc<Decision>>,
    /// Between a follower and a leader: who asks, whom, what is under way.
    pub lines: BTreeMap<(i32, i32), Line>,
    /// Between leaders and the controller, in the order in which they were sent.
    pub wishes: Vec<Wish>,
    /// In `replica.lag.time.max.ms`.
    pub clock: u8,
    /// How many records clients have written.
    pub produced: u8,
    /// How many brokers were taken for dead.
    pub fenced: u8,
    /// How many processes have died.
    pub crashed: u8,
    /// What consumers could have read until now. No part of the cluster: it remembers for the promises.
    pub committed: Vec<Committed>,
    /// Whether a leader's high watermark went back. Likewise.
    pub went_back: bool,
}

/// A record of the partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Entry {
    /// Its batch's leader epoch.
    pub epoch: i32,
    /// Which of the records that clients have written.
    pub value: u8,
}

/// A record that lay below a leader's high watermark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Committed {
    pub entry: Entry,
    /// The epoch of the leader that showed it first.
    pub by: i32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Broker {
    pub id: i32,
    pub disk: Disk,
    /// `None` if it does not run.
    pub process: Option<Process>,
}

/// What outlives a process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Disk {
    /// The log's stand-in: a record at each offset from 0.
    pub log: Vec<Entry>,
    /// `leader-epoch-checkpoint`.
    pub noted: Vec<EpochEntry>,
    /// `replication-offset-checkpoint`, as the next process will find it; 0 while one runs.
    pub high_watermark: Offset,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Process {
    /// The epoch that its registration gave.
    pub broker_epoch: i64,
    /// Which decision it knows.
    pub knows: usize,
    pub epochs: LeaderEpochs,
    /// As a leader has said it; 0 while it leads itself.
    pub high_watermark: Offset,
    pub role: Role,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    Waiting {
        epoch: i32,
    },
    Follower {
        leader: i32,
        epoch: i32,
    },
    Leader(Box<Leader>),
    /// It could not take its role, and serves nobody until it is started again.
    Failed {
        epoch: i32,
    },
}

/// What the metadata say after a decision.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Decision {
    pub record: PartitionRecord,
    pub brokers: BTreeMap<i32, BrokerRecord>,
}

/// What is under way between a follower and a leader.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Line {
    Question { ask: Ask, broker_epoch: i64 },
    Answer { ask: Ask, answer: Answer },
}

/// A question, and whose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub follower: i32,
    pub broker_epoch: i64,
    pub ask: Ask,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Answer {
    pub found: Found,
    pub high_watermark: Offset,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Found {
    Records(Vec<Entry>),
    Diverging(EpochEnd),
    OutOfRange { end: Offset },
}

/// A leader's wish, under way to the controller or back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Wish {
    pub from: i32,
    pub broker_epoch: i64,
    pub request: AlterPartitionRequest,
    pub stage: Stage,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Stage {
    /// Asked, and the leader waits for the answer.
    Asked,
    /// Asked, and nobody waits for the answer any more. It may arrive all the same.
    GivenUp,
    Answered(Result<PartitionRecord, ErrorCode>),
}

impl State {
    pub(crate) fn broker(&self, id: i32) -> &Broker {
        &self.brokers[id as usize - 1]
    }

    pub(crate) fn broker_mut(&mut self, id: i32) -> &mut Broker {
        Arc::make_mut(&mut self.brokers[id as usize - 1])
    }

    /// What the controller holds.
    pub(crate) fn decided(&self) -> &Decision {
        self.decisions.last().expect("there is a first decision")
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = i32> + use<> {
        1..=self.brokers.len() as i32
    }

    /// Whether a leader waits for the controller's answer.
    pub(crate) fn waits_for_controller(&self, id: i32) -> bool {
        self.wishes.iter().any(|wish| wish.from == id && wish.stage != Stage::GivenUp)
    }
}

impl Broker {
    pub(crate) fn leader(&self) -> Option<&Leader> {
        match &self.process.as_ref()?.role {
            Role::Leader(leader) => Some(leader),
            _ => None,
        }
    }

    /// Up to where it knows the partition to be committed.
    pub(crate) fn high_watermark(&self) -> Offset {
        self.process.as_ref().map_or(self.disk.high_watermark, Process::high_watermark)
    }
}

impl Disk {
    pub(crate) fn end(&self) -> Offset {
        self.log.len() as Offset
    }

    /// The epochs that the records tell, as the fold has them.
    pub(crate) fn epochs(&self) -> LeaderEpochs {
        let mut epochs = LeaderEpochs::default();
        for (base, entry) in (0..).zip(&self.log) {
            epochs.learn(entry.epoch, base);
        }
        epochs
    }
}

impl Process {
    pub(crate) fn epoch(&self) -> i32 {
        match &self.role {
            Role::Waiting { epoch } | Role::Follower { epoch, .. } | Role::Failed { epoch } => *epoch,
            Role::Leader(leader) => leader.epoch(),
        }
    }

    pub(crate) fn high_watermark(&self) -> Offset {
        match &self.role {
            Role::Leader(leader) => leader.high_watermark(),
            _ => self.high_watermark,
        }
    }
}

impl Decision {
    /// Whether a broker may lead, and join those in sync.
    pub(crate) fn is_active(&self, id: i32) -> bool {
        self.brokers.get(&id).is_some_and(BrokerRecord::is_active)
    }

    /// The brokers that may join those in sync, and their epochs: what a leader is told.
    pub(crate) fn eligible(&self) -> BTreeMap<i32, i64> {
        let active = self.brokers.iter().filter(|(id, broker)| self.record.replicas.contains(id) && broker.is_active());
        active.map(|(id, broker)| (*id, broker.epoch)).collect()
    }
}
