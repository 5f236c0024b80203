//! A broker's door: connections come in, frames are read, the router answers.
//!
//! ```text
//!                 ┌──────────────── one connection ────────────────┐
//!   accept ─────▶ │ reader ── queue (in flight) ──▶ answerer ──────│──▶ bytes out
//!                 │   ▲ waits when the queue is full      │        │
//!                 └───┼───────────────────────────────────┼────────┘
//!                   bytes in                          Router::answer
//! ```
//!
//! A connection has two halves. The reader takes frames off the network. The answerer takes them from the queue between
//! the two, has them answered *one after the other*, and sends the answers in the same order. So whoever sends two
//! requests over one connection knows that the second was begun after the first had ended. A producer's order rests on it.
//!
//! Whoever can connect can try to take everything. So everything has a bound ([`Limits`]): connections, frames in flight on
//! each, bytes in flight on all, time without a word, time for a frame, time without taking any of an answer. Who
//! oversteps one loses his own connection, with the reason in the log.
//!
//! Until then others may notice him. Memory is shared, so a frame waits while those before it take all of
//! [`request_memory`](Limits::request_memory); that wait is not on the client's time, and has an end of its own
//! ([`Limits::room`]). Answers to fetches share [`answer_memory`](Limits::answer_memory). Clients that ask for much and then do
//! not read hold their part for up to [`Limits::answer`], and clients that read slowly for as long as they read. So an
//! answer takes at most half of what is free ([`Context::share`]): the others get shorter answers, and no long wait.
//!
//! When the server is told to stop, it takes no more connections and no more frames. What it had taken is answered first;
//! a handler that waits for something notices it ([`Context::stopping`]).

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, info, warn};

use crate::memory::Memory;
use crate::net::{Listener, Stream};
use crate::router::{Context, Router};
use crate::wire::{Frame, FrameError, FrameReader, ReadLimits};

/// What a broker bears. The names are Kafka's, where it has one.
#[derive(Debug, Clone)]
pub struct Limits {
    /// `max.connections`: more are closed as they come.
    pub max_connections: usize,
    /// `socket.request.max.bytes`: the longest request, in bytes.
    pub max_frame: usize,
    /// The longest answer, in bytes. (Kafka has no such bound: `socket.request.max.bytes` is for requests alone.)
    pub max_answer: usize,
    /// Frames of one connection that were read and not yet answered. (Kafka reads the next one only when the one before
    /// is answered.)
    pub max_in_flight: usize,
    /// `queued.max.request.bytes`: bytes of all frames that were read and not yet answered. One frame may go beyond it
    /// ([`memory`](crate::memory)).
    pub request_memory: usize,
    /// Bytes of all answers that were made and not yet sent. (Kafka has no such bound, and needs none: it sends files.)
    pub answer_memory: usize,
    /// `connections.max.idle.ms`: how long a connection may stay without a frame.
    pub idle: Duration,
    /// How long a frame may take from its first byte to its last, without the wait for room.
    pub frame: Duration,
    /// How long a frame may wait for room among `request_memory`.
    pub room: Duration,
    /// How long a client may take nothing of an answer. However little he takes, it begins anew.
    pub answer: Duration,
    /// How long a stopping server waits for answers that are under way.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_connections: 1_000,
            max_frame: 100 << 20,
            max_answer: 100 << 20,
            max_in_flight: 10,
            request_memory: 512 << 20,
            answer_memory: 512 << 20,
            idle: Duration::from_secs(600),
            frame: Duration::from_secs(30),
            room: Duration::from_secs(30),
            answer: Duration::from_secs(30),
            drain: Duration::from_secs(30),
        }
    }
}

/// See the [module](self).
#[derive(Debug)]
pub struct Server {
    listener: Box<dyn Listener>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    router: Router,
    limits: Limits,
    requests: Memory,
    answers: Memory,
    connections: Arc<Semaphore>,
    stop: CancellationToken,
}

