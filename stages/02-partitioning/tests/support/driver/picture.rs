//! What is in the partitions, as a person reads it and as the player draws it.
//!
//! It is asked from the broker's own partitions, below its door, so looking changes nothing and takes no time.

use partitioning::{Isolation, Offsets, Partitions, ReadRequest, TopicPartition, Topics};
use segment_log::batch::DECOMPRESSED_LIMIT;
use segment_log::{BatchView, Offset, batches};
use serde_json::{Value, json};
use story::text::table;

use super::text::{counted, record};

/// All topics but the brokers' own.
pub(super) struct Picture {
    topics: Vec<(String, Vec<PartitionPicture>)>,
}

struct PartitionPicture {
    at: TopicPartition,
    offsets: Offsets,
    batches: Vec<BatchPicture>,
}

struct BatchPicture {
    base: Offset,
    last: Offset,
    bytes: usize,
    codec: String,
    records: Vec<RecordPicture>,
}

struct RecordPicture {
    offset: Offset,
    key: Option<String>,
    value: Option<String>,
}

impl Picture {
    pub(super) fn of(topics: &Topics) -> Self {
        let described = topics.describe(None);
        let known = described.into_iter().filter_map(|(name, topic)| Some((name, topic.ok()?.partitions.len())));
        let pictures = known.map(|(name, count)| {
            let partition = |number| PartitionPicture::of(topics, TopicPartition::new(name.as_str(), number));
            let partitions = (0..count as u32).filter_map(partition).collect();
            (name, partitions)
        });
        Picture { topics: pictures.collect() }
    }

    pub(super) fn to_json(&self) -> Vec<Value> {
        let topic = |(name, partitions): &(String, Vec<PartitionPicture>)| {
            let partitions: Vec<_> = partitions.iter().map(PartitionPicture::to_json).collect();
            json!({ "name": name, "partitions": partitions })
        };
        self.topics.iter().map(topic).collect()
    }

    /// The batches of a partition, one a line.
    pub(super) fn sizes(&self, at: &TopicPartition) -> String {
        let all = self.topics.iter().flat_map(|(_, partitions)| partitions);
        let batches = all.filter(|partition| partition.at == *at).flat_map(|partition| &partition.batches);
        let row = |batch: &BatchPicture| {
            let records = counted(batch.records.len(), "record");
            vec![
                format!("{} to {}", batch.base, batch.last),
                records,
                format!("{} bytes", batch.bytes),
                batch.codec.clone(),
            ]
        };
        table(&batches.map(row).collect::<Vec<_>>())
    }

    /// One row for each partition of a topic, or of all.
    pub(super) fn rows(&self, topic: Option<&str>) -> Vec<Vec<String>> {
        let asked = self.topics.iter().filter(|(name, _)| topic.is_none_or(|topic| topic == name));
        asked.flat_map(|(_, partitions)| partitions).map(PartitionPicture::row).collect()
    }
}

impl PartitionPicture {
    fn of(topics: &Topics, at: TopicPartition) -> Option<Self> {
        let partition = topics.find(&at).ok()?;
        let offsets = partition.offsets();
        let mut pictures = Vec::new();
        let mut from = offsets.log_start;
        while from < offsets.end {
            let read = partition
                .read(ReadRequest { from, max_bytes: 1 << 20, min_one_batch: true }, Isolation::HighWatermark)
                .ok()?;
            let bytes = read.slice.to_bytes().ok()?;
            for batch in batches(&bytes) {
                let picture = BatchPicture::of(&batch.ok()?)?;
                from = picture.last + 1;
                pictures.push(picture);
            }
        }
        Some(PartitionPicture { at, offsets, batches: pictures })
    }

    fn to_json(&self) -> Value {
        let batch = |batch: &BatchPicture| {
            let records: Vec<_> = batch
                .records
                .iter()
                .map(|record| json!({ "offset": record.offset, "key": record.key, "value": record.value }))
                .collect();
            json!({
                "base": batch.base, "last": batch.last, "bytes": batch.bytes, "codec": batch.codec, "records": records,
            })
        };
        let Offsets { log_start, high_watermark, end, .. } = self.offsets;
        let batches: Vec<_> = self.batches.iter().map(batch).collect();
        json!({
            "index": self.at.partition, "start": log_start, "end": end, "high_watermark": high_watermark,
            "batches": batches,
        })
    }

    fn row(&self) -> Vec<String> {
        let records = |batch: &BatchPicture| {
            let each = batch
                .records
                .iter()
                .map(|one| format!("{} {}", one.offset, record(one.key.as_deref(), one.value.as_deref())));
            let codec = if batch.codec == "none" { String::new() } else { format!(" {}", batch.codec) };
            format!("[{}{codec}]", each.collect::<Vec<_>>().join(", "))
        };
        let batches: Vec<_> = self.batches.iter().map(records).collect();
        let start = match self.offsets.log_start {
            0 => String::new(),
            start => format!("from {start}"),
        };
        let content = if batches.is_empty() { "empty".to_owned() } else { batches.join(" ") };
        let cells = [self.at.to_string(), start, content];
        cells.into_iter().filter(|cell| !cell.is_empty()).collect()
    }
}

impl BatchPicture {
    fn of(batch: &BatchView<'_>) -> Option<Self> {
        let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let opened = batch.records(DECOMPRESSED_LIMIT).ok()?;
        let records = opened.iter().map(|record| {
            record.map(|record| RecordPicture {
                offset: record.offset,
                key: text(record.key),
                value: text(record.value),
            })
        });
        Some(BatchPicture {
            base: batch.base_offset(),
            last: batch.last_offset(),
            bytes: batch.size(),
            codec: batch.compression().ok()?.to_string(),
            records: records.collect::<Result<_, _>>().ok()?,
        })
    }
}
