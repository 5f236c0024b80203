//! A producer that asks how safe its records are, and tries again.
//!
//! The producer is stage 02's. This is what stands in its seam ([`Sending`]): requests that say `acks`, and a rule for what is sent
//! again.
//!
//! ```text
//!            send                                                        the record ends
//!             │◀──────────────────────── delivery.timeout.ms ──────────────────▶│
//!             ▼                                                                 ▼
//!     linger.ms ─▶ request.timeout.ms ─▶ retry.backoff.ms ─▶ request.timeout.ms ─▶ ...
//!     in a batch     under way             at rest             under way
//! ```
//!
//! ## What is promised
//!
//! | `acks` | `retries` | what an acknowledgement says | how often the record is in the log |
//! |---|---|---|---|
//! | 0 | any | nothing: the record may never have arrived | at most once |
//! | 1 | 0 | it is in the leader's log, and is lost with the leader | at most once |
//! | 1 | more | the same | at least once if it was acknowledged, as long as the leader lives |
//! | all | 0 | it is on all replicas that are in sync | at most once |
//! | all | more | the same | at least once if it was acknowledged |
//! | 1 or all | more, with [`NeverTwice`] | as above | at most once, and seldom not at all |
//!
//! **At least once is twice at times.** A request whose answer is lost may have been done. It is sent again all the same, as
//! nobody can tell. Then the record is in the log twice. How to tell is stage 05's question.
//!
//! **Order.** If several requests are under way at a time, one that is sent again can be stored behind one that was begun after it.
//! With `max.in.flight.requests.per.connection=1` nothing of a partition leaves before what was begun earlier has ended: then the
//! first copies of its records are stored in the order in which they were sent. (Stage 05 keeps the order with five.)
//!
//! ## What a failure says
//!
//! A record that was not acknowledged has an error, and [`Error::is_in_doubt`] says whether it may be in the log. That looks at all
//! attempts, not at the last one alone: "too few replicas, nothing was written" is no comfort if the attempt before it was
//! never answered ([`Error::InDoubt`]). One refusal is in doubt here and not in stage 02: with `acks=all` a leader appends first and
//! waits then, and if it loses its place meanwhile, it says `NOT_LEADER_OR_FOLLOWER`, as one does who never was the leader.
//!
//! ## Left out
//!
//! Kafka raises `delivery.timeout.ms` to `linger.ms + request.timeout.ms` with a warning if nobody has set it; here that is an error.

mod never_twice;

use std::sync::Arc;
use std::time::Duration;

use partitioning::api::ProducePartition;
use partitioning::error::ErrorCode;
use partitioning::producer::sending::Answer;
use partitioning::producer::{ProducerConfig, Sending};
use partitioning::{Backoff, Client, ClientConfig, Error, Result};

use crate::api::{Acks, ProduceAcked, ProduceAckedRequest};

pub use never_twice::NeverTwice;

/// See the [module](self). Names and defaults are Kafka's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AckedSending {
    /// `acks`: who must have a batch before its records are acknowledged.
    pub acks: Acks,
    /// `request.timeout.ms`: how long a broker may wait for replicas. The client's own wait for an answer is no shorter.
    pub request_timeout: Duration,
    /// `retries`: how often a batch may be sent again. It is seldom of use: `delivery.timeout.ms` is the better bound.
    pub retries: u32,
    /// `delivery.timeout.ms`: how long after `send` a record ends at the latest (KIP-91).
    pub delivery_timeout: Duration,
}

impl Default for AckedSending {
    fn default() -> Self {
        AckedSending {
            acks: Acks::All,
            request_timeout: Duration::from_secs(30),
            retries: INT,
            delivery_timeout: Duration::from_secs(120),
        }
    }
}

/// What Kafka calls an `int` ends here.
const INT: u32 = i32::MAX as u32;

impl AckedSending {
    /// The request that brings these batches. A later stage says more with it.
    pub fn request(&self, partitions: Vec<ProducePartition>) -> ProduceAckedRequest {
        let timeout_ms = u32::try_from(self.request_timeout.as_millis()).unwrap_or(u32::MAX);
        ProduceAckedRequest { acks: self.acks.number(), timeout_ms, partitions }
    }
}

impl Sending for AckedSending {
    fn start(&self, broker: &Client, partitions: Vec<ProducePartition>) -> Result<Answer> {
        Ok(Box::pin(broker.start::<ProduceAcked>(self.request(partitions))?))
    }

    fn awaits_answer(&self) -> bool {
        self.acks != Acks::None
    }

    fn again(&self, error: &Error, attempts: u32) -> bool {
        error.is_retriable() && attempts <= self.retries
    }

    fn doubt(&self, error: &Error) -> Option<String> {
        if self.acks == Acks::All && error.code() == Some(ErrorCode::NotLeaderOrFollower) {
            return Some("a leader that is replaced says the same when it has written the records".to_owned());
        }
        error.is_in_doubt().then(|| error.to_string())
    }

    fn delivery_timeout(&self) -> Option<Duration> {
        Some(self.delivery_timeout)
    }

