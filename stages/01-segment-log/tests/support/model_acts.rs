//! What can happen to a log, by chance.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use segment_log::{Compression, EveryAppend, EveryMessages, FlushPolicy, LogConfig, PageCache};

/// A record in the making: its time counts from the log's clock.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) key: Option<u8>,
    pub(crate) value: Option<u8>,
    pub(crate) time: i64,
}

/// One thing that happens. A place in the log is given in thousandths of it.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// A client's batch.
    Append {
        records: Vec<Draft>,
        codec: Compression,
    },
    /// A leader's batch: so many offsets missing before it, those in it taken or missing, so many missing at its end.
    Copy {
        gap: i64,
        taken: Vec<Option<Draft>>,
        tail: i32,
        codec: Compression,
    },
    /// A leader's batch that does not come after what the log has.
    CopyAgain,
    Flush,
    Truncate(i64),
    /// So far from the end, to either side.
    Reset(i64),
    DeleteBefore(i64),
    /// Retention, after so many milliseconds, of what lies below a place.
    Retain {
        later: i64,
        below: i64,
    },
    /// Closed in order or dropped, and opened with other settings.
    Reopen {
        clean: bool,
        settings: Settings,
    },
    /// A slice is taken, to be read at the end.
    Keep {
        from: i64,
        max_bytes: usize,
    },
}

/// The settings that matter here.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    segment_bytes: u32,
    segment_ms: i64,
    segment_index_bytes: u32,
    index_interval_bytes: u32,
    retention_bytes: Option<u64>,
    retention_ms: Option<i64>,
    pub(crate) log_append_time: bool,
    flush_every: Option<u64>,
}

/// A log's first settings, and what happens to it.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) settings: Settings,
    pub(crate) acts: Vec<Act>,
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}", self.settings)?;
        self.acts.iter().try_for_each(|act| writeln!(f, "  {act:?}"))
    }
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
            segment_ms: self.segment_ms,
            segment_index_bytes: self.segment_index_bytes,
            index_interval_bytes: self.index_interval_bytes,
            retention_bytes: self.retention_bytes,
            retention_ms: self.retention_ms,
            log_append_time: self.log_append_time,
            flush,
            ..LogConfig::default()
        }
    }
}

pub(crate) fn life() -> impl Strategy<Value = Life> {
    (settings(), vec(act(), 20..60)).prop_map(|(settings, acts)| Life { settings, acts })
}

fn settings() -> impl Strategy<Value = Settings> {
    let sizes = (900..3_000u32, prop_oneof![Just(24u32), Just(36), Just(100), Just(4096)]);
    let intervals = prop_oneof![Just(0u32), Just(100), Just(400), Just(4096)];
    let retention = (proptest::option::of(500..4_000u64), proptest::option::of(100..3_000i64));
    let flush_every = proptest::option::of(1..5u64);
    let segment_ms = prop_oneof![Just(i64::MAX), 200..2_000i64];
    let others = (segment_ms, proptest::bool::weighted(0.15), flush_every);
    (sizes, intervals, retention, others).prop_map(|(sizes, index_interval_bytes, retention, others)| Settings {
        segment_bytes: sizes.0,
        segment_ms: others.0,
        segment_index_bytes: sizes.1,
        index_interval_bytes,
        retention_bytes: retention.0,
        retention_ms: retention.1,
        log_append_time: others.1,
        flush_every: others.2,
    })
}

fn act() -> impl Strategy<Value = Act> {
    let anywhere = || -100..1_100i64;
    prop_oneof![
        40 => (vec(draft(), 1..6), codec()).prop_map(|(records, codec)| Act::Append { records, codec }),
        10 => copy(),
        1 => Just(Act::CopyAgain),
        2 => Just(Act::Flush),
        4 => (800..1_000i64).prop_map(Act::Truncate),
        1 => anywhere().prop_map(Act::Truncate),
        1 => (-40..60i64).prop_map(Act::Reset),
        3 => anywhere().prop_map(Act::DeleteBefore),
        3 => (0..1_500i64, prop_oneof![Just(1_100i64), anywhere()])
            .prop_map(|(later, below)| Act::Retain { later, below }),
        5 => (any::<bool>(), settings()).prop_map(|(clean, settings)| Act::Reopen { clean, settings }),
        4 => (anywhere(), 0..2_000usize).prop_map(|(from, max_bytes)| Act::Keep { from, max_bytes }),
    ]
}

fn copy() -> impl Strategy<Value = Act> {
    let gap = prop_oneof![3 => Just(0..1i64), 2 => Just(1..30)].prop_flat_map(|range: Range<i64>| range);
    (gap, vec(proptest::option::of(draft()), 0..6), 0..4i32, codec()).prop_map(|(gap, taken, tail, codec)| Act::Copy {
        gap,
        taken,
        tail,
        codec,
    })
}

fn codec() -> impl Strategy<Value = Compression> {
    prop_oneof![3 => Just(Compression::None), 1 => proptest::sample::select(&Compression::ALL[..])]
}

fn draft() -> impl Strategy<Value = Draft> {
    // Mostly about now, at times long ago, at times without a time.
    let time = prop_oneof![8 => -50..50i64, 1 => Just(-900i64), 1 => Just(i64::MIN)];
    let key = proptest::option::weighted(0.8, 0..4u8);
    let value = proptest::option::weighted(0.9, 0..120u8);
    (key, value, time).prop_map(|(key, value, time)| Draft { key, value, time })
}
