use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};
use std::thread;

use rustix::termios::{self, LocalModes, OptionalActions, Termios};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGWINCH};
use signal_hook::iterator::Signals;

use super::{Key, Size, keys};
use crate::process;

/// The terminal as it was; `None` while it is.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Listens to single keys as long as it lives.
pub(crate) struct Keys {
    _private: (),
}

impl Keys {
    /// Turns the switches and reports each key, as long as `report` returns true.
    pub(crate) fn listen(report: impl Fn(Key) -> bool + Clone + Send + 'static) -> io::Result<Keys> {
        let before = termios::tcgetattr(io::stdin())?;
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            usual(panic);
        }));
        turn()?;
        let again = report.clone();
        let mut changed = Signals::new([SIGCONT, SIGWINCH])?;
        thread::spawn(move || {
            for signal in &mut changed {
                if signal == SIGCONT {
                    // After Ctrl-Z and `fg` the shell has put its own switches back.
                    let _ = turn();
                }
                again(Key::Redraw);
            }
        });
        thread::spawn(move || read(&report));
        Ok(Keys { _private: () })
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        restore();
    }
}

/// How much the terminal shows, if it says so.
pub(crate) fn size() -> Option<Size> {
    let size = termios::tcgetwinsize(io::stdout()).ok()?;
    let (rows, columns) = (usize::from(size.ws_row), usize::from(size.ws_col));
    (rows > 0 && columns > 0).then_some(Size { rows, columns })
}

fn turn() -> io::Result<()> {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(mut modes) = before.clone() else { return Ok(()) };
    modes.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
    termios::tcsetattr(io::stdin(), OptionalActions::Now, &modes)?;
    Ok(())
}

/// Turns the switches back, if they were turned. Returns whether they were.
fn restore() -> bool {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = &before {
        // The terminal may be gone by now; then there is nothing to restore.
        let _ = termios::tcsetattr(io::stdin(), OptionalActions::Now, before);
    }
    before.is_some()
}

fn read(report: &impl Fn(Key) -> bool) {
    let mut buffer = [0; 256];
    loop {
        match io::stdin().lock().read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => {
                report(Key::End);
                return;
            }
            Ok(length) => {
                for key in keys(&buffer[..length]) {
                    if !report(Key::Press(key)) {
                        return;
                    }
                }
            }
        }
    }
}

/// On Ctrl-C and its kin: ends what was started, restores the terminal and ends with the code that shells expect.
pub(crate) fn end_cleanly_on_signals() {
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            process::end_all();
            if restore() {
                // The shell's prompt gets a line of its own.
                println!();
            }
            std::process::exit(128 + signal);
        }
    });
}
