//! The program: its commands, what they print, and their exit codes.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

use common::Course;
use press::watch::Watch;

fn press(course: &Course, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_press"));
    command.args(arguments).current_dir(course.root());
    command
}

fn run(course: &Course, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = press(course, arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn build_writes_the_book_and_writes_it_again() {
    let course = Course::with_chapter("# The log\n");
    let (code, stdout, stderr) = run(&course, &["build"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.starts_with("The book is in ") && stdout.trim_end().ends_with("index.html"), "{stdout}");
    assert!(course.path("book/html/01-segment-log.html").is_file());
    assert_eq!(run(&course, &["build"]).0, Some(0));
    // A relative path is seen from where one stands; a folder below finds the course above it.
    let below = Command::new(env!("CARGO_BIN_EXE_press"))
        .args(["build", "--dest", "out"])
        .current_dir(course.path("book/src"))
        .output()
        .unwrap();
    assert!(below.status.success());
    assert!(course.path("book/src/out/index.html").is_file());
}

#[test]
fn build_removes_nothing_but_a_book() {
    let course = Course::with_chapter("# The log\n");
    course.write("notes/mine.txt", "mine");
    let (code, _, stderr) = run(&course, &["build", "--dest", "notes"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("not empty and holds no book"), "{stderr}");
    assert_eq!(std::fs::read(course.path("notes/mine.txt")).unwrap(), b"mine");
}

#[test]
fn check_says_what_is_well_and_what_is_not() {
    let course = Course::with_chapter("# The log\n");
    let (code, stdout, stderr) = run(&course, &["check"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.starts_with("The book is well: "), "{stdout}");
    assert!(!course.path("book/html").exists(), "a check writes nothing into the course");

    course.write("book/src/01-segment-log.md", "# The log\n\n[gone](gone.md) and [lost](glossary.md#lost)\n");
    let (code, stdout, stderr) = run(&course, &["check"]);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.starts_with("press: 2 faults in the book"), "{stderr}");
    assert!(
        stderr.contains("01-segment-log.html: <a href=\"gone.html\">\n    the book has no file gone.html"),
        "{stderr}"
    );
    assert!(stderr.contains("glossary.html has no element with the id `lost`"), "{stderr}");

    course.write("book/src/01-segment-log.md", "# The log\n\n{{#story none}}\n");
    let (code, _, stderr) = run(&course, &["check"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("01-segment-log.md:3: {{#story none}}"), "{stderr}");
}

#[test]
fn a_wrong_command_line_and_a_wrong_folder_are_told_apart() {
    let course = Course::with_chapter("# The log\n");
    assert_eq!(run(&course, &["bind"]).0, Some(2));
    assert_eq!(run(&course, &["serve", "--port", "70000"]).0, Some(2));
    let (code, _, stderr) = run(&course, &["build", "--root", "stages"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("book/book.toml is missing"), "{stderr}");
}

/// Ends the program when the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn serve_prints_one_line_and_answers() {
    let course = Course::with_chapter("# The log\n");
    let child = press(&course, &["serve"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut running = Running(child);
    let mut stdout = BufReader::new(running.0.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let address = line.strip_prefix("The book is at http://").and_then(|rest| rest.strip_suffix("/\n"));
    let address = address.unwrap_or_else(|| panic!("{line:?}"));
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /01-segment-log.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("The log"), "{answer}");
    drop(running);
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "one line and no more");
}

#[test]
fn serve_does_not_begin_with_a_broken_book() {
    let course = Course::with_chapter("# The log\n\n{{#story none}}\n");
    let (code, stdout, stderr) = run(&course, &["serve"]);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("{{#story none}}"), "{stderr}");
}

#[test]
fn a_watch_sees_every_source_and_nothing_else() {
    let course = Course::with_chapter("# The log\n");
    let mut watch = Watch::new(&course.house());
    assert!(!watch.changed());
    for path in [
        "book/book.toml",
        "book/src/01-segment-log.md",
        "book/src/new.md",
        "book/theme/player.css",
        "stages/01-segment-log/src/varint.rs",
        "stages/01-segment-log/tests/snapshots/traces/tour.json",
        "tests/stories/tour.story",
        "exercises/01-segment-log/1.1.md",
    ] {
        course.write(path, format!("changed {path}"));
        assert!(watch.changed(), "{path}");
        assert!(!watch.changed(), "{path}");
    }
    std::fs::remove_file(course.path("book/src/new.md")).unwrap();
    assert!(watch.changed(), "a file that goes is a change");
    for path in ["book/html/index.html", "exercises/01-segment-log/work/src/lib.rs", "book/src/.#new.md", "target/x"] {
        course.write(path, "changed");
        assert!(!watch.changed(), "{path}");
    }
}
