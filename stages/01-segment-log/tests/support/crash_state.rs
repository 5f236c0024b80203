//! What a log should hold, and whether it does.

use std::collections::BTreeMap;
use std::fmt::Debug;

use segment_log::batch::DECOMPRESSED_LIMIT;
use segment_log::{BatchView, Fold, KeyCounts, Log, Offset, Record, Timestamp, batches};

/// What a check found wrong.
pub(crate) type Wrong = String;

/// Records by key.
type Counts<'k> = BTreeMap<Option<&'k [u8]>, u64>;

/// A fold that can be compared with the records.
pub(crate) trait Watched: Fold + Default {
    /// The test that uses it.
    const TEST: &'static str;
    /// What it counted; `None` if it does not count.
    fn counts(&self) -> Option<Counts<'_>>;
}

impl Watched for KeyCounts {
    const TEST: &'static str = "a_log_with_a_fold";

    fn counts(&self) -> Option<Counts<'_>> {
        Some(self.iter().collect())
    }
}

/// Without a fold no snapshots are saved, and so nothing else flushes the folder's names for the log.
impl Watched for () {
    const TEST: &'static str = "a_plain_log";

    fn counts(&self) -> Option<Counts<'_>> {
        None
    }
}

/// A batch, as it was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) base: Offset,
    pub(crate) last: Offset,
    pub(crate) records: Vec<(Offset, Record)>,
}

/// All that is to be known of a log at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// Every batch since the log was made or reset, also those that retention took. None that was truncated.
    pub(crate) learned: Vec<Written>,
    pub(crate) start: Offset,
    pub(crate) end: Offset,
    /// Where a truncation once left the end, perhaps with a gap before it.
    pub(crate) truncated_to: Vec<Offset>,
    /// What lies below was promised to survive a power failure.
    pub(crate) durable: Offset,
}

impl State {
    /// The batches that can be read.
    fn served(&self) -> impl Iterator<Item = &Written> {
        self.learned.iter().filter(|batch| batch.last >= self.start)
    }

    /// The state if the log ended at `end`; `None` if it cannot end there.
    fn cut_to(&self, end: Offset, start: Offset) -> Option<State> {
        let is_edge = |batch: &Written| batch.base == end || batch.last + 1 == end;
        // An empty log may lie anywhere: its start was moved to where the crash took all that was behind it.
        let is_known = end == self.end || end == start || self.truncated_to.contains(&end);
        if end > self.end || !(is_known || self.learned.iter().any(is_edge)) {
            return None;
        }
        let mut cut = State { start, end, durable: end, ..self.clone() };
        cut.learned.retain(|batch| batch.last < end);
        Some(cut)
    }

    fn counts(&self) -> Counts<'_> {
        let mut counts = Counts::new();
        for (_, record) in self.learned.iter().flat_map(|batch| &batch.records) {
            *counts.entry(record.key.as_deref()).or_default() += 1;
        }
        counts
    }
}

/// What a log may be: one of several states, whole or without its end.
#[derive(Debug, Clone)]
pub(crate) struct Allowed {
    pub(crate) states: Vec<State>,
    /// It must reach to here.
    pub(crate) floor: Offset,
    /// All its records were being given up: then it may also be empty, and its fold too.
    pub(crate) given_up: bool,
}

impl Allowed {
    /// This state and nothing less.
    pub(crate) fn exactly(state: &State) -> Self {
        Allowed { states: vec![state.clone()], floor: state.end, given_up: false }
    }

    /// Finds the state that the log has. Compares all its records, every way to read them, and its fold.
    pub(crate) fn judge<F: Watched>(&self, log: &Log<F>) -> Result<State, Wrong> {
        let (start, end) = (log.log_start(), log.end());
        let starts = self.states.iter().map(|state| state.start);
        let (low, high) = (starts.clone().min(), starts.max());
        if Some(start) < low || Some(start) > high || start > end {
            return Err(format!("the log starts at {start} and ends at {end}; it must start from {low:?} to {high:?}"));
        }
        if end < self.floor {
            return Err(format!("the log ends at {end}, and what lies before {} was promised to survive", self.floor));
        }
        let served = read_all(log)?;
        let mut reasons = Vec::new();
        for state in &self.states {
            match self.matching(state, log, &served) {
                Ok(state) => {
                    read_each(log, &state)?;
                    return Ok(state);
                }
                Err(reason) => reasons.push(reason),
            }
        }
        Err(reasons.join("\nor "))
    }

