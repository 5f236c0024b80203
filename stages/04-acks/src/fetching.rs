//! Asking for what comes next, and waiting for it at the broker: consumers and followers, with one idea.
//!
//! ```text
//!   stage 02, 03    asked? nothing. rest. asked? nothing. rest. asked? ▐█▌       half a rest late, on average
//!   here            asked? ...................................... ▐█▌ asked? ... as early as the network can
//! ```
//!
//! The wait is the broker's ([`waiting`](crate::waiting)). So there is no rest here: the next question follows the answer, whether
//! that brought something or not. Two settings say how long an answer may wait: until so much time has passed, or until there are so
//! many bytes. Both are at least 1, as an answer that never waits would be asked for without end.
//!
//! | of | the time | the bytes |
//! |---|---|---|
//! | a consumer | `fetch.max.wait.ms` | `fetch.min.bytes` |
//! | a follower | `replica.fetch.wait.max.ms` | `replica.fetch.min.bytes` |
//!
//! Left out: one consumer has one question under way for each broker, and a partition that it is told to read meanwhile is
//! asked for when that is answered (as in Kafka). Fetch sessions (KIP-227), which would let it add to its question.

use std::time::Duration;

use partitioning::api::{FetchRequest, FetchResponse};
use partitioning::net::BoxFuture;
use partitioning::{Client, ClientConfig, Error, Result, consumer};
use replication::api::{FollowerFetchRequest, FollowerFetchResponse};
use replication::fetching::Fetching;

use crate::api::{Waiting, WaitingFetch, WaitingFollowerFetch};

/// See the [module](self).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LongPolling {
    max_wait: Duration,
    min_bytes: u32,
    names: Names,
}

/// What the settings are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Names {
    max_wait: &'static str,
    min_bytes: &'static str,
}

const CONSUMER: Names = Names { max_wait: "fetch.max.wait.ms", min_bytes: "fetch.min.bytes" };
const FOLLOWER: Names = Names { max_wait: "replica.fetch.wait.max.ms", min_bytes: "replica.fetch.min.bytes" };

/// Kafka's defaults, for both: half a second, and one byte.
const MAX_WAIT: Duration = Duration::from_millis(500);
const MIN_BYTES: u32 = 1;

impl LongPolling {
    /// A consumer's, with `fetch.max.wait.ms` and `fetch.min.bytes`.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], which names the setting.
    pub fn consumer(max_wait: Duration, min_bytes: u32) -> Result<Self> {
        Self::new(max_wait, min_bytes, CONSUMER)
    }

    /// A follower's, with `replica.fetch.wait.max.ms` and `replica.fetch.min.bytes`.
    ///
    /// # Errors
    ///
    /// As [`consumer`](Self::consumer).
    pub fn follower(max_wait: Duration, min_bytes: u32) -> Result<Self> {
        Self::new(max_wait, min_bytes, FOLLOWER)
    }

    /// A consumer's, with Kafka's defaults: 500 ms and 1 byte.
    pub fn of_consumer() -> Self {
        LongPolling { max_wait: MAX_WAIT, min_bytes: MIN_BYTES, names: CONSUMER }
    }

    /// A follower's, with Kafka's defaults: 500 ms and 1 byte.
    pub fn of_follower() -> Self {
        LongPolling { max_wait: MAX_WAIT, min_bytes: MIN_BYTES, names: FOLLOWER }
    }

    fn new(max_wait: Duration, min_bytes: u32, names: Names) -> Result<Self> {
        const MOST: u128 = i32::MAX as u128;
        let must = |found: u128, key| {
            let error = Error::Config { key, found: found.to_string(), rule: "it is from 1 to 2147483647" };
            if (1..=MOST).contains(&found) { Ok(()) } else { Err(error) }
        };
        must(max_wait.as_millis(), names.max_wait)?;
        must(min_bytes.into(), names.min_bytes)?;
        Ok(LongPolling { max_wait, min_bytes, names })
    }

    /// A question that waits at the broker as these settings say. A later stage asks questions of its own so.
    pub fn waiting<T>(&self, question: T) -> Waiting<T> {
        let max_wait_ms = u32::try_from(self.max_wait.as_millis()).expect("it is at most 2147483647");
        Waiting { max_wait_ms, min_bytes: self.min_bytes, question }
    }
}

impl consumer::Fetching for LongPolling {
    fn fetch<'a>(&'a self, broker: &'a Client, request: FetchRequest) -> BoxFuture<'a, Result<FetchResponse>> {
        Box::pin(broker.call::<WaitingFetch>(self.waiting(request)))
    }

    fn rest(&self) -> Duration {
        Duration::ZERO
    }

    /// The client must wait for longer than the broker does. Otherwise each question that finds nothing ends the connection.
    fn check(&self, client: &ClientConfig) -> Result<()> {
        if self.max_wait < client.request_timeout {
            return Ok(());
        }
        let found = self.max_wait.as_millis().to_string();
        Err(Error::Config { key: self.names.max_wait, found, rule: "it is less than request.timeout.ms" })
    }
}

impl Fetching for LongPolling {
    fn follow<'a>(
        &'a self,
        leader: &'a Client,
        request: FollowerFetchRequest,
    ) -> BoxFuture<'a, Result<FollowerFetchResponse>> {
        Box::pin(leader.call::<WaitingFollowerFetch>(self.waiting(request)))
    }
}
