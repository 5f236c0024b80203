//! Says a verdict on one screen.
//!
//! ```text
//! ✗ 1.1  Write a varint: 2 of 3 tests fail
//!
//!   ┌ rule: a varint holds seven bits a byte, the lowest first
//!   │ expected │ found
//!   │ 96 01    │ 01 96
//!   │          │ ^^
//!   └ look at: src/varint.rs, fn encode
//!
//!   test   varint::two_bytes
//!   file   exercises/01-segment-log/work/src/varint.rs:12
//!   alone  cargo learn test 1.1 varint::two_bytes
//!   stuck  cargo learn hint 1.1
//! ```
//!
//! Always in this order: what happened, in what words the test says it, where to look, what to type. The same code renders
//! for `check`, for the watching screen and for `verify`, so what `verify` has seen is what a learner sees.

use crate::course::{Exercise, Kind, TestName};
use crate::judge::{Failure, Verdict};
use crate::process::End;
use crate::style::{self, Style};

mod empty;
mod text;

use text::{indented, tests_fail};

/// How many lines of the compiler's words stand on a screen.
const COMPILER_LINES: usize = 30;

/// How many lines of a panic or of an error stream.
const MESSAGE_LINES: usize = 16;

/// What a screen needs to know besides the verdict.
pub(crate) struct View<'a> {
    pub(crate) style: Style,
    pub(crate) exercise: &'a Exercise,
    /// The copy's folder as the learner sees it: `exercises/01-segment-log/work`.
    pub(crate) copy: String,
    /// The statement's path.
    pub(crate) statement: String,
    /// Where the holes are: file relative to the copy, line, function.
    pub(crate) places: Vec<(String, usize, String)>,
    /// The function in which the tests ended that is still empty and belongs to another exercise.
    pub(crate) in_the_way: Option<String>,
    /// Whose stages the copy is built on, where there are any below it.
    pub(crate) below: Option<String>,
    /// What a pass means for the stage, where it means something.
    pub(crate) milestone: Option<String>,
    /// What is next after a pass.
    pub(crate) next: Option<String>,
    pub(crate) verbose: bool,
    /// Whether it is shown where single keys do what else is typed.
    pub(crate) keys: bool,
}

