//! Does what a script says, on a disk that remembers, and notes what is promised after each step.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use segment_log::disk::Disk;
use segment_log::disk::recording::{Random, Recording, RecordingDisk};
use segment_log::{Batch, BatchBuilder, Fold, Log, LogConfig, LogDir, Offset, Origin, Record};

use super::script::{Settings, Step};
use super::state::{Allowed, State, Watched, Wrong, same, written};

/// The data folder, below the recording's root: that the folder itself survives is part of the promise.
const FOLDER: &str = "data";
const LOG: &str = "log-0";

/// A step, and what a crash in it may leave.
#[derive(Debug)]
struct Moment {
    what: String,
    /// The number of operations when it was done.
    done: usize,
    during: Allowed,
    after: Allowed,
}

/// A log in use.
pub(crate) struct Run<F: Fold> {
    path: PathBuf,
    disk: Arc<RecordingDisk>,
    settings: Settings,
    config: LogConfig,
    open: Option<(LogDir, Log<F>)>,
    state: State,
    /// Records since the last flush.
    unflushed: u64,
    /// Makes keys, values and times.
    random: Random,
    now: i64,
    moments: Vec<Moment>,
}

impl<F: Watched> Run<F> {
    /// Opens the log below `root`, which may be any of `found`. What it will write depends on `seed`.
    pub(crate) fn open(root: &Path, settings: &Settings, found: Allowed, seed: u64) -> Result<Self, Wrong> {
        let disk = RecordingDisk::new(root).map_err(|error| error.to_string())?;
        let mut run = Run {
            path: root.join(FOLDER),
            disk: Arc::new(disk),
            settings: settings.clone(),
            config: settings.config(),
            open: None,
            state: State::default(),
            unflushed: 0,
            random: Random::new(seed),
            now: 1_000_000,
            moments: Vec::new(),
        };
        run.reopen(&found)?;
        run.note("open".to_owned(), found);
        Ok(run)
    }

    /// What was done to the disk so far.
    pub(crate) fn recording(&self) -> Recording {
        self.disk.recording()
    }

    /// What a crash after so many operations may leave, and the step that it happens in.
    pub(crate) fn allowed(&self, point: usize) -> (&Allowed, String) {
        let number = self.moments.partition_point(|moment| moment.done < point);
        let moment = &self.moments[number];
        match point == moment.done {
            true => (&moment.after, format!("after step {number}, {}", moment.what)),
            false => (&moment.during, format!("in step {number}, {}", moment.what)),
        }
    }

    /// Does one step, and notes what a crash in it and after it may leave.
    pub(crate) fn step(&mut self, step: &Step) -> Result<(), Wrong> {
        let before = self.state.clone();
        self.now += 10;
        self.perform(step).map_err(|wrong| format!("step {}, {step:?}: {wrong}", self.moments.len()))?;
        // What stands before the active segment was flushed when that was begun, whatever the flush policy.
        self.state.durable = self.state.durable.max(self.active_base().min(self.state.end));
        let given_up = matches!(step, Step::Reset(_) | Step::DeleteLog);
        let floor = if given_up { 0 } else { before.durable.min(self.state.durable) };
        self.note(format!("{step:?}"), Allowed { states: vec![before, self.state.clone()], floor, given_up });
        Ok(())
    }

    /// The log must be what this run says it is.
    pub(crate) fn verify(&self) -> Result<(), Wrong> {
        Allowed::exactly(&self.state).judge(self.log()).map(drop)
    }

    fn note(&mut self, what: String, during: Allowed) {
        let after = Allowed { floor: self.state.durable, ..Allowed::exactly(&self.state) };
        self.moments.push(Moment { what, done: self.disk.now(), during, after });
    }

    fn log(&self) -> &Log<F> {
        &self.open.as_ref().expect("the log is open between steps").1
    }

    fn active_base(&self) -> Offset {
        self.log().segments().next_back().map_or(0, |segment| segment.base_offset())
    }

    fn log_mut(&mut self) -> &mut Log<F> {
        &mut self.open.as_mut().expect("the log is open between steps").1
    }

    fn perform(&mut self, step: &Step) -> Result<(), Wrong> {
        let now = self.now;
        match *step {
            Step::Append(records) => self.append(records),
            Step::Copy { gap } => self.copy(gap),
            Step::Flush => {
                self.log_mut().flush().map_err(said)?;
                self.flushed();
                Ok(())
            }
            Step::Checkpoint => self.open.as_ref().expect("the log is open").0.checkpoint().map_err(said),
            Step::Truncate(percent) => self.truncate(self.at(percent)),
            Step::DeleteBefore(percent) => {
                let offset = self.at(percent);
                self.log_mut().delete_before(offset, now).map_err(said)?;
                self.state.start = self.log().log_start();
                Ok(())
            }
            Step::Retain => {
                self.log_mut().retain(now).map_err(said)?;
                self.state.start = self.log().log_start();
                Ok(())
            }
            Step::Reset(distance) => self.reset((self.state.end + distance).max(0)),
            Step::Restart => self.close().and_then(|()| self.reopen(&Allowed::exactly(&self.state))),
            Step::Kill => {
                self.open = None;
                self.reopen(&Allowed::exactly(&self.state))
            }
            Step::LoseIndex => self.lose_index(),
            Step::DeleteLog => self.delete_log(),
        }
    }

    /// The offset at so many hundredths of the log.
    fn at(&self, percent: i64) -> Offset {
        self.state.start + (self.state.end - self.state.start) * percent / 100
    }

    fn append(&mut self, records: usize) -> Result<(), Wrong> {
        let mut builder = BatchBuilder::new(self.settings.codec);
        (0..records).for_each(|_| builder.push(&self.record()));
        let batch = builder.build().map_err(said)?;
        let base = self.state.end;
        self.append_as(batch, base, Origin::Client { leader_epoch: 0 })
    }

