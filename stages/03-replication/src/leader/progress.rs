//! How far a follower is, as its leader knows it.

use std::time::Duration;

use segment_log::Offset;

use super::Uptime;

/// What a follower's fetches have told (Kafka's `ReplicaState`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Progress {
    /// It has all before this offset; unknown until it fetches in this epoch.
    end: Option<Offset>,
    /// The epoch of the broker that fetched.
    broker_epoch: Option<i64>,
    /// When it last had all that the leader had; `None` if it never did.
    caught_up: Option<Uptime>,
    /// When it fetched last, and where the leader's log ended then.
    fetched: Option<(Uptime, Offset)>,
}

impl Progress {
    /// Nothing is known. One that is in sync is believed to have caught up just now, so that it has time to fetch.
    pub(super) fn new(is_in_sync: bool, now: Uptime) -> Self {
        Progress { end: None, broker_epoch: None, caught_up: is_in_sync.then_some(now), fetched: None }
    }

    /// It has all before this offset.
    pub fn end(&self) -> Option<Offset> {
        self.end
    }

    /// The epoch of the broker that fetched last.
    pub fn broker_epoch(&self) -> Option<i64> {
        self.broker_epoch
    }

    /// It asked for the records from `its_end` on, while the leader's log ended at `leaders_end`.
    pub(super) fn fetched(&mut self, broker_epoch: i64, its_end: Offset, leaders_end: Offset, now: Uptime) {
        let caught_up = if its_end >= leaders_end {
            Some(now)
        } else {
            // It has by now what the leader had when it fetched the last time: so it had caught up with that moment.
            self.fetched.filter(|(_, then)| its_end >= *then).map(|(when, _)| when)
        };
        self.caught_up = self.caught_up.max(caught_up);
        self.fetched = Some((now, leaders_end));
        (self.end, self.broker_epoch) = (Some(its_end), Some(broker_epoch));
    }

    /// Whether it has what the leader has, or had it not too long ago.
    pub fn is_caught_up(&self, leaders_end: Offset, now: Uptime, lag_time_max: Duration) -> bool {
        let was = self.caught_up.is_some_and(|when| now.saturating_sub(when) <= lag_time_max);
        self.end == Some(leaders_end) || was
    }
}
