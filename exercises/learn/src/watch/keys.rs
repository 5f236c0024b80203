//! What each key does.
//!
//! A key shows a page instead of the verdict, or asks a question first where what it does is not done lightly. Any other key
//! shows the verdict again.

use std::sync::Arc;

use super::server::Book;
use super::{Question, Watch, page, saves};
use crate::course::{Course, Exercise, Stage};
use crate::fault::{Fault, Result};
use crate::files;
use crate::lock::{self, What};
use crate::map::{self, Detail};
use crate::progress::{Progress, State};
use crate::verbs::{hint, solution, start};

impl Watch {
    /// Does what a key is for.
    pub(super) fn press(&mut self, key: char) {
        if let Some(question) = self.question.take() {
            let done = if key == 'y' { self.yes(question) } else { Ok(None) };
            return self.show(done);
        }
        let done = match key {
            'c' | '\n' | '\r' => {
                self.page = None;
                self.verdict.clear();
                self.check();
                return;
            }
            'h' => self.hint(),
            'l' => Ok(Some(map::map(&self.course, &Progress::peek(&self.course), self.style, Detail::All))),
            'n' => self.next(),
            'r' => self.ask(Question::Reset),
            's' => self.solution(),
            't' => self.task(),
            'b' => self.tell_book(),
            _ => Ok(None),
        };
        self.show(done);
    }

    /// Shows a text instead of the verdict; nothing means the verdict again.
    fn show(&mut self, done: Result<Option<String>>) {
        self.page = done.unwrap_or_else(|fault| Some(format!("{fault}\n")));
        self.draw();
    }

    fn yes(&mut self, question: Question) -> Result<Option<String>> {
        let course = Arc::clone(&self.course);
        let progress = Progress::peek(&course);
        let (stage, exercise) = current(&course, &progress)?;
        match question {
            Question::Skip => self.start(&progress),
            Question::Reset => {
                self.stop();
                let _lock = lock::take(&course, What::Work)?;
                let text = start::reset_one(&course, stage, exercise, &progress)?;
                self.seen = saves::fingerprint(stage);
                self.verdict = format!("  Press c to check {}.\n", exercise.id);
                Ok(Some(text))
            }
            Question::GiveUp => {
                let text = solution::text(&course, stage, exercise, false)?;
                Progress::update(&course, |progress| progress.entry_mut(exercise.id).gave_up = true)?;
                Ok(Some(text))
            }
        }
    }

    fn ask(&mut self, question: Question) -> Result<Option<String>> {
        let progress = Progress::peek(&self.course);
        let (_, exercise) = current(&self.course, &progress)?;
        self.question = Some(question);
        Ok(Some(page::question(question, exercise)))
    }

    fn hint(&mut self) -> Result<Option<String>> {
        let progress = Progress::peek(&self.course);
        let (_, exercise) = current(&self.course, &progress)?;
        Ok(Some(format!("{}\n{}", self.verdict, hint::next_hint(&self.course, exercise, &progress, true))))
    }

    fn next(&mut self) -> Result<Option<String>> {
        let progress = Progress::peek(&self.course);
        match progress.current(&self.course) {
            Some((_, exercise)) if progress.entry(exercise.id).passed.is_none() => self.ask(Question::Skip),
            _ => self.start(&progress),
        }
    }

    /// Starts the next exercise, or goes back to one that was begun.
    fn start(&mut self, progress: &Progress) -> Result<Option<String>> {
        let course = Arc::clone(&self.course);
        let after = progress.current(&course).map(|(_, exercise)| exercise.id);
        let Some((stage, exercise)) = progress.next(&course, after) else {
            return Ok(Some("All exercises are passed.\n".to_owned()));
        };
        self.stop();
        start::start_one(&course, stage, exercise, progress)?;
        self.verdict.clear();
        self.check();
        Ok(None)
    }

    fn solution(&mut self) -> Result<Option<String>> {
        let progress = Progress::peek(&self.course);
        let (stage, exercise) = current(&self.course, &progress)?;
        match progress.state(stage, exercise) {
            State::Passed | State::Changed => solution::text(&self.course, stage, exercise, true).map(Some),
            State::New | State::Started => self.ask(Question::GiveUp),
        }
    }

    fn task(&mut self) -> Result<Option<String>> {
        let progress = Progress::peek(&self.course);
        let (stage, exercise) = current(&self.course, &progress)?;
        files::need_text(&stage.statement(exercise.id)).map(Some)
    }

    fn tell_book(&mut self) -> Result<Option<String>> {
        if let Book::Off | Book::Failed(_) = self.book {
            self.serve();
        }
        Ok(Some(format!("{}\n", page::book(&self.book))))
    }
}

fn current<'c>(course: &'c Course, progress: &Progress) -> Result<(&'c Stage, &'c Exercise)> {
    let none = || Fault::Usage("Nothing is started yet: press n.".to_owned());
    progress.current(course).ok_or_else(none)
}
