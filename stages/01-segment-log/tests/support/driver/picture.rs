//! A look into the folder: what the files hold, whoever wrote it.
//!
//! The batches are read from the files, not asked from the log, so a damaged one shows its damage before the log has
//! noticed. Only where the log is open, and its offsets and index entries live in memory, is it asked for these.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use segment_log::batch::{BatchError, BatchView};
use segment_log::index::{Entry, OffsetEntry, TimeEntry};
use segment_log::segment::{INDEX_SUFFIX, LOG_SUFFIX, TIME_INDEX_SUFFIX, base_offset_of, file_name};
use segment_log::{Fold, Log, Offset, Timestamp};
use serde_json::{Value, json};

use super::text::{offsets, table, time};

/// The folder of one log.
pub(super) struct Picture {
    pub(super) segments: Vec<SegmentPicture>,
    pub(super) log_start: Offset,
    pub(super) end: Offset,
    pub(super) recovery_point: Offset,
    /// Whether the mark of a clean stop lies beside a log that nobody has open.
    closed: Option<bool>,
}

pub(super) struct SegmentPicture {
    pub(super) base: Offset,
    pub(super) bytes: Vec<u8>,
    pub(super) batches: Vec<BatchPicture>,
    /// What stands where the next batch should, if bytes are left.
    tail: Option<BatchError>,
    /// None where there is no such file.
    index: Option<Vec<OffsetEntry>>,
    time_index: Option<Vec<TimeEntry>>,
}

pub(super) struct BatchPicture {
    pub(super) base: Offset,
    pub(super) last: Offset,
    pub(super) position: usize,
    pub(super) size: usize,
    codec: String,
    max_timestamp: Timestamp,
    fault: Option<BatchError>,
}

impl Picture {
    /// `index_room` is how long an index is while it is written to: then zeros at its end are no entries.
    pub(super) fn of<F: Fold>(data: &Path, name: &str, log: Option<&Log<F>>, index_room: usize) -> io::Result<Self> {
        let folder = data.join(name);
        let mut segments = Vec::new();
        for base in bases(&folder)? {
            segments.push(SegmentPicture::of(&folder, base, index_room)?);
        }
        for segment in log.into_iter().flat_map(Log::segments) {
            let picture = segments.iter_mut().find(|picture| picture.base == segment.base_offset());
            let picture = picture.expect("a segment of the log has a file");
            picture.index = Some(segment.offset_index().iter().collect());
            picture.time_index = Some(segment.time_index().iter().collect());
        }
        let (first, last) = (segments.first(), segments.last());
        let base = first.map_or(0, |segment| segment.base);
        let end = last.map_or(0, |last| last.batches.last().map_or(last.base, |batch| batch.last + 1));
        Ok(Picture {
            log_start: match log {
                Some(log) => log.log_start(),
                None => checkpoint(data, "log-start-offset-checkpoint", name).unwrap_or(0).max(base),
            },
            recovery_point: match log {
                Some(log) => log.recovery_point(),
                None => checkpoint(data, "recovery-point-offset-checkpoint", name).unwrap_or(0),
            },
            end: log.map_or(end, Log::end),
            closed: log.is_none().then(|| data.join(".kafka_cleanshutdown").exists()),
            segments,
        })
    }

    /// The segment and the batch of it that hold an offset.
    pub(super) fn batch_of(&self, offset: Offset) -> Option<(&SegmentPicture, &BatchPicture)> {
        let batches =
            self.segments.iter().flat_map(|segment| segment.batches.iter().map(move |batch| (segment, batch)));
        let mut holding = batches.filter(|(_, batch)| (batch.base..=batch.last).contains(&offset));
        holding.next()
    }

    pub(super) fn segments_json(&self) -> Vec<Value> {
        let active = self.segments.len().saturating_sub(1);
        self.segments.iter().enumerate().map(|(number, segment)| segment.to_json(number == active)).collect()
    }
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.closed {
            Some(true) => write!(f, "stopped in order")?,
            Some(false) => write!(f, "not stopped in order")?,
            None => write!(f, "start {}, end {}", self.log_start, self.end)?,
        }
        write!(f, ", recovery point {}", self.recovery_point)?;
        for (number, segment) in self.segments.iter().enumerate() {
            let active = if number + 1 == self.segments.len() { ", active" } else { "" };
            write!(f, "\n{}, {} bytes{active}{segment}", file_name(segment.base, LOG_SUFFIX), segment.bytes.len())?;
        }
        Ok(())
    }
}

impl SegmentPicture {
    fn of(folder: &Path, base: Offset, index_room: usize) -> io::Result<Self> {
        let bytes = fs::read(folder.join(file_name(base, LOG_SUFFIX)))?;
        let (mut batches, mut position, mut tail) = (Vec::new(), 0, None);
        while position < bytes.len() {
            match BatchView::parse(&bytes[position..]) {
                Ok(batch) => batches.push(BatchPicture::of(&batch, position)),
                Err(error) => {
                    tail = Some(error);
                    break;
                }
            }
            position += batches.last().map_or(0, |batch| batch.size);
        }
        Ok(SegmentPicture {
            base,
            bytes,
            batches,
            tail,
            index: entries(&folder.join(file_name(base, INDEX_SUFFIX)), index_room)?,
            time_index: entries(&folder.join(file_name(base, TIME_INDEX_SUFFIX)), index_room)?,
        })
    }

