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
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::api::Api;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::memory::Memory;
use crate::net::Stream;
use crate::wire::{self, Answer, Frame, FrameError, FrameReader, ReadLimits, RequestHeader};

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
    /// Somebody waits, and nobody did before.
    first: Notify,
    /// Cancelled when the connection has ended: the writer may hang in the middle of a frame.
    over: CancellationToken,
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
    deadline: Instant,
    answer: oneshot::Sender<Arrived>,
    _place: OwnedSemaphorePermit,
}

/// What came of a request. Whoever waits for it is told nothing at all if the connection ends.
enum Arrived {
    Answer(Frame),
    /// Its time was over.
    Late,
}

/// The one of those who wait whose time is over first.
enum Front {
    Nobody,
    InTime(Instant),
    Late(Waiting),
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
            first: Notify::new(),
            over: CancellationToken::new(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(write_frames(frames, write, line.clone()));
        tasks.spawn(read_frames(read, config.clone(), line.clone()));
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
        self.over.cancel();
    }

    /// Ends when the time of the front is over, and gives the front.
    async fn overdue(&self) -> Waiting {
        loop {
            match self.front() {
                Front::Nobody => self.first.notified().await,
                Front::InTime(deadline) => sleep_until(deadline).await,
                Front::Late(late) => return late,
            }
        }
    }

    /// How it stands with the front. One whose time is over is taken out.
    fn front(&self) -> Front {
        let mut state = self.state();
        match state.waiting.pop_front() {
            None => Front::Nobody,
            Some(late) if late.deadline <= Instant::now() => Front::Late(late),
            Some(front) => {
                let deadline = front.deadline;
                state.waiting.push_front(front);
                Front::InTime(deadline)
            }
        }
    }

    /// Hands an answer to the one who waits for it.
    fn arrived(&self, frame: Frame) -> Result<(), String> {
        let (header, _) = wire::split_answer(&frame.bytes).map_err(|error| error.to_string())?;
        let first = self.state().waiting.pop_front();
        match first {
            Some(first) if first.correlation == header.correlation => {
                // Who asked may have stopped waiting.
                let _ = first.answer.send(Arrived::Answer(frame));
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
        match line.over.run_until_cancelled(write.write_all(&frame)).await {
            Some(Ok(())) => {}
            Some(Err(error)) => return line.end(error.to_string()),
            None => break,
        }
    }
    // The connection was ended on this side. That the other side is told is a courtesy.
    let _ = write.shutdown().await;
}

/// The reader: each answer goes to the one who waits for it, until one does not come in time.
async fn read_frames(read: ReadHalf<Box<dyn Stream>>, config: ClientConfig, line: Arc<Line>) {
    // How long an answer may take is the request's own timeout; the line may be silent for as long as nobody asks.
    let forever = Duration::from_secs(u64::from(u32::MAX));
    let limits = ReadLimits {
        max_frame: config.max_frame,
        idle: forever,
        frame: forever,
        room: forever,
        memory: Memory::new(usize::MAX),
    };
    let mut reader = FrameReader::new(read, limits);
    let mut overdue = std::pin::pin!(line.overdue());
    loop {
        let read = tokio::select! {
            // What has come has come in time.
            biased;
            read = reader.next() => read,
            late = &mut overdue => {
                line.end(format!("no answer within {} ms", config.request_timeout.as_millis()));
                // Who asked may have stopped waiting.
                let _ = late.answer.send(Arrived::Late);
                return;
            }
        };
        let reason = match read {
            Ok(Some(frame)) => match line.arrived(frame) {
                Ok(()) => continue,
                Err(reason) => reason,
            },
            Ok(None) => "the broker closed it".to_owned(),
            Err(FrameError::TooLong { length, max, .. }) => {
                format!("an answer of {length} bytes came, and this client takes {max}")
            }
            Err(error) => error.to_string(),
        };
        return line.end(reason);
    }
}
