//! Checkpoints: two small text files for all logs of a data folder.
//!
//! ```text
//!   0                     version
//!   2                     number of lines that follow
//!   orders 0 4711         topic, partition, offset
//!   orders 1 4102
//! ```
//!
//! `recovery-point-offset-checkpoint` says up to where each log was flushed, `log-start-offset-checkpoint` where each
//! begins. The format is Kafka's (`OffsetCheckpointFile`). A recovery point may lag behind the truth: recovery then reads
//! more than it had to. It must never run ahead of it, so it is lowered, durably, before a log is truncated.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::Offset;
use crate::disk::{self, Disk, DiskFile};
use crate::error::{Error, Result};

const RECOVERY_POINTS: &str = "recovery-point-offset-checkpoint";
const LOG_STARTS: &str = "log-start-offset-checkpoint";
const VERSION: &str = "0";

/// Offsets by log name.
pub(crate) type Points = BTreeMap<String, Offset>;

/// The checkpoints of one data folder, shared by its logs.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    /// The folder's lock, held until the folder and its last log are let go.
    _lock: Arc<dyn DiskFile>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    recovery_points: Points,
    log_starts: Points,
    /// How the logs fare that were opened since the folder was.
    uses: BTreeMap<String, Use>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Open.
    Now,
    /// Not open, and not closed in order: it failed to open, or was dropped.
    Broken,
    /// Closed in order.
    Closed,
}

/// Says that a log is open, and notices if it is dropped instead of closed.
#[derive(Debug)]
pub(crate) struct InUse {
    checkpoints: Arc<Checkpoints>,
    log: String,
}

impl InUse {
    /// `None` if the log is open already.
    pub(crate) fn take(checkpoints: &Arc<Checkpoints>, log: &str) -> Option<Self> {
        let mut state = checkpoints.state();
        if state.uses.get(log) == Some(&Use::Now) {
            return None;
        }
        state.uses.insert(log.to_owned(), Use::Now);
        Some(InUse { checkpoints: checkpoints.clone(), log: log.to_owned() })
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        // A poisoned lock means that a panic is under way: then no mark of a clean stop will be left anyhow.
        let Ok(mut state) = self.checkpoints.state.lock() else { return };
        if let Some(used @ Use::Now) = state.uses.get_mut(&self.log) {
            *used = Use::Broken;
        }
    }
}

impl Checkpoints {
    pub(crate) fn load(disk: Arc<dyn Disk>, dir: PathBuf, lock: Arc<dyn DiskFile>) -> Result<Self> {
        let recovery_points = read(&*disk, &dir.join(RECOVERY_POINTS))?;
        let log_starts = read(&*disk, &dir.join(LOG_STARTS))?;
        let state = Mutex::new(State { recovery_points, log_starts, uses: BTreeMap::new() });
        Ok(Checkpoints { disk, dir, _lock: lock, state })
    }

    pub(crate) fn recovery_point(&self, log: &str) -> Option<Offset> {
        self.state().recovery_points.get(log).copied()
    }

    pub(crate) fn log_start(&self, log: &str) -> Offset {
        self.state().log_starts.get(log).copied().unwrap_or(0)
    }

    /// Remembers a flush. It reaches the file with the next [`save`](Self::save).
    pub(crate) fn note_recovery_point(&self, log: &str, offset: Offset) {
        self.state().recovery_points.insert(log.to_owned(), offset);
    }

    /// Remembers that a log was closed in order, flushed up to `end`.
    pub(crate) fn note_closed(&self, log: &str, end: Offset) {
        let mut state = self.state();
        state.recovery_points.insert(log.to_owned(), end);
        state.uses.insert(log.to_owned(), Use::Closed);
    }

    /// Whether the next user of the folder may believe `log`: it was closed in order, now or, if it was not touched, the
    /// last time.
    pub(crate) fn is_clean(&self, log: &str, was_clean: bool) -> bool {
        self.state().uses.get(log).map_or(was_clean, |used| *used == Use::Closed)
    }

    /// Forgets a log that is gone.
    pub(crate) fn forget(&self, log: &str) -> Result<()> {
        let mut state = self.state();
        state.uses.remove(log);
        if state.log_starts.remove(log).is_some() {
            self.write(LOG_STARTS, &state.log_starts)?;
        }
        match state.recovery_points.remove(log) {
            Some(_) => self.write(RECOVERY_POINTS, &state.recovery_points),
            None => Ok(()),
        }
    }

    /// Moves a log's start, durably.
    pub(crate) fn set_log_start(&self, log: &str, offset: Offset) -> Result<()> {
        let mut state = self.state();
        state.log_starts.insert(log.to_owned(), offset);
        self.write(LOG_STARTS, &state.log_starts)
    }

