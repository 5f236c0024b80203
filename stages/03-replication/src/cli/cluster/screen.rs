//! What stands at the bottom of the terminal: the view and the line that is being typed, drawn again in place.
//!
//! ```text
//!   > kill 1                         what was said scrolls up and stays, as in any terminal
//!   broker 1 is dead
//!                                    ┐
//!   controller  runs at …            │ drawn again in place, some times a second
//!   …                                │
//!   > produce orders pa_             ┘
//! ```
//!
//! Text is made here, and written elsewhere. Three of the terminal's commands are used: up so many lines, erase to the end of
//! the line, erase to the end of the screen.

use super::view::{Line, Shade};

/// How much a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Lines.
    pub rows: usize,
    /// Characters of a line.
    pub columns: usize,
}

impl Size {
    /// That of the terminal that stdout is; `None` if it is none, or on a system of which nobody has taught us how to ask.
    pub fn of_stdout() -> Option<Self> {
        #[cfg(unix)]
        if std::io::IsTerminal::is_terminal(&std::io::stdout()) {
            return Some(super::terminal::size());
        }
        None
    }
}

/// What is drawn now.
#[derive(Debug, Default)]
pub struct Screen {
    /// Lines above the one in which the cursor is.
    above: usize,
}

impl Screen {
    /// Draws the view and the line that is typed, if there is one, in place of what is there.
    pub fn draw(&mut self, view: &[Line], typed: Option<&str>, size: Size) -> String {
        let mut text = self.back_to_top();
        // An empty line before it, the line that is typed, and one that stays free.
        let room = size.rows.saturating_sub(3).max(1);
        let shown = if view.len() > room { &view[..room - 1] } else { view };
        text.push_str("\x1b[K\r\n");
        for Line { text: line, shade } in shown {
            let (on, off) = match shade {
                Shade::Bold => ("\x1b[1m", "\x1b[0m"),
                Shade::Dim => ("\x1b[2m", "\x1b[0m"),
                Shade::Plain => ("", ""),
            };
            text.push_str(&format!("{on}{line}{off}\x1b[K\r\n"));
        }
        self.above = 1 + shown.len();
        if shown.len() < view.len() {
            let how = if typed.is_some() { ": `show TOPIC` shows a part" } else { "" };
            text.push_str(&format!("… {} more lines{how}\x1b[K\r\n", view.len() - shown.len()));
            self.above += 1;
        }
        match typed {
            Some(typed) => text.push_str(&format!("> {}\x1b[J", end_of(typed, size.columns.saturating_sub(3)))),
            None => text.push_str("\x1b[J"),
        }
        text
    }

    /// Takes all of it away, so that something can be said in its place.
    pub fn erase(&mut self) -> String {
        self.back_to_top() + "\x1b[J"
    }

    fn back_to_top(&mut self) -> String {
        match std::mem::take(&mut self.above) {
            0 => "\r".to_owned(),
            above => format!("\r\x1b[{above}A"),
        }
    }
}

/// As much of the end of a text as has room.
fn end_of(text: &str, room: usize) -> String {
    let skip = text.chars().count().saturating_sub(room);
    text.chars().skip(skip).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { rows: 6, columns: 13 };

    fn line(text: &str, shade: Shade) -> Line {
        Line { text: text.to_owned(), shade }
    }

    #[test]
    fn it_is_drawn_over_itself() {
        let mut screen = Screen::default();
        let view = [line("a", Shade::Bold), line("b", Shade::Dim)];
        let first = screen.draw(&view, Some("kill"), SIZE);
        assert_eq!(first, "\r\x1b[K\r\n\x1b[1ma\x1b[0m\x1b[K\r\n\x1b[2mb\x1b[0m\x1b[K\r\n> kill\x1b[J");
        let second = screen.draw(&view[..1], Some("kill 1"), SIZE);
        assert_eq!(second, "\r\x1b[3A\x1b[K\r\n\x1b[1ma\x1b[0m\x1b[K\r\n> kill 1\x1b[J", "what was below it goes");
        assert_eq!(screen.erase(), "\r\x1b[2A\x1b[J");
        assert_eq!(screen.erase(), "\r\x1b[J", "nothing is left");
    }

    #[test]
    fn nobody_need_type() {
        let mut screen = Screen::default();
        assert_eq!(screen.draw(&[line("a", Shade::Plain)], None, SIZE), "\r\x1b[K\r\na\x1b[K\r\n\x1b[J");
        assert_eq!(screen.erase(), "\r\x1b[2A\x1b[J");
    }

    #[test]
    fn it_never_has_more_lines_than_the_terminal() {
        let mut screen = Screen::default();
        let view: Vec<_> = (0..10).map(|number| line(&number.to_string(), Shade::Plain)).collect();
        let text = screen.draw(&view, Some(""), SIZE);
        assert_eq!(text.matches("\r\n").count(), 4, "{text:?}");
        assert!(text.contains("… 8 more lines"), "{text:?}");
        assert_eq!(screen.erase(), "\r\x1b[4A\x1b[J");
    }

    #[test]
    fn of_a_long_line_the_end_is_shown() {
        let mut screen = Screen::default();
        assert!(screen.draw(&[], Some("produce orders"), SIZE).ends_with("> uce orders\x1b[J"));
    }
}
