//! What a `Replica` does around the pure functions, with its log and its role under one lock. The steps and their order are
//! those of `src/replica/*.rs`; the log is a list in memory.

use partitioning::ErrorCode;
use replication::api::AlterPartitionRequest;
use replication::leader::{Leader, LeaderConfig, Settled, Uptime};
use replication::records::PartitionRecord;
use replication::replica::Ask;
use replication::truncation::{FetchVerdict, Truncation, judge_fetch, truncation_point};
use replication::watermark::follower_high_watermark;
use segment_log::Offset;

use super::policy::Policy;
use super::state::{Answer, Asked, Broker, Decision, Disk, Entry, Found, Process, Role};

impl Broker {
    /// `Partition::append`.
    pub(crate) fn append(&mut self, value: u8, now: Uptime) -> Option<()> {
        let Broker { disk, process: Some(Process { role: Role::Leader(leader), epochs, .. }), .. } = self else {
            return None;
        };
        let epoch = leader.epoch();
        epochs.learn(epoch, disk.end());
        disk.log.push(Entry { epoch, value });
        leader.on_append(disk.end(), now);
        Some(())
    }

    /// `Replica::ask`.
    pub(crate) fn ask(&self, policy: Policy) -> Option<Ask> {
        let process = self.process.as_ref()?;
        let Role::Follower { leader, epoch } = process.role else { return None };
        let offset = self.disk.end();
        let last_epoch = match policy.truncation() {
            Truncation::ByLeaderEpoch => process.epochs.before(offset),
            Truncation::ToHighWatermark => None,
        };
        Some(Ask { leader, leader_epoch: epoch, offset, last_epoch })
    }

    /// `Replica::serve`. `None` if the question is refused.
    pub(crate) fn serve(&mut self, asked: Asked, most: usize, policy: Policy, now: Uptime) -> Option<Answer> {
        let Asked { follower, broker_epoch, ask } = asked;
        let Broker { disk, process: Some(Process { role: Role::Leader(leader), epochs, .. }), .. } = self else {
            return None;
        };
        let end = disk.end();
        let verdict = judge_fetch(epochs, 0, end, ask.offset, ask.last_epoch);
        if policy.fences_fetches() && ask.leader_epoch != leader.epoch() {
            return None;
        }
        let known = match verdict {
            FetchVerdict::Agrees => leader.on_fetch(follower, broker_epoch, ask.offset, end, now),
            _ => leader.judge_follower(follower, broker_epoch),
        };
        known.ok()?;
        leader.propose(end, now);
        let found = match verdict {
            FetchVerdict::Diverges(at) => Found::Diverging(at),
            FetchVerdict::OutOfRange => Found::OutOfRange { end },
            FetchVerdict::Agrees => {
                Found::Records(disk.log.iter().skip(ask.offset as usize).take(most).copied().collect())
            }
        };
        Some(Answer { found, high_watermark: leader.high_watermark() })
    }

    /// `Replica::copy`. `None` if the answer comes too late, or cannot be right.
    pub(crate) fn copy(&mut self, asked: Ask, answer: Answer, policy: Policy) -> Option<()> {
        let now = self.ask(policy)?;
        let fits = if policy.fences_fetches() { now == asked } else { now.offset == asked.offset };
        let Broker { disk, process: Some(process), .. } = self else { return None };
        if !fits {
            return None;
        }
        match answer.found {
            Found::Records(entries) => {
                if entries.iter().any(|entry| entry.epoch > asked.leader_epoch) {
                    return None;
                }
                for entry in entries {
                    process.epochs.learn(entry.epoch, disk.end());
                    disk.log.push(entry);
                }
                process.high_watermark = follower_high_watermark(answer.high_watermark, disk.end());
                disk.noted = process.epochs.entries().to_vec();
            }
            found => {
                let place = process.place_to_cut(disk, &found)?;
                process.cut(disk, place);
            }
        }
        Some(())
    }

    /// `Replica::look_around`.
    pub(crate) fn look_around(&mut self, now: Uptime) -> Option<()> {
        let Broker { disk, process: Some(Process { role: Role::Leader(leader), .. }), .. } = self else { return None };
        leader.propose(disk.end(), now);
        Some(())
    }

    /// `Replica::answered`.
    pub(crate) fn answered(
        &mut self,
        asked: &AlterPartitionRequest,
        answer: Result<PartitionRecord, Option<ErrorCode>>,
        now: Uptime,
    ) -> Option<()> {
        let Broker { disk, process: Some(Process { role: Role::Leader(leader), .. }), .. } = self else { return None };
        if leader.request().as_ref() != Some(asked) {
            return None;
        }
        if leader.on_answer(answer, disk.end(), now) == Settled::Done {
            leader.propose(disk.end(), now);
        }
        Some(())
    }

