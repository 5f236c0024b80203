//! Commands are run as a reader would run them, in a folder that only this page has.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{self, Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::job::{Job, Until, in_background, killing};
use super::page::Act;
use super::port::{Port, Ports};

/// One page's session at the prompt.
///
/// ```text
/// ROOT/bin      the programs' names, first on the PATH
/// ROOT/work     where the first command starts
/// ROOT/folder   where the last command ended
/// ROOT/output   what the last command printed
/// ```
pub(super) struct Shell {
    root: PathBuf,
    limit: Duration,
    ports: Ports,
    /// What runs in the background, by the number that a shell at a terminal would give it.
    jobs: BTreeMap<usize, Job>,
    /// Removes the folder at the end.
    _owner: TempDir,
}

/// What one command did.
pub(super) struct Ran {
    /// Without spaces at the ends of lines and blank lines at the end.
    pub(super) lines: Vec<String>,
    /// The exit status; 128 and the signal's number if a signal ended it, as the shell counts.
    pub(super) status: i32,
}

impl Shell {
    pub(super) fn new<P: AsRef<Path>>(
        programs: &[(&str, P)],
        port: Option<Port>,
        limit: Duration,
    ) -> Result<Self, String> {
        let shell =
            Self::in_fresh_folder(port, limit).map_err(|error| format!("no folder to run the page in: {error}"))?;
        let mut shim = "#!/bin/sh\ncase \"$1\" in\n".to_owned();
        for (name, executable) in programs {
            let executable = executable.as_ref();
            if !is_plain(name) {
                return Err(format!("`{name}` cannot be a program's name: letters, digits, `-` and `_` only"));
            }
            executable.metadata().map_err(|error| format!("the program {}: {error}", executable.display()))?;
            let path = path::absolute(executable).map_err(|error| format!("{}: {error}", executable.display()))?;
            let quoted = quoted(&path)?;
            shell.write_script(name, &format!("#!/bin/sh\nexec {quoted} \"$@\"\n"))?;
            shim.push_str(&format!("  {name}) shift; exec {quoted} \"$@\";;\n"));
        }
        let names: Vec<_> = programs.iter().map(|(name, _)| format!("cargo {name}")).collect();
        let only = format!("only these can be used on this page: {}", names.join(", "));
        shim.push_str(&format!("esac\necho \"cargo $1: {only}\" >&2\nexit 101\n"));
        shell.write_script("cargo", &shim)?;
        Ok(shell)
    }

    fn in_fresh_folder(port: Option<Port>, limit: Duration) -> io::Result<Self> {
        let owner = tempfile::Builder::new().prefix("console-").tempdir()?;
        // What `pwd` prints: the system's folder for temporary files may be reached over a link.
        let root = owner.path().canonicalize()?;
        fs::create_dir(root.join("bin"))?;
        fs::create_dir(root.join("work"))?;
        Ok(Self { root, limit, ports: Ports::new(port), jobs: BTreeMap::new(), _owner: owner })
    }

