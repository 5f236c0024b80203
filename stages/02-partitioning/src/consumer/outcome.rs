//! What answers mean, and what to do when there is none.
//!
//! | what came | what follows |
//! |---|---|
//! | batches | they are held until the application takes them |
//! | nothing, and the consumer is at the end | the partition is left alone for as long as [`Fetching`](super::fetching::Fetching) says |
//! | nothing, as others filled the answer | it is asked again, nearer the front of the line |
//! | [`OffsetOutOfRange`](ErrorCode::OffsetOutOfRange) | start and end are looked up, then `auto.offset.reset` decides |
//! | another refusal that may pass, or no answer | the leader is asked for anew, then all is tried again |
//! | a refusal that will not pass, damage | it is told to the application, and tried again |
//!
//! Each failure in a row doubles the wait before the next attempt. One that may pass goes to the program's log and not to
//! the application: the topic may be created tomorrow, the broker may come back.

use std::sync::Arc;

use segment_log::Offset;
use tokio::time::Instant;
use tracing::{debug, info, warn};

use super::answer::Answer;
use super::assigned::Assigned;
use super::assignment::Assignment;
use super::plan::{Fetch, Leaders, Lookup, Versioned};
use super::positions::{Found, Sought};
use crate::api::{FetchResponse, Fetched, TopicInfo, TopicPartition};
use crate::error::{Error, ErrorCode, Refusal, Result};

impl Assignment {
    /// The leaders of a topic's partitions are known, or cannot be known now.
    pub fn on_leaders(&mut self, job: &Leaders, topic: Result<Arc<TopicInfo>>, now: Instant) {
        for asked in &job.partitions {
            let leader = topic.as_ref().map_err(Error::clone).and_then(|topic| Ok(leader(&asked.at, topic)?));
            match leader {
                Err(error) => self.on_error(asked, error, now),
                Ok(broker) => {
                    if let Some(assigned) = self.current(asked) {
                        assigned.leader = Some(broker);
                    }
                }
            }
        }
    }

    /// A broker has said where partitions begin and end, or has not.
    pub fn on_looked_up(&mut self, job: &Lookup, found: Result<Vec<Result<Found, Refusal>>>, now: Instant) {
        let found = found.and_then(|found| as_many(job.partitions.len(), found));
        for (index, (asked, sought)) in job.partitions.iter().enumerate() {
            match &found {
                Err(error) => self.on_error(asked, error.clone(), now),
                Ok(found) => match &found[index] {
                    Err(refusal) => self.on_error(asked, refusal.clone().into(), now),
                    Ok(log) => self.on_found(asked, *sought, *log, now),
                },
            }
        }
    }

    fn on_found(&mut self, asked: &Versioned, sought: Sought, log: Found, now: Instant) {
        let retry = self.config.retry_backoff;
        let Some(assigned) = self.current(asked) else { return };
        assigned.cursor.on_found(log);
        assigned.high_watermark = Some(log.end);
        match (sought, assigned.cursor.offset()) {
            // The broker has just said that it does not hold this offset. It may agree with itself in a while.
            (Sought::InsteadOf(lost), Some(offset)) if offset == lost => {
                assigned.failed(retry, now);
                return;
            }
            (Sought::InsteadOf(lost), Some(offset)) => {
                let (start, end) = (log.start, log.end);
                info!(partition = %asked.at, "no offset {lost}: the log holds {start} to before {end}; goes on at {offset}");
            }
            _ => {}
        }
        assigned.succeeded();
    }

    /// A fetch was answered, or was not.
    pub fn on_fetched(&mut self, job: &Fetch, answer: Result<FetchResponse>, now: Instant) {
        self.fetching.remove(&job.broker);
        let parts = match answer.and_then(|answer| parts(job, answer)) {
            Ok(parts) => parts,
            Err(error) => {
                return job.partitions.iter().for_each(|(asked, _)| self.on_error(asked, error.clone(), now));
            }
        };
        let bytes: usize = parts.iter().flatten().map(|part| part.bytes).sum();
        self.stats.fetches += 1;
        self.stats.empty_fetches += u64::from(bytes == 0);
        self.stats.bytes += bytes as u64;
        let brought = parts.iter().flatten().any(|part| part.answer.is_some());
        for ((asked, offset), part) in job.partitions.iter().zip(parts) {
            match part {
                Ok(part) => self.on_part(job.broker, asked, *offset, part, brought, now),
                Err(refusal) if refusal.code == ErrorCode::OffsetOutOfRange => {
                    if let Some(assigned) = self.current(asked) {
                        assigned.cursor.on_out_of_range();
                    }
                }
                Err(refusal) => self.on_error(asked, refusal.into(), now),
            }
        }
        self.stats.most_held_bytes = self.stats.most_held_bytes.max(self.held_bytes());
    }

