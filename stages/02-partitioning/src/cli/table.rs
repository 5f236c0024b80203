//! Tables: columns as wide as what stands in them.

use std::io::{self, Write};

/// A column's heading, and to which side its cells are moved.
#[derive(Debug, Clone, Copy)]
pub enum Column {
    /// Words.
    Left(&'static str),
    /// Numbers.
    Right(&'static str),
}

/// Writes headings and rows, with two spaces between columns and none at the end of a line.
///
/// # Errors
///
/// Those of `out`.
pub fn write<const N: usize>(columns: [Column; N], rows: &[[String; N]], out: &mut dyn Write) -> io::Result<()> {
    let headings = columns.map(|(Column::Left(heading) | Column::Right(heading))| heading.to_owned());
    let lines: Vec<&[String; N]> = std::iter::once(&headings).chain(rows).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    for line in lines {
        let cells = columns.iter().zip(widths).zip(line).map(|((column, width), cell)| match column {
            Column::Left(_) => format!("{cell:<width$}"),
            Column::Right(_) => format!("{cell:>width$}"),
        });
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}
