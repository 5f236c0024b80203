//! Bytes beside their meaning: position, hex, name, text.

use std::io::{self, Write};

use segment_log::anatomy::Part;

/// Bytes in a row: no field of a header is longer.
const ROW: usize = 8;
/// Rows of a part before the rest of it is passed over.
const MOST_ROWS: usize = 3;
/// Columns of the widest line.
pub(super) const WIDTH: usize = 100;

/// Prints the parts of `bytes`, which lie at `position` of their file. Entries of a list have a line of their own above
/// them: `entry` says what they are.
pub(super) fn print(parts: &[Part], bytes: &[u8], position: u64, entry: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut of = None;
    for part in parts {
        if part.of.is_some() && part.of != of {
            writeln!(out, "{:>14}{entry} {}", "", part.of.unwrap_or_default())?;
        }
        of = part.of;
        print_part(part, bytes, position, out)?;
    }
    Ok(())
}

fn print_part(part: &Part, bytes: &[u8], position: u64, out: &mut dyn Write) -> io::Result<()> {
    let (mut name, mut text) = (part.name, part.text.as_str());
    let rows = bytes[part.range.clone()].chunks(ROW);
    let (left_out, shown) = (rows.len() > MOST_ROWS, rows.take(MOST_ROWS));
    for (number, row) in shown.enumerate() {
        let at = position + (part.range.start + number * ROW) as u64;
        let line = format!("{at:>12}  {:<23}  {name:<22}  {text}", hex(row));
        writeln!(out, "{}", clip(line.trim_end()))?;
        (name, text) = ("", "");
    }
    if left_out {
        let more = part.range.len() - MOST_ROWS * ROW;
        writeln!(out, "{:>14}… and {more} bytes more", "")?;
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// The line, or as much of it as a screen is wide.
pub(super) fn clip(line: &str) -> String {
    match line.char_indices().nth(WIDTH) {
        None => line.to_owned(),
        Some(_) => line.chars().take(WIDTH - 1).chain(['…']).collect(),
    }
}
