//! The parts of the watching screen that do not change by themselves.

use super::Question;
use super::book;
use super::server::Book;
use crate::course::{Course, Exercise};
use crate::map;
use crate::progress::Progress;
use crate::style::Style;

/// The keys, as they stand below everything.
pub(super) const KEYS: &str = "h hint · t task · n next · c check · l list · s solution · r reset · b book · q quit";

/// For somebody who has started nothing.
pub(super) const WELCOME: &str = "\
Press n to start the first exercise: you get your own copy of the stage, with a function to write.
Then write it in your editor. Each time you save, it is checked here.
The book explains what to build and why: press b for its address.
";

/// The lines above the verdict: where in the course, and what to read.
pub(super) fn top(course: &Course, progress: &Progress, state: &Book, style: Style) -> String {
    let Some((stage, exercise)) = progress.current(course) else {
        return format!("{}\n{}\n\n", style.bold("From the Log Up"), book(state));
    };
    let mut top = format!("{}\n", map::ribbon(stage, progress, style));
    top.push_str(&format!("read   {}", course.show(&stage.statement(exercise.id))));
    match (state, book::page(course, exercise.id)) {
        (Book::Ready(address), Some(page)) => {
            top.push_str(&format!(" · in the book: {}/{page}", address.trim_end_matches('/')));
        }
        (state, _) => top.push_str(&format!(" · {}", book(state))),
    }
    top.push_str("\n\n");
    top
}

/// What the book is doing.
pub(super) fn book(state: &Book) -> String {
    match state {
        Book::Off => "the book: press b".to_owned(),
        Book::Building => "the book is being built".to_owned(),
        Book::Ready(address) => format!("the book is at {address}"),
        Book::Failed(log) => format!("the book did not start; why is in {log}"),
    }
}

/// What is asked before something that is not done lightly.
pub(super) fn question(question: Question, exercise: &Exercise) -> String {
    let id = exercise.id;
    match question {
        Question::Reset => format!("Empty exercise {id} again? What you have written goes to a backup.\n"),
        Question::Skip => format!("Exercise {id} is not passed yet. Go on to the next one all the same?\n"),
        Question::GiveUp => format!("Exercise {id} is not passed yet. Show how the course does it?\n"),
    }
}
