//! The prompt at a terminal: the view moves while somebody types, and while an order takes its time.

use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, Write, stdout};
use std::pin::Pin;
use std::time::Duration;

use partitioning::cli::failure::{Failure, harmless};
use partitioning::cli::signals::Signals;
use tokio::time::{MissedTickBehavior, interval};

use super::editor::{Editor, Typed};
use super::orders::Order;
use super::screen::Screen;
use super::session::Session;
use super::supervisor::Said;
use super::terminal::Terminal;
use super::view::view;

/// How often the view is drawn, if something has changed.
const FRAME: Duration = Duration::from_millis(100);
/// Lines that may be typed ahead.
const AHEAD: usize = 16;

/// An order that is being followed.
type Following<'a> = Pin<Box<dyn Future<Output = Said> + 'a>>;

struct Live<'a> {
    session: &'a Session<'a>,
    terminal: Terminal,
    screen: Screen,
    editor: Editor,
    /// Lines that were typed, and not read yet.
    typed: VecDeque<String>,
    following: Option<Following<'a>>,
}

/// Takes orders from the terminal, until `quit`, Ctrl-D, or a signal.
///
/// # Errors
///
/// If the terminal does not work.
pub(super) async fn run(session: &Session<'_>, signals: &mut Signals) -> Result<(), Failure> {
    let terminal = Terminal::open().map_err(Failure::Input)?;
    let (screen, editor) = (Screen::default(), Editor::default());
    let mut live = Live { session, terminal, screen, editor, typed: VecDeque::new(), following: None };
    live.say(&["`help` shows what can be done here.".to_owned()])?;
    let ended = tokio::select! {
        ended = live.run() => ended,
        _ = signals.next() => Ok(()),
    };
    let erased = live.screen.erase();
    print(&erased)?;
    ended
}

impl Live<'_> {
    async fn run(&mut self) -> Result<(), Failure> {
        let mut members = self.session.supervisor.members.subscribe();
        let mut frames = interval(FRAME);
        frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.draw()?;
            let following = self.following.is_some();
            tokio::select! {
                said = poll(&mut self.following), if following => {
                    self.following = None;
                    self.say(&[said.unwrap_or_else(|rule| rule)])?;
                }
                keys = self.terminal.next() => match keys.map_err(Failure::Input)? {
                    Some(keys) if keys.is_empty() => return Ok(()),
                    Some(keys) => if self.keys(&keys) { return Ok(()) },
                    None => self.screen = Screen::default(),
                },
                () = async { frames.tick().await; let _ = members.changed().await; } => {
                    let news = self.session.take_news();
                    self.say(&news)?;
                }
            }
            if self.next_order()? {
                return Ok(());
            }
        }
    }

    /// Takes keys. Gives whether that is the end.
    fn keys(&mut self, keys: &[u8]) -> bool {
        for typed in self.editor.feed(keys) {
            match typed {
                Typed::End => return true,
                Typed::Line(line) if self.typed.len() < AHEAD => self.typed.push_back(line),
                Typed::Line(_) => {}
            }
        }
        false
    }

    /// Begins with what was typed next, if nothing is being done. Gives whether that is the end.
    fn next_order(&mut self) -> Result<bool, Failure> {
        while self.following.is_none() {
            let Some(line) = self.typed.pop_front() else { break };
            self.say(&[format!("> {}", harmless(&line))])?;
            match Order::parse(&line) {
                Ok(Some(Order::Quit)) => return Ok(true),
                Ok(Some(order)) => {
                    self.following = Some(Box::pin(self.session.follow(order, self.terminal.size().columns)));
                }
                Ok(None) => {}
                Err(rule) => self.say(&[harmless(&rule)])?,
            }
        }
        Ok(false)
    }

    fn draw(&mut self) -> Result<(), Failure> {
        let size = self.terminal.size();
        let lines = view(&self.session.supervisor.members.borrow(), None, size.columns);
        print(&self.screen.draw(&lines, Some(self.editor.text()), size))
    }

    /// Says something above the view.
    fn say(&mut self, lines: &[String]) -> Result<(), Failure> {
        if lines.is_empty() {
            return Ok(());
        }
        print(&format!("{}{}\n", self.screen.erase(), lines.join("\n")))
    }
}

/// What comes of an order.
async fn poll(following: &mut Option<Following<'_>>) -> Said {
    match following {
        Some(following) => following.await,
        None => std::future::pending().await,
    }
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    let written: io::Result<()> = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    Ok(written?)
}
