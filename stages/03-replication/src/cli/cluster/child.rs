//! One process of the cluster: started, listened to, told what it has to know, and seen to its end.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::watch;

use super::members::{Members, Name};

/// The longest report, in bytes: some hundred for each of as many replicas as there can be.
const LONGEST: u64 = 16 << 20;
/// How far back in a log its last lines are looked for.
const TAIL: u64 = 64 << 10;

/// What is to be started.
#[derive(Debug)]
pub(super) struct Launch {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    /// Where its stderr goes.
    pub(super) log: PathBuf,
}

/// Starts a process, and has its life noted in `members` from now on.
///
/// # Errors
///
/// Those of the system.
pub(super) fn start(name: Name, launch: &Launch, members: &watch::Sender<Members>) -> io::Result<()> {
    let log = OpenOptions::new().create(true).append(true).open(&launch.log)?;
    let mut command = Command::new(&launch.program);
    command.args(&launch.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
    // A group of its own: Ctrl-C at the terminal is for the supervisor alone, who stops the others in order.
    #[cfg(unix)]
    command.process_group(0);
    let child = command.spawn()?;
    members.send_modify(|members| members.begun(name, child.id()));
    let run = members.borrow().processes.get(&name).map_or(0, |process| process.run);
    tokio::spawn(keep(name, run, child, launch.log.clone(), members.clone()));
    Ok(())
}

/// Sees a process to its end.
async fn keep(name: Name, run: u32, mut child: Child, log: PathBuf, members: watch::Sender<Members>) {
    let (input, output) = (child.stdin.take().expect("it is a pipe"), child.stdout.take().expect("it is a pipe"));
    let notices = tokio::spawn(notify(name, input, members.subscribe()));
    let reports = tokio::spawn(listen(name, run, output, members.clone()));
    let ended = child.wait().await;
    // The system may give its number to another process from now on.
    members.send_modify(|members| members.processes.entry(name).or_default().pid = None);
    notices.abort();
    // What it told last is worth knowing. A panic in there was shown by the runtime.
    let _ = reports.await;
    let how = match ended {
        Ok(status) => in_words(status, &log),
        Err(error) => error.to_string(),
    };
    members.send_modify(|members| members.ended(name, &how));
}

/// Tells a process what it has to know, as often as that changes. Its stdin is open as long as this runs.
async fn notify(name: Name, mut input: ChildStdin, mut members: watch::Receiver<Members>) {
    let mut told = None;
    loop {
        let notice = members.borrow_and_update().notice_to(name);
        if told.as_ref() != Some(&notice) {
            // It may have ended, which is noticed elsewhere.
            if input.write_all(format!("{notice}\n").as_bytes()).await.is_err() {
                return;
            }
            told = Some(notice);
        }
        if members.changed().await.is_err() {
            return;
        }
    }
}

/// Notes what a process tells, until it has nothing more to tell.
async fn listen(name: Name, run: u32, output: ChildStdout, members: watch::Sender<Members>) {
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut output).take(LONGEST).read_until(b'\n', &mut line).await;
        if read.is_err() || line.last() != Some(&b'\n') {
            return;
        }
        match serde_json::from_slice(&line) {
            Ok(report) => members.send_modify(|members| members.told(name, run, report)),
            Err(error) => {
                return members
                    .send_modify(|members| members.tell(format!("{name} reports what nobody understands: {error}")));
            }
        }
    }
}

/// How a process has ended, and what its log says last.
fn in_words(status: ExitStatus, log: &Path) -> String {
    let last = last_lines(log, 1).ok().and_then(|mut lines| lines.pop());
    match last {
        Some(line) => format!("{status}; its log ends with `{line}`"),
        None => status.to_string(),
    }
}

/// The last lines of a file, at most `many`.
///
/// # Errors
///
/// Those of the system.
pub(super) fn last_lines(file: &Path, many: usize) -> io::Result<Vec<String>> {
    let mut file = File::open(file)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    Ok(lines[lines.len().saturating_sub(many)..].to_vec())
}
