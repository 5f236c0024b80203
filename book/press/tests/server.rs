//! The server over real connections.

mod common;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use common::serving;
use press::Site;
use press::server::Server;

fn site() -> Site {
    let mut site = Site::default();
    site.put("index.html", "<h1>Index</h1>");
    site.put("404.html", "<h1>Not here</h1>");
    site.put("deep/index.html", "deep");
    site.put("deep/a b.css", "p {}");
    site.put("theme/player.js", "1");
    site.put("x.svg", "<svg/>");
    site.put("x.woff2", "f");
    site
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// Sends bytes and returns the head and the body of the answer.
fn exchange(server: &Server, request: &[u8]) -> (String, String) {
    let mut stream = connect(server);
    stream.write_all(request).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer:?}"));
    (head.to_owned(), body.to_owned())
}

/// Sends a request with this method and URL.
fn send(server: &Server, request: &str) -> (String, String) {
    exchange(server, format!("{request} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())
}

#[test]
fn files_come_with_their_type() {
    serving(site(), |server| {
        assert!(server.address().ip().is_loopback());
        let (head, body) = send(server, "GET /");
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        for header in ["Content-Type: text/html; charset=utf-8", "Cache-Control: no-cache", "Connection: close"] {
            assert!(head.contains(header), "{head}");
        }
        assert_eq!(body, "<h1>Index</h1>");
        assert_eq!(send(server, "GET /deep/").1, "deep");
        for (path, kind) in [
            ("/deep/a%20b.css?v=1", "text/css; charset=utf-8"),
            ("/theme/player.js", "text/javascript; charset=utf-8"),
            ("/x.svg", "image/svg+xml"),
            ("/x.woff2", "font/woff2"),
        ] {
            let (head, _) = send(server, &format!("GET {path}"));
            assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
            assert!(head.contains(&format!("Content-Type: {kind}\r\n")), "{path}: {head}");
        }
    });
}

#[test]
fn head_is_get_without_the_body() {
    serving(site(), |server| {
        let (head, body) = send(server, "HEAD /index.html");
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("Content-Length: 14"), "{head}");
        assert_eq!(body, "");
        let (head, body) = send(server, "HEAD /none");
        assert!(head.starts_with("HTTP/1.1 404"), "{head}");
        assert_eq!(body, "");
    });
}

#[test]
fn what_is_not_in_the_book_is_not_found() {
    serving(site(), |server| {
        for path in [
            "/none.html",
            "/../Cargo.toml",
            "/deep/../index.html",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/..%2f..%2fetc/passwd",
            "//etc/passwd",
            "/deep/%00",
            "/C:/Windows/win.ini",
            "/\\..\\x",
        ] {
            let (head, body) = send(server, &format!("GET {path}"));
            assert!(head.starts_with("HTTP/1.1 404"), "{path}: {head}");
            assert!(head.contains("Content-Type: text/html"), "{path}: {head}");
            assert_eq!(body, "<h1>Not here</h1>", "{path}");
        }
    });
}

#[test]
fn other_methods_are_refused() {
    serving(site(), |server| {
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"] {
            let (head, _) = send(server, &format!("{method} /index.html"));
            assert!(head.starts_with("HTTP/1.1 405"), "{method}: {head}");
            assert!(head.contains("Allow: GET, HEAD"), "{method}: {head}");
        }
        let with_body = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n";
        let (head, _) = exchange(server, format!("{with_body}{}", "a".repeat(70_000)).as_bytes());
        assert!(head.starts_with("HTTP/1.1 405"), "{head}");
    });
}

#[test]
fn what_is_no_request_is_refused() {
    serving(site(), |server| {
        let long = format!("GET /{}", "a".repeat(3000));
        assert!(send(server, &long).0.starts_with("HTTP/1.1 414"));
        let endless = "a".repeat(100_000);
        assert!(exchange(server, endless.as_bytes()).0.starts_with("HTTP/1.1 414"));
        for nonsense in
            ["\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/2\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\r\n\r\n"]
        {
            let (head, _) = exchange(server, nonsense.as_bytes());
            assert!(head.starts_with("HTTP/1.1 400"), "{nonsense:?}: {head}");
        }
    });
}

#[test]
fn spare_connections_keep_nobody_waiting() {
    serving(site(), |server| {
        // More than a browser opens, and each without a request, or with half of one.
        let mut spare: Vec<TcpStream> = (0..30).map(|_| connect(server)).collect();
        spare.iter_mut().take(15).for_each(|stream| stream.write_all(b"GET / HT").unwrap());
        for _ in 0..50 {
            assert_eq!(send(server, "GET /").1, "<h1>Index</h1>");
        }
        spare.iter().for_each(|stream| stream.shutdown(Shutdown::Both).unwrap());
    });
}

#[test]
fn a_connection_too_many_is_closed() {
    serving(site(), |server| {
        let held: Vec<TcpStream> = (0..64).map(|_| connect(server)).collect();
        let mut one_more = connect(server);
        // The place of a connection is taken when it is accepted, in the order in which they came.
        let mut answer = Vec::new();
        let read = one_more.read_to_end(&mut answer);
        assert!(read.is_err() || answer.is_empty(), "{answer:?}");
        drop(held);
    });
}

#[test]
fn a_new_book_is_shown_at_once() {
    serving(site(), |server| {
        assert_eq!(send(server, "GET /").1, "<h1>Index</h1>");
        let mut site = Site::default();
        site.put("index.html", "new");
        server.show(site);
        assert_eq!(send(server, "GET /").1, "new");
        let (head, body) = send(server, "GET /x.svg");
        assert!(head.starts_with("HTTP/1.1 404") && body.contains("no such page"), "{head}");
    });
}

#[test]
fn a_port_that_is_taken_is_named() {
    let first = Server::bind(0, site()).unwrap();
    let port = first.address().port();
    let Err(error) = Server::bind(port, site()) else {
        panic!("two servers on one port");
    };
    assert!(error.to_string().contains(&format!("port {port} of 127.0.0.1")), "{error}");
}
