//! A network in memory: for tests in which time is paused and nothing but the test decides what happens.
//!
//! The real network would not do there. A paused clock jumps ahead when nothing is left to do, and bytes that are on their
//! way through the operating system look like nothing to it.
#![allow(dead_code, reason = "each test program uses a part of this module")]

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use partitioning::net::{BoxFuture, Listener, Net, Stream};
use tokio::io::DuplexStream;
use tokio::sync::mpsc;

/// Bytes that a cable holds in each direction before a writer waits.
pub(crate) const CABLE: usize = 64 << 10;

/// Who listens where. Clones share the same network.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cables {
    listening: Arc<Mutex<BTreeMap<String, mpsc::Sender<DuplexStream>>>>,
}

impl Cables {
    /// A cable to whoever listens at `address`: this end of it.
    pub(crate) async fn plug_in(&self, address: &str) -> io::Result<DuplexStream> {
        let listening = self.listening.lock().unwrap().get(address).cloned();
        let nobody = || io::Error::from(io::ErrorKind::ConnectionRefused);
        let (here, there) = tokio::io::duplex(CABLE);
        listening.ok_or_else(nobody)?.send(there).await.map_err(|_| nobody())?;
        Ok(here)
    }

    /// Takes `address`, as [`Net::listen`] does, for a test that plays the broker itself.
    pub(crate) fn take(&self, address: &str) -> Socket {
        let (plug, cables) = mpsc::channel(1);
        self.listening.lock().unwrap().insert(address.to_owned(), plug);
        Socket { cables, connected: 0 }
    }
}

impl Net for Cables {
    fn listen<'a>(&'a self, address: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Listener>>> {
        Box::pin(async move { Ok(Box::new(self.take(address)) as Box<dyn Listener>) })
    }

    fn connect<'a>(&'a self, address: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move { Ok(Box::new(self.plug_in(address).await?) as Box<dyn Stream>) })
    }
}

/// An address that was taken. It is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Socket {
    cables: mpsc::Receiver<DuplexStream>,
    connected: u16,
}

impl Socket {
    /// The next connection: the broker's end of it.
    pub(crate) async fn next(&mut self) -> DuplexStream {
        match self.cables.recv().await {
            Some(cable) => cable,
            // Somebody else has taken the address: nobody will ever connect here again.
            None => std::future::pending().await,
        }
    }
}

impl Listener for Socket {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<(Box<dyn Stream>, SocketAddr)>> {
        Box::pin(async move {
            let stream = self.next().await;
            self.connected += 1;
            Ok((Box::new(stream) as Box<dyn Stream>, SocketAddr::from(([127, 0, 0, 1], self.connected))))
        })
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(SocketAddr::from(([127, 0, 0, 1], 9092)))
    }
}
