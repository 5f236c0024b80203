//! Which function answers which question.
//!
//! A [`Router`] is a set of routes. A stage makes one, and the next stage adds to it:
//!
//! ```text
//!   stage 02   Router::new().route::<Produce>(…).route::<Fetch>(…)
//!   stage 03      .replace::<Metadata>(…)        it knows more brokers than one
//!                 .merge(controller_routes)      whole sets
//! ```
//!
//! Nothing is replaced by accident: [`route`](Router::route) and [`merge`](Router::merge) refuse a route that is there, and
//! [`replace`](Router::replace) refuses one that is not. So what a stage changes can be read in its own code. Both are
//! mistakes of a programmer, found when the broker starts, and so they panic.
//!
//! One question the router answers itself: which APIs it serves ([`ApiVersions`]).

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::api::{Api, ApiRange, ApiVersions, ApiVersionsRequest, ApiVersionsResponse};
use crate::error::{ErrorCode, Refusal};
use crate::memory::{Memory, Room};
use crate::net::BoxFuture;
use crate::wire::{self, Answer, FrameError, RequestHeader};

/// A handler once its types are forgotten: body in, frame of the answer out.
type Erased = Arc<dyn Fn(RequestHeader, Bytes, Context) -> BoxFuture<'static, Framed> + Send + Sync>;
type Framed = Result<Vec<u8>, FrameError>;

/// What a handler returns: an answer that may take a while.
pub type Answering<A> = BoxFuture<'static, Answer<<A as Api>::Response>>;

/// See the [module](self).
#[derive(Clone)]
pub struct Router {
    /// By key and version.
    routes: BTreeMap<(u16, u16), Route>,
    max_answer: usize,
}

#[derive(Clone)]
struct Route {
    name: &'static str,
    handler: Erased,
}

/// Who asks, what he may take, and how long he can be kept waiting.
#[derive(Debug, Clone)]
pub struct Context {
    /// What the client calls itself.
    pub client_id: Arc<str>,
    /// Where the connection comes from.
    pub peer: SocketAddr,
    memory: Memory,
    stop: CancellationToken,
    held: Arc<Mutex<Vec<Room>>>,
    /// The room of the request itself.
    asked: Arc<Mutex<Option<Room>>>,
}

impl Context {
    /// For a request that came from `peer`. Answers take their room from `memory`; the server stops when `stop` is
    /// cancelled.
    pub fn new(peer: SocketAddr, memory: Memory, stop: CancellationToken) -> Self {
        Context { client_id: "".into(), peer, memory, stop, held: Arc::default(), asked: Arc::default() }
    }

    /// The same, for a request that has room of its own. It is given back with the last clone of this.
    pub(crate) fn with_room(self, room: Room) -> Self {
        *self.asked.lock().expect("nothing panics while it holds the room") = Some(room);
        self
    }

    /// Gives back the room of the request. For a handler that has let go of the request's bytes and goes on waiting, perhaps for
    /// somebody whose own request needs room.
    pub fn release(&self) {
        drop(self.asked.lock().expect("nothing panics while it holds the room").take());
    }

    /// Ends when the server is told to stop or the client has hung up, or at once if that was before. A handler that waits for
    /// something else must wait for this as well, and then answer with what it has: the server waits for it, though not for
    /// ever ([`Limits::drain`](crate::Limits::drain)), and it holds a connection's place that nobody uses.
    pub async fn stopping(&self) {
        self.stop.cancelled().await;
    }

    /// The most bytes that an answer should take now: half of what is free. Whoever does not take his answers then leaves
    /// something for all others, however often he asks.
    pub fn share(&self) -> usize {
        self.memory.free() / 2
    }

    /// Waits for room for an answer of so many bytes. It is given back when the answer has been sent.
    pub async fn reserve(&self, bytes: usize) {
        let room = self.memory.room(bytes).await;
        self.held.lock().expect("nothing panics while it holds the list").push(room);
    }
}

impl Router {
    /// No routes; answers of at most `max_answer` bytes.
    pub fn new(max_answer: usize) -> Self {
        Router { routes: BTreeMap::new(), max_answer }
    }

    /// Lets `handler` answer `A`.
    ///
    /// # Panics
    ///
    /// If something answers it already.
    pub fn route<A: Api>(
        mut self,
        handler: impl Fn(A::Request, Context) -> Answering<A> + Send + Sync + 'static,
    ) -> Self {
        let before = self.set::<A>(handler);
        assert!(before.is_none(), "{} {} has a route already: use `replace`", A::NAME, A::VERSION);
        self
    }

    /// Lets `handler` answer `A` in place of what did so until now.
    ///
    /// # Panics
    ///
    /// If nothing did.
    pub fn replace<A: Api>(
        mut self,
        handler: impl Fn(A::Request, Context) -> Answering<A> + Send + Sync + 'static,
    ) -> Self {
        let before = self.set::<A>(handler);
        assert!(before.is_some(), "{} {} has no route yet: use `route`", A::NAME, A::VERSION);
        self
    }

