//! How a follower, and whoever reads the metadata log, asks for what comes next. A seam: stage 04 puts another way in the
//! place of this stage's.

use std::fmt;
use std::time::Duration;

use partitioning::api::{Fetch, FetchRequest, FetchResponse};
use partitioning::net::BoxFuture;
use partitioning::{Client, Result};

use crate::api::{FollowerFetch, FollowerFetchRequest, FollowerFetchResponse};

/// See the [module](self).
pub trait Fetching: fmt::Debug + Send + Sync + 'static {
    /// Asks a leader.
    fn follow<'a>(
        &'a self,
        leader: &'a Client,
        request: FollowerFetchRequest,
    ) -> BoxFuture<'a, Result<FollowerFetchResponse>>;

    /// Asks the controller for its log.
    fn read<'a>(&'a self, controller: &'a Client, request: FetchRequest) -> BoxFuture<'a, Result<FetchResponse>>;

    /// How long to wait after an answer that brought nothing.
    fn rest(&self) -> Duration;
}

/// Asks, and is answered at once. If there was nothing, it asks again a little later: a record that comes in between is
/// copied that much later.
#[derive(Debug, Clone, Copy)]
pub struct Polling {
    /// How much later.
    pub rest: Duration,
}

impl Default for Polling {
    fn default() -> Self {
        Polling { rest: Duration::from_millis(20) }
    }
}

impl Fetching for Polling {
    fn follow<'a>(
        &'a self,
        leader: &'a Client,
        request: FollowerFetchRequest,
    ) -> BoxFuture<'a, Result<FollowerFetchResponse>> {
        Box::pin(leader.call::<FollowerFetch>(request))
    }

    fn read<'a>(&'a self, controller: &'a Client, request: FetchRequest) -> BoxFuture<'a, Result<FetchResponse>> {
        Box::pin(controller.call::<Fetch>(request))
    }

    fn rest(&self) -> Duration {
        self.rest
    }
}
