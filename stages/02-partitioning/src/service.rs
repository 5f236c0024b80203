//! What a broker does with records, whichever door asks.
//!
//! A door turns bytes into requests and answers into bytes. The service is what lies between: find the partitions, ask
//! each, put the answers together. It knows no sockets, and no topics but by [`Partitions`]. Stage 09's door asks the
//! same service.
//!
//! Partitions do not depend on each other. One that refuses has its refusal as its answer, and the others are asked all
//! the same. A whole request is one hop to the [`Workers`](crate::Workers), as each hop costs more than a lookup.

mod budget;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use segment_log::{Appended, Batch, BatchView, Timestamp};

use crate::api::{
    Aborted, FetchPartition, FetchRequest, FetchResponse, Fetched, FoundOffset, ListOffsetsRequest,
    ListOffsetsResponse, OffsetSpec, ProducePartition, ProduceRequest, ProduceResponse, Produced, RecordBytes,
    TopicPartition,
};
use crate::error::{ErrorCode, Refusal};
use crate::host::Host;
use crate::partition::{Isolation, Offsets, Partition, Read, Writer};
use crate::topics::name::is_internal;

pub use budget::FetchBudget;

/// Where partitions are looked up. Never waits for a disk.
pub trait Partitions: fmt::Debug + Send + Sync + 'static {
    /// The partition `at`.
    ///
    /// # Errors
    ///
    /// [`UnknownTopicOrPartition`](ErrorCode::UnknownTopicOrPartition), which says whether it is the topic or the
    /// partition that is not there.
    fn find(&self, at: &TopicPartition) -> Result<Arc<dyn Partition>, Refusal>;
}

/// What the broker allows itself, whatever a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceLimits {
    /// `fetch.max.bytes`: the most bytes of an answer to a fetch, but for a first batch that is larger. 55 MiB in Kafka.
    pub fetch_max_bytes: usize,
}

impl Default for ServiceLimits {
    fn default() -> Self {
        ServiceLimits { fetch_max_bytes: 55 << 20 }
    }
}

/// A batch that is in a log, and the partition, for whoever wants to know when it is safe there (stage 04).
#[derive(Debug)]
pub struct Written {
    /// Where it went.
    pub partition: Arc<dyn Partition>,
    /// Its place.
    pub appended: Appended,
    /// Where the partition stood before. Its leader epoch is the one in which the batch was written, or an earlier one if
    /// leadership changed in between.
    pub before: Offsets,
}

/// What became of each batch of a request, in its order.
pub type Writes = Vec<(TopicPartition, Result<Written, Refusal>)>;

/// What each partition of a fetch gave, in the order of the request; the bytes are not moved yet.
pub type Reads = Vec<(TopicPartition, Result<Read, Refusal>)>;

/// See the [module](self). Cheap to clone.
#[derive(Debug, Clone)]
pub struct Service {
    partitions: Arc<dyn Partitions>,
    host: Host,
    limits: ServiceLimits,
    isolation: Isolation,
}

impl Service {
    /// A service for these partitions.
    pub fn new(partitions: Arc<dyn Partitions>, host: Host, limits: ServiceLimits) -> Self {
        Service { partitions, host, limits, isolation: Isolation::default() }
    }

    /// The same service for readers who see partitions up to elsewhere (stage 06).
    pub fn reading(&self, isolation: Isolation) -> Self {
        Service { isolation, ..self.clone() }
    }

    /// Where it looks partitions up.
    pub fn partitions(&self) -> &Arc<dyn Partitions> {
        &self.partitions
    }

    /// Appends each batch to its partition, and answers.
    pub async fn produce(&self, request: ProduceRequest) -> ProduceResponse {
        produced(self.append(request).await)
    }

    /// Appends each batch to its partition. Apart from [`produced`], as there may be something to wait for between the two
    /// (stage 04).
    pub async fn append(&self, request: ProduceRequest) -> Writes {
        self.append_if(request, |_| Ok(())).await
    }

    /// As [`append`](Self::append), but only to partitions that `judge` lets through, where they stand just before. What it
    /// refuses is the answer, and nothing is written (stage 04).
    pub async fn append_if(
        &self,
        request: ProduceRequest,
        judge: impl Fn(&Offsets) -> Result<(), Refusal> + Send + 'static,
    ) -> Writes {
        let (partitions, now) = (self.partitions.clone(), self.host.clock.now());
        let work = move || {
            let mut seen = BTreeSet::new();
            let one = |ProducePartition { at, records }: ProducePartition| {
                let written = match seen.insert(at.clone()) {
                    true => append(&*partitions, &at, records, now, &judge),
                    false => Err(ErrorCode::InvalidRequest
                        .because(format!("{at} is named twice: a request brings one batch for a partition"))),
                };
                (at, written)
            };
            request.partitions.into_iter().map(one).collect()
        };
        self.host.workers.run(work).await
    }