    /// Each time is within its range, and they fit together: a record has time for one request at least, and nobody at the
    /// broker waits for longer than the one who asked.
    fn check(&self, producer: &ProducerConfig, client: &ClientConfig) -> Result<()> {
        let must = |holds: bool, key, found: u128, rule| {
            if holds { Ok(()) } else { Err(Error::Config { key, found: found.to_string(), rule }) }
        };
        let (request, delivery) = (self.request_timeout, self.delivery_timeout);
        for (key, time) in [("request.timeout.ms", request), ("delivery.timeout.ms", delivery)] {
            let found = time.as_millis();
            must((1..=INT.into()).contains(&found), key, found, "it is from 1 to 2147483647")?;
        }
        must(self.retries <= INT, "retries", self.retries.into(), "it is from 0 to 2147483647")?;
        let rule = "it is at most the client's own request.timeout.ms";
        must(request <= client.request_timeout, "request.timeout.ms", request.as_millis(), rule)?;
        let rule = "it is at least linger.ms + request.timeout.ms";
        let least = producer.linger + client.request_timeout;
        must(delivery >= least, "delivery.timeout.ms", delivery.as_millis(), rule)
    }
}

/// The settings of a producer that concern how safe its records are, as a person gives them. [`apply`](Self::apply) brings them
/// to where they are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AckedConfig {
    /// `acks`, `retries`, `request.timeout.ms` and `delivery.timeout.ms`.
    pub sending: AckedSending,
    /// `retry.backoff.ms` and `retry.backoff.max.ms`: how long a batch rests before it is sent again.
    pub retry_backoff: Backoff,
    /// `max.in.flight.requests.per.connection`: 1 keeps the order of records that are sent again.
    pub max_in_flight: usize,
}

impl Default for AckedConfig {
    fn default() -> Self {
        AckedConfig { sending: AckedSending::default(), retry_backoff: Backoff::RETRY, max_in_flight: 5 }
    }
}

/// A setting's name, what it may be, and what it sets.
struct Setting {
    key: &'static str,
    rule: &'static str,
    set: fn(&mut AckedConfig, &str) -> Option<()>,
}

const FROM_0: &str = "it is a number from 0 to 2147483647";
const FROM_1: &str = "it is a number from 1 to 2147483647";

const SETTINGS: &[Setting] = &[
    Setting {
        key: "acks",
        rule: "it is 0, 1 or all",
        set: |config, text| text.parse().map(|acks| config.sending.acks = acks).ok(),
    },
    Setting {
        key: "retries",
        rule: FROM_0,
        set: |config, text| number(text, 0).map(|retries| config.sending.retries = retries),
    },
    Setting {
        key: "delivery.timeout.ms",
        rule: FROM_1,
        set: |config, text| millis(text).map(|time| config.sending.delivery_timeout = time),
    },
    Setting {
        key: "request.timeout.ms",
        rule: FROM_1,
        set: |config, text| millis(text).map(|time| config.sending.request_timeout = time),
    },
    Setting {
        key: "retry.backoff.ms",
        rule: FROM_1,
        set: |config, text| millis(text).map(|time| config.retry_backoff.first = time),
    },
    Setting {
        key: "retry.backoff.max.ms",
        rule: FROM_1,
        set: |config, text| millis(text).map(|time| config.retry_backoff.most = time),
    },
    Setting {
        key: "max.in.flight.requests.per.connection",
        rule: "it is a number from 1 to 100",
        set: |config, text| {
            number(text, 1).filter(|&most| most <= 100).map(|most| config.max_in_flight = most as usize)
        },
    },
];

impl AckedConfig {
    /// Changes one setting, by its name in Kafka.
    ///
    /// ```
    /// let mut config = acks::producer::AckedConfig::default();
    /// config.set("acks", "1")?;
    /// let error = config.set("acks", "2").unwrap_err();
    /// assert_eq!(error.to_string(), "acks is 2, and it is 0, 1 or all");
    /// # Ok::<(), partitioning::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if there is no such setting, or it cannot have that value. Nothing is changed then.
    pub fn set(&mut self, key: &str, value: &str) -> Result<()> {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) else {
            return Err(Error::Config {
                key: "a setting of a producer's safety",
                found: key.to_owned(),
                rule: "it is acks, retries, delivery.timeout.ms, request.timeout.ms, retry.backoff.ms, \
                       retry.backoff.max.ms or max.in.flight.requests.per.connection",
            });
        };
        let refused = Error::Config { key: setting.key, found: value.to_owned(), rule: setting.rule };
        (setting.set)(self, value).ok_or(refused)
    }

    /// Brings the settings to where they are used. Whether they fit together is looked at when the producer is made.
    pub fn apply(&self, producer: &mut ProducerConfig, client: &mut ClientConfig) {
        client.request_timeout = self.sending.request_timeout;
        producer.retry_backoff = self.retry_backoff;
        producer.max_in_flight = self.max_in_flight;
        producer.sending = Arc::new(self.sending);
    }
}

fn number(text: &str, least: u32) -> Option<u32> {
    text.parse().ok().filter(|number| (least..=INT).contains(number))
}

fn millis(text: &str) -> Option<Duration> {
    number(text, 1).map(|millis| Duration::from_millis(millis.into()))
}
