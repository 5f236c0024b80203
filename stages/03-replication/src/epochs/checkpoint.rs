//! `leader-epoch-checkpoint`: the epochs of a log as a small text file beside it.
//!
//! ```text
//!   0            version
//!   2            number of lines that follow
//!   1 0          epoch, start offset
//!   4 5
//! ```
//!
//! The form is Kafka's (`LeaderEpochCheckpointFile`). What batches tell can be had from them again. The file is for the
//! entry that no batch tells, for the memory of an epoch whose batches a crash took, and for whoever wants to look.

use segment_log::Offset;

use super::EpochEntry;

/// The file's name.
pub const FILE: &str = "leader-epoch-checkpoint";
const VERSION: &str = "0";

/// The entries as the file holds them.
pub fn render(entries: &[EpochEntry]) -> String {
    let mut text = format!("{VERSION}\n{}\n", entries.len());
    for EpochEntry { epoch, start } in entries {
        text.push_str(&format!("{epoch} {start}\n"));
    }
    text
}

/// The entries of a file.
///
/// # Errors
///
/// The line that is wrong, and the rule.
pub fn parse(bytes: &[u8]) -> Result<Vec<EpochEntry>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not text".to_owned())?;
    let mut lines = text.lines();
    let version = lines.next().unwrap_or_default();
    if version != VERSION {
        return Err(format!("line 1 is the version, which is {VERSION}, not `{version}`"));
    }
    let count: usize = lines.next().and_then(|line| line.parse().ok()).ok_or("line 2 is the number of entries")?;
    let mut entries: Vec<EpochEntry> = Vec::new();
    for (index, line) in lines.enumerate() {
        let entry = entry(line).filter(|new| entries.last().is_none_or(|old| follows(old, new)));
        entries.push(entry.ok_or_else(|| {
            format!("line {} is `epoch start`, both higher than in the line before, not `{line}`", index + 3)
        })?);
    }
    match entries.len() == count {
        true => Ok(entries),
        false => Err(format!("line 2 says that {count} entries follow, and {} do", entries.len())),
    }
}

fn entry(line: &str) -> Option<EpochEntry> {
    let (epoch, start) = line.split_once(' ')?;
    let (epoch, start): (i32, Offset) = (epoch.parse().ok()?, start.parse().ok()?);
    (epoch >= 0 && start >= 0).then_some(EpochEntry { epoch, start })
}

fn follows(old: &EpochEntry, new: &EpochEntry) -> bool {
    new.epoch > old.epoch && new.start > old.start
}
