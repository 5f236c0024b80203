//! Frames: where a message begins and ends, and what is not believed.

mod support {
    pub(crate) mod cables;
}

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use partitioning::TopicPartition;
use partitioning::api::{
    Aborted, Fetch, FetchPartition, FetchRequest, Fetched, MAX_ABORTED, MAX_ENTRIES, Produce, ProducePartition,
    ProduceRequest, RecordBytes,
};
use partitioning::memory::Memory;
use partitioning::wire::{
    Frame, FrameError, FrameReader, Frames, ReadLimits, RequestHeader, decode_body, request_frame, split_request,
};
use proptest::prelude::*;
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};
use tokio_util::codec::Decoder;

const MAX: usize = 1_000;

fn header() -> RequestHeader {
    RequestHeader { api: 1, version: 1, correlation: 7, client_id: "warehouse".into() }
}

fn fetch(partitions: usize) -> FetchRequest {
    let partition = |number| FetchPartition { at: TopicPartition::new("orders", number), offset: 3, max_bytes: 100 };
    FetchRequest { max_bytes: 500, partitions: (0..partitions as u32).map(partition).collect() }
}

/// Frames with their lengths, one behind the other.
fn framed(frames: &[&[u8]]) -> Vec<u8> {
    let frame = |bytes: &&[u8]| [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat();
    frames.iter().flat_map(frame).collect()
}

#[test]
fn a_request_is_a_length_a_header_and_a_body() {
    let frame = request_frame::<Fetch>(&header(), &fetch(2), MAX).unwrap();
    let (length, rest) = frame.split_first_chunk::<4>().unwrap();
    assert_eq!(u32::from_be_bytes(*length) as usize, rest.len());
    let (found, body) = split_request(rest).unwrap();
    assert_eq!(found, header());
    assert_eq!(decode_body::<FetchRequest>(body).unwrap(), fetch(2));
}

/// The bytes are a format: whoever changes them must notice.
#[test]
fn the_bytes_of_a_request() {
    let frame = request_frame::<Fetch>(&header(), &fetch(1), MAX).unwrap();
    let shown: Vec<String> = frame.iter().map(|byte| format!("{byte:02x}")).collect();
    insta::assert_snapshot!(shown.join(" "), @"00 00 00 1d 01 01 01 07 09 77 61 72 65 68 6f 75 73 65 01 fb f4 01 01 06 6f 72 64 65 72 73 00 06 64");
}

#[test]
fn a_request_that_is_longer_than_a_frame_may_be_is_not_sent() {
    let error = request_frame::<Fetch>(&header(), &fetch(200), MAX).unwrap_err();
    assert_eq!(error.to_string(), "a frame of 2019 bytes, and socket.request.max.bytes allows 1000");
}

#[test]
fn a_frame_is_taken_once_it_is_whole() {
    let bytes = framed(&[b"abc", b"de"]);
    for cut in 0..bytes.len() {
        let mut buffer = BytesMut::from(&bytes[..cut]);
        let mut frames = Frames { max: MAX };
        let mut found = Vec::new();
        while let Some(frame) = frames.decode(&mut buffer).unwrap() {
            found.push(frame.to_vec());
        }
        let whole = [7, 13].iter().filter(|&&end| end <= cut).count();
        assert_eq!(found.len(), whole, "of {cut} bytes");
        assert_eq!(buffer.len(), cut - [0, 7, 13][whole], "bytes of {cut} that stay");
    }
}

#[test]
fn a_frame_of_no_bytes_and_one_of_too_many_are_errors() {
    let decode = |bytes: &[u8]| Frames { max: MAX }.decode(&mut BytesMut::from(bytes)).unwrap_err().to_string();
    assert_eq!(decode(&[0, 0, 0, 0]), "a frame without bytes: it has at least a header");
    assert_eq!(decode(&[0, 0, 3, 233]), "a frame of 1001 bytes, and socket.request.max.bytes allows 1000");
    assert!(Frames { max: MAX }.decode(&mut BytesMut::from(&[0, 0, 3, 232][..])).unwrap().is_none());
}

#[test]
fn whoever_speaks_another_protocol_is_told() {
    let decode = |bytes: &[u8]| Frames { max: MAX }.decode(&mut BytesMut::from(bytes)).unwrap_err().to_string();
    assert!(decode(b"GET / HTTP/1.1\r\n").ends_with("(it looks like HTTP: is this the right port?)"));
    assert!(decode(&[0x16, 0x03, 0x01, 0x02]).ends_with("(it looks like TLS: is this the right port?)"));
}

#[test]
fn a_buffer_grows_by_what_has_come_and_not_by_what_was_announced() {
    let mut buffer = BytesMut::from(&[0x06, 0x40, 0, 0][..]);
    let mut frames = Frames { max: 100 << 20 };
    while buffer.len() < 1 << 20 {
        assert!(frames.decode(&mut buffer).unwrap().is_none());
        assert!(buffer.capacity() > buffer.len(), "there is room for more");
        assert!(buffer.capacity() <= 2 * buffer.len() + (128 << 10), "{} for {}", buffer.capacity(), buffer.len());
        let room = buffer.capacity() - buffer.len();
        buffer.extend_from_slice(&vec![0; room]);
    }
}

#[test]
fn a_list_with_too_many_entries_is_refused_before_it_is_read() {
    // The message: a version, the number of bytes, and a list that claims a million entries.
    let mut body = vec![1, 100];
    body.extend([252, 0x40, 0x42, 0x0f, 0x00]);
    body.extend([0; 3_000]);
    let error = decode_body::<FetchRequest>(&body).unwrap_err().to_string();
    assert!(error.contains("a list of at most 10000 entries"), "{error}");
}

#[test]
fn records_whose_length_is_a_lie_take_no_memory() {
    let one = |records: &[u8]| ProduceRequest {
        partitions: vec![ProducePartition {
            at: TopicPartition::new("t", 0),
            records: RecordBytes(Bytes::copy_from_slice(records)),
        }],
    };
    let frame = request_frame::<Produce>(&header(), &one(b"abc"), MAX).unwrap();
    let (_, body) = split_request(&frame[4..]).unwrap();
    assert_eq!(decode_body::<ProduceRequest>(body).unwrap(), one(b"abc"));
    // The same with a length of 250 MiB in place of 3.
    let mut lie = body[..body.len() - 4].to_vec();
    lie.extend([252, 0, 0, 0xa0, 0x0f]);
    lie.extend(b"abc");
    assert!(decode_body::<ProduceRequest>(&lie).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_frames_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut frames = Frames { max: MAX };
        let mut buffer = BytesMut::from(&bytes[..]);
        while let Ok(Some(frame)) = frames.decode(&mut buffer) {
            let _ = split_request(&frame).map(|(_, body)| decode_body::<ProduceRequest>(body).is_ok());
        }
    }

    #[test]
    fn whatever_is_sent_arrives(sizes in proptest::collection::vec(1..400usize, 1..20), chunk in 1..100usize) {
        let sent: Vec<Vec<u8>> = sizes.iter().map(|&size| vec![size as u8; size]).collect();
        let stream = framed(&sent.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let (mut frames, mut buffer, mut found) = (Frames { max: MAX }, BytesMut::new(), Vec::new());
        for piece in stream.chunks(chunk) {
            buffer.extend_from_slice(piece);
            while let Some(frame) = frames.decode(&mut buffer).unwrap() {
                found.push(frame.to_vec());
            }
        }
        prop_assert_eq!(found, sent);
        prop_assert!(buffer.is_empty());
    }
}

fn reader(memory: usize) -> (DuplexStream, FrameReader<DuplexStream>) {
    let (here, there) = tokio::io::duplex(64);
    let limits = ReadLimits {
        max_frame: MAX,
        idle: Duration::from_secs(600),
        frame: Duration::from_secs(30),
        room: Duration::from_secs(50),
        memory: Memory::new(memory),
    };
    (here, FrameReader::new(there, limits))
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_ends_between_frames_has_ended_well() {
    let (mut here, mut reader) = reader(MAX);
    here.write_all(&framed(&[b"abc"])).await.unwrap();
    drop(here);
    assert_eq!(&reader.next().await.unwrap().unwrap().bytes[..], b"abc");
    assert!(reader.next().await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_ends_inside_a_frame_has_not() {
    let (mut here, mut reader) = reader(MAX);
    here.write_all(&framed(&[b"abc"])[..5]).await.unwrap();
    drop(here);
    let error = reader.next().await.unwrap_err().to_string();
    assert_eq!(error, "the connection ended inside a frame: 5 bytes of 7 had come");
}

#[tokio::test(start_paused = true)]
async fn silence_ends_after_the_idle_time_and_a_frame_after_its_own() {
    let (mut here, mut reader) = reader(MAX);
    let began = Instant::now();
    assert!(matches!(reader.next().await, Err(FrameError::Idle(_))));
    assert_eq!(began.elapsed().as_secs(), 600);
    // One byte in each ten seconds: there is always something new, and it does not help.
    let began = Instant::now();
    let trickle = tokio::spawn(async move {
        for byte in framed(&[b"abcdef"]) {
            here.write_all(&[byte]).await.unwrap();
            sleep(Duration::from_secs(10)).await;
        }
    });
    let error = reader.next().await.unwrap_err();
    assert_eq!(error.to_string(), "a frame was not finished within 30000 ms: 3 bytes of 4 had come");
    assert_eq!(began.elapsed().as_secs(), 30);
    trickle.abort();
}

#[tokio::test(start_paused = true)]
async fn a_frame_waits_for_room_before_it_is_read() {
    let (mut here, mut reader) = reader(100);
    tokio::spawn(async move {
        here.write_all(&framed(&[&[1; 80], &[2; 80]])).await.unwrap();
        std::future::pending::<()>().await;
    });
    let first = reader.next().await.unwrap().unwrap();
    let (sooner, later) = (Duration::from_secs(1), Duration::from_secs(5));
    let second = async { reader.next().await.unwrap().unwrap() };
    tokio::pin!(second);
    assert!(tokio::time::timeout(sooner, &mut second).await.is_err(), "80 bytes of 100 are taken");
    drop(first);
    assert_eq!(tokio::time::timeout(later, &mut second).await.unwrap().bytes[0], 2);
}

/// A reader with room for one frame, which is taken; the other side sends a frame of 80 bytes in two parts, the second
/// when it is told.
async fn without_room() -> (Frame, FrameReader<DuplexStream>, oneshot::Sender<()>) {
    let (mut here, mut reader) = reader(100);
    let (go, told) = oneshot::channel();
    tokio::spawn(async move {
        let both = framed(&[&[1; 80], &[2; 80]]);
        here.write_all(&both[..100]).await.unwrap();
        told.await.unwrap();
        here.write_all(&both[100..]).await.unwrap();
        std::future::pending::<()>().await;
    });
    (reader.next().await.unwrap().unwrap(), reader, go)
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_room_is_none_of_the_frames_own_time() {
    let (first, mut reader, go) = without_room().await;
    let second = tokio::spawn(async move { reader.next().await.unwrap().unwrap() });
    sleep(Duration::from_secs(45)).await;
    drop(first);
    sleep(Duration::from_secs(25)).await;
    assert!(!second.is_finished());
    go.send(()).unwrap();
    assert_eq!(second.await.unwrap().bytes[0], 2);
}

#[tokio::test(start_paused = true)]
async fn the_frames_own_time_goes_on_when_there_is_room() {
    let (first, mut reader, _go) = without_room().await;
    let began = Instant::now();
    let second = tokio::spawn(async move { reader.next().await.unwrap_err().to_string() });
    sleep(Duration::from_secs(45)).await;
    drop(first);
    assert_eq!(second.await.unwrap(), "a frame was not finished within 30000 ms: 16 bytes of 84 had come");
    assert_eq!(began.elapsed().as_secs(), 75);
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_room_has_an_end() {
    let (_first, mut reader, _go) = without_room().await;
    let began = Instant::now();
    let error = reader.next().await.unwrap_err().to_string();
    let reason = "a frame of 80 bytes found no room within 50000 ms: queued.max.request.bytes = 100 bytes of other \
                  requests are not answered yet";
    assert_eq!(error, reason);
    assert_eq!(began.elapsed().as_secs(), 50);
}

/// Those whose records lie side by side are all told with any of these.
#[test]
fn many_aborted_transactions_may_stand_beside_the_records() {
    let fetched = |count: usize| {
        let aborted = vec![Aborted { producer_id: 7, first_offset: 3 }; count];
        let (records, log_start) = (RecordBytes::from(Bytes::new()), 0);
        segment_log::codec::encode(1, &Fetched { records, log_start, high_watermark: 9, last_stable: 9, aborted })
    };
    let taken = decode_body::<Fetched>(&fetched(MAX_ABORTED)).unwrap();
    assert_eq!(taken.aborted.len(), MAX_ABORTED);
    let refused = decode_body::<Fetched>(&fetched(MAX_ABORTED + 1)).unwrap_err().to_string();
    assert!(refused.contains("a list of at most 1000000 entries"), "{refused}");
}

#[test]
fn a_list_may_have_as_many_entries_as_it_says_in_the_docs() {
    let frame = request_frame::<Fetch>(&header(), &fetch(MAX_ENTRIES), usize::MAX).unwrap();
    let (_, body) = split_request(&frame[4..]).unwrap();
    assert_eq!(decode_body::<FetchRequest>(body).unwrap().partitions.len(), MAX_ENTRIES);
}