    fn matching<F: Watched>(&self, state: &State, log: &Log<F>, served: &[Written]) -> Result<State, Wrong> {
        let (start, end) = (log.log_start(), log.end());
        let Some(mut cut) = state.cut_to(end, start) else {
            return Err(format!(
                "the log ends at {end}, where no batch ended or began (it once ended at {})",
                state.end
            ));
        };
        same("the batches in the log", &cut.served().cloned().collect::<Vec<_>>(), &served.to_vec())?;
        let Some(fold) = log.fold().counts() else { return Ok(cut) };
        if start == end && fold.is_empty() && (self.given_up || self.floor < start) {
            // The log was begun anew: it was given up, or what was deleted reached further than what had to survive.
            cut.learned.clear();
        }
        same("the fold's counts", &cut.counts(), &fold)?;
        Ok(cut)
    }
}

fn read_all<F: Fold>(log: &Log<F>) -> Result<Vec<Written>, Wrong> {
    let mut served = Vec::new();
    for batch in log.batches(log.log_start()) {
        let batch = batch.map_err(|error| format!("the log serves what does not verify: {error}"))?;
        served.push(written(&batch.view())?);
    }
    Ok(served)
}

/// A batch's records, as a test compares them.
pub(crate) fn written(batch: &BatchView<'_>) -> Result<Written, Wrong> {
    let opened = batch.records(DECOMPRESSED_LIMIT).map_err(|error| format!("a served batch does not open: {error}"))?;
    let records = opened.iter().map(|record| record.map(|record| (record.offset, record.to_record())));
    let records = records.collect::<Result<_, _>>().map_err(|error| format!("a served batch has {error}"))?;
    Ok(Written { base: batch.base_offset(), last: batch.last_offset(), records })
}

/// Asks for each offset and for each time: the indexes must find the batch that a walk over everything finds.
fn read_each<F: Fold>(log: &Log<F>, state: &State) -> Result<(), Wrong> {
    for offset in state.start..=state.end {
        let slice = log.read(offset, 1).map_err(|error| format!("a read from offset {offset} fails: {error}"))?;
        let bytes = slice.to_bytes().map_err(|error| format!("a slice from offset {offset} fails: {error}"))?;
        let found = batches(&bytes).next().transpose().map_err(|error| error.to_string())?;
        let found = found.map(|batch| batch.verify().map(|()| (batch.base_offset(), batch.last_offset())));
        let found =
            found.transpose().map_err(|error| format!("a read from offset {offset} gives a bad batch: {error}"))?;
        let expected = state.served().find(|batch| batch.last >= offset).map(|batch| (batch.base, batch.last));
        same(&format!("a read from offset {offset}"), &expected, &found)?;
    }
    let records: Vec<_> = state.served().flat_map(|batch| &batch.records).collect();
    for time in records.iter().map(|(_, record)| record.timestamp).chain([0, Timestamp::MAX]) {
        let holds = |(offset, record): &&&(Offset, Record)| record.timestamp >= time && *offset >= state.start;
        let expected = records.iter().find(holds).map(|(offset, record)| (record.timestamp, *offset));
        let found = log.find_time(time).map_err(|error| format!("a search for time {time} fails: {error}"))?;
        same(&format!("a search for time {time}"), &expected, &found)?;
    }
    Ok(())
}

/// `Err` with both if they differ.
pub(crate) fn same<T: PartialEq + Debug>(what: &str, expected: &T, found: &T) -> Result<(), Wrong> {
    if expected == found {
        return Ok(());
    }
    Err(format!("{what}:\n  expected {expected:?}\n  found    {found:?}"))
}
