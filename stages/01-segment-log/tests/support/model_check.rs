//! Compares a log with its model, in every way that the log can be asked.

use std::collections::BTreeMap;
use std::fmt::Debug;

use segment_log::batch::DECOMPRESSED_LIMIT;
use segment_log::segment::Segment;
use segment_log::{BatchView, Error, Offset, batches};

use super::world::{Model, World, Written, said};

impl World {
    /// The log must hold what the model holds.
    pub(crate) fn check(&self) -> Result<(), String> {
        let (model, log) = (&self.model, self.log());
        same("start and end", &(model.start, model.end), &(log.log_start(), log.end()))?;
        same("what a walk finds", &model.served().cloned().collect(), &self.walk()?)?;
        let counts = model.counts();
        same("the fold", &counts, &log.fold().iter().map(|(key, count)| (key.map(<[u8]>::to_vec), count)).collect())?;
        self.check_segments()?;
        self.check_reads()?;
        self.check_times()?;
        self.check_kept()
    }

    fn walk(&self) -> Result<Vec<Written>, String> {
        let walk = self.log().batches(self.model.start);
        walk.map(|batch| written(&batch.map_err(said)?.view())).collect()
    }

    /// From each offset: at least one batch, the one that holds the offset or the next; and none beyond `max_bytes`.
    fn check_reads(&self) -> Result<(), String> {
        let (model, log) = (&self.model, self.log());
        for offset in model.start..=model.end {
            let max_bytes = (offset % 5) as usize * 150;
            let bytes = log.read(offset, max_bytes).and_then(|slice| slice.to_bytes()).map_err(said)?;
            let first = model.served().find(|batch| batch.last >= offset);
            let Some(first) = first else {
                same(&format!("bytes from offset {offset}, where nothing is"), &0, &bytes.len())?;
                continue;
            };
            let whole = batches(&bytes).map(|batch| written(&batch.map_err(said)?)).collect::<Result<Vec<_>, _>>()?;
            let what = format!("batches from offset {offset}");
            same(&what, &Some(first), &whole.first())?;
            let follow = model.served().skip_while(|batch| batch.base < first.base).take(whole.len());
            same(&what, &follow.cloned().collect::<Vec<_>>(), &whole)?;
            if bytes.len() > max_bytes.max(first.size) {
                return Err(format!("{what}: {} bytes, and {max_bytes} were asked for", bytes.len()));
            }
        }
        self.check_reads_below()?;
        for outside in [model.start - 1, model.end + 1] {
            let refused = log.read(outside, 1);
            if !matches!(refused, Err(Error::OffsetOutOfRange { .. })) {
                return Err(format!("a read from {outside}, which is outside, gives {refused:?}"));
            }
        }
        Ok(())
    }

    /// From each offset, with the log's end hidden from different places on: what a whole read gives, up to the first batch that
    /// reaches there.
    fn check_reads_below(&self) -> Result<(), String> {
        let (model, log) = (&self.model, self.log());
        for until in [(model.start + model.end) / 2, model.end - 1] {
            for offset in (model.start..=model.end).step_by(3) {
                let max_bytes = (offset % 5) as usize * 150;
                let all = log.read(offset, max_bytes).and_then(|slice| slice.to_bytes()).map_err(said)?;
                let below =
                    log.read_below(offset, until, max_bytes).and_then(|slice| slice.to_bytes()).map_err(said)?;
                let from = model.served().skip_while(|batch| batch.last < offset);
                let shown: usize = from.take_while(|batch| batch.last < until).map(|batch| batch.size).sum();
                let expected = all.slice(..shown.min(all.len()));
                same(&format!("bytes from {offset}, below {until}"), &expected, &below)?;
            }
        }
        Ok(())
    }

    /// For each time: what a walk over all records finds.
    fn check_times(&self) -> Result<(), String> {
        let records: Vec<_> = self.model.served().flat_map(|batch| &batch.records).collect();
        let records: Vec<_> = records.into_iter().filter(|(offset, _)| *offset >= self.model.start).collect();
        for time in records.iter().flat_map(|(_, record)| [record.timestamp, record.timestamp + 1]).chain([0]) {
            let first = records.iter().find(|(_, record)| record.timestamp >= time);
            let expected = first.map(|(offset, record)| (record.timestamp, *offset));
            same(&format!("the first at time {time}"), &expected, &self.log().find_time(time).map_err(said)?)?;
        }
        Ok(())
    }

    /// The segments hold the model's batches in order, and every index entry speaks the truth.
    fn check_segments(&self) -> Result<(), String> {
        let (model, config) = (&self.model, self.log().config());
        let mut batches = model.learned.iter().filter(|batch| batch.base >= model.first_segment).peekable();
        let mut reached = Offset::MIN;
        for segment in self.log().segments() {
            let base = segment.base_offset();
            let mut position = 0;
            let mut inside = Vec::new();
            while let Some(batch) = batches.next_if(|batch| position < segment.size() && batch.base >= base) {
                inside.push((position, batch));
                position += batch.size as u32;
            }
            same(&format!("bytes of segment {base}"), &position, &segment.size())?;
            if base < reached || (position > config.segment_bytes.max(3_000) && inside.len() > 1) {
                return Err(format!("segment {base} has {position} bytes, and the one before reaches to {reached}"));
            }
            check_indexes(segment, &inside)?;
            reached = segment.next_offset();
        }
        same("batches in no segment", &None, &batches.next())
    }
}

fn check_indexes(segment: &Segment, inside: &[(u32, &Written)]) -> Result<(), String> {
    for entry in segment.offset_index().iter() {
        let batch = inside.iter().find(|(position, _)| *position == entry.position).map(|(_, batch)| batch.last);
        let said = segment.base_offset() + Offset::from(entry.relative_offset);
        same(&format!("the batch at an entry's position {}", entry.position), &Some(said), &batch)?;
    }
    for entry in segment.time_index().iter() {
        let last = segment.base_offset() + Offset::from(entry.relative_offset);
        let until = inside.iter().filter(|(_, batch)| batch.last <= last).flat_map(|(_, batch)| &batch.records);
        let largest = until.map(|(_, record)| record.timestamp).max();
        same(&format!("the largest time up to offset {last}"), &Some(entry.timestamp), &largest)?;
    }
    Ok(())
}

impl Model {
    /// The batches that can be read.
    fn served(&self) -> impl Iterator<Item = &Written> {
        self.learned.iter().filter(|batch| batch.last >= self.start)
    }

    fn counts(&self) -> BTreeMap<Option<Vec<u8>>, u64> {
        let mut counts = BTreeMap::new();
        for (_, record) in self.learned.iter().flat_map(|batch| &batch.records) {
            *counts.entry(record.key.as_ref().map(|key| key.to_vec())).or_default() += 1;
        }
        counts
    }
}

fn written(batch: &BatchView<'_>) -> Result<Written, String> {
    batch.verify().map_err(said)?;
    let opened = batch.records(DECOMPRESSED_LIMIT).map_err(said)?;
    let records = opened.iter().map(|record| record.map(|record| (record.offset, record.to_record())));
    let records = records.collect::<Result<_, _>>().map_err(said)?;
    Ok(Written { base: batch.base_offset(), last: batch.last_offset(), records, size: batch.size() })
}

/// `Err` with both if they differ.
pub(crate) fn same<T: PartialEq + Debug>(what: &str, expected: &T, found: &T) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    Err(format!("{what}:\n  expected {expected:?}\n  found    {found:?}"))
}
