//! What compression costs and saves.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use contest::{Contest, Finding, Outcome, Scale, Scratch, Unit};
use segment_log::batch::{DECOMPRESSED_LIMIT, HEADER_LEN};
use segment_log::{BatchBuilder, BatchView, Compression, Record};

use super::workload::{self, events, one_segment};

/// Records of a batch: about 64 KiB before compression.
const RECORDS: usize = 500;

fn build(records: &[Record], codec: Compression) -> Outcome<Bytes> {
    let mut builder = BatchBuilder::new(codec);
    records.iter().for_each(|record| builder.push(record));
    Ok(builder.build()?.into_bytes().freeze())
}

/// Bytes of the records before compression.
fn plain_size(records: &[Record]) -> Outcome<u64> {
    let batches = records.chunks(RECORDS).map(|records| build(records, Compression::None));
    batches.map(|batch| Ok((batch?.len() - HEADER_LEN) as u64)).sum()
}

/// Producer and log together: the one compresses, the other decompresses to look at the records.
pub(super) fn append(place: &Scratch, scale: &Scale) -> Outcome<Finding> {
    let records = &events(scale.count(64_000));
    let plain = plain_size(records)?;
    let mut contest = Contest::new("codec", "make batches of 500 events and append them", Unit::Bytes);
    for codec in Compression::ALL {
        let batches = records.chunks(RECORDS).map(|records| build(records, codec).map(|batch| batch.len() as u64));
        let stored: u64 = batches.sum::<Outcome<u64>>()?;
        let name = format!("{codec}: to {:.0} % of the size", stored as f64 * 100.0 / plain as f64);
        contest = contest.entrant(name, move |watch| {
            let mut log = workload::log(place, one_segment())?;
            watch.time(|| {
                let mut batches = records.chunks(RECORDS).map(|records| build(records, codec));
                batches.try_for_each(|batch| workload::append(&mut log, BytesMut::from(&batch?[..])))
            })?;
            Ok(plain)
        });
    }
    contest.hold(scale.rounds(5))
}

/// A consumer opens what it fetched.
pub(super) fn read(_place: &Scratch, scale: &Scale) -> Outcome<Finding> {
    let records = events(scale.count(64_000));
    let plain = plain_size(&records)?;
    let mut contest = Contest::new("decode", "open batches of 500 events and read each record", Unit::Bytes);
    for codec in Compression::ALL {
        let batches: Vec<_> = records.chunks(RECORDS).map(|records| build(records, codec)).collect::<Outcome<_>>()?;
        contest = contest.entrant(codec.name(), move |watch| {
            watch.time(|| batches.iter().try_for_each(|batch| open(batch)))?;
            Ok(plain)
        });
    }
    contest.hold(scale.rounds(5))
}

fn open(batch: &Bytes) -> Outcome<()> {
    for record in BatchView::parse(batch)?.records(DECOMPRESSED_LIMIT)?.iter() {
        black_box(record?);
    }
    Ok(())
}
