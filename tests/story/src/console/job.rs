//! Commands that go on while the page's next commands run.

use std::io::{self, BufRead, BufReader, PipeReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// A command in the background, with all that it started: one process group. It is killed when this is dropped.
pub(super) struct Job {
    /// As the page writes it, without the `&`.
    pub(super) script: String,
    /// Where it can be reached, if it printed that.
    pub(super) address: Option<String>,
    /// Where what is typed goes, if it has a prompt.
    input: Option<ChildStdin>,
    /// How many lines were typed.
    typed: usize,
    /// The group's leader. It is not waited for before the group is done with, so that its number stays its own.
    child: Child,
    watchdog: Option<Child>,
    /// What is printed, until all that could print have ended.
    lines: Receiver<String>,
    /// Whether the leader was waited for.
    is_over: bool,
}

/// Why a job was not waited for any longer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// It has printed so many lines.
    Printed,
    /// It has ended.
    Ended,
    /// The time was up.
    TimeUp,
}

impl Job {
    /// Starts it. `shell` lacks nothing but the way that the output takes.
    pub(super) fn start(script: &str, mut shell: Command) -> io::Result<Job> {
        let (printed, output) = io::pipe()?;
        let mut child = shell.stdout(output.try_clone()?).stderr(output).process_group(0).spawn()?;
        // Its copies of the pipe's end go too, so that the pipe ends when the job does.
        drop(shell);
        let mut job = Job {
            script: script.to_owned(),
            address: None,
            input: child.stdin.take(),
            typed: 0,
            child,
            watchdog: None,
            lines: read_lines(printed),
            is_over: false,
        };
        job.watchdog = Some(watchdog(job.child.id())?);
        Ok(job)
    }

    /// Waits until there are `count` more lines, or no more will come.
    pub(super) fn next_lines(&self, count: usize, within: Duration) -> (Vec<String>, Until) {
        let deadline = Instant::now() + within;
        let mut lines = Vec::new();
        while lines.len() < count {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Disconnected) => return (lines, Until::Ended),
                Err(RecvTimeoutError::Timeout) => return (lines, Until::TimeUp),
            }
        }
        (lines, Until::Printed)
    }

    /// Types a line at its prompt, and waits for all that is printed to that. It shows each line that it reads behind a `> `,
    /// and a line that begins with `#` does nothing: such a line is typed behind the one that counts.
    pub(super) fn type_line(&mut self, line: &str, within: Duration) -> io::Result<(Vec<String>, Until)> {
        self.typed += 1;
        let mark = format!("# {}", self.typed);
        let input = self.input.as_mut().ok_or_else(|| io::Error::other("it has no prompt"))?;
        // If it has ended, its output says so as well.
        let _ = input.write_all(format!("{line}\n{mark}\n").as_bytes()).and_then(|()| input.flush());
        let (deadline, mark) = (Instant::now() + within, format!("> {mark}"));
        let mut lines = Vec::new();
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(next) if next == mark => return Ok((lines, Until::Printed)),
                Ok(next) if lines.is_empty() && next.strip_prefix("> ") == Some(line) => {}
                Ok(next) => lines.push(next),
                Err(RecvTimeoutError::Disconnected) => return Ok((lines, Until::Ended)),
                Err(RecvTimeoutError::Timeout) => return Ok((lines, Until::TimeUp)),
            }
        }
    }

    /// Whether something can be typed.
    pub(super) fn has_prompt(&self) -> bool {
        self.input.is_some()
    }

    /// Sends a signal to all of the job, as a shell at a terminal does.
    pub(super) fn signal(&self, signal: &str) -> io::Result<()> {
        match kill(signal, self.child.id())?.success() {
            true => Ok(()),
            false => Err(io::Error::other(format!("the signal {signal} could not be sent"))),
        }
    }

    /// How it ended. To be asked when its output has ended.
    pub(super) fn end(&mut self) -> io::Result<ExitStatus> {
        self.call_watchdog_off()?;
        let status = self.child.wait()?;
        self.is_over = true;
        Ok(status)
    }

    /// Before the job's number is free for others.
    fn call_watchdog_off(&mut self) -> io::Result<()> {
        let Some(mut watchdog) = self.watchdog.take() else { return Ok(()) };
        watchdog.kill()?;
        watchdog.wait().map(drop)
    }
}

impl Drop for Job {
    /// Nothing is left behind, however the test ended.
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        // What fails here is already gone.
        let _ = self.call_watchdog_off();
        let _ = kill("KILL", self.child.id());
        let _ = self.child.wait();
    }
}

fn read_lines(printed: PipeReader) -> Receiver<String> {
    let (send, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(printed).split(b'\n').map_while(Result::ok) {
            if send.send(String::from_utf8_lossy(&line).trim_end().to_owned()).is_err() {
                return;
            }
        }
    });
    lines
}

/// Kills the group if this process ends without having done so: by Ctrl-C, say, which reaches only the test's own group.
/// It waits for the end of a pipe that this process holds.
fn watchdog(group: u32) -> io::Result<Child> {
    Command::new("sh")
        .args(["-c", &format!("read -r _; kill -s KILL -- -{group}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
}

fn kill(signal: &str, group: u32) -> io::Result<ExitStatus> {
    let script = format!("kill -s {signal} -- -{group}");
    Command::new("sh").args(["-c", &script]).stdout(Stdio::null()).stderr(Stdio::null()).status()
}

/// The command in front of a last `&`.
pub(super) fn in_background(script: &str) -> Option<&str> {
    let command = script.trim_end().strip_suffix('&')?.trim_end();
    (!command.is_empty() && !command.ends_with(['&', '|', '>', '<', '\\'])).then_some(command)
}

/// `kill %1`, `kill $!`, `kill -9 %1`, `kill -s INT %1`: the signal's name or number, and the job's number; none for the
/// last one.
pub(super) fn killing(script: &str) -> Option<(&str, Option<usize>)> {
    let words: Vec<_> = script.split_whitespace().collect();
    let (signal, job) = match words[..] {
        ["kill", job] => ("TERM", job),
        ["kill", "-s", signal, job] => (signal, job),
        ["kill", signal, job] => (signal.strip_prefix('-')?, job),
        _ => return None,
    };
    let is_signal = !signal.is_empty() && signal.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let job = match job {
        "$!" | "%%" | "%+" => None,
        _ => Some(job.strip_prefix('%')?.parse().ok()?),
    };
    is_signal.then_some((signal, job))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_in_the_background_is_told_from_what_does_not() {
        for (script, command) in [("a b &", "a b"), ("a&", "a"), ("a && b & ", "a && b"), ("a 2>&1 &", "a 2>&1")] {
            assert_eq!(in_background(script), Some(command), "{script}");
        }
        for script in ["a", "a &&", "a & b", "(a &)", "a &&\nb", "&", "a 2>&", "a \\&"] {
            assert_eq!(in_background(script), None, "{script}");
        }
    }

    #[test]
    fn a_job_is_killed_by_its_number_or_as_the_last() {
        for (script, expected) in [
            ("kill %1", ("TERM", Some(1))),
            ("kill $!", ("TERM", None)),
            ("kill  -9 %12", ("9", Some(12))),
            ("kill -KILL %%", ("KILL", None)),
            ("kill -s INT %2", ("INT", Some(2))),
        ] {
            assert_eq!(killing(script), Some(expected), "{script}");
        }
        for script in ["kill", "kill 17", "kill -9 17", "kill %x", "kill %1 %2", "kill -s", "kill - %1", "killall %1"] {
            assert_eq!(killing(script), None, "{script}");
        }
    }
}
