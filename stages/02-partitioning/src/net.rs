//! The seam to the network: listen and connect.
//!
//! [`Tcp`] passes both on to the operating system. [`Simulated`] passes them on to `turmoil`, where a test holds the cables
//! in its hand. Which of the two it is is chosen at run time. So the servers and clients that are tested are the very ones
//! that run.

mod simulated;
mod tcp;

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

pub use simulated::Simulated;
pub use tcp::Tcp;

/// A future in a box: what a method of a trait that is used as `dyn` can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A way to other machines. Addresses are `host:port`.
pub trait Net: fmt::Debug + Send + Sync + 'static {
    /// Takes a port. Port 0 is any that is free.
    fn listen<'a>(&'a self, address: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Listener>>>;

    /// Connects to whoever listens there.
    fn connect<'a>(&'a self, address: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Stream>>>;
}

/// A port that was taken.
pub trait Listener: fmt::Debug + Send + 'static {
    /// Waits for somebody to connect, and gives the connection and where it comes from. May be dropped while it waits.
    fn accept(&mut self) -> BoxFuture<'_, io::Result<(Box<dyn Stream>, SocketAddr)>>;

    /// The address that was taken.
    fn local_addr(&self) -> io::Result<SocketAddr>;
}

/// A connection: bytes in both directions, in order.
pub trait Stream: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin + 'static> Stream for S {}
