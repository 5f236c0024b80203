//! A network that can be cut, in a network of memory, with a clock that stands still.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use partitioning::net::{BoxFuture, Listener, Net, Stream};
use replication::cli::cables::{Cables, Cut};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::watch;
use tokio::time::timeout;

/// Longer than anybody would wait. The clock stands still, so it takes no time.
const LONG: Duration = Duration::from_secs(1_000_000);

/// A network on which the test has the other end of each connection.
#[derive(Debug, Clone, Default)]
struct Ends(Arc<Mutex<Vec<(String, DuplexStream)>>>);

impl Ends {
    fn take(&self) -> DuplexStream {
        self.0.lock().unwrap().pop().expect("a connection was made").1
    }
}

impl Net for Ends {
    fn listen<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Listener>>> {
        Box::pin(async { Err(io::ErrorKind::AddrInUse.into()) })
    }

    fn connect<'a>(&'a self, address: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        let (here, there) = tokio::io::duplex(1024);
        self.0.lock().unwrap().push((address.to_owned(), there));
        Box::pin(async { Ok(Box::new(here) as Box<dyn Stream>) })
    }
}

fn network() -> (Ends, Cables, watch::Sender<Cut>) {
    let (ends, (tell, cut)) = (Ends::default(), watch::channel(Cut::Nothing));
    (ends.clone(), Cables::new(Arc::new(ends), cut), tell)
}

async fn read(stream: &mut (impl AsyncReadExt + Unpin)) -> Option<String> {
    let mut bytes = [0; 16];
    let length = timeout(LONG, stream.read(&mut bytes)).await.ok()?.unwrap();
    Some(String::from_utf8(bytes[..length].to_vec()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_cut_cable_is_silent_and_a_mended_one_has_lost_nothing() {
    let (ends, cables, tell) = network();
    let mut here = cables.connect("a:1").await.unwrap();
    let mut there = ends.take();
    here.write_all(b"before").await.unwrap();
    assert_eq!(read(&mut there).await.as_deref(), Some("before"));

    tell.send_replace(Cut::To(["a:1".to_owned()].into()));
    there.write_all(b"from there").await.unwrap();
    assert_eq!(read(&mut here).await, None, "nothing comes in");
    assert!(timeout(LONG, here.write_all(b"from here")).await.is_err(), "and nothing gets out");
    assert_eq!(read(&mut there).await, None);

    tell.send_replace(Cut::Nothing);
    assert_eq!(read(&mut here).await.as_deref(), Some("from there"));
    here.write_all(b"from here").await.unwrap();
    assert_eq!(read(&mut there).await.as_deref(), Some("from here"));
}

#[tokio::test(start_paused = true)]
async fn who_waits_in_the_middle_of_it_goes_on_when_it_is_mended() {
    let (ends, cables, tell) = network();
    let (mut from, mut to) = tokio::io::split(cables.connect("a:1").await.unwrap());
    let mut there = ends.take();
    // It waits before the cable is cut, and while it is.
    let reading = tokio::spawn(async move { read(&mut from).await });
    tokio::task::yield_now().await;
    tell.send_replace(Cut::Everything);
    there.write_all(b"late").await.unwrap();
    let writing = tokio::spawn(async move { to.write_all(b"later").await });
    tokio::task::yield_now().await;
    assert!(!reading.is_finished() && !writing.is_finished());
    tell.send_replace(Cut::Nothing);
    assert_eq!(reading.await.unwrap().as_deref(), Some("late"));
    writing.await.unwrap().unwrap();
    assert_eq!(read(&mut there).await.as_deref(), Some("later"));
}

#[tokio::test(start_paused = true)]
async fn nobody_connects_over_a_cut_cable() {
    let (ends, cables, tell) = network();
    tell.send_replace(Cut::To(["a:1".to_owned()].into()));
    assert!(timeout(LONG, cables.connect("a:1")).await.is_err());
    assert!(ends.0.lock().unwrap().is_empty(), "not even a try gets there");
    cables.connect("b:1").await.unwrap();
    tell.send_replace(Cut::Everything);
    assert!(timeout(LONG, cables.connect("b:1")).await.is_err(), "all are cut");
    tell.send_replace(Cut::Nothing);
    cables.connect("a:1").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn hanging_up_is_not_heard_over_a_cut_cable() {
    let (ends, cables, tell) = network();
    let here = cables.connect("a:1").await.unwrap();
    let mut there = ends.take();
    tell.send_replace(Cut::Everything);
    drop(here);
    assert_eq!(read(&mut there).await, None, "the other side knows nothing");
    tell.send_replace(Cut::Nothing);
    assert_eq!(read(&mut there).await.as_deref(), Some(""), "now it does");
}

#[tokio::test(start_paused = true)]
async fn when_nobody_is_left_to_mend_it_it_stays_cut() {
    let (_ends, cables, tell) = network();
    let mut here = cables.connect("a:1").await.unwrap();
    tell.send_replace(Cut::Everything);
    drop(tell);
    assert_eq!(read(&mut here).await, None);
}

#[test]
fn what_is_cut_is_said_in_a_line() {
    let some = Cut::To(["127.0.0.1:1".to_owned(), "127.0.0.1:2".to_owned()].into());
    for (cut, text) in [(Cut::Nothing, "none"), (Cut::Everything, "all"), (some, "127.0.0.1:1 127.0.0.1:2")] {
        assert_eq!(cut.to_string(), text);
        assert_eq!(text.parse(), Ok(cut));
    }
    for text in ["", "nothing", "127.0.0.1:1 ", "127.0.0.1"] {
        assert!(text.parse::<Cut>().unwrap_err().contains("HOST:PORT"), "{text}");
    }
}
