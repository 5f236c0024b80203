//! An operation in one line, cut down to what a finding is about.
//!
//! ```text
//! 0.000300–0.000400 s  producer-1  sent 11 to orders-0: acknowledged at 1
//! 0.000700–0.000800 s  consumer-1  polled orders-0: … 0=10 2=12 …
//! ```
//!
//! Of a poll the records are shown that the finding names, with a neighbour on each side, as `offset=value`;
//! `…` stands for others of that partition. If a finding is about several partitions, those are shown of which it names a record.

use std::fmt::Write as _;

use crate::operation::{Kind, Offset, Operation, Partition, Record, Time, TransactionId, Value};

/// The most records of a poll that are shown.
const RECORDS: usize = 8;

/// What an operation has to do with these offsets and values of some partitions.
pub(crate) fn line(operation: &Operation, partitions: &[Partition], offsets: &[Offset], values: &[Value]) -> String {
    let ended = operation.ended.map_or("…".to_owned(), seconds);
    let did = match &operation.kind {
        Kind::Send { partition, value, transaction, outcome } => {
            format!("sent {value} to {partition}{}: {outcome}", inside(*transaction))
        }
        Kind::Poll { records, transaction } => {
            let about = |record: &Record| offsets.contains(&record.offset) || values.contains(&record.value);
            let told = |name: &&Partition| {
                partitions.len() == 1 || records.iter().any(|record| record.partition == **name && about(record))
            };
            let mut inside = inside(*transaction);
            let excerpts = partitions.iter().filter(told).map(|name| {
                let records = excerpt(records, name, about);
                format!("{name}{}:{records}", std::mem::take(&mut inside))
            });
            format!("polled {}", each(excerpts, ", "))
        }
        Kind::Assign { partitions } => format!("was assigned {}", partitions.join(", ")),
        Kind::Seek { partition } => format!("sought in {partition}"),
        Kind::Begin { transaction } => format!("began transaction {transaction}"),
        Kind::Commit { transaction, outcome } => format!("asked to commit transaction {transaction}: {outcome}"),
        Kind::Abort { transaction, outcome } => format!("asked to abort transaction {transaction}: {outcome}"),
        Kind::Consume { transaction, offsets } => {
            let below = offsets.iter().map(|(name, offset)| format!("{name} below {offset}"));
            format!("took what it was given of {} as the input of transaction {transaction}", each(below, ", "))
        }
        Kind::Drained { ends } => {
            let ends = ends.iter().filter(|(name, _)| partitions.contains(name));
            format!("read {}", each(ends.map(|(name, end)| format!("{name} to its end, {end}")), ", and "))
        }
    };
    format!("{}–{ended} s  {}  {did}", seconds(operation.began), operation.process)
}

fn seconds(time: Time) -> String {
    format!("{}.{:06}", time / 1_000_000, time % 1_000_000)
}

fn inside(transaction: Option<TransactionId>) -> String {
    transaction.map(|id| format!(" in transaction {id}")).unwrap_or_default()
}

fn each(texts: impl Iterator<Item = String>, between: &str) -> String {
    texts.collect::<Vec<_>>().join(between)
}

/// The records that matter, each with its neighbours.
fn excerpt(records: &[Record], partition: &str, about: impl Fn(&Record) -> bool) -> String {
    let here: Vec<&Record> = records.iter().filter(|record| &*record.partition == partition).collect();
    let mut shown = vec![false; here.len()];
    let matter = here.iter().enumerate().filter(|(_, record)| about(record));
    for (at, _) in matter.take(RECORDS) {
        let last = (at + 1).min(here.len() - 1);
        shown[at.saturating_sub(1)..=last].fill(true);
    }
    let (mut text, mut left, mut cut) = (String::new(), RECORDS, false);
    for (record, shown) in here.into_iter().zip(shown) {
        let shown = shown && left > 0;
        if shown {
            let dots = if cut { " …" } else { "" };
            write!(text, "{dots} {}={}", record.offset, record.value).expect("a string takes everything");
            left -= 1;
        }
        cut = !shown;
    }
    if cut { text + " …" } else { text }
}
