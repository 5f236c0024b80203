//! The book beside the watching screen.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::mpsc::Sender;
use std::thread;

use super::{Event, book};
use crate::course::Course;
use crate::process::Group;

/// Where the book stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Book {
    /// Nobody asked for it.
    Off,
    Building,
    /// It is served at this address.
    Ready(String),
    /// It did not start, or has ended. The path says why.
    Failed(String),
}

/// Starts to build and serve the book. What becomes of it comes as events.
pub(super) fn serve(course: &Course, tell: Sender<Event>) -> Book {
    let path = course.target.join("book.log");
    let log = course.show(&path);
    let mut command = book::press(course, "serve");
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    match File::create(&path) {
        Ok(file) => command.stderr(file),
        Err(_) => command.stderr(Stdio::null()),
    };
    let Ok(mut group) = Group::spawn(&mut command) else { return Book::Failed(log) };
    thread::spawn(move || {
        if let Some(output) = group.child.stdout.take() {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some(address) = book::address(&line) {
                    // Nobody listens any more when the screen is gone.
                    let _ = tell.send(Event::Book(Book::Ready(address.to_owned())));
                }
            }
        }
        let _ = tell.send(Event::Book(Book::Failed(log)));
    });
    Book::Building
}
