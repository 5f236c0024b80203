//! Whether anybody still reads what is printed, and how wide his terminal is.

#[cfg(unix)]
use std::io::IsTerminal;

/// Whether the other end of stdout has been closed. A program that prints learns that when it prints. One that waits for
/// something to print would not learn it, and wait for nobody.
#[cfg(unix)]
pub fn is_gone() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let stdout = std::io::stdout();
    let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    // If the system does not say, printing will tell.
    poll(&mut fds, Some(&at_once)).is_ok() && fds[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}

/// Other systems do not say.
#[cfg(not(unix))]
pub fn is_gone() -> bool {
    false
}

/// How many characters a line has: what `COLUMNS` says, or the terminal, or else 80.
pub fn columns() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let columns = told.filter(|&columns| columns > 0).or_else(of_terminal).unwrap_or(80);
    columns.clamp(40, 200)
}

#[cfg(unix)]
fn of_terminal() -> Option<usize> {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(&stdout).ok()?;
    Some(usize::from(size.ws_col)).filter(|&columns| columns > 0)
}

#[cfg(not(unix))]
fn of_terminal() -> Option<usize> {
    None
}