    /// A batch as compaction leaves it: offsets are missing before it, in it, and behind its last record.
    fn copy(&mut self, gap: i64) -> Result<(), Wrong> {
        // Not in front of the first batch: a checksum does not cover the base offset. If these eight bytes alone are lost,
        // they read as 0, and only a batch before can tell that this is wrong.
        let base = self.state.end + if self.state.end == 0 { 0 } else { gap };
        let mut builder = BatchBuilder::new(self.settings.codec).place(base, 0);
        [1, 4, 5].into_iter().for_each(|delta| builder.push_at(delta, &self.record()));
        builder.keep_range(7);
        self.append_as(builder.build().map_err(said)?, base, Origin::Replication)
    }

    fn append_as(&mut self, mut batch: Batch, base: Offset, origin: Origin) -> Result<(), Wrong> {
        batch.set_place(base, 0);
        let expected = written(&batch.view())?;
        if !matches!(origin, Origin::Replication) {
            batch.set_place(0, 0);
        }
        let now = self.now;
        let appended = self.log_mut().append(batch, origin, now).map_err(said)?;
        same("the append's answer", &(expected.base, expected.last), &(appended.base_offset, appended.last_offset))?;
        if self.active_base() == base {
            // It began a segment, so all before it was flushed.
            self.unflushed = 0;
        }
        self.unflushed += (expected.last - expected.base + 1) as u64;
        self.state.end = expected.last + 1;
        self.state.learned.push(expected);
        if self.settings.flush_every.is_some_and(|limit| self.unflushed >= limit) {
            self.flushed();
        }
        Ok(())
    }

    fn record(&mut self) -> Record {
        // Mostly ascending times, keys that repeat, values that compress a little.
        let timestamp = self.now - self.random.below(15) as i64;
        let key = [Some("a"), Some("b"), Some("c"), None][self.random.below(4)];
        let value = format!("{:04}", self.random.below(10_000)).repeat(1 + self.random.below(8));
        Record { value: (self.random.below(9) > 0).then(|| Bytes::from(value)), ..Record::new(timestamp, key, "") }
    }

    fn truncate(&mut self, offset: Offset) -> Result<(), Wrong> {
        let now = self.now;
        let end = self.log_mut().truncate(offset, now).map_err(said)?;
        let state = &mut self.state;
        state.learned.retain(|batch| batch.last < offset);
        let reached = state.learned.last().map_or(Offset::MIN, |batch| batch.last + 1);
        if end > offset || end < reached {
            return Err(format!(
                "the log now ends at {end}, after a truncation at {offset} that keeps up to {reached}"
            ));
        }
        (state.end, state.durable, state.start) = (end, state.durable.min(end), state.start.min(end));
        state.truncated_to.push(end);
        self.unflushed = 0;
        Ok(())
    }

    fn reset(&mut self, offset: Offset) -> Result<(), Wrong> {
        let now = self.now;
        self.log_mut().reset(offset, now).map_err(said)?;
        self.state = State { start: offset, end: offset, durable: offset, ..State::default() };
        self.unflushed = 0;
        Ok(())
    }

    fn flushed(&mut self) {
        (self.state.durable, self.unflushed) = (self.state.end, 0);
    }

    fn close(&mut self) -> Result<(), Wrong> {
        let (folder, log) = self.open.take().expect("the log is open between steps");
        log.close().map_err(said)?;
        same("whether the folder was closed in order", &true, &folder.close().map_err(said)?)
    }

    fn reopen(&mut self, found: &Allowed) -> Result<(), Wrong> {
        let folder = LogDir::open(self.disk.clone(), &self.path).map_err(said)?;
        let opened = folder.open_log(LOG, self.config.clone(), F::default(), self.now);
        let (log, _) = opened.map_err(|error| format!("the log does not open: {error}"))?;
        self.state = found.judge(&log)?;
        self.swept(&log)?;
        self.open = Some((folder, log));
        self.flushed();
        Ok(())
    }

    /// What a crash left without an owner is gone: half-made files, and indexes without their segment.
    fn swept(&self, log: &Log<F>) -> Result<(), Wrong> {
        let names = self.disk.list(log.dir()).map_err(said)?;
        let bases: Vec<_> = log.segments().map(|segment| format!("{:020}", segment.base_offset())).collect();
        let has_owner = |name: &String| match name.split_once('.') {
            Some((base, "log" | "index" | "timeindex")) => bases.iter().any(|owner| owner == base),
            other => matches!(other, Some((_, "snapshot"))),
        };
        let left: Vec<_> = names.into_iter().filter(|name| !has_owner(name)).collect();
        same("files without an owner", &Vec::new(), &left)
    }

    /// Somebody removes the index of the first segment while the log is closed.
    fn lose_index(&mut self) -> Result<(), Wrong> {
        let index = self.log().segments().next().map(|segment| segment.offset_index().path().to_owned());
        self.close()?;
        let lost = index.as_deref().map_or(Ok(()), |index| self.disk.remove(index));
        lost.and_then(|()| self.disk.sync_dir(&self.path.join(LOG))).map_err(said)?;
        self.reopen(&Allowed::exactly(&self.state))
    }

    fn delete_log(&mut self) -> Result<(), Wrong> {
        let (folder, log) = self.open.take().expect("the log is open between steps");
        drop(log);
        folder.delete_log(LOG).map_err(said)?;
        drop(folder);
        self.reopen(&Allowed::exactly(&State::default()))
    }
}

fn said(error: impl std::fmt::Display) -> Wrong {
    error.to_string()
}
