//! How a broker is asked for records. A seam: stage 04 puts another way in the place of this stage's.
//!
//! ```text
//!   Polling        asked? ─▶ nothing        asked? ─▶ nothing        asked? ─▶ ▐█▌
//!                             └── rest ──────▲         └── rest ──────▲
//!                                                           the record comes ┘
//!
//!   stage 04       asked? ─────────────── waits at the broker ─────────────▶ ▐█▌
//! ```
//!
//! Whoever reads a partition's log and stands at its end has the same question: a consumer, and (from stage 03 on) a broker that
//! reads the controller's log. So both ask through this.

use std::fmt;
use std::time::Duration;

use crate::api::{Fetch, FetchRequest, FetchResponse, ListOffsets, ListOffsetsRequest, ListOffsetsResponse};
use crate::client::{Client, ClientConfig};
use crate::error::{Error, Result};
use crate::net::BoxFuture;

/// See the [module](self).
pub trait Fetching: fmt::Debug + Send + Sync + 'static {
    /// Asks a broker for records. Nothing else waits behind the question on this connection.
    fn fetch<'a>(&'a self, broker: &'a Client, request: FetchRequest) -> BoxFuture<'a, Result<FetchResponse>>;

    /// Asks a broker where partitions begin, end or reach a time. Who is shown less of a partition than others asks so that it ends
    /// earlier for him, too (stage 06).
    fn list_offsets<'a>(
        &'a self,
        broker: &'a Client,
        request: ListOffsetsRequest,
    ) -> BoxFuture<'a, Result<ListOffsetsResponse>> {
        Box::pin(broker.call::<ListOffsets>(request))
    }

    /// How long to wait after an answer that brought nothing. It may be no time at all if the answer itself takes some.
    fn rest(&self) -> Duration;

    /// Whether it can be done over a client with those settings.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], which names the setting.
    fn check(&self, _client: &ClientConfig) -> Result<()> {
        Ok(())
    }
}

/// `Fetch` 1: it is answered at once, with what there is. Who has got nothing asks again a little later, and learns of a record
/// that comes in between that much later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Polling {
    /// `fetch.empty.backoff.ms`, which Kafka does not have: how long a partition that had nothing new is left alone, unless its
    /// broker is asked for others.
    pub rest: Duration,
}

impl Default for Polling {
    fn default() -> Self {
        Polling { rest: Duration::from_millis(20) }
    }
}

impl Fetching for Polling {
    fn fetch<'a>(&'a self, broker: &'a Client, request: FetchRequest) -> BoxFuture<'a, Result<FetchResponse>> {
        Box::pin(broker.call::<Fetch>(request))
    }

    fn rest(&self) -> Duration {
        self.rest
    }

    /// Who never pauses would ask without end.
    fn check(&self, _: &ClientConfig) -> Result<()> {
        let found = self.rest.as_millis();
        if found >= 1 {
            return Ok(());
        }
        Err(Error::Config { key: "fetch.empty.backoff.ms", found: found.to_string(), rule: "it is at least 1" })
    }
}