    /// Finds what there is to read, and moves none of it.
    ///
    /// How much each partition may give is the [`FetchBudget`]'s to say.
    pub async fn fetch(&self, request: &FetchRequest) -> Reads {
        let (partitions, asked) = (self.partitions.clone(), request.partitions.clone());
        let mut budget = FetchBudget::new(request.max_bytes, self.limits.fetch_max_bytes);
        let isolation = self.isolation;
        let work = move || {
            let one = |asked: FetchPartition| {
                let request = budget.request(&asked);
                let read = partitions.find(&asked.at).and_then(|partition| partition.read(request, isolation));
                budget.spent(read.as_ref().map_or(0, |read| read.slice.len()));
                (asked.at, read)
            };
            asked.into_iter().map(one).collect()
        };
        self.host.workers.run(work).await
    }

    /// Moves the bytes of a fetch into its answer. Apart from [`fetch`](Self::fetch), as not every door wants them in
    /// memory (stage 09 has the kernel send them).
    pub async fn read_bytes(&self, reads: Reads) -> FetchResponse {
        let one = |(at, read): (TopicPartition, Result<Read, Refusal>)| (at, read.and_then(fetched));
        let work = move || FetchResponse { partitions: reads.into_iter().map(one).collect() };
        self.host.workers.run(work).await
    }

    /// Looks offsets up: as many as are asked for, but one time for each partition.
    pub async fn list_offsets(&self, request: ListOffsetsRequest) -> ListOffsetsResponse {
        let (partitions, isolation) = (self.partitions.clone(), self.isolation);
        let work = move || {
            let mut timed = BTreeSet::new();
            let one = |(at, place): (TopicPartition, OffsetSpec)| {
                // Only these read the disk, and may open a whole batch to find a record in it.
                let is_timed = matches!(place, OffsetSpec::Timestamp(_));
                let found = match is_timed && !timed.insert(at.clone()) {
                    false => partitions.find(&at).and_then(|partition| look_up(&*partition, place, isolation)),
                    true => Err(ErrorCode::InvalidRequest
                        .because(format!("{at} is named twice with a time: a request looks one up in a partition"))),
                };
                (at, found)
            };
            ListOffsetsResponse { partitions: request.partitions.into_iter().map(one).collect() }
        };
        self.host.workers.run(work).await
    }
}

/// The answer to a request whose batches were written.
pub fn produced(writes: Writes) -> ProduceResponse {
    let one = |(at, written): (TopicPartition, Result<Written, Refusal>)| {
        let produced = written.map(|Written { partition, appended, .. }| Produced {
            base_offset: appended.base_offset,
            log_append_time: appended.log_append_time,
            log_start: partition.offsets().log_start,
        });
        (at, produced)
    };
    ProduceResponse { partitions: writes.into_iter().map(one).collect() }
}

fn append(
    partitions: &dyn Partitions,
    at: &TopicPartition,
    records: RecordBytes,
    now: Timestamp,
    judge: impl Fn(&Offsets) -> Result<(), Refusal>,
) -> Result<Written, Refusal> {
    let partition = partitions.find(at)?;
    if is_internal(&at.topic) {
        let rule = "is the brokers' own: clients do not write to it";
        return Err(ErrorCode::InvalidTopic.because(format!("the topic `{}` {rule}", at.topic)));
    }
    let before = partition.offsets();
    judge(&before)?;
    let appended = partition.append(one_batch(records)?, Writer::Client, now)?;
    Ok(Written { partition, appended, before })
}

/// The bytes as a batch. A log would store two, one after the other, but answers with one place.
fn one_batch(records: RecordBytes) -> Result<Batch, Refusal> {
    let bytes = records.into_mut();
    let rule = "a request brings exactly one batch for a partition";
    if bytes.is_empty() {
        return Err(ErrorCode::InvalidRecord.because(format!("{rule}, and there is none")));
    }
    if let Ok(batch) = BatchView::parse(&bytes)
        && batch.size() < bytes.len()
    {
        let more = bytes.len() - batch.size();
        return Err(ErrorCode::InvalidRecord.because(format!("{rule}, and {more} bytes follow the first")));
    }
    Batch::from_bytes(bytes).map_err(|rule| segment_log::Error::InvalidBatch(rule).into())
}

fn fetched(read: Read) -> Result<Fetched, Refusal> {
    let Read { slice, aborted, offsets } = read;
    Ok(Fetched {
        records: slice.to_bytes()?.into(),
        log_start: offsets.log_start,
        high_watermark: offsets.high_watermark,
        last_stable: offsets.last_stable,
        aborted: aborted.iter().map(Aborted::from).collect(),
    })
}

fn look_up(partition: &dyn Partition, place: OffsetSpec, isolation: Isolation) -> Result<Option<FoundOffset>, Refusal> {
    let offsets = partition.offsets();
    let end = isolation.end(&offsets);
    Ok(match place {
        OffsetSpec::Earliest => Some(FoundOffset { offset: offsets.log_start, timestamp: None }),
        OffsetSpec::Latest => Some(FoundOffset { offset: end, timestamp: None }),
        OffsetSpec::Timestamp(time) => {
            // What readers do not see, a look-up does not find.
            let visible = partition.find_time(time)?.filter(|(_, offset)| *offset < end);
            visible.map(|(timestamp, offset)| FoundOffset { offset, timestamp: Some(timestamp) })
        }
    })
}
