//! Byte strings side by side: named fields, in hex.

use std::ops::Range;

use super::{Field, MOST_ROWS, WIDTH, columns_of, pad};

/// The widest name; a longer one is cut.
const MOST_NAME: usize = 24;
const NO_NAME: &str = "(no name)";

/// The rows for two byte strings that are not equal.
pub(super) fn rows(fields: &[Field<'_>], expected: &[u8], found: &[u8]) -> Vec<String> {
    let first = first_difference(expected, found);
    let parts = parts(fields, expected.len().max(found.len()));
    let differing: Vec<_> = (0..parts.len()).filter(|&index| parts[index].differs(expected, found)).collect();
    let mut shown: Vec<_> = differing.iter().copied().take(MOST_ROWS - 2).collect();
    let hidden = differing.len() - shown.len();
    shown.extend(neighbour(&differing, parts.len()));
    shown.sort_unstable();

    let cell = Cell::fitting(shown.iter().map(|&index| &parts[index]), expected.len().max(found.len()));
    let mut rows = vec![["field", "offset", "expected", "found"].map(str::to_owned)];
    if expected.len() != found.len() {
        let length = |bytes: &[u8]| format!("{} bytes", bytes.len());
        rows.push(["length".to_owned(), String::new(), length(expected), length(found)]);
    }
    let mut pointed = false;
    for index in shown {
        let part = &parts[index];
        let window = cell.window(part, expected, found);
        let name = part.name.chars().take(MOST_NAME).collect();
        let hex = |bytes| hex(bytes, &part.range, &window);
        rows.push([name, window.start.to_string(), hex(expected), hex(found)]);
        if part.range.contains(&first) && !std::mem::replace(&mut pointed, true) {
            let cut = if window.start > part.range.start { "… ".chars().count() } else { 0 };
            let caret = " ".repeat(cut + 3 * (first - window.start)) + "^^";
            rows.push([String::new(), String::new(), caret.clone(), caret]);
        }
    }
    let mut lines = aligned(&rows);
    if hidden > 0 {
        lines.push(format!("… {hidden} more fields differ"));
    }
    lines
}

/// The rows as lines, every column as wide as its widest cell.
fn aligned(rows: &[[String; 4]]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| columns_of(&row[column])).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2), 0];
    let line = |row: &[String; 4]| [0, 1, 2, 3].map(|column| pad(&row[column], widths[column])).join(" │ ");
    rows.iter().map(line).collect()
}

/// A field, or a stretch that none names.
struct Part<'a> {
    name: &'a str,
    range: Range<usize>,
}

impl Part<'_> {
    fn differs(&self, expected: &[u8], found: &[u8]) -> bool {
        clip(expected, &self.range) != clip(found, &self.range)
    }
}

/// All fields in order of their start, and the stretches between them, up to `end`.
fn parts<'a>(fields: &[Field<'a>], end: usize) -> Vec<Part<'a>> {
    let mut named: Vec<_> = fields.iter().filter(|field| !field.range.is_empty()).collect();
    named.sort_by_key(|field| field.range.start);
    let mut parts = Vec::new();
    let mut covered = 0;
    for field in named {
        if field.range.start > covered {
            parts.push(Part { name: NO_NAME, range: covered..field.range.start });
        }
        covered = covered.max(field.range.end);
        parts.push(Part { name: field.name, range: field.range.clone() });
    }
    if end > covered {
        parts.push(Part { name: NO_NAME, range: covered..end });
    }
    parts
}

/// A part that agrees, beside the first that does not: the one before, or else the one after.
fn neighbour(differing: &[usize], parts: usize) -> Option<usize> {
    let first = *differing.first()?;
    let after = (first + 1 < parts).then_some(first + 1);
    first.checked_sub(1).or(after).filter(|index| !differing.contains(index))
}

/// Where the byte strings part; one that is the other's beginning parts at its end.
fn first_difference(expected: &[u8], found: &[u8]) -> usize {
    expected.iter().zip(found).take_while(|(expected, found)| expected == found).count()
}

/// The bytes of the range that are there.
fn clip<'a>(bytes: &'a [u8], range: &Range<usize>) -> &'a [u8] {
    let end = range.end.min(bytes.len());
    &bytes[range.start.min(end)..end]
}

/// The room for one byte string of one part: what the names and the largest offset leave to two columns of hex.
struct Cell {
    columns: usize,
}

impl Cell {
    fn fitting<'a>(parts: impl Iterator<Item = &'a Part<'a>>, end: usize) -> Self {
        let longest = parts.map(|part| columns_of(part.name)).max().unwrap_or(0);
        let name = longest.clamp("length".len(), MOST_NAME);
        let offset = end.to_string().len().max("offset".len());
        let between = " │ ".chars().count();
        Self { columns: (WIDTH - "│ ".chars().count() - name - offset - 3 * between) / 2 }
    }

    /// The stretch of a part that fits: all of it, or what lies around its first difference.
    fn window(&self, part: &Part<'_>, expected: &[u8], found: &[u8]) -> Range<usize> {
        let whole = (self.columns + 1) / 3;
        if part.range.len() <= whole {
            return part.range.clone();
        }
        // The marks of what is cut take two columns each.
        let some = (self.columns - 3) / 3;
        let same = first_difference(clip(expected, &part.range), clip(found, &part.range));
        let start = part.range.start + same.saturating_sub(some / 3);
        start..part.range.end.min(start + some)
    }
}

/// One cell: the window's bytes, with `…` where the part goes on.
fn hex(bytes: &[u8], part: &Range<usize>, window: &Range<usize>) -> String {
    let shown = clip(bytes, window);
    if shown.is_empty() {
        return "(none)".to_owned();
    }
    let mut cell: Vec<_> = shown.iter().map(|byte| format!("{byte:02x}")).collect();
    if window.start > part.start {
        cell.insert(0, "…".to_owned());
    }
    if clip(bytes, part).len() > window.end - part.start {
        cell.push("…".to_owned());
    }
    cell.join(" ")
}
