//! How messages become bytes: the teaching protocol.
//!
//! ```text
//!    0        4
//!    ├────────┼──────────────────────────────────┬───────────────────────┐
//!    │ length │ header                           │ body                  │    a frame
//!    │  u32   │ api, version, correlation, name  │ the API's own request │    of a request
//!    ├────────┼──────────────┬───────────────────┴───────────────────────┤
//!    │ length │ correlation  │ the API's response, or a refusal          │    of an answer
//!    └────────┴──────────────┴───────────────────────────────────────────┘
//!                 version byte, then bincode          version byte, then bincode
//! ```
//!
//! A connection is a stream of bytes, in which nothing says where a message ends. So each message stands in a *frame*: its
//! length first, as four bytes, the highest first. Whoever reads waits until so many bytes are there.
//!
//! A request has a *correlation id*, a number that its answer repeats. So a client may send several requests before the
//! first answer comes, and still knows which answer is whose. A broker answers the requests of one connection one after
//! the other, in order.
//!
//! What comes from the network is believed by nobody. A length is held against a limit before anything is done with it. A
//! buffer grows by what has arrived, and not by what was announced. A frame that was begun must end in time, and a list
//! has a most number of entries ([`MAX_ENTRIES`](crate::api::MAX_ENTRIES)).

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use segment_log::codec::{self, CodecError};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::codec::Decoder;

use crate::api::Api;
use crate::error::Refusal;
use crate::memory::{Memory, Room};

/// Bytes of a frame's length.
const PREFIX: usize = 4;
/// The version byte of headers and bodies: how they are written, not what they ask.
const ENCODING: u8 = 1;
/// A buffer grows by at most so many bytes before more have arrived.
const GROWTH: usize = 64 << 10;

/// Room for bytes of which nothing is known yet.
const READ: usize = 16 << 10;

/// What stands before a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestHeader {
    /// [`Api::KEY`].
    pub api: u16,
    /// [`Api::VERSION`].
    pub version: u16,
    /// The answer repeats it.
    pub correlation: u32,
    /// What the client calls itself (`client.id`), for logs and limits.
    pub client_id: Arc<str>,
}

/// What stands before an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseHeader {
    /// The request's.
    pub correlation: u32,
}

/// What an answer holds.
pub type Answer<T> = Result<T, Refusal>;

/// A request as a frame.
///
/// # Errors
///
/// [`FrameError::TooLong`].
pub fn request_frame<A: Api>(header: &RequestHeader, request: &A::Request, max: usize) -> Result<Vec<u8>, FrameError> {
    frame(header, request, max)
}

/// An answer as a frame.
///
/// # Errors
///
/// [`FrameError::AnswerTooLong`].
pub fn answer_frame<T: Serialize>(correlation: u32, answer: &Answer<T>, max: usize) -> Result<Vec<u8>, FrameError> {
    frame(&ResponseHeader { correlation }, answer, max).map_err(|error| match error {
        FrameError::TooLong { length, max, .. } => FrameError::AnswerTooLong { length, max },
        other => other,
    })
}

fn frame<H: Serialize, B: Serialize>(header: &H, body: &B, max: usize) -> Result<Vec<u8>, FrameError> {
    let mut bytes = vec![0; PREFIX];
    codec::encode_into(ENCODING, header, &mut bytes);
    codec::encode_into(ENCODING, body, &mut bytes);
    let length = bytes.len() - PREFIX;
    match u32::try_from(length) {
        Ok(prefix) if length <= max => bytes[..PREFIX].copy_from_slice(&prefix.to_be_bytes()),
        _ => return Err(FrameError::TooLong { length, max, looks_like: None }),
    }
    Ok(bytes)
}

/// The header of a frame, and the bytes of its body.
///
/// # Errors
///
/// [`FrameError::Header`].
pub fn split_request(frame: &[u8]) -> Result<(RequestHeader, &[u8]), FrameError> {
    Ok(codec::decode_first(ENCODING, frame)?)
}

/// The correlation id of an answer, and the bytes of its body.
///
/// # Errors
///
/// [`FrameError::Header`].
pub fn split_answer(frame: &[u8]) -> Result<(ResponseHeader, &[u8]), FrameError> {
    Ok(codec::decode_first(ENCODING, frame)?)
}

/// The body of a frame.
///
/// # Errors
///
/// [`CodecError`].
pub fn decode_body<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, CodecError> {
    codec::decode(ENCODING, body)
}

