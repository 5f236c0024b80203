//! One partition that is read.

use std::time::Duration;

use segment_log::Offset;
use tokio::time::Instant;

use super::answer::Answer;
use super::positions::{Cursor, Failure, State};
use crate::api::TopicPartition;
use crate::backoff::Backoff;
use crate::error::Error;

/// A partition, where the consumer stands in it, and what is under way for it.
#[derive(Debug)]
pub(super) struct Assigned {
    pub(super) cursor: Cursor,
    /// Nothing is fetched, and nothing is given out.
    pub(super) paused: bool,
    /// The broker to ask, once it is known; `None` again when it has turned out to be another.
    pub(super) leader: Option<i32>,
    /// The high watermark, as it was last seen.
    pub(super) high_watermark: Option<Offset>,
    /// Changes whenever the application changes its mind about this partition. What was asked under an older version is
    /// thrown away when it comes.
    pub(super) version: u64,
    /// What this version has come to.
    pub(super) progress: Progress,
}

/// What begins anew when the application changes its mind.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// An answer is waited for.
    pub(super) asked: bool,
    /// What came and was not taken yet, and from which broker.
    pub(super) held: Option<(i32, Answer)>,
    /// What the application must be told.
    pub(super) trouble: Option<Error>,
    /// Failures in a row.
    failures: u32,
    /// Nothing is asked before.
    not_before: Option<Instant>,
}

impl Assigned {
    pub(super) fn new(cursor: Cursor, version: u64) -> Self {
        let progress = Progress::default();
        Assigned { cursor, paused: false, leader: None, high_watermark: None, version, progress }
    }

    /// Whether there is something to ask a broker: about a place to read from, or for records.
    pub(super) fn is_wanting(&self) -> bool {
        let Progress { asked, held, trouble, .. } = &self.progress;
        let wanting = match self.cursor.state() {
            State::Awaiting(_) => true,
            State::At(_) => !self.paused,
            State::Failed(_) => false,
        };
        wanting && !asked && held.is_none() && trouble.is_none()
    }

    /// Whether there is something for the application: records, or an error.
    pub(super) fn is_ready(&self) -> bool {
        let Progress { held, trouble, .. } = &self.progress;
        let failed = matches!(self.cursor.state(), State::Failed(_));
        !self.paused && (failed || held.is_some() || trouble.is_some())
    }

    /// What the application must be told before it gets more of this partition. A lost position is told again and again,
    /// until there is a new one; anything else once.
    pub(super) fn take_trouble(&mut self, at: &TopicPartition) -> Option<Error> {
        match self.cursor.state() {
            State::Failed(Failure::NeverSet) => Some(Error::NoPosition(at.clone())),
            State::Failed(Failure::OutOfRange { asked, log }) => {
                Some(Error::NoOffset { partition: at.clone(), asked, start: log.start, end: log.end })
            }
            State::At(_) | State::Awaiting(_) => self.progress.trouble.take(),
        }
    }

    pub(super) fn has_failed(&self) -> bool {
        self.progress.failures > 0
    }

    /// Until when nothing is asked, if that is not over.
    pub(super) fn waits(&self, now: Instant) -> Option<Instant> {
        self.progress.not_before.filter(|&time| time > now)
    }

    /// Whether it knows where to read, and waits only because it had nothing new.
    pub(super) fn is_resting(&self) -> bool {
        self.cursor.offset().is_some() && !self.has_failed()
    }

    /// It has worked: the next failure is the first again.
    pub(super) fn succeeded(&mut self) {
        self.progress.failures = 0;
        self.progress.not_before = None;
    }

    /// It has nothing new, and is left alone for a while.
    pub(super) fn rest(&mut self, pause: Duration, now: Instant) {
        self.progress.not_before = Some(now + pause);
    }

    /// It has not worked, and is tried again after a while: gives how long.
    pub(super) fn failed(&mut self, backoff: Backoff, now: Instant) -> Duration {
        self.progress.failures = self.progress.failures.saturating_add(1);
        let wait = backoff.after(self.progress.failures);
        self.progress.not_before = Some(now + wait);
        wait
    }
}
