//! Commands are run as a reader would run them, in a folder that only this page has.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{self, Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

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
    pub(super) fn new<P: AsRef<Path>>(programs: &[(&str, P)], limit: Duration) -> Result<Self, String> {
        let shell = Self::in_fresh_folder(limit).map_err(|error| format!("no folder to run the page in: {error}"))?;
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

    fn in_fresh_folder(limit: Duration) -> io::Result<Self> {
        let owner = tempfile::Builder::new().prefix("console-").tempdir()?;
        // What `pwd` prints: the system's folder for temporary files may be reached over a link.
        let root = owner.path().canonicalize()?;
        fs::create_dir(root.join("bin"))?;
        fs::create_dir(root.join("work"))?;
        Ok(Self { root, limit, _owner: owner })
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

    /// Runs one command to its end.
    pub(super) fn run(&self, script: &str) -> Result<Ran, String> {
        let failed = |error: io::Error| format!("cannot be run: {error}");
        let output = self.root.join("output");
        let child = self.start(script, &output).map_err(failed)?;
        let status = self.wait(child);
        let printed = fs::read(&output).map_err(failed)?;
        let lines = lines(&String::from_utf8_lossy(&printed));
        match status? {
            Some(status) => Ok(Ran { lines, status: number(status) }),
            None => {
                let limit = self.limit.as_secs_f32();
                let printed: String = lines.iter().map(|line| format!("\n  {line}")).collect();
                Err(format!("did not end within {limit} s and was killed. It printed:{printed}"))
            }
        }
    }

    fn start(&self, script: &str, output: &Path) -> io::Result<Child> {
        let noted = self.root.join("folder");
        let folder = match fs::read_to_string(&noted) {
            Ok(folder) => PathBuf::from(folder.trim_end_matches('\n')),
            Err(_) => self.root.join("work"),
        };
        if !folder.is_dir() {
            return Err(io::Error::other("the folder where the command before it ended is gone"));
        }
        let output = File::create(output)?;
        // At the end the folder is noted, and processes in the background are waited for, so that none is left behind.
        let noted = quoted(&noted).map_err(io::Error::other)?;
        let script = format!("at_end() {{ pwd > {noted}; wait; }}\ntrap at_end EXIT\n{script}");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(self.root.join("bin")).chain(std::env::split_paths(&path));
        Command::new("sh")
            .args(["-c", &script])
            .current_dir(folder)
            .env("PATH", std::env::join_paths(paths).map_err(io::Error::other)?)
            .envs([("LC_ALL", "C"), ("TZ", "UTC"), ("COLUMNS", "100"), ("NO_COLOR", "1")])
            .env_remove("RUST_BACKTRACE")
            .env_remove("RUST_LOG")
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            // A group of its own, so that all of a command can be killed at once.
            .process_group(0)
            .spawn()
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
    printed.trim_end().lines().map(|line| line.trim_end().to_owned()).collect()
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
