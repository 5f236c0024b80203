//! How a consumer reads up to where it may see (`isolation.level`).
//!
//! ```text
//!   orders-0   ▐█ paid 10 █▌▐█ p7: paid 5 █▌▐█ of none █▌▐█ p8: paid 7 █▌▐commit p8▌
//!                            ▲ last stable: p7 is open                              ▲ high watermark
//!   read_uncommitted         ───────────────────────────────────────────────────────▶
//!   read_committed ─────────▶ waits, also for what no transaction has to do with
//! ```
//!
//! The consumer is stage 02's, and the wait at the broker is stage 04's. What is new is one word in each question: the level. A broker
//! answers a reader of committed records with batches below the last stable offset, and with the transactions among them that were
//! aborted; stage 02's consumer leaves those out.
//!
//! The level stands in the question for where a partition ends, too. Otherwise a reader that begins "at the end" would begin behind
//! a transaction that is open, and would miss it when it is committed.

use std::time::Duration;

use acks::fetching::LongPolling;
use partitioning::api::{FetchRequest, FetchResponse, ListOffsetsRequest, ListOffsetsResponse};
use partitioning::consumer::Fetching;
use partitioning::net::BoxFuture;
use partitioning::{Client, ClientConfig, Result};

use crate::api::{FetchIsolated, Isolated, IsolationLevel, ListOffsetsIsolated};

/// See the [module](self).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsolatedFetching {
    /// `isolation.level`.
    pub level: IsolationLevel,
    /// `fetch.max.wait.ms` and `fetch.min.bytes`.
    pub polling: LongPolling,
}

impl IsolatedFetching {
    /// Committed records only, with Kafka's defaults for the rest.
    pub fn committed() -> Self {
        IsolatedFetching { level: IsolationLevel::ReadCommitted, polling: LongPolling::of_consumer() }
    }

    fn isolated<T>(&self, question: T) -> Isolated<T> {
        Isolated { level: self.level, question }
    }
}

impl Fetching for IsolatedFetching {
    fn fetch<'a>(&'a self, broker: &'a Client, request: FetchRequest) -> BoxFuture<'a, Result<FetchResponse>> {
        Box::pin(broker.call::<FetchIsolated>(self.isolated(self.polling.waiting(request))))
    }

    fn list_offsets<'a>(
        &'a self,
        broker: &'a Client,
        request: ListOffsetsRequest,
    ) -> BoxFuture<'a, Result<ListOffsetsResponse>> {
        Box::pin(broker.call::<ListOffsetsIsolated>(self.isolated(request)))
    }

    fn rest(&self) -> Duration {
        Fetching::rest(&self.polling)
    }

    fn check(&self, client: &ClientConfig) -> Result<()> {
        Fetching::check(&self.polling, client)
    }
}
