//! Whether anybody still reads what is printed.

/// Whether the other end of stdout has been closed. A program that prints learns that when it prints. One that waits for
/// something to print would not learn it, and wait for nobody.
#[cfg(unix)]
pub(crate) fn is_gone() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let stdout = std::io::stdout();
    let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    // If the system does not say, printing will tell.
    poll(&mut fds, Some(&at_once)).is_ok() && fds[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}

/// Other systems do not say.
#[cfg(not(unix))]
pub(crate) fn is_gone() -> bool {
    false
}
