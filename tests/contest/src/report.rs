//! The findings as Markdown tables, which are as readable in a terminal.

use std::fmt::Write;

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
    let mut text = machine();
    for finding in findings {
        text.push_str(&table(finding));
    }
    text
}

fn machine() -> String {
    let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cores = if cores == 1 { "1 core".to_owned() } else { format!("{cores} cores") };
    let mut text = format!(
        "{system} on {processor}, {cores}. Medians; in brackets the lowest and the highest ratio of a round.\n"
    );
    if cfg!(debug_assertions) {
        text.push_str("Built without optimization: the figures say nothing. Add `--release`.\n");
    }
    text
}

fn table(finding: &Finding) -> String {
    let head = [finding.name, finding.unit.name(), "of the first", finding.unit.shown().2].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head).chain(finding.lines.iter().map(|line| row(line, finding.unit))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [name, rate, ratio, cpu] = [0, 1, 2, 3].map(width);
    let mut text = format!("\n**{}** ({})\n\n", finding.title, rounds(finding.rounds));
    for (number, row) in rows.iter().enumerate() {
        let _ = writeln!(text, "| {:name$} | {:>rate$} | {:>ratio$} | {:>cpu$} |", row[0], row[1], row[2], row[3]);
        if number == 0 {
            let dashes = [name, rate, ratio, cpu].map(|width| "-".repeat(width + 1));
            let _ = writeln!(text, "|{}-|{}:|{}:|{}:|", dashes[0], dashes[1], dashes[2], dashes[3]);
        }
    }
    if let (Some(goal), Some(line)) = (finding.goal, finding.lines.get(1)) {
        let verdict = if line.ratio.median >= goal { "reached" } else { "missed" };
        let _ = writeln!(text, "\nGoal: {goal:.2} of the first, {verdict}.");
    }
    text
}

fn rounds(rounds: usize) -> String {
    if rounds == 1 { "1 round".to_owned() } else { format!("{rounds} rounds") }
}

fn row(line: &Line, unit: Unit) -> [String; 4] {
    let Spread { low, median, high } = line.ratio;
    let ratio =
        if low == high { short(median) } else { format!("{} ({}–{})", short(median), short(low), short(high)) };
    let cpu = line.cpu.map_or_else(|| "not known".to_owned(), |cpu| format!("{:.2}", cpu * unit.shown().3));
    [line.name.clone(), unit.rate(line.rate.median), ratio, cpu]
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
fn thousands(number: f64) -> String {
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