    /// What came of one partition, in an answer that `brought` a batch of some partition, or none at all.
    fn on_part(&mut self, broker: i32, asked: &Versioned, from: Offset, part: Part, brought: bool, now: Instant) {
        let (retry, pause) = (self.config.retry_backoff, self.config.fetching.rest());
        let Some(assigned) = self.current(asked) else {
            self.stats.discarded_bytes += part.bytes as u64;
            return;
        };
        assigned.high_watermark = Some(part.high_watermark);
        assigned.succeeded();
        match part.answer {
            Some(answer) => assigned.progress.held = Some((broker, answer)),
            // There is more, and others have filled the answer.
            None if brought && part.high_watermark > from => {}
            None if part.bytes == 0 => assigned.rest(pause, now),
            None => {
                let rule = format!("{} bytes came, and no whole batch: the first is sent whole (KIP-74)", part.bytes);
                assigned.progress.trouble = Some(Error::Corrupt { partition: asked.at.clone(), offset: from, rule });
                assigned.failed(retry, now);
            }
        }
    }

    /// What was asked about a partition was refused, or not answered.
    fn on_error(&mut self, asked: &Versioned, error: Error, now: Instant) {
        let refused = error.code().is_some();
        let backoff = if refused { self.config.retry_backoff } else { self.config.reconnect_backoff };
        let Some(assigned) = self.current(asked) else { return };
        let at = &asked.at;
        let is_news = !assigned.has_failed();
        let wait = assigned.failed(backoff, now).as_millis();
        match (error, assigned.cursor.offset()) {
            // Damage on the broker's disk is never passed over in silence.
            (Error::Refused(Refusal { code: ErrorCode::CorruptMessage, message: rule }), Some(offset)) => {
                assigned.progress.trouble = Some(Error::Corrupt { partition: at.clone(), offset, rule });
            }
            (error, _) if error.is_retriable() => {
                // A broker that is gone is told once, not each second that it stays away.
                if refused || is_news {
                    warn!(partition = %at, "asked again in {wait} ms: {error}");
                } else {
                    debug!(partition = %at, "asked again in {wait} ms: {error}");
                }
                assigned.leader = None;
            }
            (error, _) => assigned.progress.trouble = Some(error),
        }
    }

    /// The partition that was asked about, if the application still wants what was asked. It may be asked about again.
    fn current(&mut self, asked: &Versioned) -> Option<&mut Assigned> {
        let assigned = self.partitions.get_mut(&asked.at).filter(|assigned| assigned.version == asked.version)?;
        assigned.progress.asked = false;
        Some(assigned)
    }
}

/// Who leads a partition.
fn leader(at: &TopicPartition, topic: &TopicInfo) -> Result<i32, Refusal> {
    let count = topic.partitions.len();
    let Some(partition) = topic.partitions.get(at.partition as usize) else {
        let message = format!("there is no partition {at}: the topic has {count}, numbered from 0");
        return Err(ErrorCode::UnknownTopicOrPartition.because(message));
    };
    partition.leader.ok_or_else(|| ErrorCode::LeaderNotAvailable.because(format!("{at} has no leader")))
}

/// One partition's part of an answer.
struct Part {
    bytes: usize,
    high_watermark: Offset,
    answer: Option<Answer>,
}

impl Part {
    fn of(at: TopicPartition, from: Offset, fetched: Fetched) -> Self {
        let Fetched { records, high_watermark, aborted, .. } = fetched;
        let bytes = records.0.len();
        let answer = Answer::new(at, from, high_watermark, records.0).map(|answer| answer.without(aborted));
        Part { bytes, high_watermark, answer }
    }
}

/// The parts of an answer, in the order of the request.
fn parts(job: &Fetch, answer: FetchResponse) -> Result<Vec<Result<Part, Refusal>>> {
    let answers = as_many(job.partitions.len(), answer.partitions)?;
    let parts = job.partitions.iter().zip(answers).map(|((asked, from), (at, fetched))| {
        if at == asked.at {
            Ok(fetched.map(|fetched| Part::of(at, *from, fetched)))
        } else {
            Err(astray(format!("{at} was answered where {} was asked", asked.at)).into())
        }
    });
    parts.collect()
}

/// As many answers as questions.
pub(super) fn as_many<T>(questions: usize, answers: Vec<T>) -> Result<Vec<T>> {
    if answers.len() == questions {
        return Ok(answers);
    }
    Err(astray(format!("{} answers came to {questions} questions", answers.len())).into())
}

/// A broker that answers what was not asked.
fn astray(message: String) -> Refusal {
    ErrorCode::UnknownServerError.because(message)
}
