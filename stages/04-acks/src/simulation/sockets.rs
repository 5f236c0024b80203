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
//! A process sees a connection that was reset as one that was closed: both come to the same for who reads frames.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use partitioning::net::{BoxFuture, Listener, Net, Simulated, Stream};
use tokio::io::{DuplexStream, copy_bidirectional, duplex};
use tokio::sync::{mpsc, oneshot};

/// What a connection holds of bytes that one side has not taken yet, in each direction.
const BUFFER: usize = 64 << 10;
/// How many connections wait to be accepted by a process. Others wait in the network.
const BACKLOG: usize = 64;

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
pub(super) struct Calls(mpsc::UnboundedReceiver<Call>);

/// A machine's sockets, from both sides.
pub(super) fn sockets() -> (Sockets, Calls) {
    let (calls, queue) = mpsc::unbounded_channel();
    (Sockets(calls), Calls(queue))
}

impl Calls {
    /// Does what it is asked for. Runs on the simulator's host, and ends when the machine is switched off.
    pub(super) async fn serve(mut self) -> turmoil::Result {
        while let Some(call) = self.0.recv().await {
            match call {
                Call::Listen(address, reply) => drop(tokio::spawn(listen(address, reply))),
                Call::Connect(address, reply) => drop(tokio::spawn(connect(address, reply))),
            }
        }
        // Nobody asks any more. What was connected stays so until both ends have closed it.
        std::future::pending().await
    }
}

async fn listen(address: String, reply: Reply<Port>) {
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
        let next = next.map(|(stream, from)| (join(stream), from));
        if accepted.send(next).await.is_err() {
            return;
        }
    }
}

async fn connect(address: String, mut reply: Reply<DuplexStream>) {
    let connected = tokio::select! {
        biased;
        () = reply.closed() => return,
        connected = Simulated.connect(&address) => connected,
    };
    // Who has gone meanwhile has closed the connection.
    let _ = reply.send(connected.map(join));
}

/// Gives the process's end of a connection.
fn join(mut stream: Box<dyn Stream>) -> DuplexStream {
    let (mut system, process) = duplex(BUFFER);
    tokio::spawn(async move {
        // However it ends, both ends are closed then, and see it.
        let _ = copy_bidirectional(&mut stream, &mut system).await;
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
        let (sockets, calls) = sockets();
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
        let mut steps = |process: &mut Process, count: u32| {
            for _ in 0..count {
                sim.step().unwrap();
                process.step(STEP);
            }
        };
        steps(&mut process, 10);
        process.stand_still();
        steps(&mut process, 1_000);
        assert_eq!(*seen.lock().unwrap(), ["connected"]);
        process.go_on();
        steps(&mut process, 300);
        assert_eq!(*seen.lock().unwrap(), ["connected", "answered"]);
    }
}
