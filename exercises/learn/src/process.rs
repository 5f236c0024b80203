//! Runs other programs so that none of them is left behind.
//!
//! Each child gets a process group of its own. When its time is up, when the learner saves again or presses Ctrl-C, the whole
//! group is ended: a test that has started a server of its own takes it along. Output is collected up to a limit, so
//! that a loop that prints cannot fill the memory, and on Linux the group's memory is limited for the same reason.
//!
//! Waiting is done by looking every few milliseconds. It is the one way that is the same on all systems, and the
//! few milliseconds are lost beside any compiler.

use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How much of each output stream is kept.
const KEPT: usize = 4 << 20;

/// How long one look at the child lasts.
const LOOK: Duration = Duration::from_millis(5);

/// What judging tests may allocate (Linux). A correct answer needs a small part of it.
#[cfg(target_os = "linux")]
const MEMORY: u64 = 3 << 30;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Code(i32),
    /// By a signal, on Unix.
    Signal(i32),
    /// We ended it, because its time was up.
    TimedOut,
    /// We ended it, because nobody waits for it any more.
    Stopped,
}

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) end: End,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Says to a run that nobody waits for it any more. Clones are one and the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The limits of a run.
#[derive(Default)]
pub(crate) struct Limits<'a> {
    pub(crate) time: Option<Duration>,
    /// Limits what the child may allocate.
    pub(crate) memory: bool,
    pub(crate) stop: Stop,
    /// What the child reads.
    pub(crate) input: Option<Vec<u8>>,
    /// Hears each line of the error stream as it comes.
    pub(crate) on_line: Option<&'a mut dyn FnMut(&str)>,
}

/// The process groups that are alive, so that all can be ended at once.
static ALIVE: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Ends everything that was started here and still runs. Called when the program itself has to end.
pub(crate) fn end_all() {
    let alive = std::mem::take(&mut *ALIVE.lock().unwrap_or_else(PoisonError::into_inner));
    alive.into_iter().for_each(end_group);
}

