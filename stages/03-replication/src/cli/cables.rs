//! A network whose cables can be cut: between this process and certain others, or all.
//!
//! ```text
//!                    cut: 127.0.0.1:4001
//!   follower ── Gate ──┤ ├── Tcp ──▶ broker 1          its bytes wait here, in both directions
//!            ── Gate ──────── Tcp ──▶ the controller
//!   client   ──────────────── Tcp ──▶ this process      taken in by `listen`: never cut
//! ```
//!
//! A cut cable is silent. Nothing is reset: bytes wait, connections are being made for ever, and whoever has patience does not
//! even notice once the cable is mended. So it takes time until the cut shows, and that is what makes it worth a try.
//!
//! Brokers connect to the controller and to the leaders that they follow, and clients connect to brokers. So a broker is cut
//! off from all other machines of the cluster if it cannot use the connections that it has made, and if the others cannot use
//! those that they have made to it. Its clients still reach it. What comes in on a listener needs no gate, and nobody has
//! to guess who it is.
//!
//! Left out: what lies in the system's buffers when the cable is cut still arrives. When the process ends, the system closes
//! its connections, cut or not.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use partitioning::net::{BoxFuture, Listener, Net, Stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::Handle;
use tokio::sync::watch;

/// Which cables are cut. As text it is `none`, `all`, or addresses with spaces between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Cut {
    /// None.
    #[default]
    Nothing,
    /// To everybody.
    Everything,
    /// To these addresses.
    To(BTreeSet<String>),
}

impl Cut {
    fn holds(&self, address: &str) -> bool {
        match self {
            Cut::Nothing => false,
            Cut::Everything => true,
            Cut::To(addresses) => addresses.contains(address),
        }
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cut::Nothing => f.write_str("none"),
            Cut::Everything => f.write_str("all"),
            Cut::To(addresses) => f.write_str(&addresses.iter().map(String::as_str).collect::<Vec<_>>().join(" ")),
        }
    }
}

impl FromStr for Cut {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Cut::Nothing),
            "all" => Ok(Cut::Everything),
            _ => {
                let addresses = text.split(' ').map(partitioning::cli::address).collect::<Result<BTreeSet<_>, _>>();
                addresses.map(Cut::To).map_err(|rule| format!("`{text}` is not what can be cut: {rule}"))
            }
        }
    }
}

/// See the [module](self).
#[derive(Debug)]
pub struct Cables {
    net: Arc<dyn Net>,
    cut: watch::Receiver<Cut>,
}

impl Cables {
    /// The cables of `net`. What is cut is told by `cut`; when nobody is left to tell, it stays so.
    pub fn new(net: Arc<dyn Net>, cut: watch::Receiver<Cut>) -> Self {
        Cables { net, cut }
    }
}

impl Net for Cables {
    fn listen<'a>(&'a self, address: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Listener>>> {
        self.net.listen(address)
    }

    fn connect<'a>(&'a self, address: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let gate = Gate { cut: self.cut.clone(), address: address.into(), waiting: None };
            gate.mended().await;
            let stream = Some(self.net.connect(address).await?);
            Ok(Box::new(Cable { stream, reading: gate.another(), writing: gate }) as Box<dyn Stream>)
        })
    }
}

/// What is open as long as the cable to an address is whole.
struct Gate {
    cut: watch::Receiver<Cut>,
    address: Arc<str>,
    /// Whoever found it closed.
    waiting: Option<BoxFuture<'static, ()>>,
}

impl Gate {
    fn another(&self) -> Gate {
        Gate { cut: self.cut.clone(), address: self.address.clone(), waiting: None }
    }

    fn is_cut(&self) -> bool {
        self.cut.borrow().holds(&self.address)
    }

    /// Ends when the cable is whole.
    fn mended(&self) -> impl Future<Output = ()> + Send + use<> {
        let (mut cut, address) = (self.cut.clone(), self.address.clone());
        async move {
            if cut.wait_for(|cut| !cut.holds(&address)).await.is_err() {
                std::future::pending().await
            }
        }
    }

    fn poll_open(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while self.waiting.is_some() || self.is_cut() {
            let mut waiting = self.waiting.take().unwrap_or_else(|| Box::pin(self.mended()));
            if waiting.as_mut().poll(context).is_pending() {
                self.waiting = Some(waiting);
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }
}

/// A connection that was made over a cable. Each direction has a gate, as different tasks wait at them.
struct Cable {
    /// Always there, but for the end.
    stream: Option<Box<dyn Stream>>,
    reading: Gate,
    writing: Gate,
}

impl Cable {
    fn stream(&mut self) -> Pin<&mut Box<dyn Stream>> {
        Pin::new(self.stream.as_mut().expect("only `drop` takes it"))
    }
}

impl AsyncRead for Cable {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(self.reading.poll_open(context));
        self.stream().poll_read(context, to)
    }
}

impl AsyncWrite for Cable {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.writing.poll_open(context));
        self.stream().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.writing.poll_open(context));
        self.stream().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.writing.poll_open(context));
        self.stream().poll_shutdown(context)
    }
}

/// A cut cable does not carry the news either that one side has hung up. So that side keeps its end until the cable is mended.
impl Drop for Cable {
    fn drop(&mut self) {
        if let Ok(runtime) = Handle::try_current()
            && self.writing.is_cut()
        {
            let (stream, mended) = (self.stream.take(), self.writing.mended());
            runtime.spawn(async move {
                mended.await;
                drop(stream);
            });
        }
    }
}

impl fmt::Debug for Cable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cable(to {}, cut: {})", self.writing.address, self.writing.is_cut())
    }
}