    /// Lowers a log's recovery point to `offset` if it is above that, durably. Before records go: if the checkpoint still
    /// spoke of them, recovery would take their absence for damage.
    pub(crate) fn lower_recovery_point(&self, log: &str, offset: Offset) -> Result<()> {
        let mut state = self.state();
        match state.recovery_points.get_mut(log) {
            Some(point) if *point > offset => *point = offset,
            _ => return Ok(()),
        }
        self.write(RECOVERY_POINTS, &state.recovery_points)
    }

    /// Writes the recovery points down.
    pub(crate) fn save(&self) -> Result<()> {
        self.write(RECOVERY_POINTS, &self.state().recovery_points)
    }

    fn write(&self, file: &str, points: &Points) -> Result<()> {
        disk::replace_file(&*self.disk, &self.dir.join(file), render(points).as_bytes())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the checkpoints")
    }
}

pub(crate) fn read(disk: &dyn Disk, path: &Path) -> Result<Points> {
    let Some(bytes) = disk::read_small(disk, path)? else { return Ok(Points::new()) };
    let parsed = std::str::from_utf8(&bytes).map_err(|_| "it is not text".to_owned()).and_then(parse);
    parsed.map_err(|rule| Error::BadFile { file: path.to_owned(), rule })
}

pub(crate) fn render(points: &Points) -> String {
    let mut text = format!("{VERSION}\n{}\n", points.len());
    for (log, offset) in points {
        let (topic, partition) = split_name(log).expect("a log's name was checked when it was opened");
        text.push_str(&format!("{topic} {partition} {offset}\n"));
    }
    text
}

fn parse(text: &str) -> Result<Points, String> {
    let mut lines = text.lines();
    let version = lines.next().unwrap_or_default();
    if version != VERSION {
        return Err(format!("line 1 is the version, which is {VERSION}, not `{version}`"));
    }
    let count: usize = lines.next().and_then(|line| line.parse().ok()).ok_or("line 2 is the number of entries")?;
    let mut points = Points::new();
    for (index, line) in lines.enumerate() {
        let fields: Vec<_> = line.split(' ').collect();
        let entry = match fields[..] {
            [topic, partition, offset] => {
                let log = format!("{topic}-{partition}");
                offset
                    .parse()
                    .ok()
                    .filter(|&offset: &Offset| offset >= 0 && split_name(&log).is_some())
                    .map(|offset| (log, offset))
            }
            _ => None,
        };
        let (log, offset) =
            entry.ok_or_else(|| format!("line {} is `topic partition offset`, not `{line}`", index + 3))?;
        points.insert(log, offset);
    }
    match points.len() == count {
        true => Ok(points),
        false => Err(format!("line 2 says that {count} entries follow, and {} do", points.len())),
    }
}

/// Topic and partition of a log's name: `orders-0` is partition 0 of `orders`.
pub(crate) fn split_name(name: &str) -> Option<(&str, u32)> {
    let (topic, partition) = name.rsplit_once('-')?;
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let number: u32 = partition.parse().ok().filter(|number: &u32| number.to_string() == partition)?;
    (!topic.is_empty() && topic.len() <= 249 && topic.chars().all(is_legal)).then_some((topic, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_what_it_parses() {
        let points = Points::from([("a-b-0".to_owned(), 7), ("orders-12".to_owned(), 0)]);
        let text = render(&points);
        assert_eq!(text, "0\n2\na-b 0 7\norders 12 0\n");
        assert_eq!(parse(&text), Ok(points));
    }

    #[test]
    fn names_the_line_that_is_wrong() {
        for (text, rule) in [
            ("", "line 1 is the version, which is 0, not ``"),
            ("1\n0\n", "line 1 is the version, which is 0, not `1`"),
            ("0\nmany\n", "line 2 is the number of entries"),
            ("0\n1\norders 0\n", "line 3 is `topic partition offset`, not `orders 0`"),
            ("0\n1\norders zero 4\n", "line 3 is `topic partition offset`, not `orders zero 4`"),
            ("0\n1\norders 0 -4\n", "line 3 is `topic partition offset`, not `orders 0 -4`"),
            ("0\n2\norders 0 4\n", "line 2 says that 2 entries follow, and 1 do"),
        ] {
            assert_eq!(parse(text), Err(rule.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn a_name_is_a_topic_and_a_partition() {
        assert_eq!(split_name("orders-0"), Some(("orders", 0)));
        assert_eq!(split_name("a-1-20"), Some(("a-1", 20)));
        for wrong in ["orders", "-0", "orders-", "orders--1x", "orders-01", "or ders-0", "../up-0"] {
            assert_eq!(split_name(wrong), None, "{wrong}");
        }
    }
}
