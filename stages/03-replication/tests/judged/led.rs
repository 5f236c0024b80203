//! A leader, and what happens to it: what the tests of in-sync replicas share.
//!
//! Broker 1 leads. Brokers 2, 3 and 4 have copies, and broker epochs 20, 30 and 40. A replica that has not caught up for 1,000
//! milliseconds is out of sync.

use std::collections::BTreeMap;
use std::time::Duration;

use partitioning::ErrorCode;
use partitioning::api::TopicId;
use replication::api::AlterPartitionRequest;
use replication::leader::{Leader, LeaderConfig, Settled};
use replication::records::PartitionRecord;
use segment_log::Offset;

/// See the [module](self). Its log is a number, and so is its clock.
pub(crate) struct Led {
    pub(crate) leader: Leader,
    pub(crate) end: Offset,
    /// Milliseconds.
    pub(crate) now: u64,
}

/// The epoch of a broker that nothing has happened to.
fn epoch_of(broker: i32) -> i64 {
    i64::from(broker) * 10
}

/// A partition of brokers 1 to 4, led by broker 1 in epoch 7, at its change `change`.
pub(crate) fn record(in_sync: &[i32], change: i32) -> PartitionRecord {
    PartitionRecord {
        topic: TopicId(1),
        replicas: vec![1, 2, 3, 4],
        in_sync: in_sync.to_vec(),
        leader: Some(1),
        leader_epoch: 7,
        partition_epoch: change,
        adding: Vec::new(),
        removing: Vec::new(),
        eligible: Vec::new(),
        last_leader: None,
    }
}

impl Led {
    /// Broker 1 begins to lead at the time 0. Its log ends at 10, and it knows that all before 5 is committed.
    pub(crate) fn new(in_sync: &[i32]) -> Self {
        Self::with(in_sync, 1)
    }

    /// The same, and `min.insync.replicas` is `min_in_sync`.
    pub(crate) fn with(in_sync: &[i32], min_in_sync: usize) -> Self {
        let config = LeaderConfig { lag_time_max: Duration::from_millis(1_000), min_in_sync };
        let mut leader = Leader::new(1, record(in_sync, 0), 10, 5, config, Duration::ZERO);
        leader.set_eligible((1..=4).map(|broker| (broker, epoch_of(broker))).collect());
        Led { leader, end: 10, now: 0 }
    }

    fn uptime(&self) -> Duration {
        Duration::from_millis(self.now)
    }

    /// Time passes.
    pub(crate) fn at(&mut self, now: u64) -> &mut Self {
        self.now = now;
        self
    }

    /// The leader writes, until its log ends at `end`.
    pub(crate) fn write(&mut self, end: Offset) -> &mut Self {
        self.end = end;
        self.leader.on_append(end, self.uptime());
        self
    }

    /// Broker `follower` has all before `its_end`, and asks for what comes then.
    #[track_caller]
    pub(crate) fn fetch(&mut self, follower: i32, its_end: Offset) -> &mut Self {
        self.fetch_in(follower, epoch_of(follower), its_end)
    }

    /// The same, in another epoch of that broker.
    #[track_caller]
    pub(crate) fn fetch_in(&mut self, follower: i32, broker_epoch: i64, its_end: Offset) -> &mut Self {
        let fetched = self.leader.on_fetch(follower, broker_epoch, its_end, self.end, self.uptime());
        fetched.unwrap_or_else(|why| panic!("broker {follower} is refused: {why:?}"));
        self
    }

    /// These brokers alone may join.
    pub(crate) fn eligible(&mut self, brokers: &[(i32, i64)]) -> &mut Self {
        self.leader.set_eligible(brokers.iter().copied().collect::<BTreeMap<_, _>>());
        self
    }

    /// Who is out of sync, as text: `2 3`.
    pub(crate) fn out_of_sync(&self) -> String {
        let late = self.leader.out_of_sync(self.end, self.uptime());
        words(late.iter().map(i32::to_string), "nobody")
    }

    /// Who may join, as text.
    pub(crate) fn may_join(&self) -> String {
        let joins = self.leader.followers().keys().filter(|follower| self.leader.may_join(**follower));
        words(joins.map(i32::to_string), "nobody")
    }

    /// For whom the high watermark waits, as text.
    pub(crate) fn counts(&self) -> String {
        let counts = |follower: &&i32| self.leader.counts(**follower, self.end, self.uptime());
        words(self.leader.followers().keys().filter(counts).map(i32::to_string), "nobody")
    }

    /// What the leader asks for now, as text: `1 2 3@30` are brokers 1, 2 and 3, which joins in its epoch 30.
    pub(crate) fn propose(&mut self) -> String {
        let asked = self.leader.propose(self.end, self.uptime());
        asked.as_ref().map_or("nothing".to_owned(), list)
    }

    /// What is pending, as text.
    pub(crate) fn pending(&self) -> String {
        self.leader.request().as_ref().map_or("nothing".to_owned(), list)
    }

    /// The controller grants what is pending. The partition's change after that is `change`.
    pub(crate) fn grant(&mut self, change: i32) -> Settled {
        let in_sync: Vec<i32> = self.leader.pending().expect("something is pending").iter().copied().collect();
        let granted = record(&in_sync, change);
        self.leader.on_answer(Ok(granted), self.end, self.uptime())
    }

    /// The controller refuses.
    pub(crate) fn refuse(&mut self, code: ErrorCode) -> Settled {
        self.leader.on_answer(Err(Some(code)), self.end, self.uptime())
    }

    /// No answer comes.
    pub(crate) fn no_answer(&mut self) -> Settled {
        self.leader.on_answer(Err(None), self.end, self.uptime())
    }

    /// The metadata log tells a decision.
    pub(crate) fn news(&mut self, in_sync: &[i32], change: i32) -> bool {
        let uptime = self.uptime();
        self.leader.on_record(record(in_sync, change), self.end, uptime)
    }

    /// Who is in sync, as the leader knows it.
    pub(crate) fn in_sync(&self) -> String {
        words(self.leader.record().in_sync.iter().map(i32::to_string), "nobody")
    }
}

fn list(request: &AlterPartitionRequest) -> String {
    let member = |(id, epoch): &(i32, i64)| if *epoch == -1 { id.to_string() } else { format!("{id}@{epoch}") };
    words(request.in_sync.iter().map(member), "nobody")
}

fn words(words: impl Iterator<Item = String>, none: &str) -> String {
    let words: Vec<_> = words.collect();
    if words.is_empty() { none.to_owned() } else { words.join(" ") }
}
