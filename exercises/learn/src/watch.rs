//! `cargo learn` in a terminal: one screen that follows your work.
//!
//! ```text
//!   keys ────────┐
//!   saves ───────┤                  ┌─▶ a check, on its own thread
//!   the check ───┼─▶ one queue ─▶ the loop ─▶ the screen
//!   the book ────┘
//! ```
//!
//! The loop alone changes state and draws; everything else sends it events. A save while a check runs ends that check and
//! starts another. What is saved is compared by content, so a save that changes nothing, or a file that we wrote
//! ourselves, starts no check. Where the file system reports no changes at all (some network folders do not), the
//! content is also looked at every two seconds.
//!
//! The book is built and served beside. Whatever happens to it, the rest goes on.

use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::check::{self, Checked, News, Order};
use crate::course::{Course, Id};
use crate::fault::{Fault, Result};
use crate::lock::{self, What};
use crate::map::{self, Detail};
use crate::process::{self, Stop};
use crate::progress::Progress;
use crate::source;
use crate::style::Style;
use crate::terminal::{self, Key, Keys};
use crate::verbs::{self, book};

mod keys;
mod page;
mod pager;
mod saves;
mod server;

use pager::Page;
use saves::Saves;
use server::Book;

/// Editors write in several steps. A save counts once nothing has happened for this long.
const QUIET: Duration = Duration::from_millis(120);

/// How often the files are looked at where the file system does not report changes.
const LOOK: Duration = Duration::from_secs(2);

/// What happens.
enum Event {
    Key(Key),
    /// Something in the copy may have changed.
    Saved,
    /// The check with that number has brought the copy to where it should be: its content, and what was done to it.
    Synced(u64, String, Vec<String>),
    /// What that check is doing.
    Doing(u64, String),
    Checked(u64, Result<Checked>),
    Book(Book),
}

/// What `y` would say yes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Reset,
    Skip,
    GiveUp,
}

struct Watch {
    course: Arc<Course>,
    style: Style,
    manual: bool,
    tell: Sender<Event>,
    saves: Saves,
    book: Book,
    /// Counts the checks. The answer of an older one is ignored.
    number: u64,
    running: Option<Stop>,
    /// The content of the copy when it was last checked, and the exercise.
    seen: String,
    checked: Option<Id>,
    /// When a save is to be looked at.
    due: Option<Instant>,
    /// What the last check said, and what is shown instead of it.
    verdict: String,
    page: Option<Page>,
    /// How often the reader has turned to the next part of a text that does not fit.
    turned: usize,
    /// The exercise that has to be written before the current one can be judged.
    first: Option<Id>,
    question: Option<Question>,
    /// What was done to the copy, until it is shown.
    notes: Vec<String>,
    /// What the check is doing.
    doing: String,
}

/// Watches until the person has had enough.
pub(crate) fn watch(course: Course, manual: bool, with_book: bool) -> Result<u8> {
    let _lock = lock::take(&course, What::Watch)?;
    let progress = Progress::open(&course)?;
    let (tell, events) = mpsc::channel();
    let report = tell.clone();
    let keys = Keys::listen(move |key| report.send(Event::Key(key)).is_ok())
        .map_err(|error| Fault::Broken(format!("the terminal does not let itself be set: {error}")))?;
    let course = Arc::new(course);
    let mut watch = Watch {
        style: Style::detect(),
        manual,
        saves: Saves::new(tell.clone()),
        book: Book::Off,
        number: 0,
        running: None,
        seen: String::new(),
        checked: None,
        due: None,
        verdict: String::new(),
        page: progress.notice.clone().map(Page::from),
        turned: 0,
        first: None,
        question: None,
        notes: Vec::new(),
        doing: String::new(),
        tell,
        course,
    };
    if with_book {
        watch.serve();
    }
    watch.follow();
    watch.run(&events);
    process::end_all();
    drop(keys);
    println!("\nYour work and your progress are kept. To go on: cargo learn");
    Ok(0)
}

impl Watch {
    fn run(&mut self, events: &Receiver<Event>) {
        self.draw();
        loop {
            if self.due.is_some_and(|due| due <= Instant::now()) {
                self.look();
            }
            let wait = self.due.map_or(LOOK, |due| due.saturating_duration_since(Instant::now()).min(LOOK));
            match events.recv_timeout(wait) {
                Ok(Event::Key(Key::End | Key::Press('q'))) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(event) => self.take(event),
                Err(RecvTimeoutError::Timeout) => self.look(),
            }
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Key(Key::Press(key)) => self.press(key),
            Event::Key(_) => self.draw(),
            Event::Saved => self.due = Some(Instant::now() + QUIET),
            Event::Synced(number, content, notes) => {
                // Notes are for the reader, whichever check made them.
                self.notes.extend(notes);
                if number == self.number {
                    self.seen = content;
                }
            }
            Event::Doing(number, what) if number == self.number => {
                self.doing = what;
                self.draw_last_line();
            }
            Event::Checked(number, checked) if number == self.number => {
                self.running = None;
                let (screen, first) = match checked {
                    Ok(Checked { screen, first, .. }) => (screen, first),
                    Err(fault) => (format!("{fault}\n"), None),
                };
                self.first = first;
                self.verdict = verbs::with_notes(&std::mem::take(&mut self.notes), &screen);
                // A question that is open stays open.
                if self.question.is_none() {
                    self.page = None;
                    self.turned = 0;
                }
                self.follow_files();
                self.draw();
            }
            Event::Doing(..) | Event::Checked(..) => {}
            Event::Book(book) => {
                self.book = book;
                self.draw();
            }
        }
    }

