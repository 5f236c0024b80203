//! The sender asks brokers who leads, for batches that wait for a leader.
//!
//! `send` asks for the topic of its own record, and waits for the answer. But batches that wait to be sent again have nobody who
//! sends: so here the sender asks for them, and goes on with its work meanwhile.
//!
//! Of each topic one question at a time is asked. Between two of them lies `retry.backoff.ms`, and longer each time, until the
//! topic is not in doubt any more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::api::TopicInfo;
use crate::client::Cluster;
use crate::error::{Error, Result};

/// See the [module](self).
#[derive(Default)]
pub(super) struct Asking {
    topics: BTreeMap<Arc<str>, Asked>,
    questions: JoinSet<Told>,
}

/// What a broker said of a topic, or why none did.
pub(super) struct Told {
    pub(super) topic: Arc<str>,
    pub(super) info: Result<Arc<TopicInfo>>,
}

#[derive(Default)]
struct Asked {
    /// Questions in a row.
    times: u32,
    /// `None` while a question is under way.
    rests_until: Option<Instant>,
    /// Why the last question was in vain.
    trouble: Option<Error>,
}

impl Asking {
    /// Asks for these topics, as soon as each may be asked for again, and for no others. Gives when the next one may.
    pub(super) fn ask(&mut self, cluster: &Cluster, topics: &BTreeSet<Arc<str>>, now: Instant) -> Option<Instant> {
        self.topics.retain(|name, asked| topics.contains(name) || asked.rests_until.is_none_or(|until| until > now));
        let mut next = None;
        for name in topics {
            let is_new = !self.topics.contains_key(name);
            let asked = self.topics.entry(name.clone()).or_default();
            match asked.rests_until {
                Some(until) if until > now => next = next.into_iter().chain([until]).min(),
                None if !is_new => {}
                _ => {
                    asked.rests_until = None;
                    asked.times = asked.times.saturating_add(1);
                    let (cluster, topic) = (cluster.clone(), name.clone());
                    self.questions.spawn(async move {
                        let info = cluster.refresh(&topic).await;
                        Told { topic, info }
                    });
                }
            }
        }
        next
    }

    /// Waits for an answer. Gives `None` if nothing was asked.
    pub(super) async fn next(&mut self) -> Option<Told> {
        let told = self.questions.join_next().await?;
        Some(told.expect("who asks does not panic"))
    }

    /// A topic was told of, or was not: it may be asked for again after `wait`, which is told how often it was in a row.
    pub(super) fn answered(&mut self, told: &Told, wait: impl FnOnce(u32) -> Duration) {
        if let Some(asked) = self.topics.get_mut(&told.topic) {
            asked.rests_until = Some(Instant::now() + wait(asked.times));
            asked.trouble = told.info.as_ref().err().cloned();
        }
    }

    /// Why nobody could tell who leads, when it was last asked.
    pub(super) fn trouble(&self, topic: &str) -> Option<&Error> {
        self.topics.get(topic)?.trouble.as_ref()
    }
}
