//! A network that is slower than this machine's own: the `Net` seam once more.
//!
//! Bytes go as they came, and no faster than a rate allows, in each direction of each connection. There is no delay beside
//! that. The time that a piece takes is noted as used up, and the next piece waits until it is over; so the rate holds
//! although a timer of the runtime is only good to a millisecond.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use partitioning::net::{BoxFuture, Listener, Net, Stream, Tcp};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// The most bytes that pass at a time.
const PIECE: usize = 16 << 10;

/// Passes on to the machine's network, at so many bytes a second.
#[derive(Debug)]
pub(crate) struct SlowNet {
    pub(crate) bytes_a_second: f64,
}

impl Net for SlowNet {
    fn listen<'a>(&'a self, address: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Listener>>> {
        Tcp.listen(address)
    }

    fn connect<'a>(&'a self, address: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let stream = Tcp.connect(address).await?;
            let [up, down] = std::array::from_fn(|_| Way::new(self.bytes_a_second));
            Ok(Box::new(SlowStream { stream, up, down }) as Box<dyn Stream>)
        })
    }
}

#[derive(Debug)]
struct SlowStream {
    stream: Box<dyn Stream>,
    up: Way,
    down: Way,
}

/// One direction.
#[derive(Debug)]
struct Way {
    bytes_a_second: f64,
    /// When all that has passed is over.
    free: Instant,
    waiting: Pin<Box<Sleep>>,
}

impl Way {
    fn new(bytes_a_second: f64) -> Self {
        let now = Instant::now();
        Way { bytes_a_second, free: now, waiting: Box::pin(sleep_until(now)) }
    }

    /// Waits until the way is free.
    fn poll_free(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.free > Instant::now() {
            if self.waiting.deadline() != self.free {
                self.waiting.as_mut().reset(self.free);
            }
            ready!(self.waiting.as_mut().poll(context));
        }
        Poll::Ready(())
    }

    /// So many bytes have passed. Time that was slept too long is not lost, unless nobody used the way.
    fn passed(&mut self, bytes: usize) {
        const LATE: Duration = Duration::from_millis(5);
        let since = self.free.max(Instant::now().checked_sub(LATE).unwrap_or(self.free));
        self.free = since + Duration::from_secs_f64(bytes as f64 / self.bytes_a_second);
    }
}

impl AsyncWrite for SlowStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.up.poll_free(context));
        let piece = &bytes[..bytes.len().min(PIECE)];
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, piece))?;
        self.up.passed(written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncRead for SlowStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.down.poll_free(context));
        let mut piece = [0; PIECE];
        let room = buffer.remaining().min(PIECE);
        let mut piece = ReadBuf::new(&mut piece[..room]);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut piece))?;
        buffer.put_slice(piece.filled());
        self.down.passed(piece.filled().len());
        Poll::Ready(Ok(()))
    }
}
