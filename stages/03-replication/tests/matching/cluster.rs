//! Three brokers and a controller, and what happens to them.

use std::collections::BTreeMap;
use std::time::Duration;

use partitioning::{ErrorCode, Refusal};
use replication::api::{AlterPartitionRequest, FollowerFetched, ReplicaRole};
use replication::replica::{Ask, Copied, Following};
use segment_log::{LogConfig, Offset};

use crate::acts::{Act, Fate};
use crate::broker::Broker;
use crate::check::Committed;
use crate::controller::Controller;
use crate::coverage::Coverage;
use crate::messages::{NOW, moved, small};

pub(crate) struct Cluster {
    pub(crate) controller: Controller,
    /// By id.
    pub(crate) brokers: BTreeMap<i32, Broker>,
    /// How many decisions each broker has learned.
    learned: BTreeMap<i32, usize>,
    /// What each broker has flushed for certain.
    flushed: BTreeMap<i32, Offset>,
    late_answers: Vec<(i32, Ask, FollowerFetched)>,
    late_wishes: Vec<AlterPartitionRequest>,
    pub(crate) committed: Committed,
    written: usize,
    pub(crate) coverage: Coverage,
}

impl Cluster {
    pub(crate) fn new() -> Self {
        let config = LogConfig { retention_bytes: Some(400), segment_bytes: 250, ..small() };
        let new = |id| (id, Broker::with(id, Default::default(), config.clone()));
        let mut cluster = Cluster {
            controller: Controller::new(),
            brokers: (1..=3).map(new).collect(),
            learned: (1..=3).map(|id| (id, 0)).collect(),
            flushed: (1..=3).map(|id| (id, 0)).collect(),
            late_answers: Vec::new(),
            late_wishes: Vec::new(),
            committed: Committed::default(),
            written: 0,
            coverage: Coverage::default(),
        };
        for id in 1..=3 {
            cluster.learn(id, 1).expect("the first decision can be followed");
        }
        cluster
    }

    pub(crate) async fn perform(&mut self, act: &Act) -> Result<(), String> {
        match *act {
            Act::Append { broker, records } => self.append(self.one(broker), records),
            Act::Fetch { broker, fate } => self.fetch(broker, fate),
            Act::Wish { broker, fate } => self.wish(self.one(broker), fate),
            Act::ArriveLate => self.arrive_late(),
            Act::Learn { broker, decisions } => self.learn(broker, decisions),
            Act::Fence { broker } => {
                if self.controller.record.leader == Some(broker) {
                    self.coverage.count("leaders held for dead");
                }
                self.controller.fence(broker);
                Ok(())
            }
            Act::Unfence { broker } => {
                self.controller.unfence(broker);
                Ok(())
            }
            Act::Elect { broker } => {
                if self.controller.elect(broker) {
                    self.coverage.count("elections");
                }
                Ok(())
            }
            Act::Restart { broker, in_order, lost_batches, known } => {
                self.restart(broker, in_order, lost_batches, known)
            }
            Act::Wait(millis) => {
                tokio::time::advance(Duration::from_millis(millis)).await;
                self.look_around()
            }
            Act::Housekeep { broker } => {
                let removed = self.brokers[&broker].replica().housekeep(NOW).map_err(said)?;
                self.coverage.add_to("segments gone", removed);
                Ok(())
            }
        }
    }

    /// The broker of this number; 0 is the leader's, if there is one.
    fn one(&self, broker: i32) -> i32 {
        if broker == 0 { self.controller.record.leader.unwrap_or(1) } else { broker }
    }

    fn append(&mut self, broker: i32, records: usize) -> Result<(), String> {
        let values: Vec<_> = (0..records).map(|record| format!("w{}", self.written + record)).collect();
        self.written += records;
        match self.brokers[&broker].try_append(&values.iter().map(String::as_str).collect::<Vec<_>>()) {
            Ok(_) => {
                self.coverage.add_to("records", records);
                Ok(())
            }
            Err(refusal) if refusal.code == ErrorCode::NotLeaderOrFollower => Ok(()),
            Err(refusal) => Err(said(refusal)),
        }
    }

    fn fetch(&mut self, broker: i32, fate: Fate) -> Result<(), String> {
        let follower = &self.brokers[&broker];
        let Some(ask) = follower.replica().ask().filter(|_| fate != Fate::Lost) else { return Ok(()) };
        let served = self.brokers[&ask.leader].replica().serve(follower.question(&ask));
        let answer = match served {
            Ok(served) => moved(served),
            Err(refusal) if is_change(&refusal) => return Ok(()),
            Err(refusal) => return Err(said(refusal)),
        };
        match fate {
            Fate::Late => self.late_answers.push((broker, ask, answer)),
            Fate::Arrives => self.copy(broker, ask, answer)?,
            Fate::AnswerLost | Fate::Lost => {}
        }
        Ok(())
    }

    fn copy(&mut self, broker: i32, ask: Ask, answer: FollowerFetched) -> Result<(), String> {
        let replica = self.brokers[&broker].replica();
        match replica.copy(ask, answer, NOW).map_err(said)? {
            Copied::Appended(0) => {}
            Copied::Appended(_) => self.coverage.count("copies"),
            Copied::Stale => self.coverage.count("stale answers"),
            Copied::Truncated(end) => {
                self.coverage.count("truncations");
                let flushed = self.flushed.get_mut(&broker).expect("it is known");
                *flushed = end.min(*flushed);
            }
        }
        Ok(())
    }

