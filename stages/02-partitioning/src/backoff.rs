//! How long to wait before something that failed is tried again.
//!
//! Whoever asks a broker that is down, and asks again at once, keeps two machines busy and learns nothing. So each attempt
//! that fails doubles the wait for the next one, up to a bound (KIP-580).
//!
//! Left out: chance. Kafka makes each wait up to 20 % longer or shorter, capped by the maximum, so that many clients that
//! lost the same broker do not all come back in the same moment.

use std::time::Duration;

use crate::error::{Error, Result};

/// How long to wait before the next attempt: twice as long after each that failed, up to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// After the first failure.
    pub first: Duration,
    /// The longest.
    pub most: Duration,
}

impl Backoff {
    /// `retry.backoff.ms` and `retry.backoff.max.ms`, as Kafka has them.
    pub const RETRY: Backoff = Backoff { first: Duration::from_millis(100), most: Duration::from_millis(1_000) };
    /// `reconnect.backoff.ms` and `reconnect.backoff.max.ms`, as Kafka has them.
    pub const RECONNECT: Backoff = Backoff { first: Duration::from_millis(50), most: Duration::from_millis(1_000) };

    /// How long to wait after so many failures in a row.
    pub fn after(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        self.first.saturating_mul(1 << doublings).min(self.most)
    }

    /// Whether a client can work with it: one that never waits would ask without end.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], which names `key`.
    pub(crate) fn check(&self, key: &'static str) -> Result<()> {
        let found = self.first.as_millis();
        let rule = match self.first {
            _ if found < 1 => "it is at least 1",
            first if first > self.most => "it is at most the setting of the same name with `.max`",
            _ => return Ok(()),
        };
        Err(Error::Config { key, found: found.to_string(), rule })
    }
}
