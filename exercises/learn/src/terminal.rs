//! The terminal: single keys without Enter, and a terminal that works as before when we are gone.
//!
//! Only two of the terminal's switches are turned: lines are not collected and keys are not echoed. Everything else, Ctrl-C
//! included, stays as it is. Whatever happens, the switches are turned back: at the end, on a panic, on a signal. Before a
//! signal ends the program, everything that it has started is ended too.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::{Keys, end_cleanly_on_signals, size};

#[cfg(not(unix))]
pub(crate) use elsewhere::{Keys, end_cleanly_on_signals, size};

/// How much a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

/// What the person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Press(char),
    /// The terminal has come back after Ctrl-Z, or has another size.
    Redraw,
    /// Its input has ended.
    End,
}

/// `cargo learn list | head` closes our output early. That is no failure, and no panic is shown for it.
pub(crate) fn end_quietly_with_the_reader() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload().downcast_ref::<String>();
        if text.is_some_and(|text| text.starts_with("failed printing to stdout")) {
            crate::process::end_all();
            std::process::exit(0);
        }
        usual(panic);
    }));
}

/// The keys in a piece of input. An escape sequence (an arrow, a mouse) is no key here, and neither is pasted text.
fn keys(bytes: &[u8]) -> impl Iterator<Item = char> {
    let meant = bytes.first() != Some(&0x1b) && bytes.len() <= 4;
    let text = String::from_utf8_lossy(if meant { bytes } else { &[] }).into_owned();
    text.chars().collect::<Vec<_>>().into_iter()
}

#[cfg(not(unix))]
mod elsewhere {
    use std::io;

    use super::{Key, Size};

    /// Where the terminal has no switches that we know, a key is typed with Enter.
    pub(crate) struct Keys;

    impl Keys {
        pub(crate) fn listen(report: impl Fn(Key) -> bool + Clone + Send + 'static) -> io::Result<Keys> {
            std::thread::spawn(move || {
                for line in io::stdin().lines().map_while(Result::ok) {
                    if !report(Key::Press(line.trim().chars().next().unwrap_or('\n'))) {
                        return;
                    }
                }
                report(Key::End);
            });
            Ok(Keys)
        }
    }

    /// Not known here, so texts are shown whole.
    pub(crate) fn size() -> Option<Size> {
        None
    }

    /// The system ends the children with the console.
    pub(crate) fn end_cleanly_on_signals() {}
}

#[cfg(test)]
mod tests {
    use super::keys;

    #[test]
    fn arrows_and_pasted_text_are_no_keys() {
        assert_eq!(keys(b"h").collect::<String>(), "h");
        assert_eq!(keys("nq".as_bytes()).collect::<String>(), "nq");
        assert_eq!(keys(b"\x1b[A").count(), 0);
        assert_eq!(keys(b"rust is nice").count(), 0);
    }
}
