//! The sockets of a machine: what its system does for the process on it.
//!
//! The simulated network is open to the tasks of the simulator's hosts alone, and a [process](super::process) is none. So it asks
//! its system, which holds both ends together. The system goes on while the process stands still: it takes connections and
//! bytes as long as it has room, and says nothing of the process.
//!
//! ```text
//!   process   ── connect, listen ──▶   system   ── connect, listen ──▶   network
//!             ◀════ bytes ════▶ buffer ◀════ bytes ════▶
//! ```
//!
//! What comes in passes a [`Gate`]. When it holds back what comes over the connections of now, whoever waits for an answer gives up,
//! connects anew, and asks again. Then the first question arrives after the second: not every network would do that, and no
//! protocol may rely on it that none does.
//!
//! A process sees a connection that was reset as one that was closed: both come to the same for who reads frames.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use partitioning::net::{BoxFuture, Listener, Net, Simulated, Stream};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, copy, duplex, split};
use tokio::sync::{Notify, mpsc, oneshot};

/// What a connection holds of bytes that one side has not taken yet, in each direction.
const BUFFER: usize = 64 << 10;
/// How many connections wait to be accepted by a process. Others wait in the network.
const BACKLOG: usize = 64;
/// How much of what comes in passes the gate at a time.
const PIECE: usize = 8 << 10;

type Reply<T> = oneshot::Sender<io::Result<T>>;
type Accepted = io::Result<(DuplexStream, SocketAddr)>;

/// What a process asks its system for.
enum Call {
    Listen(String, Reply<Port>),
    Connect(String, Reply<DuplexStream>),
}

/// The process's side: a network like any other.
#[derive(Clone)]
pub(super) struct Sockets(mpsc::UnboundedSender<Call>);

/// The system's side.
pub(super) struct Calls {
    queue: mpsc::UnboundedReceiver<Call>,
    gate: Gate,
}

/// A machine's sockets, from both sides.
pub(super) fn sockets(gate: Gate) -> (Sockets, Calls) {
    let (calls, queue) = mpsc::unbounded_channel();
    (Sockets(calls), Calls { queue, gate })
}

/// Holds back what comes in, if it is told to. Clones are the same gate.
#[derive(Debug, Clone, Default)]
pub(super) struct Gate(Arc<Inside>);

#[derive(Debug, Default)]
struct Inside {
    /// How many connections there have been.
    opened: AtomicU64,
    /// So many of them are held: the oldest.
    held: AtomicU64,
    /// Wakes those who wait in the order in which they came. A `watch` has an order of its own, by lot, in each run another.
    changed: Notify,
}