    fn to_json(&self, active: bool) -> Value {
        let batches = self.batches.iter().map(|batch| {
            let BatchPicture { base, last, position, size, codec, fault, .. } = batch;
            let ok = fault.is_none();
            json!({ "base": base, "last": last, "position": position, "size": size, "codec": codec, "ok": ok })
        });
        let index = self.index.iter().flatten().map(|entry| (entry.relative_offset, entry.position));
        let time_index = self.time_index.iter().flatten().map(|entry| (entry.timestamp, entry.relative_offset));
        json!({
            "base": self.base,
            "size": self.bytes.len(),
            "active": active,
            "batches": batches.collect::<Vec<_>>(),
            "index": index.collect::<Vec<_>>(),
            "time_index": time_index.collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for SegmentPicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<_> = self.batches.iter().map(BatchPicture::row).collect();
        for line in table(&rows).lines() {
            write!(f, "\n{line}")?;
        }
        if let Some(rule) = &self.tail {
            let whole = self.batches.last().map_or(0, |batch| batch.position + batch.size);
            write!(f, "\n  byte {whole}  no batch: {rule}")?;
        }
        let index = |entry: &OffsetEntry| format!("(+{}, {})", entry.relative_offset, entry.position);
        write_index(f, ".index", self.index.as_deref(), index)?;
        let time_index = |entry: &TimeEntry| format!("({}, +{})", time(entry.timestamp), entry.relative_offset);
        // Who sets no times sees none.
        let with_times = self.time_index.as_deref().map(|entries| match entries {
            [TimeEntry { timestamp: 0, .. }] => &[],
            entries => entries,
        });
        write_index(f, ".timeindex", with_times, time_index)
    }
}

/// An index without entries is not worth a line; a missing file is.
fn write_index<E>(
    f: &mut fmt::Formatter<'_>,
    file: &str,
    entries: Option<&[E]>,
    show: impl Fn(&E) -> String,
) -> fmt::Result {
    match entries {
        Some([]) => Ok(()),
        Some(entries) => write!(f, "\n  {file} {}", entries.iter().map(show).collect::<Vec<_>>().join(" ")),
        None => write!(f, "\n  {file} is missing"),
    }
}

impl BatchPicture {
    fn of(batch: &BatchView<'_>, position: usize) -> Self {
        let codec = batch.compression().map_or("unknown", |codec| codec.name());
        BatchPicture {
            base: batch.base_offset(),
            last: batch.last_offset(),
            position,
            size: batch.size(),
            codec: codec.to_owned(),
            max_timestamp: batch.max_timestamp(),
            fault: batch.verify().err(),
        }
    }

    /// `byte 69`, `offsets 1 to 3`, `85 bytes`, and what is not as usual.
    fn row(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.codec != "none" {
            remarks.push(self.codec.clone());
        }
        if self.max_timestamp != 0 {
            remarks.push(format!("latest {}", time(self.max_timestamp)));
        }
        remarks.extend(self.fault.as_ref().map(|rule| format!("damaged: {rule}")));
        let (position, size) = (self.position, self.size);
        let place = [format!("  byte {position}"), offsets(self.base, self.last), format!("{size} bytes")];
        place.into_iter().chain([remarks.join(", ")]).collect()
    }
}

/// Base offsets of the segments in a folder, ascending.
fn bases(folder: &Path) -> io::Result<Vec<Offset>> {
    let mut bases = Vec::new();
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
        Ok(entries) => {
            for entry in entries {
                bases.extend(base_offset_of(&entry?.file_name().to_string_lossy(), LOG_SUFFIX));
            }
        }
    }
    bases.sort_unstable();
    Ok(bases)
}

/// The entries of an index file; none if there is no file. A file of the full length has room behind its entries.
fn entries<E: Entry>(path: &Path, room: usize) -> io::Result<Option<Vec<E>>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let is_room = |entry: &&[u8]| bytes.len() == room / E::SIZE * E::SIZE && entry.iter().all(|&byte| byte == 0);
    Ok(Some(bytes.chunks_exact(E::SIZE).take_while(|entry| !is_room(entry)).map(E::decode).collect()))
}

/// A log's line in one of the folder's checkpoints.
fn checkpoint(data: &Path, file: &str, log: &str) -> Option<Offset> {
    let text = fs::read_to_string(data.join(file)).ok()?;
    let (topic, partition) = log.rsplit_once('-')?;
    text.lines().find_map(|line| line.strip_prefix(&format!("{topic} {partition} "))?.parse().ok())
}
