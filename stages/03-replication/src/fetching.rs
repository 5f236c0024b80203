//! How a follower asks for what comes next. A seam: stage 04 puts another way in the place of this stage's.
//!
//! Whoever reads the metadata log asks as a consumer does. So this is what stage 02 says of that
//! ([`consumer::Fetching`]), and one question more: a follower's, which says as well which epoch it knows.

use partitioning::net::BoxFuture;
use partitioning::{Client, Result, consumer};

use crate::api::{FollowerFetch, FollowerFetchRequest, FollowerFetchResponse};

pub use partitioning::consumer::Polling;

/// See the [module](self). The time to wait after an answer that brought nothing is the same for both questions.
pub trait Fetching: consumer::Fetching {
    /// Asks a leader.
    fn follow<'a>(
        &'a self,
        leader: &'a Client,
        request: FollowerFetchRequest,
    ) -> BoxFuture<'a, Result<FollowerFetchResponse>>;
}

/// It is answered at once. If there was nothing, it is asked again a little later: a record that comes in between is copied that
/// much later.
impl Fetching for Polling {
    fn follow<'a>(
        &'a self,
        leader: &'a Client,
        request: FollowerFetchRequest,
    ) -> BoxFuture<'a, Result<FollowerFetchResponse>> {
        Box::pin(leader.call::<FollowerFetch>(request))
    }
}
