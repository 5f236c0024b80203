//! The service knows partitions by their trait alone: here they are such as stage 03 will have them, whose last records
//! readers do not see yet, and whose leadership has changed.

use std::sync::{Arc, Mutex};

use partitioning::api::{
    FetchPartition, FetchRequest, FoundOffset, ListOffsetsRequest, OffsetSpec, ProducePartition, ProduceRequest,
    TopicPartition,
};
use partitioning::{
    Isolation, Offsets, Partition, Partitions, Read, ReadRequest, Refusal, Service, ServiceLimits, Writer,
};
use segment_log::{Appended, Batch, Offset, Timestamp};
use tokio::sync::watch;

use crate::data::{BEGIN, Data, append, at, batch, bytes};
use crate::serve;

/// A partition of which readers see the first two records, in its fifth epoch.
#[derive(Debug)]
struct Behind {
    log: Arc<dyn Partition>,
    writers: Arc<Mutex<Vec<Writer>>>,
}

impl Partition for Behind {
    fn append(&self, batch: Batch, by: Writer, now: Timestamp) -> Result<Appended, Refusal> {
        self.writers.lock().expect("no panic").push(by);
        self.log.append(batch, by, now)
    }

    fn read(&self, request: ReadRequest, isolation: Isolation) -> Result<Read, Refusal> {
        self.log.read(request, isolation).map(|read| Read { offsets: self.offsets(), ..read })
    }

    fn find_time(&self, time: Timestamp) -> Result<Option<(Timestamp, Offset)>, Refusal> {
        self.log.find_time(time)
    }

    fn offsets(&self) -> Offsets {
        Offsets { last_stable: 1, high_watermark: 2, leader_epoch: 5, in_sync: 3, ..self.log.offsets() }
    }

    fn watch(&self) -> watch::Receiver<Offsets> {
        self.log.watch()
    }
}

#[derive(Debug)]
struct AllBehind {
    logs: Arc<dyn Partitions>,
    writers: Arc<Mutex<Vec<Writer>>>,
}

impl Partitions for AllBehind {
    fn find(&self, at: &TopicPartition) -> Result<Arc<dyn Partition>, Refusal> {
        Ok(Arc::new(Behind { log: self.logs.find(at)?, writers: self.writers.clone() }))
    }
}

#[tokio::test]
async fn the_offsets_are_the_partitions() {
    let data = Data::new();
    let (topics, _) = serve(&data);
    let orders = at("orders", 0);
    for value in ["a", "b", "c"] {
        append(&topics, &orders, value).expect("it is appended");
    }
    let writers = Arc::default();
    let behind = AllBehind { logs: topics, writers: Arc::clone(&writers) };
    let service = Service::new(Arc::new(behind), data.host(), ServiceLimits::default());

    let look_up = |place| {
        let request = ListOffsetsRequest { partitions: vec![(orders.clone(), place)] };
        let service = &service;
        async move { service.list_offsets(request).await.partitions.remove(0).1.expect("it is found") }
    };
    let end = look_up(OffsetSpec::Latest).await;
    assert_eq!(end, Some(FoundOffset { offset: 2, timestamp: None }), "the end is where readers' sight ends");
    assert_eq!(look_up(OffsetSpec::Timestamp(BEGIN)).await.map(|found| found.offset), Some(0));

    let wanted = FetchPartition { at: orders.clone(), offset: 0, max_bytes: 1_000 };
    let reads = service.fetch(&FetchRequest { max_bytes: 1_000, partitions: vec![wanted] }).await;
    let fetched = service.read_bytes(reads).await.partitions.remove(0).1.expect("it reads");
    assert_eq!((fetched.log_start, fetched.last_stable, fetched.high_watermark), (0, 1, 2));

    let partitions = vec![ProducePartition { at: orders.clone(), records: bytes(batch(&["d"])) }];
    let produced = service.produce(ProduceRequest { partitions }).await.partitions.remove(0).1;
    assert_eq!(produced.expect("it is appended").base_offset, 3);
    assert_eq!(*writers.lock().expect("no panic"), [Writer::Client]);
}

#[tokio::test]
async fn a_time_that_only_hidden_records_reach_is_not_reached() {
    let data = Data::new();
    let (topics, _) = serve(&data);
    let orders = at("orders", 0);
    let partition = topics.find(&orders).expect("it is there");
    for time in [0, 10, 20] {
        let batch = crate::data::batch_at(BEGIN + time, &["a"]);
        partition.append(batch, crate::data::CLIENT, BEGIN).expect("it is appended");
    }
    let behind = AllBehind { logs: topics, writers: Arc::default() };
    let service = Service::new(Arc::new(behind), data.host(), ServiceLimits::default());
    for (after, found) in [(10, Some(1)), (11, None), (20, None)] {
        let places = vec![(orders.clone(), OffsetSpec::Timestamp(BEGIN + after))];
        let answer = service.list_offsets(ListOffsetsRequest { partitions: places }).await.partitions.remove(0).1;
        assert_eq!(answer.expect("it is looked up").map(|found| found.offset), found, "{after} ms after the first");
    }
}
