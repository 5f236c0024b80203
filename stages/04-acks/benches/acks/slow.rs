//! A follower that takes its time: the seam for followers' questions once more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use acks::fetching::LongPolling;
use partitioning::api::{FetchRequest, FetchResponse};
use partitioning::net::BoxFuture;
use partitioning::{Client, Result, consumer};
use replication::api::{FollowerFetchRequest, FollowerFetchResponse};
use replication::fetching::Fetching;

/// Waits before each question, for as long as it was told. Clones wait alike.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slow(Arc<AtomicU64>);

impl Slow {
    /// From now on it waits so long.
    pub(crate) fn set(&self, pause: Duration) {
        self.0.store(pause.as_micros() as u64, Ordering::Relaxed);
    }
}

impl consumer::Fetching for Slow {
    fn fetch<'a>(&'a self, broker: &'a Client, request: FetchRequest) -> BoxFuture<'a, Result<FetchResponse>> {
        // The metadata are read as fast as ever.
        Box::pin(async move { LongPolling::of_follower().fetch(broker, request).await })
    }

    fn rest(&self) -> Duration {
        Duration::ZERO
    }
}

impl Fetching for Slow {
    fn follow<'a>(
        &'a self,
        leader: &'a Client,
        request: FollowerFetchRequest,
    ) -> BoxFuture<'a, Result<FollowerFetchResponse>> {
        Box::pin(async move {
            let pause = Duration::from_micros(self.0.load(Ordering::Relaxed));
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            LongPolling::of_follower().follow(leader, request).await
        })
    }
}
