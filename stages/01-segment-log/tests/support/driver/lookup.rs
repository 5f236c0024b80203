//! How a place in the log is found: by which index entries, over which batches.
//!
//! A lookup answers with the way and not only with the place. The way is walked here once more, by the index entries and
//! the batches that the log shows, and it must end where the log's own lookup ends.

use std::error::Error;

use segment_log::batch::{BatchHeader, DECOMPRESSED_LIMIT};
use segment_log::scan::{self, Scan};
use segment_log::segment::Segment;
use segment_log::{KeyCounts, Log, Offset, Timestamp};

use super::text::{offsets, time};

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// A lookup: what it looked at, and the batch that it found.
pub(super) struct Way {
    pub(super) lines: Vec<String>,
    /// The offset that it is about.
    pub(super) from: Offset,
    /// The segment and the byte where the walk over batches began.
    pub(super) segment: Offset,
    pub(super) start: u32,
    /// Where the batch stands that was found, and where it ends; both the segment's end if none was.
    found: u32,
    pub(super) end: u32,
}

/// As [`Log::read`] finds an offset.
pub(super) fn by_offset(log: &Log<KeyCounts>, offset: Offset) -> Result<Way> {
    let slice = log.read(offset, 1)?;
    let mut way = Way { lines: Vec::new(), from: offset, segment: 0, start: 0, found: 0, end: 0 };
    for segment in segments_from(log, offset) {
        let base = segment.base_offset();
        way.say(match base <= offset {
            true => format!("segment {base}: the last that begins at or before {offset}"),
            false => format!("segment {base}: the next one"),
        });
        way.enter(segment, offset);
        if way.walk_to_offset(segment, offset)? {
            break;
        }
    }
    if offset == log.end() {
        way.say(format!("{offset} is the end of the log: nothing is there yet"));
    }
    match u64::from(way.found) == slice.position() {
        true => Ok(way),
        false => Err(format!("the log reads from byte {} of {}", slice.position(), slice.path().display()).into()),
    }
}

/// As [`Log::find_time`] finds a time.
pub(super) fn by_time(log: &Log<KeyCounts>, at: Timestamp) -> Result<Way> {
    let found = log.find_time(at)?;
    let mut way = Way { lines: Vec::new(), from: log.end(), segment: 0, start: 0, found: 0, end: 0 };
    let mut arrived = None;
    for segment in segments_from(log, log.log_start()) {
        if arrived.is_none() {
            arrived = way.look_for_time(segment, at, log.log_start())?;
        }
    }
    way.say(match arrived {
        Some((timestamp, offset)) => format!("found: offset {offset}, of {}", time(timestamp)),
        None => format!("found: nothing, as no record is of {} or later", time(at)),
    });
    way.from = arrived.map_or(log.end(), |(_, offset)| offset);
    match arrived == found {
        true => Ok(way),
        false => Err(format!("the log finds {found:?}").into()),
    }
}

/// The segments from the one on whose range holds `offset`.
fn segments_from(log: &Log<KeyCounts>, offset: Offset) -> impl Iterator<Item = &Segment> {
    let first = log.segments().map(Segment::base_offset).filter(|&base| base <= offset).max();
    log.segments().filter(move |segment| first.is_none_or(|first| segment.base_offset() >= first))
}

impl Way {
    fn say(&mut self, line: String) {
        self.lines.push(line);
    }

    /// Asks the segment's index where to begin.
    fn enter(&mut self, segment: &Segment, offset: Offset) {
        let relative = u32::try_from(offset - segment.base_offset()).unwrap_or(0);
        let entry = segment.offset_index().floor(relative);
        self.say(match entry {
            Some(entry) => {
                let (offset, position) = (entry.relative_offset, entry.position);
                format!("index: the last entry at or before +{relative} is (+{offset}, {position})")
            }
            None => format!("index: no entry at or before +{relative}, so the walk begins at byte 0"),
        });
        self.segment = segment.base_offset();
        self.start = entry.map_or(0, |entry| entry.position);
        (self.found, self.end) = (segment.size(), segment.size());
    }

    fn scan<'s>(&self, segment: &'s Segment) -> Scan<'s> {
        segment.scan(self.start, scan::SHORT)
    }

    fn arrive(&mut self, position: u32, batch: &BatchHeader<'_>) {
        (self.found, self.end) = (position, position + batch.size() as u32);
    }

    fn walk_to_offset(&mut self, segment: &Segment, offset: Offset) -> Result<bool> {
        let mut scan = self.scan(segment);
        while let Some((position, batch)) = scan.next_header()? {
            let here = format!("byte {position}: {}", offsets(batch.base_offset(), batch.last_offset()));
            if batch.last_offset() < offset {
                self.say(format!("{here}, too early"));
                continue;
            }
            let what = if batch.base_offset() <= offset { "found" } else { "the first after a gap" };
            self.say(format!("{here}, {what}"));
            self.arrive(position, &batch);
            return Ok(true);
        }
        Ok(false)
    }

    fn look_for_time(
        &mut self,
        segment: &Segment,
        at: Timestamp,
        log_start: Offset,
    ) -> Result<Option<(Timestamp, Offset)>> {
        let (base, largest) = (segment.base_offset(), time(segment.largest_timestamp()));
        (self.segment, self.start, self.end) = (base, segment.size(), segment.size());
        if segment.is_empty() {
            self.say(format!("segment {base} is empty"));
            return Ok(None);
        }
        if segment.largest_timestamp() < at {
            self.say(format!("segment {base}: its latest record is of {largest}, too early"));
            return Ok(None);
        }
        self.say(format!("segment {base}: its latest record is of {largest}"));
        let entry = segment.time_index().floor(at);
        self.say(match entry {
            Some(entry) => {
                let (timestamp, offset) = (time(entry.timestamp), entry.relative_offset);
                format!("timeindex: the last entry at or before {} is ({timestamp}, +{offset})", time(at))
            }
            None => format!("timeindex: no entry at or before {}", time(at)),
        });
        self.enter(segment, base + entry.map_or(0, |entry| Offset::from(entry.relative_offset)));
        self.walk_to_time(segment, at, log_start)
    }

    fn walk_to_time(
        &mut self,
        segment: &Segment,
        at: Timestamp,
        log_start: Offset,
    ) -> Result<Option<(Timestamp, Offset)>> {
        let mut scan = self.scan(segment);
        while let Some((position, batch)) = scan.next_header()? {
            let latest = time(batch.max_timestamp());
            let here = offsets(batch.base_offset(), batch.last_offset());
            let here = format!("byte {position}: {here}, latest {latest}");
            if batch.max_timestamp() < at || batch.last_offset() < log_start {
                self.say(format!("{here}, too early"));
                continue;
            }
            self.say(format!("{here}, opened"));
            self.arrive(position, &batch);
            scan.seek(position.into());
            let Some((_, batch)) = scan.next_batch()? else { break };
            for record in batch.records(DECOMPRESSED_LIMIT)?.iter() {
                let record = record?;
                if record.timestamp >= at && record.offset >= log_start {
                    return Ok(Some((record.timestamp, record.offset)));
                }
            }
        }
        Ok(None)
    }
}
