//! What lies beneath a client: who waits, and the two tasks that move frames.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::ClientConfig;
use crate::memory::Memory;
use crate::net::Stream;
use crate::wire::{self, Frame, FrameError, FrameReader, ReadLimits};

/// Requests of one connection that may wait for their answers.
pub(super) const MAX_PENDING: usize = 100;

/// What both tasks and all callers share.
pub(super) struct Line {
    pub(super) places: Arc<Semaphore>,
    state: Mutex<State>,
    /// Somebody waits, and nobody did before.
    pub(super) first: Notify,
    /// Cancelled when the connection has ended: the writer may hang in the middle of a frame.
    over: CancellationToken,
}

/// What changes, all of it under one lock.
pub(super) struct State {
    /// To the writer task; `None` once the connection has ended.
    pub(super) queue: Option<mpsc::UnboundedSender<Vec<u8>>>,
    /// Who waits, in the order of their requests.
    pub(super) waiting: VecDeque<Waiting>,
    /// Why the connection has ended.
    pub(super) ended: Option<String>,
}

/// One who waits for an answer.
pub(super) struct Waiting {
    pub(super) correlation: u32,
    pub(super) deadline: Instant,
    pub(super) answer: oneshot::Sender<Arrived>,
    pub(super) _place: OwnedSemaphorePermit,
}

/// What came of a request. Whoever waits for it is told nothing at all if the connection ends.
pub(super) enum Arrived {
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

impl Line {
    /// A line over `stream`, and its two tasks.
    pub(super) fn open(stream: Box<dyn Stream>, config: &ClientConfig) -> (Arc<Line>, JoinSet<()>) {
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
        (line, tasks)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the line")
    }

    /// Ends the connection, if it has not ended. All who wait learn of it, as their senders are dropped.
    pub(super) fn end(&self, reason: String) {
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
