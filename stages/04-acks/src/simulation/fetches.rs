//! How followers ask, counted: where two logs parted, and where a follower had to start over.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use partitioning::api::{FetchRequest, FetchResponse};
use partitioning::net::BoxFuture;
use partitioning::{Client, Result, consumer};
use replication::api::{FetchFound, FollowerFetchRequest, FollowerFetchResponse};
use replication::fetching::Fetching;

/// What followers were told. Clones count together.
#[derive(Debug, Clone, Default)]
pub(super) struct Fetches(Arc<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    diverging: AtomicU64,
    out_of_range: AtomicU64,
}

impl Fetches {
    /// How often a follower heard that its log parts from its leader's.
    pub(super) fn diverging(&self) -> u64 {
        self.0.diverging.load(Ordering::Relaxed)
    }

    /// How often a follower heard that its leader's log does not reach to where it is.
    pub(super) fn out_of_range(&self) -> u64 {
        self.0.out_of_range.load(Ordering::Relaxed)
    }

    fn count(&self, answer: &FollowerFetchResponse) {
        for (_, fetched) in &answer.partitions {
            match fetched.as_ref().map(|fetched| &fetched.found) {
                Ok(FetchFound::Diverging(_)) => drop(self.0.diverging.fetch_add(1, Ordering::Relaxed)),
                Ok(FetchFound::OutOfRange { .. }) => drop(self.0.out_of_range.fetch_add(1, Ordering::Relaxed)),
                _ => {}
            }
        }
    }
}

/// Asks as another does, and counts the answers.
pub(super) struct Counted {
    by: Arc<dyn Fetching>,
    fetches: Fetches,
}

impl Counted {
    pub(super) fn new(by: Arc<dyn Fetching>, fetches: Fetches) -> Self {
        Counted { by, fetches }
    }
}

impl Fetching for Counted {
    fn follow<'a>(
        &'a self,
        leader: &'a Client,
        request: FollowerFetchRequest,
    ) -> BoxFuture<'a, Result<FollowerFetchResponse>> {
        Box::pin(async move {
            let answer = self.by.follow(leader, request).await?;
            self.fetches.count(&answer);
            Ok(answer)
        })
    }
}

impl consumer::Fetching for Counted {
    fn fetch<'a>(&'a self, broker: &'a Client, request: FetchRequest) -> BoxFuture<'a, Result<FetchResponse>> {
        self.by.fetch(broker, request)
    }

    fn rest(&self) -> Duration {
        self.by.rest()
    }
}

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Counted({:?})", self.by)
    }
}