    /// No step of the stage's ([`Policy::WishNotCounted`]): forgets what it has asked for, as if it had been refused.
    pub(crate) fn forget_wish(&mut self, now: Uptime) {
        if let Broker { disk, process: Some(Process { role: Role::Leader(leader), .. }), .. } = self {
            leader.on_answer(Err(Some(ErrorCode::IneligibleReplica)), disk.end(), now);
        }
    }

    /// `ReplicaManager::take_role`.
    pub(crate) fn take_role(&mut self, told: &Decision, config: LeaderConfig, policy: Policy, now: Uptime) {
        let (id, record) = (self.id, &told.record);
        let Broker { disk, process: Some(process), .. } = self else { return };
        if matches!(process.role, Role::Failed { .. }) || record.leader_epoch < process.epoch() {
            return;
        }
        match record.leader {
            Some(leader) if leader == id => process.lead(disk, id, told, config, policy, now),
            leader => process.follow(disk, leader, record.leader_epoch, policy),
        }
    }

    /// The process dies. Of its log `keep` records are on the disk, and this high watermark.
    pub(crate) fn crash(&mut self, keep: usize, high_watermark: Offset) {
        self.process = None;
        self.disk.log.truncate(keep);
        self.disk.high_watermark = high_watermark;
    }

    /// `Replica::new`, in a process that has registered and knows the metadata up to there.
    pub(crate) fn start(&mut self, broker_epoch: i64, knows: usize) {
        let disk = &mut self.disk;
        let mut epochs = disk.epochs();
        epochs.take_in(&disk.noted, disk.end());
        let epoch = epochs.latest().max(disk.noted.last().map(|entry| entry.epoch)).unwrap_or(-1);
        let high_watermark = std::mem::take(&mut disk.high_watermark).clamp(0, disk.end());
        self.process = Some(Process { broker_epoch, knows, epochs, high_watermark, role: Role::Waiting { epoch } });
    }
}

impl Process {
    /// `Replica::lead`.
    fn lead(&mut self, disk: &mut Disk, id: i32, told: &Decision, config: LeaderConfig, policy: Policy, now: Uptime) {
        let (record, known, end) = (told.record.clone(), self.epoch(), disk.end());
        if let Role::Leader(leader) = &mut self.role
            && record.leader_epoch == known
        {
            leader.set_config(config);
            leader.set_eligible(told.eligible());
            leader.on_record(record, end, now);
            // What follows from who is eligible: `advance` is the crate's own, and an append does nothing else.
            leader.on_append(end, now);
            return;
        }
        if record.leader_epoch == known && policy.leads_once() {
            return self.step_down(Role::Failed { epoch: known });
        }
        self.step_down(Role::Waiting { epoch: known });
        if policy.notes_epochs() {
            self.epochs.note(record.leader_epoch, end);
            disk.noted = self.epochs.entries().to_vec();
        }
        let began = if policy.knows_epoch_start() { end } else { 0 };
        let mut leader = Leader::new(id, record, began, self.high_watermark, config, now);
        leader.set_eligible(told.eligible());
        self.step_down(Role::Leader(Box::new(leader)));
        self.high_watermark = 0;
    }

    /// `Replica::follow`.
    fn follow(&mut self, disk: &mut Disk, leader: Option<i32>, epoch: i32, policy: Policy) {
        let Some(leader) = leader else { return self.step_down(Role::Waiting { epoch }) };
        if matches!(self.role, Role::Follower { leader: old, epoch: since } if (old, since) == (leader, epoch)) {
            return;
        }
        self.step_down(Role::Follower { leader, epoch });
        if policy.truncation() == Truncation::ToHighWatermark && self.high_watermark < disk.end() {
            self.cut(disk, self.high_watermark);
        }
    }

    /// Where to cut, if the leader says that the logs part and there is such a place (`Open::cut_where_logs_part`,
    /// `Open::start_over`).
    pub(crate) fn place_to_cut(&self, disk: &Disk, found: &Found) -> Option<Offset> {
        let place = match found {
            Found::Records(_) => return None,
            Found::Diverging(leaders) => truncation_point(&self.epochs, disk.end(), *leaders),
            Found::OutOfRange { end } => *end,
        };
        (0..disk.end()).contains(&place).then_some(place)
    }

    fn step_down(&mut self, role: Role) {
        self.high_watermark = self.high_watermark();
        self.role = role;
    }

    /// `Open::truncate`.
    fn cut(&mut self, disk: &mut Disk, end: Offset) {
        disk.log.truncate(end as usize);
        self.epochs = disk.epochs();
        self.epochs.truncate(end);
        self.high_watermark = self.high_watermark.min(end);
        disk.noted = self.epochs.entries().to_vec();
    }
}
