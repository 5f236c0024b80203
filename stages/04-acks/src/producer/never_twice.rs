//! Another policy for when to try again: never if the record may be there already.

use std::time::Duration;

use partitioning::api::ProducePartition;
use partitioning::producer::sending::Answer;
use partitioning::producer::{ProducerConfig, Sending};
use partitioning::{Client, ClientConfig, Error, Result};

use super::AckedSending;

/// As [`AckedSending`], but a batch is sent again only if it is certain that no attempt has written it. So a record is in the
/// log at most once.
///
/// `retries=0` promises the same, and gives up at the first obstacle. Most obstacles are harmless: a broker that cannot be
/// reached, a partition without a leader, too few replicas in sync. Nothing was written then, and a second attempt can write it
/// for the first time only. Left over are the attempts of which nobody knows what became: they end in an error that says so
/// ([`Error::is_in_doubt`]), and whoever sent the record decides.
///
/// It is for records of which two are worse than none. Stage 05 has both: no duplicates, and no record given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NeverTwice {
    /// All else is as here.
    pub sending: AckedSending,
}

impl Sending for NeverTwice {
    fn start(&self, broker: &Client, partitions: Vec<ProducePartition>) -> Result<Answer> {
        self.sending.start(broker, partitions)
    }

    fn awaits_answer(&self) -> bool {
        self.sending.awaits_answer()
    }

    fn again(&self, error: &Error, attempts: u32) -> bool {
        self.sending.again(error, attempts) && self.sending.doubt(error).is_none()
    }

    fn doubt(&self, error: &Error) -> Option<String> {
        self.sending.doubt(error)
    }

    fn delivery_timeout(&self) -> Option<Duration> {
        self.sending.delivery_timeout()
    }

    fn check(&self, producer: &ProducerConfig, client: &ClientConfig) -> Result<()> {
        self.sending.check(producer, client)
    }
}