impl View<'_> {
    /// The screen, ending in a newline.
    pub(crate) fn render(&self, verdict: &Verdict) -> String {
        match verdict {
            Verdict::Passed { tests, seconds } => self.passed(*tests, *seconds),
            Verdict::NotCompiled(errors) => self.not_compiled(errors),
            Verdict::Unwritten { reached, .. } if reached.id != self.exercise.id => self.blocked(reached),
            Verdict::Unwritten { failure, reached } => self.unwritten(failure, reached),
            Verdict::Judged { failure, block } => self.judged(failure, block),
            Verdict::Panicked { failure, location, message } => self.panicked(failure, location, message),
            Verdict::Died { tests, end, stderr } => self.died(tests, *end, stderr),
            Verdict::TimedOut { tests, seconds } => self.timed_out(tests, *seconds),
            Verdict::NotRun(tests) => self.not_run(tests),
            Verdict::NotBuilt(text) => self.not_built(text),
            Verdict::Stopped => String::new(),
        }
    }

    fn heading(&self, mark: &str, what: &str) -> String {
        let title = self.style.bold(&format!("{}  {}", self.exercise.id, self.exercise.title));
        format!("{mark} {title}: {what}\n\n")
    }

    fn failed(&self, what: &str) -> String {
        self.heading(&self.style.red("✗"), what)
    }

    fn passed(&self, tests: usize, seconds: f64) -> String {
        let tests = if tests == 1 { "its test passes".to_owned() } else { format!("all {tests} tests pass") };
        let mut screen = self.heading(&self.style.green("✓"), &format!("{tests} ({seconds:.1} s)"));
        if let Some(learned) = &self.exercise.learned {
            screen.push_str(&style::prose(learned, "  "));
            screen.push('\n');
        }
        if let Some(milestone) = &self.milestone {
            screen.push_str(&style::prose(milestone, "  "));
            screen.push('\n');
        }
        match &self.next {
            Some(next) => screen.push_str(&self.lines(&[("next", next.clone())])),
            None => screen.push_str("  That was the last exercise there is. All are passed.\n"),
        }
        screen
    }

    fn not_compiled(&self, errors: &[String]) -> String {
        let count = if errors.len() == 1 { "an error".to_owned() } else { format!("{} errors", errors.len()) };
        let mut screen = self.failed(&format!("it does not compile yet ({count})"));
        let mut lines = 0;
        let mut shown = 0;
        for error in errors {
            let error = self.seen_from_here(error.trim_end());
            lines += error.lines().count();
            if shown > 0 && lines > COMPILER_LINES && !self.verbose {
                break;
            }
            shown += 1;
            screen.push_str(&self.cut(&error, COMPILER_LINES));
            screen.push_str("\n\n");
        }
        let mut rows = Vec::new();
        if shown < errors.len() {
            rows.push((
                "more",
                format!("cargo learn check {} --verbose shows the other {}", self.exercise.id, errors.len() - shown),
            ));
        }
        if errors.iter().any(|error| style::plain(error).contains("--> tests/")) {
            rows.push((
                "note",
                "the tests call your function as its signature was: leave the signature as it is".to_owned(),
            ));
        }
        rows.extend(self.below.iter().map(|below| ("below", below.clone())));
        if rows.is_empty() {
            screen.pop();
        }
        screen + &self.lines(&rows)
    }

    fn judged(&self, failure: &Failure, block: &[String]) -> String {
        let mut screen = self.failed(&tests_fail(failure));
        let margin = block.iter().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
        for line in block {
            let line = line.get(margin..).unwrap_or(line);
            let shown = if line.starts_with("┌ rule:") { self.style.bold(line) } else { line.to_owned() };
            screen.push_str(&format!("  {shown}\n"));
        }
        screen.push('\n');
        let looked = block.last().and_then(|line| self.looked_at(line));
        screen + &self.where_to_look(failure, looked.or_else(|| self.first_place()))
    }

    fn panicked(&self, failure: &Failure, location: &str, message: &str) -> String {
        let place = if location.is_empty() { String::new() } else { format!(" at {}", self.path(location)) };
        let what = if location.is_empty() { "the test ended with an error" } else { "a panic" };
        let mut screen = self.failed(&tests_fail(failure));
        screen.push_str(&format!("  {what}{place}:\n\n"));
        screen.push_str(&indented(&self.cut(message, MESSAGE_LINES)));
        screen.push('\n');
        let inside = location.starts_with("src/").then(|| self.path(location));
        screen + &self.where_to_look(failure, inside.or_else(|| self.first_place()))
    }

    fn died(&self, tests: &[TestName], end: End, stderr: &str) -> String {
        let how = match end {
            _ if stderr.contains("memory allocation of") => {
                "it asked for more memory than it may have. Is there a loop that only ever pushes?"
            }
            _ if stderr.contains("overflowed its stack") => {
                "its stack overflowed. Does a function call itself without end?"
            }
            End::Signal(_) => "the system stopped it. The last lines it wrote:",
            _ => "it ended before the tests did. Does something call `exit`?",
        };
        let mut screen = self.failed("the test program ended without a result");
        screen.push_str(&format!("  {how}\n\n"));
        let tail: Vec<&str> = stderr.trim().lines().rev().take(MESSAGE_LINES).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        if !tail.is_empty() {
            screen.push_str(&indented(&tail.join("\n")));
            screen.push('\n');
        }
        screen + &self.running(tests)
    }

    fn timed_out(&self, tests: &[TestName], seconds: u64) -> String {
        let mut screen = self.failed(&format!("timed out after {seconds} s"));
        screen.push_str(
            "  A test was still running and was ended. Most likely a loop does not stop: look for one whose\n",
        );
        screen.push_str("  condition nothing in it changes, or a position that does not move forward.\n\n");
        screen + &self.running(tests)
    }

    fn not_run(&self, tests: &[TestName]) -> String {
        let names: Vec<String> = tests.iter().map(TestName::to_string).collect();
        let mut screen = self.failed("nothing was judged");
        screen.push_str(&format!(
            "  These tests judge it, but did not run: {}.\n  That is a mistake of the course, not yours. Please report it.\n",
            names.join(", ")
        ));
        screen
    }

    fn not_built(&self, text: &str) -> String {
        let mut screen = self.failed("Cargo could not build it");
        screen.push_str(&indented(&self.cut(text.trim(), MESSAGE_LINES)));
        if text.contains("download") || text.contains("network") || text.contains("resolve host") {
            screen.push_str("\n  The first build needs the network once. After it, everything works without.\n");
        }
        screen
    }

    /// The rows below a failed test.
    fn where_to_look(&self, failure: &Failure, file: Option<String>) -> String {
        let id = self.exercise.id;
        let mut rows = vec![("test", failure.test.to_string())];
        rows.extend(file.map(|file| ("file", file)));
        rows.push(("alone", format!("cargo learn test {id} {}", failure.test)));
        rows.push(self.stuck());
        match (&failure.reached, self.also_empty(failure)) {
            (_, Some(row)) => rows.push(row),
            (Some(_), None) => {
                rows.push(("note", "another test still reaches a function that is not written yet".to_owned()));
            }
            (None, None) => {}
        }
        self.lines(&rows)
    }

    fn running(&self, tests: &[TestName]) -> String {
        let id = self.exercise.id;
        let mut rows: Vec<(&str, String)> = tests.iter().take(3).map(|test| ("test", test.to_string())).collect();
        rows.extend(self.first_place().map(|file| ("file", file)));
        rows.extend(tests.first().map(|test| ("alone", format!("cargo learn test {id} {test}"))));
        rows.push(self.stuck());
        self.lines(&rows)
    }

    fn stuck(&self) -> (&'static str, String) {
        let typed = format!("cargo learn hint {}", self.exercise.id);
        ("stuck", if self.keys { "press h for a hint".to_owned() } else { typed })
    }

    fn first_place(&self) -> Option<String> {
        if self.exercise.kind == Kind::BreakIt {
            return self.exercise.story.as_ref().map(|story| format!("{}/{story}", self.copy));
        }
        self.places.first().map(|(file, line, _)| format!("{}/{file}:{line}", self.copy))
    }

    /// `└ look at: src/varint.rs, fn encode` as a path that can be opened, with the line where that function stands now.
    fn looked_at(&self, line: &str) -> Option<String> {
        let (_, place) = line.split_once("look at: ")?;
        let (file, name) = place.split_once(", fn ").unwrap_or((place, ""));
        let name = name.rsplit("::").next().unwrap_or(name);
        let known = self.places.iter().find(|(at, _, function)| at == file && (name.is_empty() || function == name));
        match known {
            Some((file, line, _)) => Some(format!("{}/{file}:{line}", self.copy)),
            None => file.ends_with(".rs").then(|| format!("{}/{file}", self.copy)),
        }
    }

    /// A place in the copy, as the learner can open it.
    fn path(&self, location: &str) -> String {
        let inside = location.starts_with("src/") || location.starts_with("tests/");
        if inside { format!("{}/{location}", self.copy) } else { location.to_owned() }
    }

    /// The compiler names files from the copy's folder; the learner stands elsewhere.
    fn seen_from_here(&self, error: &str) -> String {
        let mut text = error.to_owned();
        for arrow in ["--> ", "::: "] {
            for colour in ["", "\x1b[0m"] {
                for folder in ["src/", "tests/"] {
                    text = text.replace(
                        &format!("{arrow}{colour}{folder}"),
                        &format!("{arrow}{colour}{}/{folder}", self.copy),
                    );
                }
            }
        }
        text
    }

    fn cut(&self, text: &str, lines: usize) -> String {
        let count = text.lines().count();
        if self.verbose || count <= lines {
            return text.to_owned();
        }
        let kept: Vec<&str> = text.lines().take(lines).collect();
        format!("{}\n… {} more lines: cargo learn check {} --verbose", kept.join("\n"), count - lines, self.exercise.id)
    }

    fn lines(&self, rows: &[(&str, String)]) -> String {
        rows.iter().map(|(label, text)| format!("  {}  {text}\n", self.style.dim(&format!("{label:<5}")))).collect()
    }
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod tests;
