//! Fetching: how much of which partition (KIP-74), and that finding moves no bytes.

use partitioning::api::{FetchPartition, FetchRequest, Fetched, TopicPartition};
use partitioning::{ErrorCode, Refusal, Service, ServiceLimits, Topics};

use crate::data::{Data, append, at, refused, values};
use crate::{serve, serve_on, with_threads};

/// The bytes of a batch with a value of 100 bytes.
const BATCH: usize = 170;

/// Puts so many batches of [`BATCH`] bytes into each partition of `orders`.
fn fill(topics: &Topics, batches: [usize; 3]) {
    for (number, count) in (0..).zip(batches) {
        for _ in 0..count {
            append(topics, &at("orders", number), &"v".repeat(100)).expect("it is appended");
        }
    }
}

/// Asks for partitions of `orders`: number, offset, most bytes.
fn request(max_bytes: usize, partitions: &[(u32, i64, usize)]) -> FetchRequest {
    let partition = |&(number, offset, max_bytes): &(u32, i64, usize)| FetchPartition {
        at: at("orders", number),
        offset,
        max_bytes: max_bytes as u32,
    };
    FetchRequest { max_bytes: max_bytes as u32, partitions: partitions.iter().map(partition).collect() }
}

/// How many bytes each partition gave.
async fn sizes(service: &Service, request: FetchRequest) -> Vec<usize> {
    let reads = service.fetch(&request).await;
    let found: Vec<_> = reads.iter().map(|(_, read)| read.as_ref().expect("it reads").slice.len()).collect();
    let moved = service.read_bytes(reads).await.partitions;
    let moved: Vec<_> = moved.iter().map(|(_, fetched)| fetched.as_ref().expect("it reads").records.0.len()).collect();
    assert_eq!(found, moved);
    found
}

async fn answers(service: &Service, request: FetchRequest) -> Vec<(TopicPartition, Result<Fetched, Refusal>)> {
    let reads = service.fetch(&request).await;
    service.read_bytes(reads).await.partitions
}

#[tokio::test]
async fn what_was_appended_is_fetched() {
    let data = Data::new();
    let (topics, service) = serve(&data);
    for value in ["a", "b", "c"] {
        append(&topics, &at("orders", 1), value).expect("it is appended");
    }
    let answers = answers(&service, request(1_000, &[(1, 1, 1_000), (0, 0, 1_000)])).await;
    assert_eq!(answers[0].0, at("orders", 1));
    let fetched = answers[0].1.as_ref().expect("it reads");
    assert_eq!(values(&fetched.records.0, 1), ["b", "c"]);
    assert_eq!((fetched.log_start, fetched.last_stable, fetched.high_watermark), (0, 3, 3));
    let empty = answers[1].1.as_ref().expect("it reads");
    assert_eq!((empty.records.0.len(), empty.high_watermark), (0, 0));
}

#[tokio::test]
async fn the_requests_limit_is_shared_in_its_order() {
    let data = Data::new();
    let (topics, service) = serve(&data);
    fill(&topics, [4, 4, 4]);
    let many = 100 * BATCH;
    let asked = |max_bytes| request(max_bytes, &[(0, 0, many), (1, 0, many), (2, 0, many)]);
    assert_eq!(sizes(&service, asked(many)).await, [4 * BATCH, 4 * BATCH, 4 * BATCH]);
    assert_eq!(sizes(&service, asked(6 * BATCH)).await, [4 * BATCH, 2 * BATCH, 0]);
    assert_eq!(sizes(&service, asked(8 * BATCH)).await, [4 * BATCH, 4 * BATCH, 0]);
    let reversed = request(6 * BATCH, &[(2, 0, many), (1, 0, many), (0, 0, many)]);
    assert_eq!(sizes(&service, reversed).await, [4 * BATCH, 2 * BATCH, 0], "the order is the request's");
    // What is left is too little for a batch of the second: it gives none, and the third is asked as well.
    assert_eq!(sizes(&service, asked(4 * BATCH + 1)).await, [4 * BATCH, 0, 0]);
}

