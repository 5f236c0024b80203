//! `dump`: everything that is on the disk, as it is.
//!
//! The other commands open the log, and opening a log may mend it. This one takes nothing and changes nothing, so it
//! shows what a crash or a bad disk left, and it works on folders that are not ours: a broker's own `topic-0` too.

mod batches;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use segment_log::anatomy;
use segment_log::disk::{Disk, DiskFile, ReadOnlyDisk};
use segment_log::index::check::{IndexCheck, without_room};
use segment_log::index::{Entry, OffsetEntry, TimeEntry};
use segment_log::segment::{INDEX_SUFFIX, LOG_SUFFIX, TIME_INDEX_SUFFIX, base_offset_of, file_name};
use segment_log::{Error, Offset};

use super::counted;
use super::failure::Failure;
use super::hexdump::{self, clip};

/// Show everything that is stored: segments, batches, index entries, snapshots
///
/// Changes nothing and takes no lock, so it also shows a log in use, whose end may then be half
/// written. DIR may be a log's own folder, such as `topic-0` of a Kafka broker.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Example: every byte of a log, with its meaning
  segment-log dump data --bytes"
)]
pub(crate) struct Args {
    /// The data folder, or the folder of one log
    dir: PathBuf,
    /// Show the records of each batch
    #[arg(long)]
    records: bool,
    /// Show each batch and each index entry as bytes, field by field
    #[arg(long)]
    bytes: bool,
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let mut dump = Dump { args, out, found: Vec::new() };
    let names = match ReadOnlyDisk.list(&args.dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return not_found(&args.dir),
        names => names.map_err(failed("list", &args.dir))?,
    };
    if is_log(&names) {
        dump.log(&args.dir, &names)?;
    } else {
        dump.data_folder(&names)?;
    }
    let hint = "`segment-log recover DIR` finds out whether it is only the torn end of a crash, and mends what can be";
    match dump.found.is_empty() {
        true => Ok(()),
        false => Err(Failure::Damage { found: dump.found, hint }),
    }
}

fn not_found<T>(dir: &Path) -> Result<T, Failure> {
    Err(Error::NotFound { what: "data folder or log", path: dir.to_owned() }.into())
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    move |source| Error::Io { action, path: path.to_owned(), source }
}

fn is_log(names: &[String]) -> bool {
    names.iter().any(|name| base_offset_of(name, LOG_SUFFIX).is_some())
}

struct Dump<'a> {
    args: &'a Args,
    out: &'a mut dyn Write,
    /// Damage, as it is told at the end.
    found: Vec<String>,
}

