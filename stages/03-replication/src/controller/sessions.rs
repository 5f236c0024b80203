//! Who was heard of when. It is no decision, so a new controller does not know it, and begins by believing all brokers that were
//! alive to be so: each has a whole session's time to say something.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use partitioning::TopicPartition;
use partitioning::api::TopicId;

use super::Controller;
use crate::machine::Moment;

/// A copy that cannot be used, and of which topic it is.
pub(super) type Failed = (TopicPartition, TopicId);

/// By broker.
#[derive(Debug, Default)]
pub(super) struct Sessions(BTreeMap<i32, Session>);

#[derive(Debug, Default)]
struct Session {
    /// The uptime at which the broker last said something.
    heard: Duration,
    /// The copies of which it said that it cannot use them.
    failed: BTreeSet<Failed>,
}

impl Sessions {
    /// A broker has registered: nothing is known of its logs yet.
    pub(super) fn begin(&mut self, broker: i32, now: Moment) {
        self.0.insert(broker, Session { heard: now.uptime, failed: BTreeSet::new() });
    }

    /// A broker has said something.
    pub(super) fn hear(&mut self, broker: i32, now: Moment) {
        self.0.entry(broker).or_default().heard = now.uptime;
    }

    /// A broker has said which of its copies it cannot use. Gives whether that is news.
    pub(super) fn set_failed(&mut self, broker: i32, failed: BTreeSet<Failed>) -> bool {
        let session = self.0.entry(broker).or_default();
        let is_news = session.failed != failed;
        session.failed = failed;
        is_news
    }

    /// Whether a broker cannot use its copy of a partition.
    pub(super) fn has_failed(&self, broker: i32, at: &TopicPartition, topic: TopicId) -> bool {
        let Some(session) = self.0.get(&broker) else { return false };
        !session.failed.is_empty() && session.failed.contains(&(at.clone(), topic))
    }

    fn heard(&self, broker: i32) -> Duration {
        self.0.get(&broker).map_or(Duration::ZERO, |session| session.heard)
    }
}

impl Controller {
    /// Of what a broker calls failed, what it has copies of. The rest it cannot know, or not any more, and is not kept.
    pub(super) fn copies_among(&self, broker: i32, failed: &[Failed]) -> BTreeSet<Failed> {
        let known = failed.iter().filter_map(|(at, topic)| {
            let (at, record) = self.state.partitions().get_key_value(at)?;
            let is_copy = record.topic == *topic && record.replicas.contains(&broker);
            is_copy.then(|| (at.clone(), *topic))
        });
        known.collect()
    }

    /// The brokers whose sessions are over, longest silent first: if they leave an ISR together, the last to leave is the one
    /// that was heard of last.
    pub(super) fn silent(&self, now: Moment) -> Vec<i32> {
        let mut silent: Vec<_> = self.ends().filter(|(end, _)| *end <= now.uptime).collect();
        silent.sort_unstable();
        silent.into_iter().map(|(_, id)| id).collect()
    }

    /// The uptime at which the next session is over.
    pub(super) fn next_silence(&self) -> Option<Duration> {
        self.ends().map(|(end, _)| end).min()
    }

    /// When the session of each broker that is not fenced is over.
    fn ends(&self) -> impl Iterator<Item = (Duration, i32)> {
        let unfenced = self.state.brokers().iter().filter(|(_, broker)| !broker.fenced);
        unfenced.map(|(&id, _)| (self.sessions.heard(id) + self.config.session_timeout, id))
    }
}
