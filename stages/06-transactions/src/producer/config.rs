//! What a producer of transactions is told.

use std::time::Duration;

use acks::producer::AckedSending;
use partitioning::{Error, Result};

use crate::records::MAX_ID;

/// The settings that are new in this stage, and those of stage 04. Names and defaults are Kafka's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionalConfig {
    /// `transactional.id`: whoever begins with it is one and the same producer, on whatever machine. 1 to 249 bytes.
    pub transactional_id: String,
    /// `transaction.timeout.ms`: how long a transaction may be open before its coordinator aborts it. Brokers have a bound for it,
    /// `transaction.max.timeout.ms`.
    pub timeout: Duration,
    /// `retries`, `delivery.timeout.ms` and so on. `acks` is all.
    pub sending: AckedSending,
}

impl TransactionalConfig {
    /// The defaults, for this transactional id.
    pub fn new(transactional_id: impl Into<String>) -> Self {
        TransactionalConfig {
            transactional_id: transactional_id.into(),
            timeout: Duration::from_secs(60),
            sending: AckedSending::default(),
        }
    }

    /// The same, if a producer can work with it.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], which names the setting.
    pub fn checked(self) -> Result<Self> {
        let must = |holds: bool, key, found: String, rule| {
            if holds { Ok(()) } else { Err(Error::Config { key, found, rule }) }
        };
        let length = self.transactional_id.len();
        let rule = "it has 1 to 249 bytes";
        must((1..=MAX_ID).contains(&length), "transactional.id", format!("{length} bytes long"), rule)?;
        let timeout = self.timeout.as_millis();
        let rule = "it is from 1 to 2147483647";
        must((1..=i32::MAX as u128).contains(&timeout), "transaction.timeout.ms", timeout.to_string(), rule)?;
        Ok(self)
    }

    pub(super) fn timeout_ms(&self) -> u32 {
        u32::try_from(self.timeout.as_millis()).expect("it was checked")
    }
}
