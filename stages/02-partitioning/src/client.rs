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
//! A connection is never mended. When it ends, for whatever reason, all that wait are told so, and for each of them it is
//! unknown whether the broker has done what was asked. [`Cluster`] makes new connections.

pub mod cluster;
mod config;

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task;
use std::time::Duration;

use tokio::io::{AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, Timeout, timeout, timeout_at};

use crate::api::Api;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::memory::Memory;
use crate::net::Stream;
use crate::wire::{self, Answer, Frame, FrameReader, ReadLimits, RequestHeader};

pub use cluster::Cluster;
pub use config::ClientConfig;

/// Requests of one connection that may wait for their answers.
const MAX_PENDING: usize = 100;

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

/// What both tasks and all callers share.
struct Line {
    places: Arc<Semaphore>,
    state: Mutex<State>,
}

struct State {
    /// To the writer task; `None` once the connection has ended.
    queue: Option<mpsc::UnboundedSender<Vec<u8>>>,
    /// Who waits, in the order of their requests.
    waiting: VecDeque<Waiting>,
    /// Why the connection has ended.
    ended: Option<String>,
}

struct Waiting {
    correlation: u32,
    answer: oneshot::Sender<Frame>,
    _place: OwnedSemaphorePermit,
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
        let (read, write) = tokio::io::split(stream);
        let (queue, frames) = mpsc::unbounded_channel();
        let line = Arc::new(Line {
            places: Arc::new(Semaphore::new(MAX_PENDING)),
            state: Mutex::new(State { queue: Some(queue), waiting: VecDeque::new(), ended: None }),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(write_frames(frames, write, line.clone()));
        tasks.spawn(read_frames(read, config.max_frame, line.clone()));
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
        let after = shared.config.request_timeout;
        let mut state = shared.line.state();
        let Some(queue) = &state.queue else {
            let why = state.ended.clone().unwrap_or_default();
            return Err(self.not_sent(format!("the connection has ended: {why}")));
        };
        // Queue and list are changed under one lock, so their orders agree. If the writer has just gone, the end of the
        // connection will tell whoever waits.
        let _ = queue.send(frame);
        state.waiting.push_back(Waiting { correlation, answer, _place: place });
        drop(state);
        Ok(Pending {
            client: self.clone(),
            arrived: Box::pin(timeout_at(Instant::now() + after, arrived)),
            _api: PhantomData,
        })
    }

    fn not_sent(&self, reason: String) -> Error {
        Error::Unreachable { address: self.shared.address.clone(), reason }
    }

    /// What an answer that arrived, or did not, means.
    fn read<A: Api>(
        &self,
        arrived: Result<Result<Frame, oneshot::error::RecvError>, tokio::time::error::Elapsed>,
    ) -> Result<A::Response> {
        let address = self.shared.address.clone();
        match arrived {
            Ok(Ok(frame)) => {
                match wire::split_answer(&frame.bytes).and_then(|(_, body)| Ok(wire::decode_body(body)?)) {
                    Ok(answer) => Answer::<A::Response>::map_err(answer, Error::from),
                    Err(error) => {
                        let reason = format!("the answer is none of {} {}: {error}", A::NAME, A::VERSION);
                        self.shared.line.end(reason.clone());
                        Err(Error::Disconnected { address, reason })
                    }
                }
            }
            Ok(Err(_)) => {
                let reason = self.shared.line.state().ended.clone().unwrap_or_default();
                Err(Error::Disconnected { address, reason })
            }
            Err(_) => {
                // Answers come in order, so behind this one no other will come either.
                let after = self.shared.config.request_timeout;
                self.shared.line.end(format!("no answer within {} ms", after.as_millis()));
                Err(Error::TimedOut { address, after })
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

/// An answer that is on its way. Dropping it does not take the request back.
pub struct Pending<A: Api> {
    client: Client,
    arrived: Pin<Box<Timeout<oneshot::Receiver<Frame>>>>,
    _api: PhantomData<fn() -> A>,
}

impl<A: Api> Future for Pending<A> {
    type Output = Result<A::Response>;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> task::Poll<Self::Output> {
        let arrived = task::ready!(self.arrived.as_mut().poll(context));
        task::Poll::Ready(self.client.read::<A>(arrived))
    }
}

impl<A: Api> fmt::Debug for Pending<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pending({} from {})", A::NAME, self.client.address())
    }
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the line")
    }

    /// Ends the connection, if it has not ended. All who wait learn of it, as their senders are dropped.
    fn end(&self, reason: String) {
        let mut state = self.state();
        state.ended.get_or_insert(reason);
        state.queue = None;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        drop(waiting);
    }

    /// Hands an answer to the one who waits for it.
    fn arrived(&self, frame: Frame) -> Result<(), String> {
        let (header, _) = wire::split_answer(&frame.bytes).map_err(|error| error.to_string())?;
        let first = self.state().waiting.pop_front();
        match first {
            Some(first) if first.correlation == header.correlation => {
                // Who asked may have stopped waiting.
                let _ = first.answer.send(frame);
                Ok(())
            }
            Some(first) => Err(format!("answer {} came where {} was due", header.correlation, first.correlation)),
            None => Err(format!("answer {} came, and nothing was asked", header.correlation)),
        }
    }
}

/// The writer: frames go out in the order of the queue.
async fn write_frames(
    mut frames: mpsc::UnboundedReceiver<Vec<u8>>,
    mut write: WriteHalf<Box<dyn Stream>>,
    line: Arc<Line>,
) {
    while let Some(frame) = frames.recv().await {
        if let Err(error) = write.write_all(&frame).await {
            return line.end(error.to_string());
        }
    }
    // The connection was ended on this side. That the other side is told is a courtesy.
    let _ = write.shutdown().await;
}

/// The reader: each answer goes to the one who waits for it.
async fn read_frames(read: ReadHalf<Box<dyn Stream>>, max_frame: usize, line: Arc<Line>) {
    // How long an answer may take is the request's own timeout; the line may be silent for as long as nobody asks.
    let forever = Duration::from_secs(u64::from(u32::MAX));
    let limits = ReadLimits { max_frame, idle: forever, frame: forever, memory: Memory::new(usize::MAX) };
    let mut reader = FrameReader::new(read, limits);
    loop {
        let reason = match reader.next().await {
            Ok(Some(frame)) => match line.arrived(frame) {
                Ok(()) => continue,
                Err(reason) => reason,
            },
            Ok(None) => "the broker closed it".to_owned(),
            Err(error) => error.to_string(),
        };
        return line.end(reason);
    }
}