    /// Puts a script on the PATH. `sh` writes it, not this process: while a file is open for writing here, a process that
    /// another thread starts inherits it for a moment, and the script could not be executed (`ETXTBSY`).
    fn write_script(&self, name: &str, script: &str) -> Result<(), String> {
        let path = self.root.join("bin").join(name);
        let write = Command::new("sh")
            .args(["-c", "printf %s \"$1\" > \"$2\" && chmod +x \"$2\"", "sh", script])
            .arg(path)
            .status();
        match write {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("the script for `{name}` could not be written: {status}")),
            Err(error) => Err(format!("`sh` cannot be started: {error}")),
        }
    }

    /// Runs one command, of which the page shows so many lines.
    ///
    /// Most are run to their end. One that ends with `&` is left when it has printed what the page shows, and `kill %1`
    /// is run when the job has ended.
    pub(super) fn run(&mut self, act: Act, script: &str, shown: usize) -> Result<Ran, String> {
        let script = &self.ports.run(script);
        match act {
            Act::Begin => return self.start_job(script, shown.max(1), Stdio::piped()),
            Act::Type => return self.type_line(script),
            Act::Run => {}
        }
        if let Some(command) = in_background(script) {
            return self.start_job(command, shown.max(1), Stdio::null());
        }
        if let Some((signal, job)) = killing(script) {
            let number = job.or(self.jobs.keys().next_back().copied()).unwrap_or(0);
            let job = self.jobs.remove(&number).ok_or("names no job: nothing of that number runs in the background")?;
            return self.end_job(job, signal);
        }
        let output = self.root.join("output");
        let child = self.start(script, &output).map_err(failed)?;
        let status = self.wait(child);
        let printed = fs::read(&output).map_err(failed)?;
        let lines = self.shown(lines(&String::from_utf8_lossy(&printed)));
        match status? {
            Some(status) => Ok(Ran { lines, status: number(status) }),
            None => Err(format!("did not end within {} s and was killed{}", self.seconds(), printed_text(&lines))),
        }
    }

    /// Ends what still runs in the background, in the reverse order of its start.
    pub(super) fn end_jobs(&mut self) -> Result<(), String> {
        while let Some((_, job)) = self.jobs.pop_last() {
            let place = format!("`{} &` was still there at the page's end. It was told to end, and", job.script);
            let Ran { lines, status } = self.end_job(job, "TERM").map_err(|what| format!("{place} {what}"))?;
            if status != 0 {
                return Err(format!("{place} ended with status {status} instead of 0{}", printed_text(&lines)));
            }
        }
        Ok(())
    }

    fn start_job(&mut self, command: &str, lines: usize, input: Stdio) -> Result<Ran, String> {
        // The shell lives as long as the command, and its status is the command's, even if a signal comes to both.
        let mut shell = self.shell(&format!("trap : INT TERM\n{command}\n")).map_err(failed)?;
        shell.stdin(input);
        let mut job = Job::start(command, shell).map_err(failed)?;
        let (lines, until) = job.next_lines(lines, self.limit);
        job.address = self.ports.meet(&lines);
        let lines = self.shown(lines);
        match until {
            Until::Printed => {
                let number = self.jobs.keys().next_back().map_or(1, |last| last + 1);
                self.jobs.insert(number, job);
                Ok(Ran { lines, status: 0 })
            }
            Until::Ended => Ok(Ran { lines, status: number(job.end().map_err(failed)?) }),
            Until::TimeUp => {
                let what = "did not print as many lines as the page shows";
                Err(format!("{what} within {} s, and was killed{}", self.seconds(), printed_text(&lines)))
            }
        }
    }

    /// Types a line at the prompt that was begun last. If that ends the program, its status is the line's.
    fn type_line(&mut self, line: &str) -> Result<Ran, String> {
        let found = self.jobs.iter().rev().find(|(_, job)| job.has_prompt()).map(|(&number, _)| number);
        let number_of_job = found.ok_or("is typed at no prompt: no program that has one runs")?;
        let job = self.jobs.get_mut(&number_of_job).expect("it was found");
        let (lines, until) = job.type_line(line, self.limit).map_err(failed)?;
        let lines = self.shown(trimmed(lines));
        match until {
            Until::Printed => Ok(Ran { lines, status: 0 }),
            Until::Ended => {
                let mut job = self.jobs.remove(&number_of_job).expect("it was found");
                Ok(Ran { lines, status: number(job.end().map_err(failed)?) })
            }
            Until::TimeUp => Err(format!("was not done within {} s{}", self.seconds(), printed_text(&lines))),
        }
    }

    /// Sends the signal, and waits for the end. What was printed since the start is what is shown.
    fn end_job(&mut self, mut job: Job, signal: &str) -> Result<Ran, String> {
        job.signal(signal).map_err(failed)?;
        let (lines, until) = job.next_lines(usize::MAX, self.limit);
        let lines = self.shown(trimmed(lines));
        if until == Until::TimeUp {
            let what = format!("did not end within {} s after the signal {signal}", self.seconds());
            return Err(format!("{what}, and was killed{}", printed_text(&lines)));
        }
        let status = job.end().map_err(failed)?;
        let is_killed = status.signal() == Some(9) && matches!(signal, "9" | "KILL");
        Ok(Ran { lines, status: if is_killed { 0 } else { number(status) } })
    }

    fn shown(&self, lines: Vec<String>) -> Vec<String> {
        lines.into_iter().map(|line| self.ports.shown(line)).collect()
    }

    fn seconds(&self) -> f32 {
        self.limit.as_secs_f32()
    }

    fn start(&self, script: &str, output: &Path) -> io::Result<Child> {
        let output = File::create(output)?;
        // At the end the folder is noted, and processes in the background are waited for, so that none is left behind.
        let noted = quoted(&self.root.join("folder")).map_err(io::Error::other)?;
        self.shell(&format!("at_end() {{ pwd > {noted}; wait; }}\ntrap at_end EXIT\n{script}"))?
            .stdout(output.try_clone()?)
            .stderr(output)
            // A group of its own, so that all of a command can be killed at once.
            .process_group(0)
            .spawn()
    }

    /// A shell in the folder where the last command ended, with the page's environment and no input.
    fn shell(&self, script: &str) -> io::Result<Command> {
        let folder = match fs::read_to_string(self.root.join("folder")) {
            Ok(folder) => PathBuf::from(folder.trim_end_matches('\n')),
            Err(_) => self.root.join("work"),
        };
        if !folder.is_dir() {
            return Err(io::Error::other("the folder where the command before it ended is gone"));
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(self.root.join("bin")).chain(std::env::split_paths(&path));
        let server = self.jobs.values().rev().find_map(|job| job.address.as_deref());
        let mut shell = Command::new("sh");
        shell
            .args(["-c", script])
            .current_dir(folder)
            .env("PATH", std::env::join_paths(paths).map_err(io::Error::other)?)
            .envs([("LC_ALL", "C"), ("TZ", "UTC"), ("COLUMNS", "100"), ("NO_COLOR", "1")])
            .envs(self.ports.variables(server))
            .env_remove("RUST_BACKTRACE")
            .env_remove("RUST_LOG")
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null());
        Ok(shell)
    }

    /// Waits for the command's end; none if it was killed because its time was up.
    fn wait(&self, mut child: Child) -> Result<Option<ExitStatus>, String> {
        let group = child.id();
        let (send, ended) = mpsc::channel();
        thread::spawn(move || send.send(child.wait()));
        if let Ok(status) = ended.recv_timeout(self.limit) {
            return status.map(Some).map_err(|error| format!("cannot be waited for: {error}"));
        }
        let kill = format!("kill -s KILL -- -{group}");
        let killed = Command::new("sh").args(["-c", &kill]).stderr(Stdio::null()).status();
        match ended.recv_timeout(self.limit.max(Duration::from_secs(10))) {
            Ok(_) => Ok(None),
            Err(_) => Err(format!("did not end in time, and could not be killed ({killed:?}): process group {group}")),
        }
    }

    /// A printed line without the folder's name, which is another each time.
    pub(super) fn without_folder(&self, line: &str) -> String {
        line.replace(&*self.root.to_string_lossy(), "[..]")
    }
}

fn lines(printed: &str) -> Vec<String> {
    trimmed(printed.lines().map(|line| line.trim_end().to_owned()).collect())
}

/// Without blank lines at the end.
fn trimmed(mut lines: Vec<String>) -> Vec<String> {
    let end = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    lines.truncate(end);
    lines
}

fn failed(error: io::Error) -> String {
    format!("cannot be run: {error}")
}

/// The end of a sentence that says what went wrong.
pub(super) fn printed_text(lines: &[String]) -> String {
    let lines: String = lines.iter().map(|line| format!("\n  {line}")).collect();
    format!(". It printed:{lines}")
}

fn number(status: ExitStatus) -> i32 {
    status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The path as one word of a shell script.
fn quoted(path: &Path) -> Result<String, String> {
    let text = path.to_str().ok_or_else(|| format!("{} is not a name that a script can hold", path.display()))?;
    Ok(format!("'{}'", text.replace('\'', "'\\''")))
}