impl Dump<'_> {
    fn data_folder(&mut self, names: &[String]) -> Result<(), Failure> {
        let mut logs = Vec::new();
        for path in names.iter().map(|name| self.args.dir.join(name)).filter(|path| path.is_dir()) {
            let files = ReadOnlyDisk.list(&path).map_err(failed("list", &path))?;
            logs.extend(is_log(&files).then_some((path, files)));
        }
        if logs.is_empty() {
            return not_found(&self.args.dir);
        }
        let is_clean = names.iter().any(|name| name == ".kafka_cleanshutdown");
        let state = if is_clean { "closed in order" } else { "in use, or not closed in order" };
        writeln!(self.out, "{}: {state}", self.args.dir.display())?;
        for name in names.iter().filter(|name| name.ends_with("-offset-checkpoint")) {
            self.checkpoint(name)?;
        }
        for (path, files) in logs {
            writeln!(self.out)?;
            self.log(&path, &files)?;
        }
        Ok(())
    }

    /// Lines `topic partition offset`, after two of the file's own.
    fn checkpoint(&mut self, name: &str) -> Result<(), Failure> {
        let bytes = read(&self.args.dir.join(name))?;
        let text = String::from_utf8_lossy(&bytes);
        for line in text.lines().skip(2) {
            let line = match line.split(' ').collect::<Vec<_>>()[..] {
                [topic, partition, offset] => format!("{topic}-{partition} at {offset}"),
                _ => line.to_owned(),
            };
            writeln!(self.out, "  {name}: {line}")?;
        }
        Ok(())
    }

    fn log(&mut self, dir: &Path, names: &[String]) -> Result<(), Failure> {
        let segments: Vec<_> = names.iter().filter_map(|name| base_offset_of(name, LOG_SUFFIX)).collect();
        writeln!(self.out, "{}: {}", dir.display(), counted(segments.len() as u64, "segment"))?;
        for &base_offset in &segments {
            writeln!(self.out)?;
            self.segment(dir, base_offset)?;
        }
        let others: Vec<_> = names.iter().filter(|name| !is_of(name, &segments)).collect();
        if !others.is_empty() {
            writeln!(self.out)?;
        }
        for name in others {
            match base_offset_of(name, ".snapshot") {
                Some(offset) => {
                    let bytes = counted(open(&dir.join(name))?.1, "byte");
                    writeln!(self.out, "  {name}: the state before offset {offset}, {bytes}")?;
                }
                None => writeln!(self.out, "  {name}: not shown")?,
            }
        }
        Ok(())
    }

    fn segment(&mut self, dir: &Path, base_offset: Offset) -> Result<(), Failure> {
        let mut check = IndexCheck::load(&ReadOnlyDisk, dir, base_offset)?;
        let (next_offset, is_whole) =
            self.batches(&dir.join(file_name(base_offset, LOG_SUFFIX)), base_offset, &mut check)?;
        let faults = check.finish(next_offset, is_whole);
        let index = |suffix| {
            let path = dir.join(file_name(base_offset, suffix));
            path.exists().then_some(path)
        };
        if let Some(path) = index(INDEX_SUFFIX) {
            let row =
                |entry: OffsetEntry| (base_offset.saturating_add(entry.relative_offset.into()), entry.position.into());
            self.index(&path, ["offset", "byte"], row, &|bytes| anatomy::offset_index(bytes, base_offset))?;
        }
        if let Some(path) = index(TIME_INDEX_SUFFIX) {
            let row = |entry: TimeEntry| (entry.timestamp, base_offset.saturating_add(entry.relative_offset.into()));
            self.index(&path, ["timestamp", "offset"], row, &|bytes| anatomy::time_index(bytes, base_offset))?;
        }
        for fault in faults.iter().filter(|fault| fault.file.exists()) {
            let name = fault.file.file_name().unwrap_or_default().to_string_lossy();
            writeln!(self.out, "{:>14}{name} would mislead: {}", "", fault.rule)?;
            self.found.push(format!("{}: {}", fault.file.display(), fault.rule));
        }
        Ok(())
    }

    fn index<E: Entry>(
        &mut self,
        path: &Path,
        columns: [&str; 2],
        row: impl Fn(E) -> (i64, i64),
        anatomy: &dyn Fn(&[u8]) -> Vec<anatomy::Part>,
    ) -> Result<(), Failure> {
        let bytes = read(path)?;
        let used = without_room::<E>(&bytes);
        let entries = used.chunks_exact(E::SIZE);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let count = counted(entries.len() as u64, "entry");
        match (bytes.len() - used.len()) / E::SIZE {
            0 => writeln!(self.out, "  {name}: {count}")?,
            room => writeln!(self.out, "  {name}: {count}, room for {room} more")?,
        }
        if self.args.bytes {
            return Ok(hexdump::print(&anatomy(used), used, 0, "entry", self.out)?);
        }
        if entries.len() > 0 {
            writeln!(self.out, "{:>16}  {:>14}", columns[0], columns[1])?;
        }
        for (first, second) in entries.map(E::decode).map(row) {
            writeln!(self.out, "{first:>16}  {second:>14}")?;
        }
        Ok(())
    }

    /// Shows damage in its place, and remembers it.
    fn damage(&mut self, path: &Path, position: u64, rule: &str) -> Result<(), Failure> {
        writeln!(self.out, "{}", clip(&format!("{:>14}byte {position}: {rule}", "")))?;
        self.found.push(format!("{}, byte {position}: {rule}", path.display()));
        Ok(())
    }
}

/// Whether it is one of the files that a segment consists of.
fn is_of(name: &str, segments: &[Offset]) -> bool {
    let suffixes = [LOG_SUFFIX, INDEX_SUFFIX, TIME_INDEX_SUFFIX];
    let base_offset = suffixes.iter().find_map(|suffix| base_offset_of(name, suffix));
    base_offset.is_some_and(|base_offset| segments.contains(&base_offset))
}

/// A file and its length.
fn open(path: &Path) -> Result<(Arc<dyn DiskFile>, u64), Failure> {
    let file = ReadOnlyDisk.open(path).map_err(failed("open", path))?;
    let length = file.len().map_err(failed("measure", path))?;
    Ok((file, length))
}

/// All bytes of a small file.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let (file, length) = open(path)?;
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    let read = file.read_at(&mut bytes, 0).map_err(failed("read", path))?;
    bytes.truncate(read);
    Ok(bytes)
}
