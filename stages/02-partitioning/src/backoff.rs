//! How long to wait before something that failed is tried again.
//!
//! Whoever asks a broker that is down, and asks again at once, keeps two machines busy and learns nothing. So each attempt
//! that fails doubles the wait for the next one, up to a bound (KIP-580).
//!
//! Many clients that lost the same broker at the same moment would all come back at the same moment, wait for the same time,
//! and come back together again. Chance takes them apart: a wait is up to 20 % longer or shorter
//! ([`jittered`](Backoff::jittered)).
//!
//! Who uses it: a producer that sends its batches again (stage 04). Where one caller waits for one thing, as in `send` and in a
//! consumer, waits are exact; in Kafka chance has a part in those too.

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

    /// The same, but up to a fifth longer or shorter, as chance has it. It is never longer than the bound, so at the bound
    /// chance can only shorten it (KIP-580, Kafka's `ExponentialBackoff`).
    pub fn jittered(&self, failures: u32, random: &mut fastrand::Rng) -> Duration {
        let permille = random.u32(800..=1_200);
        (self.after(failures).saturating_mul(permille) / 1_000).min(self.most)
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
