//! The server over real connections.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

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

/// Runs a server for the time of `work`, which gets a function that sends one request and returns head and body.
fn serving(work: impl FnOnce(&Server, &dyn Fn(&str) -> (String, String))) {
    let server = Server::bind(0, site()).unwrap();
    let send = |request: &str| {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(stream, "{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    };
    std::thread::scope(|scope| {
        scope.spawn(|| server.run());
        // Stops the server even when an assertion fails: the scope waits for its thread.
        struct Stop<'s>(&'s Server);
        impl Drop for Stop<'_> {
            fn drop(&mut self) {
                self.0.stop();
            }
        }
        let _stop = Stop(&server);
        work(&server, &send);
    });
}

#[test]
fn files_come_with_their_type() {
    serving(|server, send| {
        assert!(server.address().ip().is_loopback());
        let (head, body) = send("GET /");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(
            head.contains("Content-Type: text/html; charset=utf-8") && head.contains("Cache-Control: no-cache"),
            "{head}"
        );
        assert_eq!(body, "<h1>Index</h1>");
        assert_eq!(send("GET /deep/").1, "deep");
        for (path, kind) in [
            ("/deep/a%20b.css?v=1", "text/css; charset=utf-8"),
            ("/theme/player.js", "text/javascript; charset=utf-8"),
            ("/x.svg", "image/svg+xml"),
            ("/x.woff2", "font/woff2"),
        ] {
            let (head, _) = send(&format!("GET {path}"));
            assert!(
                head.starts_with("HTTP/1.1 200") && head.contains(&format!("Content-Type: {kind}")),
                "{path}: {head}"
            );
        }
    });
}

#[test]
fn head_is_get_without_the_body() {
    serving(|_, send| {
        let (head, body) = send("HEAD /index.html");
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("Content-Length: 14"), "{head}");
        assert_eq!(body, "");
        let (head, body) = send("HEAD /none");
        assert!(head.starts_with("HTTP/1.1 404"), "{head}");
        assert_eq!(body, "");
    });
}

#[test]
fn what_is_not_in_the_book_is_not_found() {
    serving(|_, send| {
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
            let (head, body) = send(&format!("GET {path}"));
            assert!(head.starts_with("HTTP/1.1 404"), "{path}: {head}");
            assert!(head.contains("Content-Type: text/html"), "{path}: {head}");
            assert_eq!(body, "<h1>Not here</h1>", "{path}");
        }
    });
}

#[test]
fn other_methods_and_long_urls_are_refused() {
    serving(|_, send| {
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"] {
            let (head, _) = send(&format!("{method} /index.html"));
            assert!(head.starts_with("HTTP/1.1 405") && head.contains("Allow: GET, HEAD"), "{method}: {head}");
        }
        let (head, _) = send(&format!("GET /{}", "a".repeat(3000)));
        assert!(head.starts_with("HTTP/1.1 414"), "{head}");
    });
}

#[test]
fn a_new_book_is_shown_at_once() {
    serving(|server, send| {
        assert_eq!(send("GET /").1, "<h1>Index</h1>");
        let mut site = Site::default();
        site.put("index.html", "new");
        server.show(site);
        assert_eq!(send("GET /").1, "new");
        let (head, body) = send("GET /x.svg");
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
