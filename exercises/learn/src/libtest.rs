//! Reads what Rust's test harness prints.
//!
//! ```text
//! running 2 tests
//! test zero ... ok
//! test small ... FAILED
//!
//! failures:
//!
//! ---- small stdout ----
//! thread 'small' (4711) panicked at tests/varint.rs:9:5:
//! the message, which may have several lines
//! note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
//!
//! failures:
//!     small
//!
//! test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.00s
//! ```
//!
//! The format is stable in practice, and the one with a schema is not stable yet. A test counts as run only if its own line
//! says `ok` or `FAILED`: a name that matches nothing also ends in `test result: ok`, and that must never be a pass.

use std::collections::BTreeMap;

/// What one test program printed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// By the path of the test function.
    pub(crate) tests: BTreeMap<String, Status>,
    /// What a failed test printed, its panic included.
    pub(crate) outputs: BTreeMap<String, String>,
    /// Whether the harness came to its last line.
    pub(crate) complete: bool,
}

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Passed,
    Failed,
    Ignored,
}

/// A panic, as the default hook prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Panic {
    /// `src/varint.rs:42`
    pub(crate) location: String,
    pub(crate) message: String,
}

/// Reads the output of one test program.
pub(crate) fn parse(stdout: &str) -> Report {
    let mut report = Report::default();
    let mut section: Option<(String, Vec<&str>)> = None;
    // With one thread, a name is printed first and its status after the test, perhaps on a later line.
    let mut waiting: Option<&str> = None;
    for line in stdout.lines() {
        if let Some(name) = heading(line) {
            close(&mut report, section.replace((name.to_owned(), Vec::new())));
        } else if section.is_some() && (line == "failures:" || line.starts_with("test result: ")) {
            close(&mut report, section.take());
        } else if let Some((_, lines)) = &mut section {
            lines.push(line);
            continue;
        }
        if let Some(rest) = line.strip_prefix("test ").filter(|rest| rest.contains(" ... ")) {
            let (name, rest) = rest.split_once(" ... ").unwrap_or((rest, ""));
            waiting = Some(name.trim_end_matches(" - should panic"));
            note(&mut report, &mut waiting, rest);
        } else if !line.starts_with("test result: ") {
            note(&mut report, &mut waiting, line);
        }
        report.complete |= line.starts_with("test result: ");
    }
    close(&mut report, section);
    report
}

fn heading(line: &str) -> Option<&str> {
    line.strip_prefix("---- ")?.strip_suffix(" stdout ----")
}

fn note<'l>(report: &mut Report, waiting: &mut Option<&'l str>, text: &'l str) {
    let status = match text {
        text if text.ends_with("FAILED") => Status::Failed,
        text if text.ends_with("ok") => Status::Passed,
        text if text.starts_with("ignored") => Status::Ignored,
        _ => return,
    };
    if let Some(name) = waiting.take() {
        report.tests.insert(name.to_owned(), status);
    }
}

fn close(report: &mut Report, section: Option<(String, Vec<&str>)>) {
    if let Some((name, lines)) = section {
        report.outputs.insert(name, lines.join("\n").trim().to_owned());
    }
}

/// The panics in a text, in their order.
pub(crate) fn panics(text: &str) -> Vec<Panic> {
    let mut panics: Vec<Panic> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if let Some(location) = panicked_at(line) {
            panics.push(Panic { location, message: String::new() });
            open = true;
        } else if line.starts_with("note: run with `RUST_BACKTRACE") || line.starts_with("stack backtrace:") {
            open = false;
        } else if let (true, Some(last)) = (open, panics.last_mut()) {
            last.message.push_str(line);
            last.message.push('\n');
        }
    }
    for panic in &mut panics {
        panic.message.truncate(panic.message.trim_end().len());
    }
    panics
}

/// `thread 'small' (4711) panicked at tests/varint.rs:9:5:` names `tests/varint.rs:9`.
fn panicked_at(line: &str) -> Option<String> {
    let (thread, location) = line.split_once(" panicked at ")?;
    let location = location.strip_suffix(':').filter(|_| thread.starts_with("thread "))?;
    let (file_and_line, _column) = location.rsplit_once(':')?;
    Some(file_and_line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILING: &str = "
running 4 tests
test zero ... ok
test slow ... ignored, takes a minute
test bad::input - should panic ... ok
test small ... FAILED

failures:

---- small stdout ----
print of the test

thread 'small' (4711) panicked at src/varint.rs:9:5:
first line

third line
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace


failures:
    small

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.00s
";

    #[test]
    fn each_test_is_told_apart() {
        let report = parse(FAILING);
        let tests: Vec<(&str, Status)> = report.tests.iter().map(|(name, status)| (name.as_str(), *status)).collect();
        let expected = [
            ("bad::input", Status::Passed),
            ("slow", Status::Ignored),
            ("small", Status::Failed),
            ("zero", Status::Passed),
        ];
        assert_eq!(tests, expected);
        assert!(report.complete);
        assert!(report.outputs["small"].starts_with("print of the test\n\nthread 'small'"));
        let panic = Panic { location: "src/varint.rs:9".into(), message: "first line\n\nthird line".into() };
        assert_eq!(panics(&report.outputs["small"]), [panic]);
    }

    #[test]
    fn a_name_that_matches_nothing_is_no_pass() {
        let report =
            parse("\nrunning 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 5 filtered out\n");
        assert!(report.complete && report.tests.is_empty());
    }

    #[test]
    fn a_program_that_died_is_not_complete() {
        let report = parse("\nrunning 2 tests\ntest zero ... ok\n");
        assert!(!report.complete);
        assert_eq!(report.tests.len(), 1);
    }

    #[test]
    fn with_one_thread_the_status_may_come_later() {
        let report =
            parse("running 1 test\ntest zero ... child says hello\nok\n\ntest result: ok. 1 passed; 0 failed;\n");
        assert_eq!(report.tests["zero"], Status::Passed);
    }

    #[test]
    fn what_a_test_prints_is_not_taken_for_a_status() {
        let text = "running 1 test\ntest a ... FAILED\n\nfailures:\n\n---- a stdout ----\ntest b ... ok\nok\n\nfailures:\n    a\n\ntest result: FAILED. 0 passed\n";
        let report = parse(text);
        assert_eq!(report.tests.len(), 1);
        assert_eq!(report.outputs["a"], "test b ... ok\nok");
    }

    #[test]
    fn both_forms_of_the_panic_line_are_read() {
        let old = panics("thread 'a' panicked at tests/a.rs:1:2:\nboom");
        let new = panics("thread '<unnamed>' (7) panicked at /rustc/library/core/src/option.rs:3:4:\nboom");
        assert_eq!((old[0].location.as_str(), old[0].message.as_str()), ("tests/a.rs:1", "boom"));
        assert_eq!(new[0].location, "/rustc/library/core/src/option.rs:3");
        assert!(panics("he panicked at noon").is_empty());
    }
}
