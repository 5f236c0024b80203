//! The line that is being typed, in a terminal that hands over single keys.
//!
//! Backspace and Ctrl-U take back, arrows bring earlier lines, Enter ends the line, Ctrl-D ends the input. What else a
//! terminal can send (other keys with an escape sequence, a mouse) is nothing.

/// The longest line, in bytes. What is typed beyond it is nothing.
const LONGEST: usize = 4096;
/// Earlier lines that are kept.
const KEPT: usize = 100;

/// What was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Typed {
    /// A line, with Enter.
    Line(String),
    /// The end of the input.
    End,
}

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Editor {
    text: String,
    /// Bytes of a character that is not whole yet.
    part: Vec<u8>,
    sequence: Sequence,
    earlier: Vec<String>,
    /// Which of the earlier lines is shown; their number for a new one.
    place: usize,
}

/// How far an escape sequence has come.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Sequence {
    #[default]
    None,
    Escape,
    Inside,
}

impl Editor {
    /// The line so far.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Takes what the terminal sent.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Typed> {
        bytes.iter().filter_map(|&byte| self.key(byte)).collect()
    }

    fn key(&mut self, byte: u8) -> Option<Typed> {
        match (self.sequence, byte) {
            (Sequence::None, 0x1b) => self.sequence = Sequence::Escape,
            (Sequence::Escape, b'[' | b'O') => self.sequence = Sequence::Inside,
            (Sequence::Escape, _) => self.sequence = Sequence::None,
            (Sequence::Inside, 0x40..=0x7e) => {
                self.sequence = Sequence::None;
                match byte {
                    b'A' => self.show(self.place.saturating_sub(1)),
                    b'B' => self.show(self.place + 1),
                    _ => {}
                }
            }
            (Sequence::Inside, _) => {}
            (Sequence::None, b'\r' | b'\n') => return Some(self.end_line()),
            (Sequence::None, 0x04) if self.text.is_empty() => return Some(Typed::End),
            (Sequence::None, 0x08 | 0x7f) => drop(self.text.pop()),
            (Sequence::None, 0x15) => self.text.clear(),
            (Sequence::None, 0x00..0x20) => {}
            (Sequence::None, _) => self.character(byte),
        }
        None
    }

    fn character(&mut self, byte: u8) {
        self.part.push(byte);
        match std::str::from_utf8(&self.part) {
            Ok(whole) if self.text.len() + whole.len() <= LONGEST => self.text.push_str(whole),
            Ok(_) => {}
            // More of it is to come.
            Err(error) if error.error_len().is_none() => return,
            Err(_) => {}
        }
        self.part.clear();
    }

    fn end_line(&mut self) -> Typed {
        let line = std::mem::take(&mut self.text);
        if !line.trim().is_empty() && self.earlier.last() != Some(&line) {
            self.earlier.push(line.clone());
            self.earlier.drain(..self.earlier.len().saturating_sub(KEPT));
        }
        self.place = self.earlier.len();
        Typed::Line(line)
    }

    fn show(&mut self, place: usize) {
        self.place = place.min(self.earlier.len());
        self.text = self.earlier.get(self.place).cloned().unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(bytes: &[u8]) -> (Vec<Typed>, String) {
        let mut editor = Editor::default();
        (editor.feed(bytes), editor.text().to_owned())
    }

    #[test]
    fn keys_make_lines() {
        assert_eq!(typed("kill 1\rsh".as_bytes()), (vec![Typed::Line("kill 1".into())], "sh".into()));
        assert_eq!(typed(b"kilt\x7fl 2"), (vec![], "kill 2".into()));
        assert_eq!(typed("né\x7f\x7fo".as_bytes()), (vec![], "o".into()), "a character of two bytes is one");
        assert_eq!(typed(b"kill 1\x15stop"), (vec![], "stop".into()));
        assert_eq!(typed(b"\x04"), (vec![Typed::End], String::new()));
        assert_eq!(typed(b"a\x04"), (vec![], "a".into()), "Ctrl-D behind something is nothing");
        assert_eq!(typed(b"a\x1b[1;5Cb\x1bOPc\x07\xff\xfed"), (vec![], "abcd".into()), "other keys are nothing");
        assert_eq!(typed(&vec![b'x'; 2 * LONGEST]).1.len(), LONGEST);
    }

    #[test]
    fn arrows_bring_earlier_lines() {
        let mut editor = Editor::default();
        editor.feed(b"first\rsecond\rsecond\r \r");
        let mut after = |keys: &[u8]| {
            editor.feed(keys);
            editor.text().to_owned()
        };
        assert_eq!(after(b"\x1b[A"), "second");
        assert_eq!(after(b"\x1b[A"), "first");
        assert_eq!(after(b"\x1b[A"), "first", "there is none before");
        assert_eq!(after(b"\x1b[B"), "second");
        assert_eq!(after(b"\x1b[B"), "");
    }

    #[test]
    fn a_character_may_come_in_parts() {
        let mut editor = Editor::default();
        for byte in "é€".bytes() {
            editor.feed(&[byte]);
        }
        assert_eq!(editor.text(), "é€");
    }
}