/// Runs a program to its end and collects what it writes.
pub(crate) fn run(command: &mut Command, mut limits: Limits<'_>) -> io::Result<Ran> {
    let start = Instant::now();
    let input = if limits.input.is_some() { Stdio::piped() } else { Stdio::null() };
    command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut group = Group::spawn(command)?;
    if let (Some(mut stream), Some(input)) = (group.child.stdin.take(), limits.input.take()) {
        // A child that does not read its input closes it early, and may.
        thread::spawn(move || drop(stream.write_all(&input)));
    }
    if limits.memory {
        group.limit_memory();
    }
    let (sender, lines) = mpsc::channel();
    let out = group.child.stdout.take().map(|stream| collect(stream, None));
    let err = group.child.stderr.take().map(|stream| collect(stream, limits.on_line.is_some().then_some(sender)));
    let end = loop {
        hear(&lines, &mut limits);
        if let Some(status) = group.child.try_wait()? {
            break ended(status);
        }
        if limits.stop.is_stopped() {
            break End::Stopped;
        }
        if limits.time.is_some_and(|time| start.elapsed() >= time) {
            break End::TimedOut;
        }
    };
    // Also sweeps what the child has left behind, which would keep the pipes open.
    drop(group);
    let text = |stream: Option<JoinHandle<Vec<u8>>>| {
        let bytes = stream.and_then(|stream| stream.join().ok()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let (stdout, stderr) = (text(out), text(err));
    hear_rest(&lines, &mut limits);
    Ok(Ran { end, stdout, stderr })
}

/// Runs a program that talks to the person directly.
pub(crate) fn run_in_front(command: &mut Command) -> io::Result<End> {
    let mut group = Group::spawn(command)?;
    loop {
        if let Some(status) = group.child.try_wait()? {
            return Ok(ended(status));
        }
        thread::sleep(LOOK);
    }
}

/// A child with everything it starts. Ended when it is dropped.
pub(crate) struct Group {
    pub(crate) child: Child,
}

impl Group {
    pub(crate) fn spawn(command: &mut Command) -> io::Result<Group> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let child = command.spawn()?;
        ALIVE.lock().unwrap_or_else(PoisonError::into_inner).push(child.id());
        Ok(Group { child })
    }

    fn limit_memory(&self) {
        #[cfg(target_os = "linux")]
        if let Some(pid) = rustix::process::Pid::from_raw(self.child.id().cast_signed()) {
            let limit = rustix::process::Rlimit { current: Some(MEMORY), maximum: Some(MEMORY) };
            // Where the system refuses, the test runs without this guard, as it does elsewhere.
            let _ = rustix::process::prlimit(Some(pid), rustix::process::Resource::Data, limit);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let id = self.child.id();
        end_group(id);
        // Reaps it, so that no zombie stays. It has ended already or was just told to.
        let _ = self.child.kill();
        let _ = self.child.wait();
        ALIVE.lock().unwrap_or_else(PoisonError::into_inner).retain(|alive| *alive != id);
    }
}

#[cfg(unix)]
fn end_group(id: u32) {
    if let Some(pid) = rustix::process::Pid::from_raw(id.cast_signed()) {
        // It may be gone, which is what we want.
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn end_group(_id: u32) {}

fn ended(status: ExitStatus) -> End {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return End::Signal(signal);
    }
    End::Code(status.code().unwrap_or(-1))
}

fn hear(lines: &Receiver<String>, limits: &mut Limits<'_>) {
    let Some(on_line) = &mut limits.on_line else { return thread::sleep(LOOK) };
    match lines.recv_timeout(LOOK) {
        Ok(line) => on_line(&line),
        Err(mpsc::RecvTimeoutError::Timeout) => {}
        // The stream is closed before the child has ended.
        Err(mpsc::RecvTimeoutError::Disconnected) => thread::sleep(LOOK),
    }
}

fn hear_rest(lines: &Receiver<String>, limits: &mut Limits<'_>) {
    if let Some(on_line) = &mut limits.on_line {
        lines.try_iter().for_each(|line| on_line(&line));
    }
}

/// Reads a stream to its end on a thread of its own and keeps its beginning.
fn collect(mut stream: impl Read + Send + 'static, lines: Option<Sender<String>>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let (mut kept, mut buffer) = (Vec::new(), vec![0; 16 << 10]);
        let mut told = 0;
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            let room = KEPT - kept.len();
            kept.extend_from_slice(&buffer[..read.min(room)]);
            let Some(lines) = &lines else { continue };
            while let Some(end) = kept[told..].iter().position(|byte| *byte == b'\n') {
                // Nobody may be listening any more; the text is kept all the same.
                let _ = lines.send(String::from_utf8_lossy(&kept[told..told + end]).into_owned());
                told += end + 1;
            }
        }
        kept
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_and_code_are_collected() {
        let mut heard = Vec::new();
        let mut on_line = |line: &str| heard.push(line.to_owned());
        let limits = Limits { on_line: Some(&mut on_line), ..Limits::default() };
        let ran = run(&mut shell("echo out; echo one >&2; echo two >&2; exit 7"), limits).unwrap();
        assert_eq!((ran.end, ran.stdout.as_str(), ran.stderr.as_str()), (End::Code(7), "out\n", "one\ntwo\n"));
        assert_eq!(heard, ["one", "two"]);
    }

    #[test]
    fn input_is_read_to_its_end_or_not_at_all() {
        let given = |script: &str, input: Vec<u8>| {
            let limits = Limits { input: Some(input), ..Limits::default() };
            run(&mut shell(script), limits).unwrap()
        };
        assert_eq!(given("cat", b"one\ntwo\n".to_vec()).stdout, "one\ntwo\n");
        assert_eq!(given("exit 4", vec![b'x'; 1 << 20]).end, End::Code(4));
    }

    #[test]
    fn a_run_that_takes_too_long_ends_with_everything_it_started() {
        let start = Instant::now();
        let limits = Limits { time: Some(Duration::from_millis(200)), ..Limits::default() };
        let ran = run(&mut shell("sleep 600 & wait"), limits).unwrap();
        assert_eq!(ran.end, End::TimedOut);
        assert!(start.elapsed().as_secs() < 60, "the pipes were held open by what the child had left behind");
    }

    #[test]
    fn what_a_finished_child_leaves_behind_does_not_hold_us_up() {
        let start = Instant::now();
        let ran = run(&mut shell("sleep 600 & exit 0"), Limits::default()).unwrap();
        assert_eq!(ran.end, End::Code(0));
        assert!(start.elapsed().as_secs() < 60);
    }

    #[test]
    fn a_run_that_nobody_waits_for_is_stopped() {
        let stop = Stop::default();
        stop.stop();
        let limits = Limits { stop, ..Limits::default() };
        assert_eq!(run(&mut shell("sleep 600"), limits).unwrap().end, End::Stopped);
    }

    #[test]
    fn output_without_end_does_not_fill_the_memory() {
        let limits = Limits { time: Some(Duration::from_millis(300)), ..Limits::default() };
        let ran = run(&mut shell("yes"), limits).unwrap();
        assert_eq!(ran.end, End::TimedOut);
        assert!(ran.stdout.len() <= KEPT);
    }

    #[test]
    fn a_signal_is_told_from_a_code() {
        assert_eq!(run(&mut shell("kill -9 $$"), Limits::default()).unwrap().end, End::Signal(9));
    }
}
