//! Appending, and what else changes a log.

use std::error::Error;

use segment_log::batch::{HEADER_LEN, LOG_OVERHEAD, checksum};
use segment_log::{Batch, BatchBuilder, Compression, Offset, Origin, Record, Timestamp};
use story::Args;

use super::text::{Millis, count, nullable, offsets};
use super::{Answer, Driver};

/// Who leads makes no difference before stage 03.
const CLIENT: Origin = Origin::Client { leader_epoch: 0 };

impl Driver {
    pub(super) fn append(&mut self, mut args: Args<'_>) -> Answer {
        let key: Option<String> = args.key("key")?;
        let time = args.key("time")?.map_or(self.clock, |Millis(time)| time);
        let mut builder = BatchBuilder::new(args.key("compression")?.unwrap_or_default());
        let values: Vec<String> = args.values("value")?;
        args.done()?;
        for value in &values {
            let (value, time) = timed(value).unwrap_or((value, time));
            builder.push(&record(time, key.as_deref(), Some(value)));
        }
        if values.is_empty() {
            builder.push(&record(time, key.as_deref(), None));
        }
        self.take_in(builder.build()?, CLIENT)
    }

    /// As a follower copies a batch: with the offsets that it has, and gaps where compaction removed records.
    pub(super) fn replicate(&mut self, mut args: Args<'_>) -> Answer {
        let last: Option<Offset> = args.key("last")?;
        let mut records = Vec::new();
        for (offset, value) in args.pairs()? {
            records.push((offset.parse::<Offset>().map_err(|_| format!("`{offset}` is no offset"))?, value));
        }
        args.done()?;
        let &(base, _) = records.first().ok_or("a batch needs a record, as in 5=a")?;
        let delta =
            |offset: Offset| i32::try_from(offset - base).map_err(|_| format!("{offset} is too far from {base}"));
        let mut builder = BatchBuilder::new(Compression::None).place(base, 0);
        for (offset, value) in records {
            builder.push_at(delta(offset)?, &record(self.clock, None, Some(value)));
        }
        if let Some(last) = last {
            builder.keep_range(delta(last)?);
        }
        self.take_in(builder.build()?, Origin::Replication)
    }

    pub(super) fn append_bomb(&mut self, mut args: Args<'_>) -> Answer {
        let Size(size) = args.required_key("expands-to")?;
        args.done()?;
        let batch = bomb(size)?;
        let bytes = batch.view().size();
        self.take_in(batch, CLIENT).map_err(|error| format!("{bytes} bytes were sent; {error}").into())
    }

    fn take_in(&mut self, batch: Batch, origin: Origin) -> Answer {
        let (sent, now) = (batch.view().bytes().to_vec(), self.clock);
        let log = self.log()?;
        let (segments, recovery_point) = (log.segments().count(), log.recovery_point());
        let appended = log.append(batch, origin, now)?;
        let rolled = log.segments().count() > segments;
        let flushed = log.recovery_point() == log.end() && log.recovery_point() > recovery_point;
        let mut answer = offsets(appended.base_offset, appended.last_offset);
        if rolled {
            answer.push_str(", in a new segment");
            self.note = Some("a new segment begins".to_owned());
        }
        if flushed {
            answer.push_str(", flushed");
        }
        self.sent.insert(appended.base_offset, sent);
        Ok(answer)
    }

    pub(super) fn truncate(&mut self, mut args: Args<'_>) -> Answer {
        let to: Offset = args.required_key("to")?;
        args.done()?;
        let now = self.clock;
        let end = self.log()?.truncate(to, now)?;
        Ok(format!("the log ends at {end}"))
    }

    pub(super) fn retain(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        let now = self.clock;
        let removed = self.log()?.retain(now)?;
        self.removed(&removed)
    }

    pub(super) fn delete_before(&mut self, mut args: Args<'_>) -> Answer {
        let offset: Offset = args.required_key("offset")?;
        args.done()?;
        let now = self.clock;
        let removed = self.log()?.delete_before(offset, now)?;
        self.removed(&removed)
    }

    /// Says which segments went.
    fn removed(&mut self, bases: &[Offset]) -> Answer {
        let start = self.log()?.log_start();
        let what = match bases {
            [] => "no segment goes".to_owned(),
            [base] => format!("segment {base} goes"),
            [bases @ .., last] => {
                let bases: Vec<_> = bases.iter().map(Offset::to_string).collect();
                format!("segments {} and {last} go", bases.join(", "))
            }
        };
        if !bases.is_empty() {
            self.note = Some(what.clone());
        }
        Ok(format!("{what}; the log starts at {start}"))
    }

    pub(super) fn flush(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        let log = self.log()?;
        log.flush()?;
        Ok(format!("flushed up to {}", log.recovery_point()))
    }

    pub(super) fn count(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        let counts = self.log()?.fold().iter();
        let lines: Vec<_> = counts
            .map(|(key, records)| format!("{}: {}", nullable(key), count(records, "record", "records")))
            .collect();
        Ok(if lines.is_empty() { "no records".to_owned() } else { lines.join("\n") })
    }
}

fn record(timestamp: Timestamp, key: Option<&str>, value: Option<&str>) -> Record {
    let owned = |text: Option<&str>| text.map(|text| text.to_owned().into());
    Record { timestamp, key: owned(key), value: owned(value), headers: Vec::new() }
}

/// `a@5s` is the value `a` with a time of its own.
fn timed(value: &str) -> Option<(&str, Timestamp)> {
    let (value, time) = value.rsplit_once('@')?;
    let Millis(time) = time.parse().ok()?;
    Some((value, time))
}

/// Bytes, written `1GiB`, `100MiB`, `5KiB` or as a number.
struct Size(usize);

impl std::str::FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let factor = match unit {
            "" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return Err("a size is a number and KiB, MiB or GiB".to_owned()),
        };
        let number = text[..text.len() - unit.len()].parse::<usize>().map_err(|error| error.to_string())?;
        number.checked_mul(factor).map(Size).ok_or_else(|| "that is too large".to_owned())
    }
}

/// A batch whose zstd frame says, block after block, "128 KiB of zeros": four bytes for each.
fn bomb(size: usize) -> Result<Batch, Box<dyn Error>> {
    const BLOCK: usize = 128 << 10;
    const RUN_OF_ONE_BYTE: usize = 1 << 1;
    // The magic number, no optional fields, a window of 8 MiB.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 13 << 3];
    let blocks = size.div_ceil(BLOCK);
    for number in 1..=blocks {
        let is_last = usize::from(number == blocks);
        let header = (BLOCK << 3) | RUN_OF_ONE_BYTE | is_last;
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(0);
    }
    let mut builder = BatchBuilder::new(Compression::Zstd);
    builder.push(&record(0, None, None));
    let mut bytes = builder.build()?.into_bytes();
    bytes.truncate(HEADER_LEN);
    bytes.extend_from_slice(&frame);
    let length = i32::try_from(bytes.len() - LOG_OVERHEAD)?;
    bytes[8..12].copy_from_slice(&length.to_be_bytes());
    let crc = checksum(&bytes);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    Ok(Batch::from_bytes(bytes)?)
}