/// Why a connection cannot go on: from here on nobody knows where a message begins.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The length is beyond the limit.
    #[error("a frame of {length} bytes, and socket.request.max.bytes allows {max}{}", looks(.looks_like))]
    TooLong {
        /// What the frame says.
        length: usize,
        /// The limit.
        max: usize,
        /// What protocol begins with these bytes, if they are known to be another's.
        looks_like: Option<&'static str>,
    },
    /// The answer was made, and is beyond what an answer may have. Kafka has no such limit.
    #[error("it has {length} bytes, and an answer has at most {max}")]
    AnswerTooLong {
        /// Its bytes.
        length: usize,
        /// The limit.
        max: usize,
    },
    /// A length of 0.
    #[error("a frame without bytes: it has at least a header")]
    Empty,
    /// The connection ended inside a frame.
    #[error("the connection ended inside a frame: {have} bytes of {needed} had come")]
    CutOff {
        /// Bytes that came, the length's own included.
        have: usize,
        /// Bytes that were announced, or the length's own if it did not come.
        needed: usize,
    },
    /// The header cannot be read.
    #[error("a frame whose header cannot be read: {0}")]
    Header(#[from] CodecError),
    /// Nothing came for too long.
    #[error("nothing came for {} ms (connections.max.idle.ms)", .0.as_millis())]
    Idle(Duration),
    /// A frame was begun and not finished.
    #[error("a frame was not finished within {} ms: {have} bytes of {needed} had come", .within.as_millis())]
    Slow {
        /// How long it was given.
        within: Duration,
        /// As in [`FrameError::CutOff`].
        have: usize,
        /// As in [`FrameError::CutOff`].
        needed: usize,
    },
    /// The frame is in order, and those that came before it take the memory.
    #[error(
        "a frame of {length} bytes found no room within {} ms: queued.max.request.bytes = {total} bytes of other requests \
         are not answered yet", .within.as_millis()
    )]
    NoRoom {
        /// The frame's bytes.
        length: usize,
        /// The bytes that there are for frames.
        total: usize,
        /// How long it waited.
        within: Duration,
    },
    /// The network failed.
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
}

fn looks(other: &Option<&'static str>) -> String {
    other.map_or_else(String::new, |other| format!(" (it looks like {other}: is this the right port?)"))
}

/// Finds frames in a stream of bytes.
#[derive(Debug, Clone, Copy)]
pub struct Frames {
    /// The most bytes of a frame, its length not counted.
    pub max: usize,
}

impl Frames {
    /// The length of the frame at the front, once its four bytes are there. It is from 1 to `max`, and nothing else has been
    /// done with it.
    ///
    /// # Errors
    ///
    /// [`FrameError::Empty`], [`FrameError::TooLong`].
    fn announced(&self, buffer: &[u8]) -> Result<Option<usize>, FrameError> {
        let Some(prefix) = buffer.first_chunk::<PREFIX>() else { return Ok(None) };
        match u32::from_be_bytes(*prefix) as usize {
            0 => Err(FrameError::Empty),
            length if length > self.max => {
                Err(FrameError::TooLong { length, max: self.max, looks_like: other_protocol(prefix) })
            }
            length => Ok(Some(length)),
        }
    }
}

impl Decoder for Frames {
    type Item = BytesMut;
    type Error = FrameError;

    /// Takes a frame from the front of `buffer`, without its length; `None` if it is not all there yet. Then there is room
    /// for more of it, and never for more than `GROWTH` bytes that have not come.
    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<BytesMut>, FrameError> {
        let Some(length) = self.announced(buffer)? else { return Ok(None) };
        let missing = (PREFIX + length).saturating_sub(buffer.len());
        if missing > 0 {
            buffer.reserve(missing.min(GROWTH));
            return Ok(None);
        }
        buffer.advance(PREFIX);
        Ok(Some(buffer.split_to(length)))
    }
}

/// Whose first bytes these are, if somebody came to the wrong port.
fn other_protocol(prefix: &[u8; PREFIX]) -> Option<&'static str> {
    match prefix {
        b"GET " | b"POST" | b"PUT " | b"HEAD" | b"DELE" | b"OPTI" => Some("HTTP"),
        [0x16, 0x03, ..] => Some("TLS"),
        b"SSH-" => Some("SSH"),
        _ => None,
    }
}

/// A frame that came, and the room that it takes.
#[derive(Debug)]
pub struct Frame {
    /// Header and body.
    pub bytes: BytesMut,
    /// Given back when it is dropped.
    pub room: Room,
}

