//! The lines of the input. A thread of its own reads them: who waits for a person at a terminal cannot be told to stop
//! waiting, and the thread ends with the program.

use std::io::{self, BufRead, Read};
use std::thread;

use tokio::sync::mpsc;

/// Lines that may wait to be sent.
const WAITING: usize = 16;

/// A line of the input, without its end.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: u64,
    /// `None` if there are too many.
    pub bytes: Option<Vec<u8>>,
}

/// Reads stdin to its end. However long a line is, no more than `limit` bytes of it are held; nothing is read after a line
/// that is longer.
pub fn of_stdin(limit: usize) -> mpsc::Receiver<io::Result<Line>> {
    let (send, lines) = mpsc::channel(WAITING);
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        let mut number = 0;
        loop {
            number += 1;
            let line = next(&mut input, limit, number).transpose();
            let Some(line) = line else { return };
            let is_last = !matches!(&line, Ok(Line { bytes: Some(_), .. }));
            // Nobody takes lines any more once the command has failed.
            if send.blocking_send(line).is_err() || is_last {
                return;
            }
        }
    });
    lines
}

fn next(input: &mut impl BufRead, limit: usize, number: u64) -> io::Result<Option<Line>> {
    let mut bytes = Vec::new();
    // One byte for the end of the line.
    if input.take(limit as u64 + 1).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    Ok(Some(Line { number, bytes: (bytes.len() <= limit).then_some(bytes) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_from_what_is_too_long() {
        let mut input: &[u8] = b"ab\n\nabc\nabcd\nrest";
        let mut read = || next(&mut input, 3, 1).unwrap().map(|line| line.bytes);
        assert_eq!(read(), Some(Some(b"ab".to_vec())));
        assert_eq!(read(), Some(Some(Vec::new())));
        assert_eq!(read(), Some(Some(b"abc".to_vec())));
        assert_eq!(read(), Some(None));

        let mut input: &[u8] = b"no end";
        let mut read = || next(&mut input, 6, 1).unwrap().map(|line| line.bytes);
        assert_eq!((read(), read()), (Some(Some(b"no end".to_vec())), None));
    }
}