#[tokio::test]
async fn each_partition_has_a_limit_of_its_own() {
    let data = Data::new();
    let (topics, service) = serve(&data);
    fill(&topics, [4, 4, 4]);
    let asked = request(100 * BATCH, &[(0, 0, 2 * BATCH), (1, 0, BATCH), (2, 0, 3 * BATCH + 7)]);
    assert_eq!(sizes(&service, asked).await, [2 * BATCH, BATCH, 3 * BATCH + 7]);
}

#[tokio::test]
async fn only_the_first_that_has_anything_may_exceed() {
    let data = Data::new();
    let (topics, service) = serve(&data);
    fill(&topics, [0, 4, 4]);
    // The request's limit is too small, or the partition's, or both.
    for (all, each) in [(10, 100 * BATCH), (100 * BATCH, 10), (10, 10), (0, 0)] {
        let asked = request(all, &[(0, 0, each), (1, 0, each), (2, 0, each)]);
        assert_eq!(sizes(&service, asked).await, [0, BATCH, 0], "{all} bytes, {each} of each");
    }
    // It counts: nothing is left for the next.
    let asked = request(BATCH, &[(1, 0, 10), (2, 0, 100 * BATCH)]);
    assert_eq!(sizes(&service, asked).await, [BATCH, 0]);
    let asked = request(3 * BATCH, &[(1, 0, 10), (2, 0, 100 * BATCH)]);
    assert_eq!(sizes(&service, asked).await, [BATCH, 2 * BATCH]);
}

#[tokio::test]
async fn one_that_refuses_takes_nothing_from_the_others() {
    let data = Data::new();
    let (topics, service) = serve(&data);
    fill(&topics, [1, 1, 1]);
    let asked = request(10, &[(0, 2, 10), (7, 0, 10), (1, 0, 10), (2, -1, 10)]);
    let mut answers = answers(&service, asked).await.into_iter().map(|(_, answer)| answer);
    let mut next = || answers.next().expect("an answer");
    let out = "offset 2 is not in the log, which holds 0 to before 1";
    refused(ErrorCode::OffsetOutOfRange, out, next());
    let unknown = "the topic `orders` has no partition 7: it has 3, from 0";
    refused(ErrorCode::UnknownTopicOrPartition, unknown, next());
    assert_eq!(next().expect("it reads").records.0.len(), BATCH, "the first that has anything");
    let out = "offset -1 is not in the log, which holds 0 to before 1";
    refused(ErrorCode::OffsetOutOfRange, out, next());
}

#[tokio::test]
async fn the_broker_has_a_limit_of_its_own() {
    let data = Data::new();
    let limits = ServiceLimits { fetch_max_bytes: 3 * BATCH };
    let (topics, service) = serve_on(&data, with_threads(&data), limits);
    fill(&topics, [2, 4, 4]);
    let asked = request(100 * BATCH, &[(0, 0, 100 * BATCH), (1, 0, 100 * BATCH), (2, 0, 100 * BATCH)]);
    assert_eq!(sizes(&service, asked).await, [2 * BATCH, BATCH, 0]);
    assert_eq!(ServiceLimits::default().fetch_max_bytes, 55 * 1024 * 1024);
}

#[tokio::test]
async fn finding_moves_no_bytes_and_each_partition_is_moved_by_itself() {
    let data = Data::new();
    let (topics, service) = serve(&data);
    fill(&topics, [1, 1, 0]);
    let reads = service.fetch(&request(1_000, &[(0, 0, 1_000), (1, 0, 1_000)])).await;
    data.disk.fail("read", "orders-0/", 0);
    let answers = service.read_bytes(reads).await.partitions;
    assert!(data.disk.is_calm());
    assert_eq!(answers[0].1.as_ref().expect_err("the disk fails").code, ErrorCode::StorageError);
    assert_eq!(answers[1].1.as_ref().expect("it reads").records.0.len(), BATCH);
}

#[tokio::test]
async fn a_topic_that_is_deleted_meanwhile_is_still_sent() {
    let data = Data::new();
    let (topics, service) = serve(&data);
    fill(&topics, [1, 0, 0]);
    let reads = service.fetch(&request(1_000, &[(0, 0, 1_000)])).await;
    topics.delete("orders").expect("it is there");
    let answers = service.read_bytes(reads).await.partitions;
    assert_eq!(answers[0].1.as_ref().expect("the file is held open").records.0.len(), BATCH);
}