/// How long a reader waits, and how much it takes.
#[derive(Debug, Clone)]
pub struct ReadLimits {
    /// The most bytes of a frame.
    pub max_frame: usize,
    /// For the first byte of a frame.
    pub idle: Duration,
    /// From a frame's first byte to its last, the time not counted for which it waits for room.
    pub frame: Duration,
    /// For room, between a frame's length and the rest of it. The other side cannot help it, so this wait is not its own.
    pub room: Duration,
    /// For all frames that were read and not yet dropped.
    pub memory: Memory,
}

impl ReadLimits {
    /// Room for the beginning of a frame.
    async fn room(&self, length: usize) -> Result<Room, FrameError> {
        self.in_time(length, self.memory.room(length.min(GROWTH))).await
    }

    /// Makes `room` large enough for what has come of a frame. It grows to twice its size each time: never more than twice
    /// what has come, and a few steps even for a large frame.
    async fn more_room(&self, room: &mut Room, length: usize, come: usize) -> Result<(), FrameError> {
        let grow = async {
            while room.bytes() < length.min(come) {
                room.grow(room.bytes().min(length - room.bytes())).await;
            }
        };
        self.in_time(length, grow).await
    }

    async fn in_time<T>(&self, length: usize, room: impl Future<Output = T>) -> Result<T, FrameError> {
        let (within, total) = (self.room, self.memory.total());
        timeout(within, room).await.map_err(|_| FrameError::NoRoom { length, total, within })
    }
}

/// Reads a connection frame by frame.
#[derive(Debug)]
pub struct FrameReader<S> {
    stream: S,
    limits: ReadLimits,
    frames: Frames,
    buffer: BytesMut,
}

impl<S: AsyncRead + Unpin> FrameReader<S> {
    /// Reads from `stream`.
    pub fn new(stream: S, limits: ReadLimits) -> Self {
        let frames = Frames { max: limits.max_frame };
        FrameReader { stream, limits, frames, buffer: BytesMut::new() }
    }

    /// The next frame; `None` if the other side has closed the connection between two frames.
    ///
    /// # Errors
    ///
    /// Any [`FrameError`] but `Header`. After [`FrameError::Idle`] one may call again; after any other the connection is
    /// of no use.
    pub async fn next(&mut self) -> Result<Option<Frame>, FrameError> {
        if self.buffer.is_empty() {
            let idle = self.limits.idle;
            if timeout(idle, self.fill()).await.map_err(|_| FrameError::Idle(idle))?? == 0 {
                return Ok(None);
            }
        }
        self.whole().await.map(Some)
    }

    /// The frame that was begun: first its length, then the rest of it, and room for what has come of it. While it waits for
    /// room, its own time stands still.
    async fn whole(&mut self) -> Result<Frame, FrameError> {
        let mut deadline = Instant::now() + self.limits.frame;
        let length = loop {
            match self.frames.announced(&self.buffer)? {
                Some(length) => break length,
                None => self.more(deadline).await?,
            }
        };
        let mut asked = Instant::now();
        let mut room = self.limits.room(length).await?;
        loop {
            self.limits.more_room(&mut room, length, self.buffer.len()).await?;
            // It is the broker that was slow here, and not the client.
            deadline += asked.elapsed();
            match self.frames.decode(&mut self.buffer)? {
                Some(bytes) => return Ok(Frame { bytes, room }),
                None => self.more(deadline).await?,
            }
            asked = Instant::now();
        }
    }

    async fn more(&mut self, deadline: Instant) -> Result<(), FrameError> {
        let filled = timeout_at(deadline, self.fill()).await;
        let (have, needed) = self.progress();
        match filled {
            Ok(Ok(0)) => Err(FrameError::CutOff { have, needed }),
            Ok(filled) => Ok(filled.map(drop)?),
            Err(_) => Err(FrameError::Slow { within: self.limits.frame, have, needed }),
        }
    }

    /// Takes what has come, however much that is: many small frames cost one call into the operating system.
    async fn fill(&mut self) -> io::Result<usize> {
        if self.buffer.capacity() - self.buffer.len() < READ / 4 {
            self.buffer.reserve(READ);
        }
        self.stream.read_buf(&mut self.buffer).await
    }

    fn progress(&self) -> (usize, usize) {
        let announced = self.frames.announced(&self.buffer).ok().flatten();
        (self.buffer.len(), PREFIX + announced.unwrap_or(0))
    }
}