    fn wish(&mut self, broker: i32, fate: Fate) -> Result<(), String> {
        let Some(wish) = self.brokers[&broker].replica().wish() else { return Ok(()) };
        let answer = match fate {
            Fate::Arrives => self.alter(&wish).map_err(Some),
            Fate::AnswerLost => {
                let _ = self.alter(&wish);
                Err(None)
            }
            Fate::Late => {
                self.late_wishes.push(wish.clone());
                Err(None)
            }
            Fate::Lost => Err(None),
        };
        if answer == Err(None) {
            self.coverage.count("wishes in doubt");
        }
        self.brokers[&broker].replica().answered(&wish, answer).map(drop).map_err(said)
    }

    fn alter(&mut self, wish: &AlterPartitionRequest) -> Result<replication::records::PartitionRecord, ErrorCode> {
        let before = self.controller.record.in_sync.len();
        let granted = self.controller.alter(wish)?;
        match granted.in_sync.len().cmp(&before) {
            std::cmp::Ordering::Less => self.coverage.count("put out"),
            std::cmp::Ordering::Equal => self.coverage.count("made sure"),
            std::cmp::Ordering::Greater => self.coverage.count("let in"),
        }
        Ok(granted)
    }

    fn arrive_late(&mut self) -> Result<(), String> {
        for wish in std::mem::take(&mut self.late_wishes) {
            if self.alter(&wish).is_ok() {
                self.coverage.count("late grants");
            }
        }
        for (broker, ask, answer) in std::mem::take(&mut self.late_answers) {
            self.copy(broker, ask, answer)?;
        }
        Ok(())
    }

    /// Each decision may commit something, and the next end the leadership that committed it. So all is looked at in between.
    fn learn(&mut self, broker: i32, decisions: usize) -> Result<(), String> {
        let known = self.learned[&broker];
        let decided = self.controller.decisions.len();
        for number in known..decided.min(known.saturating_add(decisions)) {
            let (decision, replica) = (&self.controller.decisions[number], self.brokers[&broker].replica());
            let (leader, epoch) = (decision.record.leader, decision.record.leader_epoch);
            match leader == Some(broker) {
                true => replica.lead(decision.clone()).map_err(said)?,
                false => drop(replica.follow(Following { leader, epoch }, NOW).map_err(said)?),
            }
            self.learned.insert(broker, number + 1);
            self.check()?;
        }
        Ok(())
    }

    fn restart(&mut self, id: i32, in_order: bool, lost_batches: usize, known: i64) -> Result<(), String> {
        // Whoever is the last in sync has the only copy. If that is lost, it is lost.
        let is_last = self.controller.record.in_sync == [id];
        let broker = self.brokers.get_mut(&id).expect("it is known");
        let known = broker.high_watermark() * known / 100;
        broker.stop(in_order);
        if !in_order && !is_last && broker.lose_power(lost_batches, self.flushed[&id]) {
            self.coverage.count("power failures");
        }
        broker.start(known).map_err(said)?;
        broker.epoch = self.controller.register(id);
        self.flushed.insert(id, broker.offsets().2);
        // It follows the metadata once it has read them up to its own registration.
        self.learned.insert(id, self.controller.decisions.len() - 1);
        self.late_answers.retain(|(broker, ..)| *broker != id);
        self.coverage.count("restarts");
        Ok(())
    }

    fn look_around(&mut self) -> Result<(), String> {
        self.brokers.values().try_for_each(|broker| broker.replica().look_around().map(drop).map_err(said))
    }

    /// All are heard of and hear each other, until there is nothing left to do. Then all logs are the same, and committed.
    pub(crate) fn settle(&mut self) -> Result<(), String> {
        self.late_answers.clear();
        self.late_wishes.clear();
        (1..=3).for_each(|broker| self.controller.unfence(broker));
        for _ in 0..40 {
            for broker in 1..=3 {
                self.learn(broker, usize::MAX)?;
                self.fetch(broker, Fate::Arrives)?;
                self.wish(broker, Fate::Arrives)?;
            }
            self.check()?;
        }
        let leader = self.controller.record.leader.ok_or("nobody leads")?;
        let ReplicaRole::Leader { in_sync, .. } = self.brokers[&leader].role() else {
            return Err(format!("broker {leader} does not lead: {:?}", self.brokers[&leader].role()));
        };
        if in_sync.len() != 3 {
            return Err(format!("only {in_sync:?} are in sync"));
        }
        let (leaders, (_, _, end)) = (self.brokers[&leader].listed(), self.brokers[&leader].offsets());
        for (id, broker) in &self.brokers {
            let (start, high_watermark, its_end) = broker.offsets();
            if (high_watermark, its_end) != (end, end) {
                return Err(format!("broker {id} ends at {its_end} and is committed up to {high_watermark}, of {end}"));
            }
            let common = leaders.first().map_or(end, |(first, ..)| start.max(*first));
            let from = |records: &[(Offset, String, i32)]| -> Vec<_> {
                records.iter().filter(|(offset, ..)| *offset >= common).cloned().collect()
            };
            if from(&broker.listed()) != from(&leaders) {
                return Err(format!(
                    "broker {id} has {}\nbroker {leader} has {}",
                    broker.records(),
                    self.brokers[&leader].records()
                ));
            }
        }
        self.coverage.add_to("committed", self.committed.len());
        Ok(())
    }
}

/// Whether leadership has changed, and one of the two has not heard of it.
fn is_change(refusal: &Refusal) -> bool {
    use ErrorCode::{FencedLeaderEpoch, NotLeaderOrFollower, StaleBrokerEpoch, UnknownLeaderEpoch};
    matches!(refusal.code, FencedLeaderEpoch | NotLeaderOrFollower | StaleBrokerEpoch | UnknownLeaderEpoch)
}

fn said(refusal: Refusal) -> String {
    format!("{:?}: {}", refusal.code, refusal.message)
}
