//! Taking a data folder, and giving it back in order.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use segment_log::disk::RealDisk;
use segment_log::{Error, Fold, Log, LogConfig, LogDir, Recovery, Timestamp};

use super::failure::{Failure, say};
use super::{LOG, counted};

/// The time, in milliseconds since 1970. The library has no clock of its own.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis().try_into().unwrap_or(Timestamp::MAX)
}

/// Whether a command makes what is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfMissing {
    Make,
    Fail,
}

/// Opens the log of the data folder `path`, hands it to `work`, and closes both in order, whatever became of the work.
pub(crate) fn with_log<F: Fold, T>(
    path: &Path,
    if_missing: IfMissing,
    config: LogConfig,
    fold: F,
    work: impl FnOnce(&mut Log<F>, &Recovery) -> Result<T, Failure>,
) -> Result<T, Failure> {
    // Before the folder is taken: a command that only looks should leave no lock file in a folder that is not a log's.
    if if_missing == IfMissing::Fail {
        expect_log(path)?;
    }
    let dir = LogDir::open(Arc::new(RealDisk), path)?;
    let (mut log, recovery) = dir.open_log(LOG, config, fold, now())?;
    tell(&recovery);
    let worked = work(&mut log, &recovery);
    let closed = log.close().and_then(|()| dir.close());
    worked.and_then(|answer| closed.map(|_| answer).map_err(Failure::from))
}

/// Fails unless `path` is a data folder with a log in it.
pub(crate) fn expect_log(path: &Path) -> Result<(), Failure> {
    let missing = |what, path: &Path| Err(Error::NotFound { what, path: path.to_owned() }.into());
    if !path.is_dir() {
        return missing("data folder", path);
    }
    let log = path.join(LOG);
    if log.is_dir() { Ok(()) } else { missing("log", &log) }
}

/// Says what opening the log had to mend. An empty answer is the usual case.
fn tell(recovery: &Recovery) {
    if let Some(cut) = &recovery.cut {
        say(&format!("the log was not closed in order, and its end is torn: {}", cut.why));
        say(&format!("cut {} from there on; the log now ends at offset {}", counted(cut.bytes, "byte"), cut.end));
    } else if !recovery.was_clean && recovery.verified > 0 {
        let verified = counted(recovery.verified, "batch");
        say(&format!("the log was not closed in order; {verified} of its last segment verified, nothing cut"));
    }
    for (index, why) in &recovery.rebuilt {
        say(&format!("rebuilt the indexes of a segment: {}: {why}", index.display()));
    }
}
