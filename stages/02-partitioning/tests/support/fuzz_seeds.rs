//! Inputs that are made by hand: one of each request, and each of the lies that a reader must see through.

use std::collections::BTreeMap;

use bytes::Bytes;
use partitioning::TopicPartition;
use partitioning::api::{
    Api, ApiVersions, ApiVersionsRequest, CreatePartitions, CreatePartitionsRequest, CreateTopic, DeleteTopic,
    DeleteTopicRequest, Fetch, FetchPartition, FetchRequest, ListOffsets, ListOffsetsRequest, Metadata,
    MetadataRequest, NewTopic, OffsetSpec, Produce, ProducePartition, ProduceRequest, RecordBytes,
};
use partitioning::wire::{self, RequestHeader};

fn frame<A: Api>(request: &A::Request) -> Vec<u8> {
    let header = RequestHeader { api: A::KEY, version: A::VERSION, correlation: 9, client_id: "c".into() };
    wire::request_frame::<A>(&header, request, usize::MAX).expect("a frame")
}

fn at(partition: u32) -> TopicPartition {
    TopicPartition::new("orders", partition)
}

/// Named inputs.
pub(crate) fn frames() -> Vec<(String, Vec<u8>)> {
    let mut seeds: Vec<(&str, Vec<u8>)> = requests();
    let fetch = frame::<Fetch>(&fetch_request());
    seeds.extend([
        ("nothing", Vec::new()),
        ("two-frames", [frame::<Metadata>(&MetadataRequest { topics: None }), fetch.clone()].concat()),
        ("half-a-length", vec![0, 0]),
        ("half-a-frame", fetch[..fetch.len() - 5].to_vec()),
        ("length-0", vec![0; 4]),
        ("length-at-the-limit", vec![0, 0x10, 0, 0, 1]),
        ("length-beyond-the-limit", vec![0, 0x10, 0, 1, 1]),
        ("length-4-gib", vec![255; 8]),
        ("http", b"GET / HTTP/1.1\r\nHost: broker\r\n\r\n".to_vec()),
        ("tls", vec![0x16, 0x03, 0x01, 0x00, 0xc8, 0x01]),
        ("header-version-9", vec![0, 0, 0, 5, 9, 0, 0, 0, 0]),
        ("header-cut-off", vec![0, 0, 0, 2, 1, 251]),
        ("client-id-of-4-gib", vec![0, 0, 0, 9, 1, 1, 1, 7, 252, 255, 255, 255, 255]),
        ("client-id-not-utf8", vec![0, 0, 0, 7, 1, 1, 1, 7, 2, 0xff, 0xfe]),
        ("api-unknown", vec![0, 0, 0, 7, 1, 251, 0xff, 0xff, 1, 7, 0]),
        ("version-unknown", vec![0, 0, 0, 5, 1, 1, 99, 7, 0]),
        ("body-missing", vec![0, 0, 0, 5, 1, 1, 1, 7, 0]),
        ("body-version-9", vec![0, 0, 0, 6, 1, 1, 1, 7, 0, 9]),
        ("list-of-10-001", with_body(0, &[1, 251, 0x11, 0x27])),
        ("list-of-10-000-that-is-not-there", with_body(0, &[1, 251, 0x10, 0x27])),
        ("list-of-2-to-the-64", with_body(0, &[1, 253, 255, 255, 255, 255, 255, 255, 255, 255])),
        ("topic-of-50-mib", with_body(20, &[1, 252, 0, 0, 0x20, 3, b't'])),
        ("records-of-4-gib", with_body(0, &[1, 1, 1, b't', 0, 252, 255, 255, 255, 255, 1])),
        ("names-of-2-to-the-40", with_body(3, &[1, 1, 253, 0, 0, 0, 0, 0, 1, 0, 0])),
        ("configs-of-2-to-the-40", with_body(19, &[1, 1, b't', 0, 0, 253, 0, 0, 0, 0, 0, 1, 0, 0])),
        ("bytes-behind-the-body", with_body(20, &[1, 1, b't', 7])),
        ("option-2", with_body(3, &[1, 2])),
        ("enum-9", with_body(2, &[1, 1, 1, b't', 0, 9])),
    ]);
    seeds.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}

/// A frame for an API with these bytes as its body.
fn with_body(api: u8, body: &[u8]) -> Vec<u8> {
    let header = [1, api, 1, 7, 1, b'c'];
    let length = (header.len() + body.len()) as u32;
    [&length.to_be_bytes()[..], &header, body].concat()
}

fn fetch_request() -> FetchRequest {
    let partition = |number| FetchPartition { at: at(number), offset: 41, max_bytes: 1 << 20 };
    FetchRequest { max_bytes: 50 << 20, partitions: vec![partition(0), partition(7)] }
}

fn requests() -> Vec<(&'static str, Vec<u8>)> {
    let records = RecordBytes(Bytes::from_static(b"not a batch"));
    let produce = ProduceRequest { partitions: vec![ProducePartition { at: at(0), records }] };
    let places = [OffsetSpec::Earliest, OffsetSpec::Latest, OffsetSpec::Timestamp(1_700_000_000_000)];
    let places = places.into_iter().enumerate().map(|(number, place)| (at(number as u32), place));
    let configs = BTreeMap::from([("retention.ms".to_owned(), "1000".to_owned())]);
    let topic = NewTopic { name: "orders".into(), partitions: Some(3), replication_factor: None, configs };
    vec![
        ("produce", frame::<Produce>(&produce)),
        ("fetch", frame::<Fetch>(&fetch_request())),
        ("list-offsets", frame::<ListOffsets>(&ListOffsetsRequest { partitions: places.collect() })),
        ("metadata", frame::<Metadata>(&MetadataRequest { topics: Some(vec!["orders".to_owned()]) })),
        ("api-versions", frame::<ApiVersions>(&ApiVersionsRequest)),
        ("create-topic", frame::<CreateTopic>(&topic)),
        ("delete-topic", frame::<DeleteTopic>(&DeleteTopicRequest { name: "orders".into() })),
        ("create-partitions", frame::<CreatePartitions>(&CreatePartitionsRequest { name: "orders".into(), count: 9 })),
    ]
}
