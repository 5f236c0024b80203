//! Serves a book to a browser on the same machine.
//!
//! It answers `GET` and `HEAD` from a [`Site`], which it can exchange for a newer one at any time. It listens on
//! 127.0.0.1 alone. A path is looked up in a map and never touches the file system. A request's URL is bounded, its body is
//! not read, and a fixed number of threads answer.
//!
//! Left out: what a server for others would need, such as encryption, compression and a limit on connections.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;

use tiny_http::{Header, Method, Request, Response};

use crate::check::decoded;
use crate::{Error, Result, Site};

/// The longest URL that is looked at, in bytes.
const LONGEST_URL: usize = 2048;

/// How many requests are answered at the same time.
const THREADS: usize = 4;

/// A book on a local port.
pub struct Server {
    http: tiny_http::Server,
    address: SocketAddr,
    site: RwLock<Arc<Site>>,
}

impl Server {
    /// Listens on 127.0.0.1. Port 0 is any free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn bind(port: u16, site: Site) -> Result<Server> {
        let http = tiny_http::Server::http(("127.0.0.1", port)).map_err(|error| {
            Error::msg(format!("port {port} of 127.0.0.1 cannot be used: {error}; choose another with --port"))
        })?;
        let address = http.server_addr().to_ip().ok_or_else(|| Error::msg("the server has no address"))?;
        Ok(Server { http, address, site: RwLock::new(Arc::new(site)) })
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
            for _ in 0..THREADS {
                scope.spawn(|| {
                    while let Ok(request) = self.http.recv() {
                        self.respond(request);
                    }
                });
            }
        });
    }

    /// Makes [`Server::run`] return.
    pub fn stop(&self) {
        (0..THREADS).for_each(|_| self.http.unblock());
    }

    fn respond(&self, request: Request) {
        let site = Arc::clone(&self.site.read().unwrap_or_else(PoisonError::into_inner));
        let answer = answer(&site, request.method(), request.url());
        let mut response = Response::from_data(answer.body).with_status_code(answer.status);
        let mut headers = vec![
            ("Content-Type", answer.content_type),
            // After a rebuild, a reload shows the new page.
            ("Cache-Control", "no-cache"),
            ("X-Content-Type-Options", "nosniff"),
        ];
        if answer.status == 405 {
            headers.push(("Allow", "GET, HEAD"));
        }
        for (name, value) in headers {
            if let Ok(header) = Header::from_bytes(name, value) {
                response.add_header(header);
            }
        }
        // The browser may have gone; there is nobody to tell.
        let _ = request.respond(response);
    }
}

struct Answer<'a> {
    status: u16,
    content_type: &'static str,
    body: &'a [u8],
}

/// The answer to a request. For `HEAD`, the body is left out when it is sent.
fn answer<'a>(site: &'a Site, method: &Method, url: &str) -> Answer<'a> {
    let plain = |status, body: &'static str| Answer {
        status,
        content_type: "text/plain; charset=utf-8",
        body: body.as_bytes(),
    };
    if !matches!(method, Method::Get | Method::Head) {
        return plain(405, "This server answers GET and HEAD alone.\n");
    }
    if url.len() > LONGEST_URL {
        return plain(414, "This URL is too long.\n");
    }
    let path = decoded(url.split(['?', '#']).next().unwrap_or_default());
    let path = path.trim_start_matches('/');
    let path = if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
    match (site.get(&path), site.get("404.html")) {
        (Some(body), _) => Answer { status: 200, content_type: content_type(&path), body },
        (None, Some(body)) => Answer { status: 404, content_type: content_type("404.html"), body },
        (None, None) => plain(404, "This book has no such page.\n"),
    }
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