impl Server {
    /// Serves `router` to whoever connects, until `stop` is cancelled.
    pub fn new(listener: Box<dyn Listener>, router: Router, limits: Limits, stop: CancellationToken) -> Self {
        let shared = Shared {
            router,
            requests: Memory::new(limits.request_memory),
            answers: Memory::new(limits.answer_memory),
            connections: Arc::new(Semaphore::new(limits.max_connections)),
            limits,
            stop,
        };
        Server { listener, shared: Arc::new(shared) }
    }

    /// Serves. Returns when it was told to stop and all that it had taken is answered, or [`Limits::drain`] is over.
    pub async fn run(mut self) {
        let connections = TaskTracker::new();
        let stop = self.shared.stop.clone();
        while let Some(accepted) = stop.run_until_cancelled(self.listener.accept()).await {
            match accepted {
                Ok((stream, peer)) => self.take(stream, peer, &connections),
                Err(error) => refused(&error).await,
            }
        }
        // The port is free from here on: who tries to connect now is told at once that nobody is there.
        drop(self.listener);
        connections.close();
        if timeout(self.shared.limits.drain, connections.wait()).await.is_err() {
            warn!("{} connections had answers under way when the time to stop was over", connections.len());
        }
    }

    fn take(&self, stream: Box<dyn Stream>, peer: SocketAddr, connections: &TaskTracker) {
        let Ok(place) = self.shared.connections.clone().try_acquire_owned() else {
            warn!(%peer, "connection refused: {} are open (max.connections)", self.shared.limits.max_connections);
            return;
        };
        debug!(%peer, "connected");
        let connection = Connection { shared: self.shared.clone(), peer };
        connections.spawn(async move {
            let end = connection.serve(stream).await;
            match end {
                End::Closed | End::Stopped | End::Idle(_) => debug!(%peer, "connection closed: {end}"),
                End::Gone(_) => info!(%peer, "connection closed: {end}"),
                End::Bad(_) | End::Untaken(_) => warn!(%peer, "connection closed: {end}"),
            }
            drop(place);
        });
    }
}

/// How long a door that cannot let anybody in stays shut.
const REFUSED_PAUSE: Duration = Duration::from_millis(100);

/// The system has no more file descriptors, say. That may pass, and until then it would say so a million times a second.
async fn refused(error: &io::Error) {
    warn!("a connection could not be accepted: {error}");
    tokio::time::sleep(REFUSED_PAUSE).await;
}

/// Why a connection ended.
#[derive(Debug)]
enum End {
    /// The client closed it.
    Closed,
    /// The server was told to stop.
    Stopped,
    /// Nothing came for too long.
    Idle(Duration),
    /// The network, or the client, went away in the middle.
    Gone(String),
    /// What came breaks a rule, or found no room.
    Bad(FrameError),
    /// The client took nothing of his answer for too long.
    Untaken(Duration),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Closed => f.write_str("by the client"),
            End::Stopped => f.write_str("the broker stops"),
            End::Idle(idle) => write!(f, "{}", FrameError::Idle(*idle)),
            End::Gone(why) => f.write_str(why),
            End::Bad(why) => write!(f, "{why}"),
            End::Untaken(within) => write!(f, "nothing of an answer was taken within {} ms", within.as_millis()),
        }
    }
}

impl From<FrameError> for End {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Idle(idle) => End::Idle(idle),
            FrameError::Io(_) | FrameError::CutOff { .. } => End::Gone(error.to_string()),
            _ => End::Bad(error),
        }
    }
}

/// A frame in the queue.
struct Request {
    frame: Frame,
    /// Its place among the frames in flight.
    _place: OwnedSemaphorePermit,
}

struct Connection {
    shared: Arc<Shared>,
    peer: SocketAddr,
}

