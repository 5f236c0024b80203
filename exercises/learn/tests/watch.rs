//! The watching screen, on a terminal made for the test.

#![cfg(unix)]

mod support;

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use rustix::pty::{self, OpenptFlags};
use rustix::termios::{self, LocalModes};
use support::{Course, ENCODE, SIZE, TODO};

const VARINT: &str = "exercises/01-toy/work/src/varint.rs";

/// Longer than anything here takes; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

struct Terminal {
    near: File,
    /// Kept open, to look at the switches when the program is gone.
    far: File,
    child: Child,
    output: Receiver<String>,
    screen: String,
}

impl Terminal {
    /// Runs `cargo learn` with a terminal.
    fn watch(course: &Course, words: &[&str]) -> Terminal {
        let near = File::from(pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap());
        pty::grantpt(&near).unwrap();
        pty::unlockpt(&near).unwrap();
        let name = pty::ptsname(&near, Vec::new()).unwrap();
        let far = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let end = || Stdio::from(far.try_clone().unwrap());
        let mut command = course.command(words);
        command.stdin(end()).stdout(end()).stderr(end()).env("TOY_BOOK_STAYS", "1").env("NO_COLOR", "1");
        let child = command.spawn().unwrap();
        let (sender, output) = mpsc::channel();
        let mut reader = near.try_clone().unwrap();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(String::from_utf8_lossy(&buffer[..length]).into_owned()).is_err() {
                    return;
                }
            }
        });
        Terminal { near, far, child, output, screen: String::new() }
    }

    /// Makes the terminal this large, as a person does who pulls at its corner.
    fn resize(&self, rows: u16, columns: u16) {
        let size = termios::Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        termios::tcsetwinsize(&self.far, size).unwrap();
        // The system rings only for the terminal's own group, which the test's child is not in.
        rustix::process::kill_process(self.id(), Signal::WINCH).unwrap();
    }

    fn id(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed()).unwrap()
    }

    fn press(&mut self, key: &str) {
        self.near.write_all(key.as_bytes()).unwrap();
    }

    /// Waits until the screen, since it was last cleared, shows this.
    #[track_caller]
    fn shows(&mut self, text: &str) {
        let start = Instant::now();
        while !self.screen.contains(text) {
            let left = PATIENCE.saturating_sub(start.elapsed());
            match self.output.recv_timeout(left) {
                Ok(more) => self.screen.push_str(&more),
                Err(_) => panic!("`{text}` is not on the screen:\n{}", self.screen),
            }
            if let Some(cleared) = self.screen.rfind("\x1b[2J") {
                self.screen.drain(..cleared);
            }
        }
    }

    #[track_caller]
    fn ends(&mut self) -> ExitStatus {
        let status = self.child.wait().unwrap();
        let modes = termios::tcgetattr(&self.far).unwrap().local_modes;
        assert!(modes.contains(LocalModes::ICANON | LocalModes::ECHO), "the terminal is not as it was");
        status
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Where a test fails, the program it watches must not stay behind. Otherwise it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_evening_with_the_first_exercise() {
    let course = Course::new();
    let mut terminal = Terminal::watch(&course, &[]);
    terminal.shows("Press n to start the first exercise");
    terminal.press("n");
    terminal.shows("○ 1.1  Write a \"varint\" {small}: not written yet");
    terminal.shows("watching: save a file and it is checked");
    course.edit(VARINT, TODO, "vec![number as u8]");
    terminal.shows("│ [172, 2] │ [44]");
    terminal.press("h");
    terminal.shows("hint 1 of 3: Think of seven.");
    terminal.press("t");
    terminal.shows("What exercise 1.1 asks.");
    terminal.press("\x1b[A");
    course.edit(VARINT, "vec![number as u8]", "vec![nummer]");
    terminal.shows("it does not compile yet");
    course.edit(VARINT, "vec![nummer]", ENCODE);
    course.edit(VARINT, TODO, SIZE);
    terminal.shows("✓ 1.1  Write a \"varint\" {small}: all 3 tests pass");
    terminal.shows("press n for 1.2");
    terminal.press("s");
    terminal.shows("- yours   + the course's");
    terminal.press("n");
    terminal.shows("○ 1.2  Fill a shelf");
    terminal.press("n");
    terminal.shows("Exercise 1.2 is not passed yet. Go on");
    terminal.press("x");
    terminal.shows("○ 1.2  Fill a shelf");
    terminal.press("l");
    terminal.shows("03 toy");
    terminal.press("b");
    terminal.shows("the book is at http://127.0.0.1:4567/");
    terminal.press("r");
    terminal.shows("Empty exercise 1.2 again?");
    terminal.press("y");
    terminal.shows("What you had is kept in exercises/01-toy/backup/1");
    terminal.press("q");
    assert!(terminal.ends().success());
    assert!(course.read(VARINT).contains("in my own words"));
}

#[test]
fn a_save_ends_the_check_of_what_was_there_before() {
    let course = Course::new();
    course.learn(&["start", "1.2"]).ok();
    let shelf = "exercises/01-toy/work/src/shelf.rs";
    let settings = "exercises/01-toy/exercises.toml";
    course.edit(settings, "timeout = 2", "timeout = 6000");
    course.edit(shelf, "todo!(\"exercise 1.2: Fill a shelf\")", "loop { let _ = thing; std::hint::spin_loop() }");
    let mut terminal = Terminal::watch(&course, &["--no-book"]);
    terminal.shows("the tests run");
    course.edit(shelf, "loop { let _ = thing; std::hint::spin_loop() }", "let _ = thing; Some(7)");
    terminal.shows("a full shelf takes nothing");
    terminal.press("q");
    assert!(terminal.ends().success());
}

#[test]
fn with_manual_nothing_is_checked_until_a_key_is_pressed() {
    let course = Course::new();
    course.learn(&["start", "1.3"]).ok();
    let mut terminal = Terminal::watch(&course, &["--manual", "--no-book"]);
    terminal.shows("│ 1        │ 0");
    terminal.shows("press c or Enter to check");
    course.write("exercises/01-toy/work/1.3.story", "put a\nput b\nput c\n");
    terminal.press("l");
    terminal.shows("▸ 1.3");
    terminal.press("\n");
    terminal.shows("✓ 1.3");
    terminal.press("q");
    assert!(terminal.ends().success());
}

#[test]
fn a_signal_ends_everything_and_leaves_the_terminal_as_it_was() {
    let course = Course::new();
    let mut terminal = Terminal::watch(&course, &[]);
    terminal.shows("the book is at http://127.0.0.1:4567/");
    course.learn(&[]).ok();
    let mut second = Terminal::watch(&course, &[]);
    second.shows("is already watching");
    assert_eq!(second.ends().code(), Some(2));
    rustix::process::kill_process(terminal.id(), Signal::INT).unwrap();
    assert_eq!(terminal.ends().code(), Some(130));
}

#[test]
fn what_does_not_fit_comes_in_parts() {
    let course = Course::new();
    course.learn(&["start", "1.3"]).ok();
    let task: String = (1..=30).map(|line| format!("line {line} of the task\n")).collect();
    course.write("exercises/01-toy/1.3.md", &task);
    let mut terminal = Terminal::watch(&course, &["--no-book"]);
    terminal.shows("watching: save a file");
    terminal.press("t");
    terminal.shows("line 30 of the task");
    terminal.resize(20, 100);
    terminal.shows("part 1 of 3 · space: the next · all of it: exercises/01-toy/1.3.md");
    assert!(terminal.screen.contains("line 1 of") && !terminal.screen.contains("line 30 of"), "{}", terminal.screen);
    assert!(terminal.screen.lines().count() <= 20, "{}", terminal.screen);
    terminal.press("  ");
    terminal.shows("part 3 of 3 · space: from the beginning");
    terminal.shows("line 30 of the task");
    terminal.press(" ");
    terminal.shows("part 1 of 3");
    terminal.resize(60, 100);
    terminal.shows("line 30 of the task");
    assert!(!terminal.screen.contains("part 1"), "{}", terminal.screen);
    terminal.press("q");
    assert!(terminal.ends().success());
}

#[test]
fn an_exercise_that_has_to_be_written_first_is_one_key_away() {
    let course = Course::new();
    course.learn(&["start", "1.2"]).ok();
    course.learn(&["start", "1.3"]).ok();
    course.write("exercises/01-toy/work/1.3.story", "put a\nput b\nput c\n");
    let mut terminal = Terminal::watch(&course, &["--no-book"]);
    terminal.shows("cannot be judged before 1.2 is written");
    terminal.shows("first  press n for 1.2  Fill a shelf");
    terminal.press("n");
    terminal.shows("○ 1.2  Fill a shelf: not written yet");
    terminal.shows("watching: save a file");
    // Another terminal goes elsewhere, and this one follows.
    course.learn(&["start", "1.3"]).ok();
    terminal.shows("cannot be judged before 1.2 is written");
    terminal.press("q");
    assert!(terminal.ends().success());
}
