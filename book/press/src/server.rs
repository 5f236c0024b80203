//! Serves a book to a browser on the same machine.
//!
//! It answers `GET` and `HEAD` from a [`Site`], which it can exchange for a newer one at any time. A path is looked up in
//! a map and never touches the file system.
//!
//! Everything is bounded: the connections at a time, the bytes of a request, and the time that a connection may take. A
//! connection carries one request and is closed. Browsers keep spare connections open, and would otherwise hold the
//! places that their own next requests need.
//!
//! It listens on 127.0.0.1 alone. Left out is what a server for others would need: encryption, compression, ranges.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use crate::check::decoded;
use crate::{Error, Result, Site};

/// The most connections at a time. One more is closed at once.
const CONNECTIONS: usize = 64;

/// The most bytes of a request that are read before its head must have ended.
const LONGEST_HEAD: usize = 8192;

/// The longest URL that is looked up, in bytes.
const LONGEST_URL: usize = 2048;

/// How long a request may take to arrive, and a part of its answer to leave.
const PATIENCE: Duration = Duration::from_secs(10);

/// A book on a local port.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    site: RwLock<Arc<Site>>,
    connections: AtomicUsize,
    stopping: AtomicBool,
}

impl Server {
    /// Listens on 127.0.0.1. Port 0 is any free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn bind(port: u16, site: Site) -> Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
            let rule = "choose another with --port";
            Error::msg(format!("port {port} of 127.0.0.1 cannot be used: {error}; {rule}"))
        })?;
        let address = listener.local_addr()?;
        Ok(Server {
            listener,
            address,
            site: RwLock::new(Arc::new(site)),
            connections: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Shows another book from now on. Answers that are under way are of the old one.
    pub fn show(&self, site: Site) {
        *self.site.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(site);
    }

    /// Answers requests until [`Server::stop`].
    pub fn run(&self) {
        thread::scope(|scope| {
            while !self.stopping.load(Ordering::SeqCst) {
                let Ok((stream, _)) = self.listener.accept() else {
                    // The process may have no file left. Others give theirs back in a moment.
                    thread::sleep(Duration::from_millis(20));
                    continue;
                };
                let Some(place) = Place::take(&self.connections) else {
                    continue;
                };
                let converse = move || {
                    let _place = place;
                    // The browser may have gone; there is nobody to tell.
                    let _ = self.converse(stream);
                };
                // Without a thread, the connection is closed, as it is without a place.
                let _ = thread::Builder::new().spawn_scoped(scope, converse);
            }
        });
    }

    /// Makes [`Server::run`] return when the connections that are open have been answered.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts. If this fails, another connection will.
        let _ = TcpStream::connect(self.address);
    }

    /// Reads one request and answers it.
    fn converse(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_write_timeout(Some(PATIENCE))?;
        let Some(head) = read_head(&mut stream)? else {
            return Ok(());
        };
        let site = Arc::clone(&self.site.read().unwrap_or_else(PoisonError::into_inner));
        stream.write_all(&answer(&site, &head).to_bytes())?;
        // To close with bytes unread would cut the answer off, so what the browser still sends is read and dropped.
        stream.shutdown(Shutdown::Write)?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        io::copy(&mut stream.take(1 << 20), &mut io::sink()).map(drop)
    }
}

/// One of the connections that may be open.
struct Place<'a>(&'a AtomicUsize);

impl Place<'_> {
    fn take(taken: &AtomicUsize) -> Option<Place<'_>> {
        let place = Place(taken);
        // On the way out, `place` gives back what was taken too much.
        (taken.fetch_add(1, Ordering::SeqCst) < CONNECTIONS).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The head of a request, up to its empty line or to the longest that is read. `None` if the browser sent none.
fn read_head(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let deadline = Instant::now() + PATIENCE;
    let mut head = Vec::new();
    let mut chunk = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < LONGEST_HEAD {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut chunk)? {
            0 => return Ok(None),
            read => head.extend_from_slice(&chunk[..read]),
        }
    }
    Ok(Some(head))
}

struct Answer<'a> {
    status: &'static str,
    content_type: &'static str,
    body: &'a [u8],
    /// Whether the body is sent: not for `HEAD`.
    whole: bool,
}

impl Answer<'_> {
    fn to_bytes(&self) -> Vec<u8> {
        let head = format!(
            "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nAllow: GET, HEAD\r\n\
             Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
            self.status,
            self.content_type,
            self.body.len()
        );
        let body = if self.whole { self.body } else { b"" };
        [head.as_bytes(), body].concat()
    }
}

fn answer<'a>(site: &'a Site, head: &[u8]) -> Answer<'a> {
    let line = head.split(|&byte| byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let words: Vec<&str> = line.split(' ').collect();
    let (method, url) = match words.as_slice() {
        [method, url, version] if version.starts_with("HTTP/1.") => (*method, *url),
        _ if head.len() >= LONGEST_HEAD => return refusal("414 URI Too Long", "This URL is too long.\n"),
        _ => return refusal("400 Bad Request", "This is no request of HTTP/1.\n"),
    };
    if !matches!(method, "GET" | "HEAD") {
        return refusal("405 Method Not Allowed", "This server answers GET and HEAD alone.\n");
    }
    if url.len() > LONGEST_URL {
        return refusal("414 URI Too Long", "This URL is too long.\n");
    }
    Answer { whole: method == "GET", ..page(site, url) }
}

fn page<'a>(site: &'a Site, url: &str) -> Answer<'a> {
    let path = decoded(url.split(['?', '#']).next().unwrap_or_default());
    let path = path.trim_start_matches('/');
    let index = if path.is_empty() || path.ends_with('/') { "index.html" } else { "" };
    let path = format!("{path}{index}");
    match (site.get(&path), site.get("404.html")) {
        (Some(body), _) => Answer { status: "200 OK", content_type: content_type(&path), body, whole: true },
        (None, Some(body)) => {
            Answer { status: "404 Not Found", content_type: content_type("404.html"), body, whole: true }
        }
        (None, None) => refusal("404 Not Found", "This book has no such page.\n"),
    }
}

fn refusal(status: &'static str, text: &'static str) -> Answer<'static> {
    Answer { status, content_type: content_type(".txt"), body: text.as_bytes(), whole: true }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
