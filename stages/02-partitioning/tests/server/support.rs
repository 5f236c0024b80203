//! A server with APIs of its own, a log that can be read, and raw ends of connections.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use partitioning::api::Api;
use partitioning::net::Net;
use partitioning::wire::{self, RequestHeader};
use partitioning::{Client, ClientConfig, Clock, Host, Limits, Router, Server, Workers};
use segment_log::disk::RealDisk;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::subscriber::DefaultGuard;

use crate::cables::Cables;

pub(crate) const ADDRESS: &str = "broker:9092";

/// Answers at once with what it was asked.
#[derive(Debug)]
pub(crate) struct Echo;

impl Api for Echo {
    const KEY: u16 = 900;
    const VERSION: u16 = 1;
    const NAME: &'static str = "Echo";
    type Request = String;
    type Response = String;
}

/// Answers when it is let, with the beginning of what it was asked.
#[derive(Debug)]
pub(crate) struct Slow;

impl Api for Slow {
    const KEY: u16 = 901;
    const VERSION: u16 = 1;
    const NAME: &'static str = "Slow";
    type Request = String;
    type Response = String;
}

/// Answers with what there is when it is let, or when the server stops.
#[derive(Debug)]
pub(crate) struct Patient;

impl Api for Patient {
    const KEY: u16 = 903;
    const VERSION: u16 = 1;
    const NAME: &'static str = "Patient";
    type Request = String;
    type Response = String;
}

/// Answers with so many letters.
#[derive(Debug)]
pub(crate) struct Repeat;

impl Api for Repeat {
    const KEY: u16 = 902;
    const VERSION: u16 = 1;
    const NAME: &'static str = "Repeat";
    type Request = u32;
    type Response = String;
}

/// A running server.
pub(crate) struct Running {
    pub(crate) net: Cables,
    pub(crate) stop: CancellationToken,
    pub(crate) server: JoinHandle<()>,
    /// Lets one `Slow` or `Patient` request go on.
    pub(crate) gate: Arc<Notify>,
    /// The requests that were begun, in order.
    pub(crate) begun: Arc<Mutex<Vec<String>>>,
    log: Log,
    _listening: DefaultGuard,
}

/// A server with these limits.
pub(crate) async fn serve(limits: Limits) -> Running {
    let (net, stop, gate, begun) =
        (Cables::default(), CancellationToken::new(), Arc::new(Notify::new()), Arc::default());
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .without_time()
        .with_target(false)
        .with_ansi(false)
        .finish();
    let _listening = tracing::subscriber::set_default(subscriber);
    let router = router(gate.clone(), &begun, limits.max_answer);
    let listener = net.listen(ADDRESS).await.unwrap();
    let server = tokio::spawn(Server::new(listener, router, limits, stop.clone()).run());
    Running { net, stop, server, gate, begun, log, _listening }
}

fn router(gate: Arc<Notify>, begun: &Arc<Mutex<Vec<String>>>, max_answer: usize) -> Router {
    let (echoed, slowed, opened) = (begun.clone(), begun.clone(), gate.clone());
    Router::new(max_answer)
        .route::<Echo>(move |text, _| {
            echoed.lock().unwrap().push(text.clone());
            Box::pin(async move { Ok(text) })
        })
        .route::<Slow>(move |text, _| {
            slowed.lock().unwrap().push(text.clone());
            let gate = gate.clone();
            Box::pin(async move {
                gate.notified().await;
                Ok(text.chars().take(10).collect())
            })
        })
        .route::<Patient>(move |_, context| {
            let gate = opened.clone();
            Box::pin(async move {
                tokio::select! {
                    () = gate.notified() => Ok("news".to_owned()),
                    () = context.stopping() => Ok("nothing new".to_owned()),
                }
            })
        })
        .route::<Repeat>(|count, _| Box::pin(async move { Ok("x".repeat(count as usize)) }))
}

impl Running {
    pub(crate) fn host(&self) -> Host {
        Host {
            net: Arc::new(self.net.clone()),
            disk: Arc::new(RealDisk),
            clock: Clock::from_fn(|| 0),
            workers: Workers::Inline,
        }
    }

    /// A client of this server.
    pub(crate) async fn client(&self) -> Client {
        Client::connect(&self.host(), ADDRESS, &ClientConfig::new(ADDRESS)).await.unwrap()
    }

    /// A connection without a client.
    pub(crate) async fn raw(&self) -> DuplexStream {
        self.net.plug_in(ADDRESS).await.unwrap()
    }

    pub(crate) fn begun(&self) -> Vec<String> {
        self.begun.lock().unwrap().clone()
    }

    /// What the server logged.
    pub(crate) fn logged(&self) -> String {
        String::from_utf8(self.log.0.lock().unwrap().clone()).unwrap()
    }
}

/// A request as bytes.
pub(crate) fn request<A: Api>(correlation: u32, request: &A::Request) -> Vec<u8> {
    let header = RequestHeader { api: A::KEY, version: A::VERSION, correlation, client_id: "raw".into() };
    wire::request_frame::<A>(&header, request, usize::MAX).unwrap()
}

/// Writes all of it, if the other side takes it.
pub(crate) async fn put(stream: &mut DuplexStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes).await;
}

/// The next answer: its correlation id, and what it says. `None` if the server has closed the connection.
pub(crate) async fn take(stream: &mut DuplexStream) -> Option<(u32, wire::Answer<String>)> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).await.ok()?;
    let mut frame = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut frame).await.ok()?;
    let (header, body) = wire::split_answer(&frame).unwrap();
    Some((header.correlation, wire::decode_body(body).unwrap()))
}

/// Lets everything happen that can happen without the clock.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Write::write(&mut *self.0.lock().unwrap(), bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
