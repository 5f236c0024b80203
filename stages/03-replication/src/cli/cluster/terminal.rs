//! A terminal that hands over single keys, and is put right again when this is dropped.
//!
//! Two of its switches are turned: lines are not collected, and keys are not echoed. Ctrl-C and Ctrl-Z stay what they are.

use std::io::{self, Read, Write, stdin, stdout};
use std::thread;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use super::screen::Size;

/// What a terminal shows that does not say how large it is.
const USUAL: Size = Size { rows: 24, columns: 80 };
/// More is hard to read.
const WIDEST: usize = 120;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Terminal {
    before: Termios,
    pub(super) keys: mpsc::Receiver<Vec<u8>>,
    /// It has another size.
    resized: Signal,
    /// It has come back after Ctrl-Z: the shell has turned its own switches meanwhile.
    continued: Signal,
}

impl Terminal {
    /// Turns the switches.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub(super) fn open() -> io::Result<Self> {
        let before = tcgetattr(stdin())?;
        let resized = signal(SignalKind::window_change())?;
        let continued = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?;
        let terminal = Terminal { before, keys: keys(), resized, continued };
        terminal.turn()?;
        Ok(terminal)
    }

    fn turn(&self) -> io::Result<()> {
        let mut modes = self.before.clone();
        modes.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
        Ok(tcsetattr(stdin(), OptionalActions::Now, &modes)?)
    }

    /// How much it shows.
    pub(super) fn size(&self) -> Size {
        size()
    }

    /// The next keys, or `None` if what is shown has to be drawn on an empty screen. No keys: the input has ended.
    ///
    /// # Errors
    ///
    /// If the switches cannot be turned again.
    pub(super) async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        tokio::select! {
            keys = self.keys.recv() => return Ok(Some(keys.unwrap_or_default())),
            _ = self.resized.recv() => {}
            _ = self.continued.recv() => self.turn()?,
        }
        // What is drawn is elsewhere by now.
        let mut out = stdout().lock();
        out.write_all(b"\x1b[H\x1b[2J").and_then(|()| out.flush())?;
        Ok(None)
    }
}

/// How much the terminal shows that stdout is.
pub(super) fn size() -> Size {
    let told = tcgetwinsize(stdout()).ok().filter(|size| size.ws_row > 0 && size.ws_col > 0);
    told.map_or(USUAL, |size| Size { rows: size.ws_row.into(), columns: usize::from(size.ws_col).min(WIDEST) })
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // The terminal may be gone by now; then there is nothing to put right.
        let _ = tcsetattr(stdin(), OptionalActions::Now, &self.before);
    }
}

/// Reads keys. A thread of its own does, as it cannot be told to stop waiting for a person; it ends with the program.
fn keys() -> mpsc::Receiver<Vec<u8>> {
    let (send, keys) = mpsc::channel(16);
    thread::spawn(move || {
        let mut buffer = [0; 256];
        loop {
            match stdin().lock().read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => return,
                Ok(length) => {
                    if send.blocking_send(buffer[..length].to_vec()).is_err() {
                        return;
                    }
                }
            }
        }
    });
    keys
}
