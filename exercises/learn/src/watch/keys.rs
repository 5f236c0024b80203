//! What each key does.
//!
//! A key shows a page instead of the verdict, or asks a question first where what it does is not done lightly. The space bar
//! turns to the next part of what does not fit on the screen. Any other key shows the verdict again.

use std::sync::Arc;

use super::pager::Page;
use super::server::Book;
use super::{Question, Watch, page, saves};
use crate::course::{Course, Exercise, Stage};
use crate::fault::{Fault, Result};
use crate::files;
use crate::lock::{self, What};
use crate::map::{self, Detail};
use crate::progress::{Progress, State};
use crate::verbs::{hint, solution, start};

/// What a key shows instead of the verdict, if anything.
type Shown = Result<Option<Page>>;

impl Watch {
    /// Does what a key is for.
    pub(super) fn press(&mut self, key: char) {
        if let Some(question) = self.question.take() {
            let done = if key == 'y' { self.yes(question) } else { Ok(None) };
            return self.show(done);
        }
        if key == ' ' {
            self.turned = self.turned.wrapping_add(1);
            return self.draw();
        }
        let done = match key {
            'c' | '\n' | '\r' => {
                self.page = None;
                self.turned = 0;
                self.verdict.clear();
                self.check();
                return;
            }
            'h' => self.hint(),
            'l' => {
                let map = map::map(&self.course, &Progress::peek(&self.course), self.style, Detail::All);
                Ok(Some(Page::of(map, "cargo learn list".to_owned())))
            }
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
    fn show(&mut self, done: Shown) {
        self.page = done.unwrap_or_else(|fault| Some(Page::from(format!("{fault}\n"))));
        self.turned = 0;
        self.draw();
    }

    fn yes(&mut self, question: Question) -> Shown {
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
                Ok(Some(Page::from(text)))
            }
            Question::GiveUp => {
                let text = solution::text(&course, stage, exercise, false)?;
                Progress::update(&course, |progress| progress.entry_mut(exercise.id).gave_up = true)?;
                Ok(Some(Page::of(text, format!("cargo learn solution {} --give-up", exercise.id))))
            }
        }
    }

    fn ask(&mut self, question: Question) -> Shown {
        let progress = Progress::peek(&self.course);
        let (_, exercise) = current(&self.course, &progress)?;
        self.question = Some(question);
        Ok(Some(Page::from(page::question(question, exercise))))
    }

    fn hint(&mut self) -> Shown {
        let progress = Progress::peek(&self.course);
        let (_, exercise) = current(&self.course, &progress)?;
        let hint = hint::next_hint(&self.course, exercise, &progress, true);
        Ok(Some(Page::from(format!("{}\n{hint}", self.verdict))))
    }

    fn next(&mut self) -> Shown {
        let progress = Progress::peek(&self.course);
        match progress.current(&self.course) {
            Some(_) if self.first.is_some() => self.start(&progress),
            Some((_, exercise)) if progress.entry(exercise.id).passed.is_none() => self.ask(Question::Skip),
            _ => self.start(&progress),
        }
    }

    /// Starts the next exercise, or goes back to one that was begun: the one that has to be written first, if there is one.
    fn start(&mut self, progress: &Progress) -> Shown {
        let course = Arc::clone(&self.course);
        let after = progress.current(&course).map(|(_, exercise)| exercise.id);
        let first = self.first.and_then(|id| course.exercise(id).ok());
        let Some((stage, exercise)) = first.or_else(|| progress.next(&course, after)) else {
            return Ok(Some(Page::from("All exercises are passed.\n".to_owned())));
        };
        self.stop();
        self.notes.extend(start::start_one(&course, stage, exercise, progress)?.notes);
        self.verdict.clear();
        self.check();
        Ok(None)
    }

    fn solution(&mut self) -> Shown {
        let progress = Progress::peek(&self.course);
        let (stage, exercise) = current(&self.course, &progress)?;
        match progress.state(stage, exercise) {
            State::Passed | State::Changed => {
                let text = solution::text(&self.course, stage, exercise, true)?;
                Ok(Some(Page::of(text, format!("cargo learn solution {} --diff", exercise.id))))
            }
            State::New | State::Started => self.ask(Question::GiveUp),
        }
    }

    fn task(&mut self) -> Shown {
        let progress = Progress::peek(&self.course);
        let (stage, exercise) = current(&self.course, &progress)?;
        let path = stage.statement(exercise.id);
        Ok(Some(Page::of(files::need_text(&path)?, self.course.show(&path))))
    }

    fn tell_book(&mut self) -> Shown {
        if let Book::Off | Book::Failed(_) = self.book {
            self.serve();
        }
        Ok(Some(Page::from(format!("{}\n", page::book(&self.book)))))
    }
}

fn current<'c>(course: &'c Course, progress: &Progress) -> Result<(&'c Stage, &'c Exercise)> {
    let none = || Fault::Usage("Nothing is started yet: press n.".to_owned());
    progress.current(course).ok_or_else(none)
}