    /// Starts a check if the copy has changed since the last one, or another exercise was started in another terminal.
    fn look(&mut self) {
        self.due = None;
        let progress = Progress::peek(&self.course);
        let Some((stage, exercise)) = progress.current(&self.course) else { return };
        let changed = saves::fingerprint(stage) != self.seen || self.checked != Some(exercise.id);
        if changed && !self.manual && progress.entry(exercise.id).started {
            self.check();
        }
    }

    /// Begins with the exercise that is current: checks it, or says how to start one.
    fn follow(&mut self) {
        let course = Arc::clone(&self.course);
        let progress = Progress::peek(&course);
        match progress.current(&course) {
            Some(_) => self.check(),
            None => {
                let map = map::map(&course, &progress, self.style, Detail::Stages);
                self.page = Some(Page::from(format!("{map}\n{}", page::WELCOME)));
            }
        }
    }

    fn follow_files(&mut self) {
        let course = Arc::clone(&self.course);
        if let (false, Some((stage, _))) = (self.manual, Progress::peek(&course).current(&course)) {
            self.saves.follow(stage);
            // A save that came while the watch was being moved.
            self.due = Some(Instant::now() + QUIET);
        }
    }

    fn check(&mut self) {
        let course = Arc::clone(&self.course);
        let progress = Progress::peek(&course);
        let Some((stage, exercise)) = progress.current(&course) else { return };
        self.stop();
        self.number += 1;
        self.seen = saves::fingerprint(stage);
        self.checked = Some(exercise.id);
        self.first = None;
        self.doing.clear();
        let stop = Stop::default();
        self.running = Some(stop.clone());
        let (id, number, style, tell) = (exercise.id, self.number, self.style, self.tell.clone());
        if self.verdict.is_empty() {
            self.verdict =
                format!("  {id}  {}: checking. The first time, everything it needs is compiled.\n", exercise.title);
        }
        thread::spawn(move || {
            let news = tell.clone();
            let mut hear = |heard: News<'_>| {
                let event = match heard {
                    News::Synced(notes) => Event::Synced(number, content(&course, id), notes.to_vec()),
                    News::Cargo(line) => Event::Doing(number, line.to_owned()),
                    News::Judging => Event::Doing(number, "the tests run".to_owned()),
                };
                // Nobody listens any more when the screen is gone.
                let _ = news.send(event);
            };
            let order = Order { id, style, verbose: false, keys: true, stop, hear: &mut hear };
            let _ = tell.send(Event::Checked(number, check::check(&course, order)));
        });
        self.draw();
    }

    fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
        // Its answer may already be on the way.
        self.number += 1;
    }

    fn serve(&mut self) {
        self.book = server::serve(&self.course, self.tell.clone());
    }
}

fn content(course: &Course, id: Id) -> String {
    course.exercise(id).map_or_else(|_| String::new(), |(stage, _)| saves::fingerprint(stage))
}

/// The screen.
impl Watch {
    fn draw(&self) {
        let progress = Progress::peek(&self.course);
        let top = page::top(&self.course, &progress, &self.book, self.style);
        let bottom = format!("\n{}\n", self.style.dim(page::KEYS));
        let verdict = || Page::from(self.verdict.clone());
        let shown = self.page.clone().unwrap_or_else(verdict);
        let (part, turn) = shown.part(terminal::size(), &format!("{top}{bottom}last line"), self.turned);
        let turn = turn.map_or_else(String::new, |turn| format!("{}\n", self.style.bold(&turn)));
        print!("\x1b[H\x1b[2J{top}{part}{turn}{bottom}");
        self.draw_last_line();
        source::forget();
    }

    /// The last line says what goes on, and is written over.
    fn draw_last_line(&self) {
        let line = match (&self.running, self.manual, self.question) {
            (_, _, Some(_)) => "y or n?".to_owned(),
            (Some(_), ..) if self.doing.is_empty() => "checking…".to_owned(),
            (Some(_), ..) => format!("checking… {}", self.doing.chars().take(60).collect::<String>()),
            (None, true, None) => "press c or Enter to check".to_owned(),
            (None, false, None) => "watching: save a file and it is checked".to_owned(),
        };
        print!("\r\x1b[K{}", self.style.dim(&line));
        // A terminal that is gone ends the loop through its keys.
        let _ = std::io::stdout().flush();
    }
}
