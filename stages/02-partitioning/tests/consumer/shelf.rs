//! A broker without a network: partitions in memory, which answer as a broker does.

use std::collections::BTreeMap;

use partitioning::TopicPartition;
use partitioning::api::{
    FetchPartition, FetchRequest, FetchResponse, Fetched, FoundOffset, ListOffsetsRequest, ListOffsetsResponse,
    OffsetSpec, PartitionInfo, TopicId, TopicInfo,
};
use partitioning::consumer::plan::Lookup;
use partitioning::consumer::positions::{Found, Sought};
use partitioning::error::{ErrorCode, Refusal};
use segment_log::{BatchView, Offset, batches};

/// What a partition holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    /// The first offset that can be read.
    pub(crate) start: Offset,
    /// Batches in order.
    pub(crate) batches: Vec<Vec<u8>>,
    /// What is answered in place of them.
    pub(crate) refusal: Option<Refusal>,
    /// The broker that leads it.
    pub(crate) leader: i32,
}

/// All partitions of all topics.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf {
    pub(crate) logs: BTreeMap<TopicPartition, Log>,
}

impl Log {
    /// Behind the last record.
    pub(crate) fn end(&self) -> Offset {
        self.batches.last().map_or(self.start, |last| view(last).next_offset())
    }

    fn read(&self, from: Offset, max_bytes: usize, min_one_batch: bool) -> Result<Vec<u8>, Refusal> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        if !(self.start..=self.end()).contains(&from) {
            let (start, end) = (self.start, self.end());
            return Err(ErrorCode::OffsetOutOfRange.because(format!("{from} is not in {start} to before {end}")));
        }
        let mut bytes = Vec::new();
        for batch in self.batches.iter().filter(|batch| view(batch).next_offset() > from) {
            if bytes.len() + batch.len() > max_bytes && !(bytes.is_empty() && min_one_batch) {
                break;
            }
            bytes.extend_from_slice(batch);
        }
        Ok(bytes)
    }

    fn look_up(&self, spec: OffsetSpec) -> Result<Option<FoundOffset>, Refusal> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        let end = |offset| Some(FoundOffset { offset, timestamp: None });
        Ok(match spec {
            OffsetSpec::Earliest => end(self.start),
            OffsetSpec::Latest => end(self.end()),
            OffsetSpec::Timestamp(time) => self.batches.iter().find_map(|batch| {
                let records = view(batch).records(1 << 20).expect("the shelf's batches open");
                let found = records.iter().flatten().find(|record| record.timestamp >= time);
                found.map(|record| FoundOffset { offset: record.offset, timestamp: Some(record.timestamp) })
            }),
        })
    }
}

fn view(batch: &[u8]) -> BatchView<'_> {
    batches(batch).next().expect("one batch").expect("it holds")
}

fn unknown(at: &TopicPartition) -> Refusal {
    ErrorCode::UnknownTopicOrPartition.because(format!("there is no partition {at}"))
}

impl Shelf {
    /// Adds partitions that begin at 0, led by broker 0.
    pub(crate) fn with(partitions: impl IntoIterator<Item = (TopicPartition, Vec<Vec<u8>>)>) -> Self {
        let log = |(at, batches)| (at, Log { batches, ..Log::default() });
        Shelf { logs: partitions.into_iter().map(log).collect() }
    }

    /// A partition that there is.
    pub(crate) fn log(&mut self, at: &TopicPartition) -> &mut Log {
        self.logs.get_mut(at).expect("the shelf has it")
    }

    /// Answers a fetch, as `Service::fetch` does.
    pub(crate) fn fetch(&self, request: &FetchRequest) -> FetchResponse {
        let (mut left, mut first) = (request.max_bytes as usize, true);
        let one = |FetchPartition { at, offset, max_bytes }: &FetchPartition| {
            let log = self.logs.get(at).ok_or_else(|| unknown(at));
            let read = log.and_then(|log| Ok((log.read(*offset, left.min(*max_bytes as usize), first)?, log)));
            let fetched = read.map(|(bytes, log)| {
                left = left.saturating_sub(bytes.len());
                first &= bytes.is_empty();
                let (log_start, end) = (log.start, log.end());
                let records = bytes::Bytes::from(bytes).into();
                Fetched { records, log_start, high_watermark: end, last_stable: end, aborted: Vec::new() }
            });
            (at.clone(), fetched)
        };
        FetchResponse { partitions: request.partitions.iter().map(one).collect() }
    }

    /// Answers a lookup.
    pub(crate) fn list_offsets(&self, request: &ListOffsetsRequest) -> ListOffsetsResponse {
        let one = |(at, spec): &(TopicPartition, OffsetSpec)| {
            let found = self.logs.get(at).ok_or_else(|| unknown(at)).and_then(|log| log.look_up(*spec));
            (at.clone(), found)
        };
        ListOffsetsResponse { partitions: request.partitions.iter().map(one).collect() }
    }

    /// What a broker says of a topic.
    pub(crate) fn describe(&self, topic: &str) -> Result<TopicInfo, Refusal> {
        let logs = self.logs.iter().filter(|(at, _)| &*at.topic == topic);
        let partition = |(_, log): (&TopicPartition, &Log)| PartitionInfo {
            leader: Some(log.leader),
            leader_epoch: 0,
            replicas: vec![log.leader],
            in_sync: vec![log.leader],
        };
        let partitions: Vec<_> = logs.map(partition).collect();
        if partitions.is_empty() {
            return Err(ErrorCode::UnknownTopicOrPartition.because(format!("there is no topic `{topic}`")));
        }
        Ok(TopicInfo { id: TopicId(1), partitions, configs: BTreeMap::new() })
    }

    /// What a look-up finds.
    pub(crate) fn find(&self, job: &Lookup) -> Vec<Result<Found, Refusal>> {
        let one = |at: &TopicPartition, sought: &Sought| {
            let log = self.logs.get(at).ok_or_else(|| unknown(at))?;
            let (start, end) = (log.look_up(OffsetSpec::Earliest)?, log.look_up(OffsetSpec::Latest)?);
            let by_time = match sought {
                Sought::Timestamp(time) => log.look_up(OffsetSpec::Timestamp(*time))?,
                _ => None,
            };
            let [start, end] = [start, end].map(|end| end.expect("a log has ends").offset);
            Ok(Found { start, end, by_time: by_time.map(|found| found.offset) })
        };
        job.partitions.iter().map(|(asked, sought)| one(&asked.at, sought)).collect()
    }
}
