//! The findings as Markdown tables, which are as readable in a terminal.

use std::fmt::Write;

use crate::plot::{self, Plot};
use crate::{Finding, Line, Spread, Unit};

impl Unit {
    /// How it is called, what divides a rate, and how CPU time is called and what multiplies it.
    fn shown(self) -> (&'static str, f64, &'static str, f64) {
        match self {
            Unit::Bytes => ("MB/s", 1e6, "CPU s/GB", 1e9),
            Unit::Records => ("records/s", 1.0, "CPU µs each", 1e6),
            Unit::Lookups => ("lookups/s", 1.0, "CPU µs each", 1e6),
        }
    }

    /// The name of a rate.
    pub fn name(self) -> &'static str {
        self.shown().0
    }

    /// A rate in the unit that it is shown in.
    pub fn rate(self, rate: f64) -> String {
        thousands(rate / self.shown().1)
    }
}

/// All of it, as the program prints it.
pub fn markdown(findings: &[Finding]) -> String {
    let mut text = format!("{} Medians; in brackets the lowest and the highest ratio of a round.\n", machine());
    text.push_str(warning());
    for finding in findings {
        text.push_str(&table(finding));
    }
    text
}

/// A plot's values: a table for each panel, with a row for each value of the setting below, and a column for each line.
pub fn plot_markdown(plot: &Plot) -> String {
    let mut text = format!("{} Medians.\n", machine());
    text.push_str(warning());
    for panel in plot.rows.iter().flatten() {
        let head = plot.lines.iter().map(|line| format!("{} {line}", plot.legend));
        let mut rows = vec![std::iter::once(plot.x.title.clone()).chain(head).collect::<Vec<_>>()];
        for (at, (_, tick)) in plot.x.ticks.iter().enumerate() {
            let cell = |values: &Vec<Option<f64>>| {
                values.get(at).copied().flatten().map_or_else(|| "–".to_owned(), plot::number)
            };
            rows.push(std::iter::once(tick.clone()).chain(panel.values.iter().map(cell)).collect());
        }
        let _ = write!(text, "\n**{}, {}**\n\n{}", panel.title, panel.unit, aligned(&rows));
    }
    text
}

/// Where it was measured.
fn machine() -> String {
    let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cores = if cores == 1 { "1 core".to_owned() } else { format!("{cores} cores") };
    format!("{system} on {processor}, {cores}.")
}

fn warning() -> &'static str {
    match cfg!(debug_assertions) {
        true => "Built without optimization: the figures say nothing. Add `--release`.\n",
        false => "",
    }
}

fn table(finding: &Finding) -> String {
    let head = [finding.name, finding.unit.name(), "of the first", finding.unit.shown().2].map(str::to_owned).to_vec();
    let rows: Vec<_> = std::iter::once(head).chain(finding.lines.iter().map(|line| row(line, finding.unit))).collect();
    let mut text = format!("\n**{}** ({})\n\n{}", finding.title, rounds(finding.rounds), aligned(&rows));
    if let (Some(goal), Some(line)) = (finding.goal, finding.lines.get(1)) {
        let verdict = if line.ratio.median >= goal { "reached" } else { "missed" };
        let _ = writeln!(text, "\nGoal: {goal:.2} of the first, {verdict}.");
    }
    text
}

/// A table of rows of the same length, the first of which is its head. The first column is a name, the others are numbers.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| match column {
            0 => format!("| {cell:width$} "),
            _ => format!("| {cell:>width$} "),
        });
        let _ = writeln!(text, "{}|", cells.collect::<String>());
        if number == 0 {
            let dashes = widths.iter().enumerate().map(|(column, width)| match column {
                0 => format!("|{}-", "-".repeat(width + 1)),
                _ => format!("|{}:", "-".repeat(width + 1)),
            });
            let _ = writeln!(text, "{}|", dashes.collect::<String>());
        }
    }
    text
}

fn rounds(rounds: usize) -> String {
    if rounds == 1 { "1 round".to_owned() } else { format!("{rounds} rounds") }
}

fn row(line: &Line, unit: Unit) -> Vec<String> {
    let Spread { low, median, high } = line.ratio;
    let ratio =
        if low == high { short(median) } else { format!("{} ({}–{})", short(median), short(low), short(high)) };
    let cpu = line.cpu.map_or_else(|| "not known".to_owned(), |cpu| format!("{:.2}", cpu * unit.shown().3));
    vec![line.name.clone(), unit.rate(line.rate.median), ratio, cpu]
}

/// As many digits as say something.
fn short(ratio: f64) -> String {
    match ratio {
        100.0.. => thousands(ratio),
        0.1.. => format!("{ratio:.2}"),
        _ => format!("{ratio:.4}"),
    }
}

/// "12,345".
pub(crate) fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