impl Connection {
    async fn serve(&self, stream: Box<dyn Stream>) -> End {
        let limits = &self.shared.limits;
        let (read, write) = tokio::io::split(stream);
        let (queue, requests) = mpsc::channel(limits.max_in_flight);
        let hung_up = self.shared.stop.child_token();
        let answerer = self.answer(requests, write, hung_up.clone());
        let reader = async {
            let end = self.read(read, queue).await;
            hung_up.cancel();
            end
        };
        tokio::pin!(answerer);
        tokio::select! {
            // In this order, not in one that chance has chosen: a simulated run can be repeated.
            biased;
            // What was read before the reader ended is still answered.
            end = reader => match answerer.await {
                End::Closed => end,
                worse => worse,
            },
            end = &mut answerer => end,
        }
    }

    /// Reads frames into the queue, as long as they hold.
    async fn read(&self, read: ReadHalf<Box<dyn Stream>>, queue: mpsc::Sender<Request>) -> End {
        let limits = &self.shared.limits;
        let mut reader = FrameReader::new(
            read,
            ReadLimits {
                max_frame: limits.max_frame,
                idle: limits.idle,
                frame: limits.frame,
                room: limits.room,
                memory: self.shared.requests.clone(),
            },
        );
        let in_flight = Arc::new(Semaphore::new(limits.max_in_flight));
        let stop = &self.shared.stop;
        loop {
            let Some(place) = stop.run_until_cancelled(in_flight.clone().acquire_owned()).await else {
                return End::Stopped;
            };
            let place = place.expect("the places are never closed");
            let frame = match stop.run_until_cancelled(reader.next()).await {
                None => return End::Stopped,
                Some(Ok(None)) => return End::Closed,
                // Who waits for an answer is not idle.
                Some(Err(FrameError::Idle(_))) if in_flight.available_permits() + 1 < limits.max_in_flight => continue,
                Some(Err(error)) => return error.into(),
                Some(Ok(Some(frame))) => frame,
            };
            if queue.send(Request { frame, _place: place }).await.is_err() {
                return End::Closed;
            }
        }
    }

    /// Answers what is in the queue, one after the other. Ends when the reader has ended and the queue is empty.
    /// `hung_up` is cancelled when nobody asks any more: then nobody is kept waiting either.
    async fn answer(
        &self,
        mut requests: mpsc::Receiver<Request>,
        mut write: WriteHalf<Box<dyn Stream>>,
        hung_up: CancellationToken,
    ) -> End {
        while let Some(Request { frame, _place }) = requests.recv().await {
            let began = Instant::now();
            let Frame { bytes, room } = frame;
            let context = Context::new(self.peer, self.shared.answers.clone(), hung_up.clone()).with_room(room);
            let answer = match self.shared.router.answer(bytes.freeze(), context.clone()).await {
                Ok(answer) => answer,
                Err(error) => return error.into(),
            };
            context.release();
            if let Err(end) = self.send(&answer, &mut write).await {
                return end;
            }
            debug!(peer = %self.peer, "answered in {} us", began.elapsed().as_micros());
        }
        // Best effort: the other side may be gone.
        let _ = timeout(self.shared.limits.answer, write.shutdown()).await;
        End::Closed
    }

    /// Sends an answer piece by piece, each as large as the other side takes. Each piece that is taken is a sign of life.
    async fn send(&self, mut answer: &[u8], write: &mut (impl AsyncWrite + Unpin)) -> Result<(), End> {
        let within = self.shared.limits.answer;
        while !answer.is_empty() {
            match timeout(within, write.write(answer)).await {
                Ok(Ok(0)) => return Err(End::Gone("the connection takes nothing any more".to_owned())),
                Ok(Ok(taken)) => answer = &answer[taken..],
                Ok(Err(error)) => return Err(End::Gone(format!("the connection failed: {error}"))),
                Err(_) => return Err(End::Untaken(within)),
            }
        }
        Ok(())
    }
}
