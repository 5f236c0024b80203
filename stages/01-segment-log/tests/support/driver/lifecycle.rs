//! Starting and stopping, in order and otherwise.

use std::sync::Arc;

use segment_log::{Error, Fold, KeyCounts, Log, LogDir, Recovery};
use story::Args;

use super::text::{ByteRange, Millis, count, time};
use super::{Answer, Driver, LOG, Running};

impl Driver {
    pub(super) fn open(&mut self, mut args: Args<'_>) -> Answer {
        let settings = args.pairs()?;
        args.done()?;
        if self.running.is_some() {
            return Err("the log is open already".into());
        }
        self.settings.change(&settings)?;
        let is_new = !self.log_folder().exists();
        let dir = LogDir::open(Arc::new(self.disk.clone()), self.data())?;
        let (log, recovery) = dir.open_log(LOG, self.settings.config(), KeyCounts::default(), self.clock)?;
        self.note = recovery.cut.as_ref().map(|cut| format!("{} bytes were cut from byte {}", cut.bytes, cut.position));
        let answer = if is_new { format!("{LOG} is new") } else { report(&log, &recovery) };
        self.running = Some(Running { log, dir });
        Ok(answer)
    }

    pub(super) fn close(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        let Running { log, dir } = self.running.take().ok_or("the log is not open")?;
        log.close()?;
        match dir.close()? {
            true => Ok("stopped in order".to_owned()),
            false => Err("the folder got no mark of a clean stop".into()),
        }
    }

    pub(super) fn crash(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        drop(self.running.take().ok_or("the log is not open")?);
        self.note = Some("the process is dead".to_owned());
        Ok("the process is dead; what it wrote is in the page cache".to_owned())
    }

    pub(super) fn power_failure(&mut self, mut args: Args<'_>) -> Answer {
        let keep = args.key::<ByteRange>("keep")?;
        args.done()?;
        self.running = None;
        self.note = Some("the power failed".to_owned());
        let losses = self.disk.fail(keep.map(|ByteRange(from, to)| (from, to)))?;
        let mut lines: Vec<_> = losses
            .iter()
            .map(|loss| {
                format!("{}: {} bytes written, {} of them flushed", loss.path.display(), loss.had, loss.flushed)
            })
            .collect();
        if lines.is_empty() {
            lines.push("every batch was flushed: nothing is lost".to_owned());
        }
        if let Some(ByteRange(from, to)) = keep {
            lines.push(format!("bytes {from} to {to} had reached the disk without a flush"));
        }
        Ok(lines.join("\n"))
    }

    pub(super) fn open_second(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        match LogDir::open(Arc::new(self.disk.clone()), self.data()) {
            Ok(_) => Ok("the folder was free".to_owned()),
            Err(error @ Error::Locked { .. }) => {
                // The one number that differs from run to run.
                let process = format!("process {}", std::process::id());
                Err(error.to_string().replace(&process, "process <number>").into())
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn checkpoint(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        let running = self.running()?;
        running.dir.checkpoint()?;
        Ok(format!("recovery point {} is written down", running.log.recovery_point()))
    }

    pub(super) fn wait(&mut self, mut args: Args<'_>) -> Answer {
        let Millis(wait) = args.value("time")?;
        args.done()?;
        if wait < 0 {
            return Err("time only passes forward".into());
        }
        self.clock += wait;
        let now = self.clock;
        let Some(running) = self.running.as_mut() else { return Ok(format!("it is {}", time(now))) };
        let before = running.log.recovery_point();
        running.log.flush_if_due(now)?;
        let after = running.log.recovery_point();
        let flushed = if after > before { format!("; flushed up to {after}") } else { String::new() };
        Ok(format!("it is {}{flushed}", time(now)))
    }
}

/// What opening found and did, a line for each thing.
fn report<F: Fold>(log: &Log<F>, recovery: &Recovery) -> String {
    let verified = count(recovery.verified, "batch", "batches");
    let mut lines = vec![match (recovery.was_clean, recovery.verified) {
        (true, 0) => "opened after a clean stop: nothing to verify".to_owned(),
        (true, _) => format!("opened after a clean stop: {verified} verified"),
        (false, _) => format!("opened after an unclean stop: {verified} verified"),
    }];
    if let Some(cut) = &recovery.cut {
        lines.push(format!("cut: {}", cut.why));
        lines.push(format!("{} bytes removed, from there to the end", cut.bytes));
    }
    for (_, why) in &recovery.rebuilt {
        lines.push(format!("index made again: {why}"));
    }
    for path in &recovery.swept {
        lines.push(format!("{} removed: no segment owns it", path.display()));
    }
    let from = recovery.snapshot.map_or("no snapshot".to_owned(), |offset| format!("snapshot at {offset}"));
    lines.push(format!("fold: {from}, {} replayed", count(recovery.replayed, "batch", "batches")));
    lines.push(format!("start {}, end {}", log.log_start(), log.end()));
    lines.join("\n")
}
