//! How a record is printed: all of it in a line, its value alone, or as a template says.
//!
//! Templates are those of `kcat`, as far as they go: `'%p@%o %k=%v\n'`.

use std::io::{self, Write};

use segment_log::anatomy::quoted;
use segment_log::{Offset, Timestamp};

use crate::{ConsumerRecord, TopicPartition};

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// `orders-0 17 1700000000000 "alice" "paid 10"`.
    Line,
    /// The value's bytes, and the end of the line.
    Value,
    /// What the template says, and nothing else.
    Template(Vec<Piece>),
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it stands there.
    Text(String),
    /// `%t`.
    Topic,
    /// `%p`.
    Partition,
    /// `%o`.
    Offset,
    /// `%T`.
    Timestamp,
    /// `%k`; nothing if it is null.
    Key,
    /// `%v`; nothing if it is null.
    Value,
    /// `%h`: `name=value`, with commas between them.
    Headers,
}

/// What a template may hold, for a help text.
pub const TOKENS: &str = "\
%t topic, %p partition, %o offset, %T timestamp, %k key, %v value, %h headers, %% a percent sign;
\\n, \\t and \\\\ as in C";

impl Format {
    /// Reads `line`, `value` or a template.
    ///
    /// # Errors
    ///
    /// A sentence that says what there is.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "line" => Ok(Format::Line),
            "value" => Ok(Format::Value),
            _ if text.contains('%') => template(text).map(Format::Template),
            _ => Err("use line, value, or a template with something to fill in, as in '%k %v\\n'".to_owned()),
        }
    }

    /// Prints one record.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn print(&self, record: &ConsumerRecord, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Format::Line => {
                let ConsumerRecord { at, offset, timestamp, key, value, headers } = record;
                write!(out, "{}", line(at, *offset, *timestamp, key.as_deref(), value.as_deref()))?;
                for (name, value) in headers.view().iter() {
                    write!(out, " {name}={}", quoted(value))?;
                }
                writeln!(out)
            }
            Format::Value => {
                out.write_all(record.value.as_deref().unwrap_or_default())?;
                out.write_all(b"\n")
            }
            Format::Template(pieces) => pieces.iter().try_for_each(|piece| piece.print(record, out)),
        }
    }
}

impl Piece {
    fn print(&self, record: &ConsumerRecord, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Piece::Text(text) => out.write_all(text.as_bytes()),
            Piece::Topic => write!(out, "{}", record.at.topic),
            Piece::Partition => write!(out, "{}", record.at.partition),
            Piece::Offset => write!(out, "{}", record.offset),
            Piece::Timestamp => write!(out, "{}", record.timestamp),
            Piece::Key => out.write_all(record.key.as_deref().unwrap_or_default()),
            Piece::Value => out.write_all(record.value.as_deref().unwrap_or_default()),
            Piece::Headers => {
                for (number, (name, value)) in record.headers.view().iter().enumerate() {
                    write!(out, "{}{name}=", if number > 0 { "," } else { "" })?;
                    out.write_all(value.unwrap_or_default())?;
                }
                Ok(())
            }
        }
    }
}

/// A record in a line, without its end: null stands there as null, text in quotes, and bytes that are no text as `\xff`.
pub fn line(
    at: &TopicPartition,
    offset: Offset,
    timestamp: Timestamp,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
) -> String {
    format!("{at} {offset} {timestamp} {} {}", quoted(key), quoted(value))
}

fn template(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let piece = match character {
            '%' => token(rest.next())?,
            '\\' => Piece::Text(escape(rest.next())?.to_string()),
            _ => Piece::Text(character.to_string()),
        };
        match piece {
            Piece::Text(text) => plain.push_str(&text),
            piece => {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(piece);
            }
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(pieces)
}

fn token(letter: Option<char>) -> Result<Piece, String> {
    match letter {
        Some('t') => Ok(Piece::Topic),
        Some('p') => Ok(Piece::Partition),
        Some('o') => Ok(Piece::Offset),
        Some('T') => Ok(Piece::Timestamp),
        Some('k') => Ok(Piece::Key),
        Some('v') => Ok(Piece::Value),
        Some('h') => Ok(Piece::Headers),
        Some('%') => Ok(Piece::Text("%".to_owned())),
        Some(other) => Err(format!("%{other} stands for nothing; there are {TOKENS}")),
        None => Err(format!("it ends with half a token; there are {TOKENS}")),
    }
}

fn escape(letter: Option<char>) -> Result<char, String> {
    match letter {
        Some('n') => Ok('\n'),
        Some('t') => Ok('\t'),
        Some('\\') => Ok('\\'),
        Some(other) => Err(format!("\\{other} stands for nothing; there are {TOKENS}")),
        None => Err(format!("it ends with half a token; there are {TOKENS}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_taken_apart() {
        let text = |text: &str| Piece::Text(text.to_owned());
        let expected = vec![Piece::Topic, text("-"), Piece::Partition, text("\t100% \\ "), Piece::Value, text("\n")];
        assert_eq!(Format::parse(r"%t-%p\t100%% \\ %v\n"), Ok(Format::Template(expected)));
        let all = vec![Piece::Offset, Piece::Timestamp, Piece::Key, Piece::Headers];
        assert_eq!(Format::parse("%o%T%k%h"), Ok(Format::Template(all)));
        assert_eq!((Format::parse("line"), Format::parse("value")), (Ok(Format::Line), Ok(Format::Value)));
    }

    #[test]
    fn what_stands_for_nothing_is_refused() {
        for (text, part) in
            [("%x", "%x stands"), (r"%v\r", r"\r stands"), ("%v%", "half a token"), (r"%v\", "half a token")]
        {
            let error = Format::parse(text).unwrap_err();
            assert!(error.contains(part) && error.contains("%h headers"), "{error}");
        }
        for text in ["", "json", "values", "\\n"] {
            assert!(Format::parse(text).unwrap_err().starts_with("use line, value, or a template"), "{text}");
        }
    }
}
