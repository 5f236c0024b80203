//! What must hold of arbitrary bytes that a broker reads. The fuzz target and the test that replays its corpus share it.

use std::sync::LazyLock;

use bytes::{Bytes, BytesMut};
use partitioning::api::{
    CreatePartitions, CreateTopic, DeleteTopic, Fetch, ListOffsets, Metadata, Produce, ProduceResponse,
};
use partitioning::memory::Memory;
use partitioning::wire::{self, FrameError, Frames};
use partitioning::{Context, ErrorCode, Router};
use tokio::runtime::Runtime;
use tokio_util::codec::Decoder;
use tokio_util::sync::CancellationToken;

/// The longest frame, here.
const MAX: usize = 1 << 20;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().build().expect("a runtime"));

/// A router with all APIs, whose handlers look at everything and do nothing.
static ROUTER: LazyLock<Router> = LazyLock::new(|| {
    let no = || ErrorCode::UnknownTopicOrPartition.because("there is none");
    Router::new(MAX)
        .route::<Produce>(move |request, _| {
            let each = request.partitions.into_iter().map(|one| (one.at, Err(no())));
            let partitions = each.collect();
            Box::pin(async move { Ok(ProduceResponse { partitions }) })
        })
        .route::<Fetch>(move |request, _| refuse(format!("{request:?}")))
        .route::<ListOffsets>(move |request, _| refuse(format!("{request:?}")))
        .route::<Metadata>(move |request, _| refuse(format!("{request:?}")))
        .route::<CreateTopic>(move |request, _| refuse(format!("{request:?}")))
        .route::<DeleteTopic>(move |request, _| refuse(format!("{request:?}")))
        .route::<CreatePartitions>(move |request, _| refuse(format!("{request:?}")))
});

fn refuse<T: Send + 'static>(what: String) -> partitioning::net::BoxFuture<'static, wire::Answer<T>> {
    Box::pin(async move { Err(ErrorCode::InvalidRequest.because(what)) })
}

/// Bytes as a connection's. However they are cut into pieces, the same frames are found, with the same end. Each frame
/// with a header gets an answer with its number.
pub(crate) fn frames(data: &[u8]) {
    let (whole, end) = read(data, data.len().max(1));
    let (piecemeal, same_end) = read(data, 3);
    assert_eq!(whole, piecemeal);
    assert_eq!(end, same_end);
    for frame in whole {
        answer(frame);
    }
}

/// The frames in `data`, read in pieces of so many bytes, and what ended them.
fn read(data: &[u8], piece: usize) -> (Vec<Bytes>, Option<String>) {
    let (mut frames, mut buffer, mut found) = (Frames { max: MAX }, BytesMut::new(), Vec::new());
    for piece in data.chunks(piece) {
        buffer.extend_from_slice(piece);
        loop {
            match frames.decode(&mut buffer) {
                Ok(Some(frame)) => found.push(frame.freeze()),
                Ok(None) => break,
                Err(error) => return (found, Some(error.to_string())),
            }
        }
        assert!(buffer.capacity() <= 4 * data.len() + (256 << 10), "a buffer of {} bytes", buffer.capacity());
    }
    (found, None)
}

fn answer(frame: Bytes) {
    let asked = wire::split_request(&frame).map(|(header, _)| header);
    let context = Context::new(([127, 0, 0, 1], 1).into(), Memory::new(MAX), CancellationToken::new());
    match (RUNTIME.block_on(ROUTER.answer(frame.clone(), context)), asked) {
        (Ok(answer), Ok(asked)) => {
            assert!(answer.len() <= 4 + MAX);
            let (header, _) = wire::split_answer(&answer[4..]).expect("an answer has a header");
            assert_eq!(header.correlation, asked.correlation);
        }
        (Err(FrameError::Header(_)), Err(_)) => {}
        (answer, asked) => panic!("answered {answer:?} to {asked:?}"),
    }
}
