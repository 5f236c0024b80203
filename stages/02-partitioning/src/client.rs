//! One connection to a broker: questions go out, answers come back, in the same order.
//!
//! ```text
//!   start(request) ──▶ writer task ──▶ network
//!        │ notes who waits                │
//!        ▼                                ▼
//!   Pending ◀── by correlation id ── reader task
//! ```
//!
//! Requests are *pipelined*: the next is sent before the answer to the one before has come. On a network whose way there and
//! back takes a millisecond, a client that waits each time does at most a thousand requests a second, whatever the
//! broker could do.
//!
//! The broker answers in the order of the requests. So the front of those who wait is the one whose time is over first, and
//! behind an answer that does not come there is none. When the front's time is over, the connection ends, whether anybody
//! still looks at that request or not: a connection that hangs must not stay in use because its callers went away.
//!
//! A connection is never mended. When it ends, for whatever reason, all that wait are told so, and for each of them it is
//! unknown whether the broker has done what was asked. [`Cluster`] makes new connections.

pub mod cluster;
mod config;
mod line;

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task;

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use self::line::{Arrived, Line, MAX_PENDING, Waiting};
use crate::api::Api;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::Stream;
use crate::wire::{self, Answer, RequestHeader};

pub use cluster::Cluster;
pub use config::ClientConfig;

/// See the [module](self). Clones share the connection; it is closed with the last of them, once nobody waits any more.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    address: String,
    config: ClientConfig,
    next: AtomicU32,
    line: Arc<Line>,
    /// Reader and writer. They end with this.
    _tasks: JoinSet<()>,
}

impl Client {
    /// Connects to `address`.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`].
    pub async fn connect(host: &Host, address: &str, config: &ClientConfig) -> Result<Client> {
        let within = config.connect_timeout;
        let stream = match timeout(within, host.net.connect(address)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(Error::unreachable(address, &error)),
            Err(_) => {
                let reason = format!("no connection within {} ms", within.as_millis());
                return Err(Error::Unreachable { address: address.to_owned(), reason });
            }
        };
        Ok(Self::over(stream, address, config.clone()))
    }

    fn over(stream: Box<dyn Stream>, address: &str, config: ClientConfig) -> Client {
        let (line, tasks) = Line::open(stream, &config);
        let shared = Shared { address: address.to_owned(), config, next: AtomicU32::new(0), line, _tasks: tasks };
        Client { shared: Arc::new(shared) }
    }

    /// Where the broker is.
    pub fn address(&self) -> &str {
        &self.shared.address
    }

    /// Whether the connection has ended.
    pub fn is_closed(&self) -> bool {
        self.shared.line.state().ended.is_some()
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`]; [`Error::Disconnected`] or [`Error::TimedOut`] if it is unknown whether it was done.
    pub async fn call<A: Api>(&self, request: A::Request) -> Result<A::Response> {
        let place = self.shared.line.places.clone().acquire_owned().await;
        self.begin::<A>(&request, place.expect("the places are never closed"))?.await
    }

    /// Sends a request now, and lets its answer be waited for later. Requests reach the broker in the order of the calls.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] if the connection has ended, or if 100 requests wait for their answers already: nothing was
    /// sent.
    pub fn start<A: Api>(&self, request: A::Request) -> Result<Pending<A>> {
        let place = self.shared.line.places.clone().try_acquire_owned();
        let place =
            place.map_err(|_| self.not_sent(format!("{MAX_PENDING} requests wait for their answers already")))?;
        self.begin::<A>(&request, place)
    }

    fn begin<A: Api>(&self, request: &A::Request, place: OwnedSemaphorePermit) -> Result<Pending<A>> {
        let shared = &self.shared;
        let correlation = shared.next.fetch_add(1, Ordering::Relaxed);
        let client_id = shared.config.client_id.clone();
        let header = RequestHeader { api: A::KEY, version: A::VERSION, correlation, client_id };
        let frame = wire::request_frame::<A>(&header, request, shared.config.max_frame);
        let frame = frame.map_err(|error| self.not_sent(error.to_string()))?;
        let (answer, arrived) = oneshot::channel();
        let mut state = shared.line.state();
        let Some(queue) = &state.queue else {
            let why = state.ended.clone().unwrap_or_default();
            return Err(self.not_sent(format!("the connection has ended: {why}")));
        };
        // Queue and list are changed under one lock, so their orders agree. If the writer has just gone, the end of the
        // connection will tell whoever waits.
        let _ = queue.send(frame);
        let deadline = Instant::now() + shared.config.request_timeout;
        state.waiting.push_back(Waiting { correlation, deadline, answer, _place: place });
        if state.waiting.len() == 1 {
            shared.line.first.notify_one();
        }
        drop(state);
        Ok(Pending { client: self.clone(), arrived, _api: PhantomData })
    }

    fn not_sent(&self, reason: String) -> Error {
        Error::Unreachable { address: self.shared.address.clone(), reason }
    }

    /// What an answer that arrived, or did not, means.
    fn read<A: Api>(&self, arrived: Result<Arrived, oneshot::error::RecvError>) -> Result<A::Response> {
        let address = self.shared.address.clone();
        match arrived {
            Ok(Arrived::Answer(frame)) => {
                match wire::split_answer(&frame.bytes).and_then(|(_, body)| Ok(wire::decode_body(body)?)) {
                    Ok(answer) => Answer::<A::Response>::map_err(answer, Error::from),
                    Err(error) => {
                        let reason = format!("the answer is none of {} {}: {error}", A::NAME, A::VERSION);
                        self.shared.line.end(reason.clone());
                        Err(Error::Disconnected { address, reason })
                    }
                }
            }
            Ok(Arrived::Late) => Err(Error::TimedOut { address, after: self.shared.config.request_timeout }),
            Err(_) => {
                let reason = self.shared.line.state().ended.clone().unwrap_or_default();
                Err(Error::Disconnected { address, reason })
            }
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared.line.state();
        write!(f, "Client({}, {} waiting, ended: {:?})", self.shared.address, state.waiting.len(), state.ended)
    }
}

/// An answer that is on its way. Dropping it does not take the request back, nor the time that its answer has.
pub struct Pending<A: Api> {
    client: Client,
    arrived: oneshot::Receiver<Arrived>,
    _api: PhantomData<fn() -> A>,
}

impl<A: Api> Future for Pending<A> {
    type Output = Result<A::Response>;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> task::Poll<Self::Output> {
        let arrived = task::ready!(Pin::new(&mut self.arrived).poll(context));
        task::Poll::Ready(self.client.read::<A>(arrived))
    }
}

impl<A: Api> fmt::Debug for Pending<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pending({} from {})", A::NAME, self.client.address())
    }
}
