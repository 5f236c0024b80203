//! What this stage's stories drive: a real log in a folder of its own, and a machine that can fail.
//!
//! | command | what it does |
//! |---|---|
//! | `open segment.bytes=300 …` | opens the folder `data` and its log `log-0`. A setting, by Kafka's name, stays until it is changed |
//! | `close` | stops in order |
//! | `crash` | the process dies; the page cache survives it |
//! | `power-failure keep=69..90` | the machine dies; what was not flushed is gone, but for these bytes of the last segment |
//! | `open-second` | another process tries to open the folder |
//! | `checkpoint` | writes the recovery point down |
//! | `wait 10s` | lets time pass. The clock starts at 0s and moves only so |
//! | `append a b@5s key=k time=3s compression=lz4` | one batch; without `time`, the clock's. A record without a value has null, as one without a key |
//! | `replicate 5=a 9=b last=12` | a batch as a leader has it, with its offsets; `last` is where its range ends |
//! | `append-bomb expands-to=1GiB` | a small batch that grows |
//! | `read from=4 max.bytes=100` | the records that a consumer gets |
//! | `lookup offset=4`, `lookup time=5s` | how the place is found |
//! | `header offset=4` | a batch's header, as it was sent and as it is stored |
//! | `truncate to=4`, `retain`, `delete-before offset=4`, `flush` | the log's own |
//! | `count` | what the fold has: records by key |
//! | `show` | the files, opened |
//! | `flip offset=4 field=crc byte=0`, `flip file=… byte=12` | turns over the lowest bit of one byte |
//! | `keep-copy file=…`, `put-back file=…`, `remove file=…` | what people do to files |
//!
//! Nothing reads the machine's clock, and no path of it is printed, so a story reads the same everywhere.

mod damage;
mod lifecycle;
mod lookup;
mod picture;
mod power;
mod reading;
mod settings;
mod text;
mod writing;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;

use segment_log::{KeyCounts, Log, LogDir, Offset, Timestamp};
use serde_json::{Value, json};
use story::{Args, Command, System};
use tempfile::TempDir;

use picture::Picture;
use power::PowerDisk;
use settings::Settings;

/// What a command answers.
type Answer = Result<String, Box<dyn Error>>;

/// The one log of the folder.
const LOG: &str = "log-0";

/// See the [module](self).
pub(crate) struct Driver {
    root: TempDir,
    disk: PowerDisk,
    settings: Settings,
    clock: Timestamp,
    running: Option<Running>,
    /// Batches as they were sent, by the base offset that they got.
    sent: BTreeMap<Offset, Vec<u8>>,
    /// Files by name, as they were when a copy was made.
    copies: BTreeMap<String, Vec<u8>>,
    /// What the last command walked over, if it was a read or a lookup.
    cursor: Option<Cursor>,
    /// What the last command did that the picture does not say.
    note: Option<String>,
}

/// The log while somebody has it open. Dropped in this order, as in a program.
struct Running {
    log: Log<KeyCounts>,
    dir: LogDir,
}

/// A walk over a segment, in bytes.
struct Cursor {
    from: Offset,
    segment: Offset,
    start: u32,
    end: u32,
}

impl Driver {
    /// A new machine with an empty folder.
    pub(crate) fn new() -> Self {
        Driver {
            root: tempfile::tempdir().expect("the system has room for a temporary folder"),
            disk: PowerDisk::default(),
            settings: Settings::default(),
            clock: 0,
            running: None,
            sent: BTreeMap::new(),
            copies: BTreeMap::new(),
            cursor: None,
            note: None,
        }
    }

    fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    fn log_folder(&self) -> PathBuf {
        self.data().join(LOG)
    }

    fn running(&mut self) -> Result<&mut Running, Box<dyn Error>> {
        self.running.as_mut().ok_or_else(|| "the log is not open".into())
    }

    fn log(&mut self) -> Result<&mut Log<KeyCounts>, Box<dyn Error>> {
        Ok(&mut self.running()?.log)
    }

    fn picture(&self) -> Picture {
        let log = self.running.as_ref().map(|running| &running.log);
        Picture::of(&self.data(), LOG, log, self.settings.index_room()).expect("the story's own folder can be read")
    }

    /// A path as the story may print it.
    fn relative(&self, text: &str) -> String {
        let log = format!("{}/", self.log_folder().display());
        let root = format!("{}/", self.root.path().display());
        text.replace(&log, "").replace(&root, "")
    }

    fn dispatch(&mut self, command: &Command) -> Answer {
        let args = Args::of(command);
        match command.name.as_str() {
            "open" => self.open(args),
            "close" => self.close(args),
            "crash" => self.crash(args),
            "power-failure" => self.power_failure(args),
            "open-second" => self.open_second(args),
            "checkpoint" => self.checkpoint(args),
            "wait" => self.wait(args),
            "append" => self.append(args),
            "replicate" => self.replicate(args),
            "append-bomb" => self.append_bomb(args),
            "read" => self.read(args),
            "lookup" => self.lookup(args),
            "header" => self.header(args),
            "truncate" => self.truncate(args),
            "retain" => self.retain(args),
            "delete-before" => self.delete_before(args),
            "flush" => self.flush(args),
            "count" => self.count(args),
            "show" => self.show(args),
            "flip" => self.flip(args),
            "keep-copy" => self.keep_copy(args),
            "put-back" => self.put_back(args),
            "remove" => self.remove(args),
            _ => Err(args.unknown_command()),
        }
    }

    fn show(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        Ok(self.picture().to_string())
    }
}

impl System for Driver {
    fn run(&mut self, command: &Command) -> Answer {
        (self.cursor, self.note) = (None, None);
        match self.dispatch(command) {
            Ok(answer) => Ok(self.relative(&answer)),
            Err(error) => Err(self.relative(&error.to_string()).into()),
        }
    }

    fn state(&self) -> Value {
        let picture = self.picture();
        let closed = self.running.is_none().then(|| "the log is not open".to_owned());
        json!({
            "segments": picture.segments_json(),
            "log_start": picture.log_start,
            "end": picture.end,
            "recovery_point": picture.recovery_point,
            "flushed": self.disk.flushed_offset(&self.log_folder()).max(picture.log_start).min(picture.end),
            "cursor": self.cursor.as_ref().map(Cursor::to_json),
            "note": self.note.clone().or(closed),
        })
    }
}

impl Cursor {
    fn to_json(&self) -> Value {
        let Cursor { from, segment, start, end } = self;
        json!({ "from": from, "segment": segment, "position": start, "scanned": [start, end] })
    }
}