    /// Adds all routes of another.
    ///
    /// # Panics
    ///
    /// If both answer the same.
    pub fn merge(mut self, other: Router) -> Self {
        for ((key, version), route) in other.routes {
            let name = route.name;
            let before = self.routes.insert((key, version), route);
            assert!(before.is_none(), "{name} {version} has a route in both: use `replace`");
        }
        self
    }

    /// What is served, by key.
    pub fn apis(&self) -> Vec<ApiRange> {
        let own = ((ApiVersions::KEY, ApiVersions::VERSION), ApiVersions::NAME);
        let routes = self.routes.iter().map(|(key, route)| (*key, route.name));
        let mut ranges: BTreeMap<u16, ApiRange> = BTreeMap::new();
        for ((key, version), name) in routes.chain([own]) {
            let first = || ApiRange { key, name: name.to_owned(), min: version, max: version };
            let range = ranges.entry(key).or_insert_with(first);
            (range.min, range.max) = (range.min.min(version), range.max.max(version));
        }
        ranges.into_values().collect()
    }

    /// Answers a frame by a frame. A question that is not served, or cannot be read, is refused in an answer of its own,
    /// and the connection goes on.
    ///
    /// # Errors
    ///
    /// [`FrameError::Header`]: nobody knows what was asked, nor by which number to answer. The connection must end.
    pub async fn answer(&self, frame: Bytes, mut context: Context) -> Framed {
        let (header, body) = wire::split_request(&frame)?;
        let body = frame.slice_ref(body);
        // The handler lets go of the body once it is read, and with it of the frame.
        drop(frame);
        context.client_id = header.client_id.clone();
        match self.routes.get(&(header.api, header.version)) {
            Some(route) => (route.handler)(header, body, context).await,
            None if (header.api, header.version) == (ApiVersions::KEY, ApiVersions::VERSION) => {
                let known =
                    wire::decode_body::<ApiVersionsRequest>(&body).map_err(|error| unreadable::<ApiVersions>(&error));
                self.frame(&header, &known.map(|_| ApiVersionsResponse { apis: self.apis() }))
            }
            None => self.frame::<()>(&header, &Err(self.not_served(&header))),
        }
    }

    fn set<A: Api>(
        &mut self,
        handler: impl Fn(A::Request, Context) -> Answering<A> + Send + Sync + 'static,
    ) -> Option<Route> {
        let (handler, max) = (Arc::new(handler), self.max_answer);
        let handler: Erased = Arc::new(move |header, body, context| {
            let handler = handler.clone();
            Box::pin(async move {
                let answer = match wire::decode_body::<A::Request>(&body) {
                    Ok(request) => {
                        drop(body);
                        handler(request, context).await
                    }
                    Err(error) => Err(unreadable::<A>(&error)),
                };
                framed(&header, &answer, max)
            })
        });
        self.routes.insert((A::KEY, A::VERSION), Route { name: A::NAME, handler })
    }

    fn frame<T: Serialize>(&self, header: &RequestHeader, answer: &Answer<T>) -> Framed {
        framed(header, answer, self.max_answer)
    }

    fn not_served(&self, header: &RequestHeader) -> Refusal {
        let (key, version) = (header.api, header.version);
        let message = match self.apis().into_iter().find(|api| api.key == key) {
            Some(ApiRange { name, min, max, .. }) => {
                format!("{name} is served in versions {min} to {max}, and version {version} was asked for")
            }
            None => format!("no API with key {key} is served: ApiVersions names those that are"),
        };
        ErrorCode::UnsupportedVersion.because(message)
    }
}

/// An answer that is too long is no answer: the client is told so. What was asked may have been done all the same, so the
/// code is one that leaves it open.
fn framed<T: Serialize>(header: &RequestHeader, answer: &Answer<T>, max: usize) -> Framed {
    wire::answer_frame(header.correlation, answer, max).or_else(|error| {
        let refusal = ErrorCode::UnknownServerError.because(format!("the answer does not fit: {error}"));
        wire::answer_frame::<()>(header.correlation, &Err(refusal), max)
    })
}

fn unreadable<A: Api>(error: &segment_log::codec::CodecError) -> Refusal {
    let (name, version) = (A::NAME, A::VERSION);
    ErrorCode::InvalidRequest.because(format!("the request is no {name} of version {version}: {error}"))
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.apis().iter().map(|api| (&api.name, api.min, api.max))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_room_of_a_request_is_given_back_when_a_handler_says_so() {
        let memory = Memory::new(100);
        let peer = "127.0.0.1:1".parse().expect("an address");
        let context = Context::new(peer, memory.clone(), CancellationToken::new()).with_room(memory.room(60).await);
        assert_eq!(memory.free(), 40);
        context.clone().release();
        assert_eq!(memory.free(), 100, "whichever clone says it");
        context.release();
        assert_eq!(memory.free(), 100, "and once");
    }
}
