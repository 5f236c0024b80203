//! Values side by side, cut around their first difference.

use std::fmt::Debug;

use super::{MOST_ROWS, WIDTH, columns_of, pad, wrap};
use crate::diff::{self, Step, Wildcards};

/// The widest cell: two of them, `│ ` before and ` │ ` between them, fill a line.
const CELL: usize = (WIDTH - 5) / 2;
/// Rows that agree, shown above the first difference and below the last.
const CONTEXT: usize = 2;

/// The rows for two values that are not equal.
pub(super) fn values(expected: &dyn Debug, found: &dyn Debug) -> Vec<String> {
    let short = [format!("{expected:?}"), format!("{found:?}")];
    let long = [format!("{expected:#?}"), format!("{found:#?}")];
    let fits = |text: &String| !text.contains('\n') && columns_of(text) <= CELL;
    let [expected, found] = if short.iter().all(fits) { short } else { long };
    if expected == found {
        return wrap(&format!("the two are not equal, but print alike: {expected}"), WIDTH - 2);
    }
    lines(&expected, &found)
}

/// The rows for two texts that are not equal.
pub(super) fn lines(expected: &str, found: &str) -> Vec<String> {
    let (expected_lines, found_lines): (Vec<_>, Vec<_>) = (expected.lines().collect(), found.lines().collect());
    let pairs = pairs(&expected_lines, &found_lines);
    let differs = |(expected, found): &Pair<'_>| expected != found;
    let (Some(first), Some(last)) = (pairs.iter().position(differs), pairs.iter().rposition(differs)) else {
        return vec!["the lines agree; only line ends, or the newline at the end, differ".to_owned()];
    };
    let from = first.saturating_sub(CONTEXT);
    let end = pairs.len().min(last + CONTEXT + 1).min(from + MOST_ROWS);
    let shown: Vec<_> = pairs[from..end].iter().map(|(expected, found)| cells(*expected, *found)).collect();
    let left = shown.iter().map(|cells| columns_of(&cells.expected)).max().unwrap_or(0).max("expected".len());

    let mut rows = vec![format!("{} │ found", pad("expected", left))];
    if from > 0 {
        rows.push(format!("… {from} lines above agree"));
    }
    for (index, cells) in shown.iter().enumerate() {
        rows.push(format!("{} │ {}", pad(&cells.expected, left), cells.found));
        if from + index == first {
            let caret = " ".repeat(cells.differs_at) + "^";
            rows.push(format!("{} │ {caret}", pad(&caret, left)));
        }
    }
    if pairs.len() > end {
        let agree = if end > last { " agree" } else { "" };
        rows.push(format!("… {} lines below{agree}", pairs.len() - end));
    }
    rows
}

/// The rows for one value.
pub(super) fn value(found: &dyn Debug) -> Vec<String> {
    let text = format!("{found:?}");
    let mut rows: Vec<_> = text.lines().flat_map(|line| wrap(line, WIDTH - "│ found: ".chars().count())).collect();
    let more = rows.len().saturating_sub(MOST_ROWS);
    rows.truncate(MOST_ROWS);
    if more > 0 {
        rows.push(format!("… {more} lines below"));
    }
    let labelled = |(index, row): (usize, &String)| format!("{} {row}", if index == 0 { "found:" } else { "      " });
    rows.iter().enumerate().map(labelled).collect()
}

type Pair<'a> = (Option<&'a str>, Option<&'a str>);

/// Lines that belong together, in order. Between two that agree, a missing line stands beside an extra one.
fn pairs<'a>(expected: &[&'a str], found: &[&'a str]) -> Vec<Pair<'a>> {
    let mut pairs: Vec<Pair<'a>> = Vec::new();
    // Where the current run of differences began.
    let mut run = 0;
    for step in diff::align(expected, found, Wildcards::Literal) {
        match step {
            Step::Same(e, f) => {
                pairs.push((Some(expected[e]), Some(found[f])));
                run = pairs.len();
            }
            Step::Missing(e) => match pairs[run..].iter_mut().find(|pair| pair.0.is_none()) {
                Some(pair) => pair.0 = Some(expected[e]),
                None => pairs.push((Some(expected[e]), None)),
            },
            Step::Extra(f) => match pairs[run..].iter_mut().find(|pair| pair.1.is_none()) {
                Some(pair) => pair.1 = Some(found[f]),
                None => pairs.push((None, Some(found[f]))),
            },
            Step::Any(_) | Step::Skipped => {}
        }
    }
    pairs
}

/// One row's two cells, both cut to the same stretch of their lines.
struct Cells {
    expected: String,
    found: String,
    /// The column, in both cells, at which the lines begin to differ.
    differs_at: usize,
}

fn cells(expected: Option<&str>, found: Option<&str>) -> Cells {
    let expected: Vec<char> = expected.unwrap_or("(no line)").chars().collect();
    let found: Vec<char> = found.unwrap_or("(no line)").chars().collect();
    let at = expected.iter().zip(&found).take_while(|(expected, found)| expected == found).count();
    let longest = expected.len().max(found.len());
    // A third of the cell shows what stands before the difference. Two columns are kept for the marks of what is cut.
    let start = if longest <= CELL { 0 } else { at.saturating_sub(CELL / 3) };
    let cut = |line: &[char]| {
        let rest: String = line.iter().skip(start).take(if longest <= CELL { CELL } else { CELL - 2 }).collect();
        let before = if start > 0 { "…" } else { "" };
        let after = if line.len() > start + columns_of(&rest) { "…" } else { "" };
        format!("{before}{rest}{after}")
    };
    Cells { expected: cut(&expected), found: cut(&found), differs_at: at - start + usize::from(start > 0) }
}
