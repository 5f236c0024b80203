//! Console blocks: what a page of the book shows at the prompt is run, and must print what the page says.
//!
//! ````text
//! ```console
//! $ printf 'a\nb\n' | cargo segment-log append data
//! appended 2 records, offsets 0..=1
//! $ cargo segment-log dump data
//! segment 0[..]
//! ...
//! ```
//! ````
//!
//! A line `$ command` is run by `sh`; the lines below it, up to the next command, are what it prints. stdout and stderr
//! come interleaved, as a terminal shows them. In what is expected, `[..]` stands for anything within a line, and a line
//! `...` for any number of lines. Spaces at the end of a line and blank lines at the end do not count.
//!
//! * A command goes on in the next line after a `\`, and in every line directly below that begins with `> `.
//! * All blocks of a page run in order in one fresh folder. Each command is a shell of its own: the working folder is
//!   carried over to the next, shell variables are not.
//! * Only the given programs exist, by their own name and as `cargo NAME`, which is how a reader of the book starts them.
//!   Any other use of `cargo` is refused. The environment is fixed: `LC_ALL=C`, `TZ=UTC`, `COLUMNS=100`, `NO_COLOR=1`.
//! * Every command must end with status 0. In a block marked `console,status=3` the last one must end with 3.
//! * A block marked `console,ignore=reason` is not run.
//! * A block marked `console,prompt` is a dialog with a program that has a prompt of its own. Its `$ command` starts the program,
//!   which goes on in the background, and each line `> text` is typed at its prompt; what stands below is what is printed to
//!   that. A block without a command goes on at the prompt that was begun last, so a page can show two terminals. Without a
//!   terminal such a program shows each line that it reads behind a `> `, and does nothing for one that begins with `#`.
//! * A command ends when all that it started has ended, and is killed after [`LIMIT`].
//! * A command that ends with `&` goes on in the background. The page goes on when it has printed as many lines as the page
//!   shows below it, at least one, and these are compared. `kill %1` (`kill $!` for the last one, `kill -9 %1`, …) ends it,
//!   and shows all that it has printed since; its status is the job's, unless it was killed by 9. What is still there at
//!   the page's end is told to end (`TERM`), and must end with status 0. Shells print more of jobs, such as `[1] 4711`; the
//!   page leaves that out. However a test ends, its jobs end with it.
//!
//! A server needs a port, and the page shows one that its reader has: [`check_with_server`] says how another is used in its
//! place.
//!
//! With `INSTA_UPDATE=always` the page is rewritten in place: lines that still match stay, wildcards included.
//!
//! A printed line that would be read as something else (`$ x`, a first line `> x`, `...`; in a dialog any `> x`) is written with
//! a `[..]` in front.

mod job;
mod page;
mod port;
mod shell;

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::diff::{self, Step, Wildcards};
use crate::golden::{accept_command, updating};

use page::{Act, Page, Shown};
use shell::Shell;

pub use port::Port;

/// The longest that one command may run.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Runs every console block of the page, and returns how many commands it ran.
///
/// `programs` are name and executable, such as `("segment-log", env!("CARGO_BIN_EXE_segment-log"))`.
///
/// # Panics
///
/// When a command prints something else, ends with another status or does not end; when a block cannot be understood;
/// and when the page has no command to run, because that would be a check that checks nothing.
#[track_caller]
pub fn check<P: AsRef<Path>>(page: impl AsRef<Path>, programs: &[(&str, P)]) -> usize {
    run(page.as_ref(), programs, None)
}

/// As [`check`], for a page on which a server runs in the background.
///
/// # Panics
///
/// As [`check`]; and when a server does not end in order at the page's end.
#[track_caller]
pub fn check_with_server<P: AsRef<Path>>(page: impl AsRef<Path>, programs: &[(&str, P)], port: Port) -> usize {
    run(page.as_ref(), programs, Some(port))
}

#[track_caller]
fn run<P: AsRef<Path>>(page: &Path, programs: &[(&str, P)], port: Option<Port>) -> usize {
    let how = How { updating: updating(), limit: LIMIT, port };
    match how.check(page, programs) {
        Ok(commands) => commands,
        Err(message) => panic!("{message}"),
    }
}

/// What the tests of this module choose and everybody else does not.
struct How {
    updating: bool,
    limit: Duration,
    port: Option<Port>,
}

impl How {
    fn check<P: AsRef<Path>>(&self, path: &Path, programs: &[(&str, P)]) -> Result<usize, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        let mut page =
            Page::parse(&text).map_err(|fault| format!("{}:{}: {}", path.display(), fault.line, fault.what))?;
        if page.commands.is_empty() {
            let what = "has no console block with a command to run, so there is nothing to check";
            return Err(format!("{} {what}", path.display()));
        }
        let mut shell = Shell::new(programs, self.port, self.limit)?;
        let mut faults = Vec::new();
        let mut rewritten = Vec::new();
        for command in &page.commands {
            let place = format!("{}:{}: `{}`", path.display(), command.line, command.script);
            let ran = shell.run(command.act, &command.script, command.expected.len());
            let ran = ran.map_err(|what| format!("{place} {what}"))?;
            let judged = Judged::new(command, &ran.lines);
            if !diff::is_match(&judged.steps) {
                match self.updating {
                    true => rewritten.push((command.shows.clone(), judged.accepted(&shell, command.act))),
                    false => faults.push(format!("{place} prints something else{}", judged.difference())),
                }
            }
            if ran.status != command.status {
                faults.push(format!("{place} {}", wrong_status(command.status, &ran)));
            }
        }
        if let Err(what) = shell.end_jobs() {
            faults.push(format!("{}: {what}", path.display()));
        }
        if !rewritten.is_empty() {
            page.rewrite(rewritten);
            fs::write(path, page.text()).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        }
        if faults.is_empty() { Ok(page.commands.len()) } else { Err(faults.join("\n")) }
    }
}

/// One command's expected and printed lines, aligned.
struct Judged<'a> {
    expected: Vec<&'a str>,
    found: Vec<&'a str>,
    steps: Vec<Step>,
}

impl<'a> Judged<'a> {
    fn new(command: &'a Shown, found: &'a [String]) -> Self {
        let expected: Vec<_> = command.expected.iter().map(String::as_str).collect();
        let found: Vec<_> = found.iter().map(String::as_str).collect();
        let steps = diff::align(&expected, &found, Wildcards::Read);
        Self { expected, found, steps }
    }

    fn difference(&self) -> String {
        let lines = diff::print(&self.expected, &self.found, &self.steps);
        let advice = "If the program is right, rewrite the page with";
        format!(" (- page, + program):\n{lines}{advice}: {}", accept_command())
    }

    /// What the page should show from now on.
    fn accepted(&self, shell: &Shell, act: Act) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for step in &self.steps {
            match *step {
                Step::Same(expected, _) | Step::Any(expected) => lines.push(self.expected[expected].to_owned()),
                Step::Extra(found) => {
                    let may_be_misread = lines.is_empty() || act != Act::Run;
                    lines.push(page::escaped(&shell.without_folder(self.found[found]), may_be_misread));
                }
                Step::Missing(_) | Step::Skipped => {}
            }
        }
        lines
    }
}

fn wrong_status(expected: i32, ran: &shell::Ran) -> String {
    let found = ran.status;
    let advice = match expected {
        0 => format!("; if the page means to show that, end the block there and mark it `console,status={found}`"),
        _ => String::new(),
    };
    format!("ended with status {found} instead of {expected}{advice}{}", shell::printed_text(&ran.lines))
}

#[cfg(test)]
mod tests;
