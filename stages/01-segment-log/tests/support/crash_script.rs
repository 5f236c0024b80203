//! What the runs do, and under which settings.

use std::sync::Arc;

use segment_log::disk::recording::Random;
use segment_log::{Compression, EveryAppend, EveryMessages, FlushPolicy, LogConfig, PageCache};

/// One thing that happens to a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A client's batch of so many records.
    Append(usize),
    /// A leader's batch, so many offsets beyond the end.
    Copy {
        gap: i64,
    },
    Flush,
    /// The folder writes its recovery points down.
    Checkpoint,
    /// Back to so many hundredths of the log.
    Truncate(i64),
    /// The start moves up to so many hundredths of the log.
    DeleteBefore(i64),
    /// Retention by bytes.
    Retain,
    /// The log begins anew, so far from its present end.
    Reset(i64),
    /// Log and folder are closed in order and opened again.
    Restart,
    /// The process dies and comes back. The machine stays up, so what was written is there.
    Kill,
    /// While the log is closed, the first segment loses its index.
    LoseIndex,
    /// The log is deleted, and one of the same name is made.
    DeleteLog,
}

/// A log's settings, as far as the runs differ in them.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) codec: Compression,
    /// Flush once so many records wait.
    pub(crate) flush_every: Option<u64>,
    pub(crate) segment_bytes: u32,
    pub(crate) segment_index_bytes: u32,
    pub(crate) index_interval_bytes: u32,
}

impl Settings {
    pub(crate) fn config(&self) -> LogConfig {
        let flush: Arc<dyn FlushPolicy> = match self.flush_every {
            None => Arc::new(PageCache),
            Some(1) => Arc::new(EveryAppend),
            Some(count) => Arc::new(EveryMessages(count)),
        };
        LogConfig {
            segment_bytes: self.segment_bytes,
            segment_index_bytes: self.segment_index_bytes,
            index_interval_bytes: self.index_interval_bytes,
            retention_bytes: Some(500),
            retention_ms: None,
            flush,
            ..LogConfig::default()
        }
    }
}

/// Steps and settings, with a name to call them by.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) name: String,
    pub(crate) settings: Settings,
    pub(crate) steps: Vec<Step>,
}

/// The written scripts: a whole life under each of the settings, and one thing at length.
pub(crate) fn written() -> Vec<Script> {
    let script =
        |name: &str, settings, steps: &[Step]| Script { name: name.to_owned(), settings, steps: steps.to_vec() };
    let names = ["page-cache", "every-append", "every-3", "tiny-index", "one-segment", "every-append-gzip"];
    let lives = names.into_iter().zip(settings()).map(|(name, settings)| script(name, settings, LIFE));
    let gaps = Settings { flush_every: Some(1), segment_bytes: 400, ..settings().swap_remove(0) };
    lives.chain([script("gaps", gaps, &GAPS.repeat(6))]).collect()
}

/// A segment that begins behind a gap of one offset. The one before has no room for the three records of a copy, and room
/// for one more record alone.
pub(crate) fn gap() -> Script {
    let settings = Settings { flush_every: Some(1), segment_bytes: 225, ..settings().swap_remove(0) };
    Script { name: "gap".to_owned(), settings, steps: vec![Step::Append(3), Step::Copy { gap: 1 }] }
}

/// A script by chance.
pub(crate) fn random(seed: u64) -> Script {
    let mut random = Random::new(seed);
    let settings = settings().swap_remove(random.below(6));
    let steps = (0..30).map(|_| random_step(&mut random)).collect();
    Script { name: format!("random-{seed}"), settings, steps }
}

fn random_step(random: &mut Random) -> Step {
    match random.below(40) {
        0..=17 => Step::Append(1 + random.below(4)),
        18..=20 => Step::Copy { gap: random.below(6) as i64 },
        21..=22 => Step::Flush,
        23..=25 => Step::Checkpoint,
        26..=29 => Step::Truncate(40 + random.below(60) as i64),
        30..=31 => Step::DeleteBefore(random.below(101) as i64),
        32..=33 => Step::Retain,
        34 => Step::Reset(random.below(60) as i64 - 30),
        35..=36 => Step::Restart,
        37 => Step::Kill,
        38 => Step::LoseIndex,
        _ => Step::DeleteLog,
    }
}

fn settings() -> Vec<Settings> {
    let plain = Settings {
        codec: Compression::None,
        flush_every: None,
        segment_bytes: 700,
        segment_index_bytes: 240,
        index_interval_bytes: 150,
    };
    vec![
        plain.clone(),
        Settings { flush_every: Some(1), codec: Compression::Lz4, ..plain.clone() },
        Settings { flush_every: Some(3), codec: Compression::Zstd, ..plain.clone() },
        Settings { segment_index_bytes: 36, index_interval_bytes: 0, ..plain.clone() },
        Settings { segment_bytes: 100_000, codec: Compression::Snappy, ..plain.clone() },
        Settings { flush_every: Some(1), codec: Compression::Gzip, segment_bytes: 400, ..plain },
    ]
}

/// A life in which everything happens, and after each act that takes something away come appends that must not meet it
/// again.
#[rustfmt::skip]
const LIFE: &[Step] = {
    use Step::*;
    &[
        // Truncations behind a saved recovery point, at a batch's edge and within one.
        Append(3), Append(1), Append(4), Append(2), Checkpoint, Append(3), Append(3), Append(2),
        Truncate(60), Append(2), Append(1), Flush, Checkpoint, Truncate(90), Append(3), Append(2), Append(2),
        // A process that dies, a start that moves, a truncation soon after it.
        Kill, Append(4), Append(3), Append(3), DeleteBefore(35), Append(2), Truncate(75), Append(3), Append(3),
        // An orderly stop, and batches with gaps between and within them.
        Restart, Append(1), Copy { gap: 5 }, Append(2), Truncate(95), Copy { gap: 0 }, Append(3), Append(4),
        // Retention, a lost index, and a truncation back over most of what is left.
        Flush, Append(3), Retain, Append(2), LoseIndex, Append(3), Truncate(20), Append(2), Append(3),
        // Beginning anew, further on and further back, behind a saved recovery point.
        Checkpoint, Reset(40), Append(3), Append(2), Append(2), Append(3), DeleteBefore(100), Append(2),
        Checkpoint, Reset(-30), Append(2), Append(3), Truncate(0), Append(3), Append(3), Append(3), Checkpoint,
        // Another log under the same name.
        Append(2), DeleteLog, Append(2), Append(3), Kill, Append(2), Truncate(50), Append(2), Restart, Append(1),
    ]
};

/// Segments that begin behind a gap: the fold was saved for an offset that the log may never reach, or reach by other
/// records.
const GAPS: &[Step] = &[Step::Copy { gap: 4 }, Step::Append(2), Step::Copy { gap: 2 }];