impl Gate {
    /// Holds back what comes over the connections that there are now.
    pub(super) fn hold(&self) {
        self.0.held.store(self.0.opened.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// Lets it in, all at once.
    pub(super) fn let_go(&self) {
        self.0.held.store(0, Ordering::Relaxed);
        self.0.changed.notify_waiters();
    }

    /// That of a new connection.
    fn pass(&self) -> Pass {
        Pass { number: self.0.opened.fetch_add(1, Ordering::Relaxed), gate: self.clone() }
    }
}

/// One connection's way through the gate.
struct Pass {
    number: u64,
    gate: Gate,
}

impl Pass {
    /// Waits while the connection is held.
    async fn open(&self) {
        loop {
            let changed = self.gate.0.changed.notified();
            if self.number >= self.gate.0.held.load(Ordering::Relaxed) {
                return;
            }
            changed.await;
        }
    }

    /// Lets through what comes, and at last that nothing comes any more.
    async fn let_in(self, mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) -> io::Result<()> {
        let mut piece = vec![0; PIECE];
        loop {
            let read = from.read(&mut piece).await?;
            self.open().await;
            if read == 0 {
                return to.shutdown().await;
            }
            to.write_all(&piece[..read]).await?;
        }
    }
}

impl Calls {
    /// Does what it is asked for. Runs on the simulator's host, and ends when the machine is switched off.
    pub(super) async fn serve(mut self) -> turmoil::Result {
        while let Some(call) = self.queue.recv().await {
            let gate = self.gate.clone();
            match call {
                Call::Listen(address, reply) => drop(tokio::spawn(listen(address, gate, reply))),
                Call::Connect(address, reply) => drop(tokio::spawn(connect(address, gate, reply))),
            }
        }
        // Nobody asks any more. What was connected stays so until both ends have closed it.
        std::future::pending().await
    }
}

async fn listen(address: String, gate: Gate, reply: Reply<Port>) {
    let opened = async {
        let listener = Simulated.listen(&address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    let (mut listener, address) = match opened.await {
        Ok(opened) => opened,
        Err(error) => return drop(reply.send(Err(error))),
    };
    let (accepted, queue) = mpsc::channel(BACKLOG);
    // Who has gone meanwhile has closed the port.
    let _ = reply.send(Ok(Port { queue, address }));
    loop {
        let next = tokio::select! {
            biased;
            () = accepted.closed() => return,
            next = listener.accept() => next,
        };
        let next = next.map(|(stream, from)| (join(stream, gate.pass()), from));
        if accepted.send(next).await.is_err() {
            return;
        }
    }
}

async fn connect(address: String, gate: Gate, mut reply: Reply<DuplexStream>) {
    let connected = tokio::select! {
        biased;
        () = reply.closed() => return,
        connected = Simulated.connect(&address) => connected,
    };
    // Who has gone meanwhile has closed the connection.
    let _ = reply.send(connected.map(|stream| join(stream, gate.pass())));
}

/// Gives the process's end of a connection.
fn join(stream: Box<dyn Stream>, pass: Pass) -> DuplexStream {
    let (system, process) = duplex(BUFFER);
    tokio::spawn(async move {
        let ((from_network, mut to_network), (mut from_process, to_process)) = (split(stream), split(system));
        let out = async {
            copy(&mut from_process, &mut to_network).await?;
            to_network.shutdown().await
        };
        // However it ends, both ends are closed then, and see it.
        let _ = tokio::try_join!(pass.let_in(from_network, to_process), out);
    });
    process
}

impl Net for Sockets {
    fn listen<'a>(&'a self, address: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Listener>>> {
        Box::pin(async move {
            let port = self.ask(|reply| Call::Listen(address.to_owned(), reply)).await?;
            Ok(Box::new(port) as Box<dyn Listener>)
        })
    }

    fn connect<'a>(&'a self, address: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let stream = self.ask(|reply| Call::Connect(address.to_owned(), reply)).await?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }
}

impl Sockets {
    async fn ask<T>(&self, call: impl FnOnce(Reply<T>) -> Call) -> io::Result<T> {
        let (reply, answer) = oneshot::channel();
        let off = || io::Error::new(io::ErrorKind::NetworkDown, "the machine is switched off");
        self.0.send(call(reply)).map_err(|_| off())?;
        answer.await.map_err(|_| off())?
    }
}

/// A port that a process has taken.
#[derive(Debug)]
struct Port {
    queue: mpsc::Receiver<Accepted>,
    address: SocketAddr,
}

impl Listener for Port {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<(Box<dyn Stream>, SocketAddr)>> {
        Box::pin(async move {
            let accepted = self.queue.recv().await;
            let off = || io::Error::new(io::ErrorKind::NetworkDown, "the machine is switched off");
            let (stream, from) = accepted.ok_or_else(off)??;
            Ok((Box::new(stream) as Box<dyn Stream>, from))
        })
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl fmt::Debug for Sockets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sockets")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::sleep;

    use super::super::process::Process;
    use super::*;

    const STEP: Duration = Duration::from_millis(1);

    fn steps(sim: &mut turmoil::Sim<'_>, process: &mut Process, count: u32) {
        for _ in 0..count {
            sim.step().unwrap();
            process.step(STEP);
        }
    }

    /// Sends back what it gets, four bytes at a time.
    async fn echo(sockets: Sockets) {
        let mut port = sockets.listen("0.0.0.0:1").await.unwrap();
        let (mut stream, _) = port.accept().await.unwrap();
        let mut bytes = [0; 4];
        while stream.read_exact(&mut bytes).await.is_ok() {
            stream.write_all(&bytes).await.unwrap();
        }
    }

    #[test]
    fn the_system_takes_what_comes_while_its_process_stands_still() {
        let mut sim = turmoil::Builder::new().tick_duration(STEP).build();
        let (sockets, calls) = sockets(Gate::default());
        sim.client("server", calls.serve());
        let mut process = Process::start("server".to_owned(), echo(sockets));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let notes = seen.clone();
        sim.client("other", async move {
            sleep(STEP * 20).await;
            let mut stream = Simulated.connect("server:1").await?;
            notes.lock().unwrap().push("connected");
            stream.write_all(b"ping").await?;
            stream.read_exact(&mut [0; 4]).await?;
            notes.lock().unwrap().push("answered");
            drop(stream);
            std::future::pending().await
        });
        steps(&mut sim, &mut process, 10);
        process.stand_still();
        steps(&mut sim, &mut process, 1_000);
        assert_eq!(*seen.lock().unwrap(), ["connected"]);
        process.go_on();
        steps(&mut sim, &mut process, 300);
        assert_eq!(*seen.lock().unwrap(), ["connected", "answered"]);
    }

    /// Notes the four bytes that come over each connection.
    async fn note(sockets: Sockets, notes: Arc<Mutex<Vec<String>>>) {
        let mut port = sockets.listen("0.0.0.0:1").await.unwrap();
        loop {
            let (mut stream, _) = port.accept().await.unwrap();
            let notes = notes.clone();
            tokio::spawn(async move {
                let mut bytes = [0; 4];
                while stream.read_exact(&mut bytes).await.is_ok() {
                    notes.lock().unwrap().push(String::from_utf8_lossy(&bytes).into_owned());
                }
                notes.lock().unwrap().push("end".to_owned());
            });
        }
    }

    #[test]
    fn what_is_held_arrives_after_what_was_sent_later_though_its_sender_has_gone() {
        let mut sim = turmoil::Builder::new().tick_duration(STEP).build();
        let gate = Gate::default();
        let (sockets, calls) = sockets(gate.clone());
        sim.client("server", calls.serve());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut process = Process::start("server".to_owned(), note(sockets, seen.clone()));
        sim.client("other", async move {
            sleep(STEP * 20).await;
            let mut first = Simulated.connect("server:1").await?;
            sleep(STEP * 500).await;
            // It is held by now. Its sender gives up, and sends it again.
            first.write_all(b"once").await?;
            sleep(STEP * 100).await;
            drop(first);
            let mut second = Simulated.connect("server:1").await?;
            second.write_all(b"more").await?;
            std::future::pending().await
        });
        steps(&mut sim, &mut process, 300);
        gate.hold();
        steps(&mut sim, &mut process, 1_000);
        assert_eq!(*seen.lock().unwrap(), ["more"]);
        gate.let_go();
        steps(&mut sim, &mut process, 300);
        assert_eq!(*seen.lock().unwrap(), ["more", "once", "end"]);
    }
}
