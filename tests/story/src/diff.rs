//! Two lists of lines, put side by side: which belong together, which are missing, which are new.
//!
//! The expected lines may hold wildcards: `[..]` stands for anything within a line, and a line `...` for any number of
//! lines. Without wildcards the result is an ordinary line diff.

/// Lines above and below a difference that are shown with it.
const CONTEXT: usize = 2;
/// Lines of one printed diff; the rest is counted.
const MOST: usize = 60;
/// Cells of the alignment's table. Two files that differ over more than this are shown as all old, then all new.
const MOST_CELLS: usize = 4_000_000;

/// How a line of one side relates to the other. Indexes count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The expected line (first index) stands for the found one (second index).
    Same(usize, usize),
    /// The expected line is `...`; the found lines which it stands for follow as [`Step::Skipped`].
    Any(usize),
    /// A found line that a `...` stands for.
    Skipped,
    /// An expected line that was not found.
    Missing(usize),
    /// A found line that nothing expected.
    Extra(usize),
}

/// Whether the two sides have their wildcards read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    Read,
    /// `[..]` and `...` are text like any other.
    Literal,
}

impl Wildcards {
    fn same(self, expected: &str, found: &str) -> bool {
        expected == found || (self == Self::Read && line_matches(expected, found))
    }

    fn any(self, expected: &str) -> bool {
        self == Self::Read && expected == "..."
    }
}

/// True if `pattern` stands for the whole of `line`; each `[..]` in it stands for anything, nothing included.
pub(crate) fn line_matches(pattern: &str, line: &str) -> bool {
    let Some((first, pattern)) = pattern.split_once("[..]") else { return pattern == line };
    let (middle, last) = pattern.rsplit_once("[..]").unwrap_or(("", pattern));
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    for part in middle.split("[..]") {
        // The leftmost place is never a mistake: it leaves the most for the parts after it.
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Aligns the two sides with the fewest missing and extra lines.
pub(crate) fn align(expected: &[&str], found: &[&str], wildcards: Wildcards) -> Vec<Step> {
    let pairs = || expected.iter().zip(found);
    let plain = |(expected, found): &(&&str, &&str)| !wildcards.any(expected) && wildcards.same(expected, found);
    let head = pairs().take_while(plain).count();
    let (expected_rest, found_rest) = (&expected[head..], &found[head..]);
    let tail = expected_rest.iter().rev().zip(found_rest.iter().rev()).take_while(plain).count();
    let (expected_end, found_end) = (expected.len() - tail, found.len() - tail);

    let mut steps: Vec<_> = (0..head).map(|index| Step::Same(index, index)).collect();
    let middle = Table { expected: &expected[head..expected_end], found: &found[head..found_end], wildcards };
    steps.extend(middle.steps().into_iter().map(|step| shifted(step, head)));
    steps.extend((0..tail).map(|index| Step::Same(expected_end + index, found_end + index)));
    steps
}

fn shifted(step: Step, by: usize) -> Step {
    match step {
        Step::Same(expected, found) => Step::Same(expected + by, found + by),
        Step::Any(expected) => Step::Any(expected + by),
        Step::Missing(expected) => Step::Missing(expected + by),
        Step::Extra(found) => Step::Extra(found + by),
        Step::Skipped => Step::Skipped,
    }
}

/// The classic table of an edit distance: `cost[e][f]` is the least number of missing and extra lines when the expected
/// lines from `e` on are put beside the found lines from `f` on.
struct Table<'a> {
    expected: &'a [&'a str],
    found: &'a [&'a str],
    wildcards: Wildcards,
}

impl Table<'_> {
    fn steps(&self) -> Vec<Step> {
        let (height, width) = (self.expected.len(), self.found.len());
        if (height + 1).saturating_mul(width + 1) > MOST_CELLS {
            return (0..height).map(Step::Missing).chain((0..width).map(Step::Extra)).collect();
        }
        let cost = self.costs();
        let mut steps = Vec::new();
        let (mut e, mut f) = (0, 0);
        while e < height || f < width {
            let step = self.best(&cost, e, f).1;
            steps.push(step);
            match step {
                Step::Same(..) => (e, f) = (e + 1, f + 1),
                Step::Missing(_) => e += 1,
                Step::Extra(_) | Step::Skipped => f += 1,
                Step::Any(_) => {
                    // Take what this `...` stands for now: it ends where going on from behind it costs no more.
                    while f < width && cost[e + 1][f] != cost[e][f] {
                        steps.push(Step::Skipped);
                        f += 1;
                    }
                    e += 1;
                }
            }
        }
        steps
    }

    fn costs(&self) -> Vec<Vec<u32>> {
        let (height, width) = (self.expected.len(), self.found.len());
        let mut cost = vec![vec![0; width + 1]; height + 1];
        for e in (0..=height).rev() {
            for f in (0..=width).rev() {
                if e < height || f < width {
                    cost[e][f] = self.best(&cost, e, f).0;
                }
            }
        }
        cost
    }

    /// The cheapest way on from a cell, given the cells below and to the right.
    fn best(&self, cost: &[Vec<u32>], e: usize, f: usize) -> (u32, Step) {
        let (height, width) = (self.expected.len(), self.found.len());
        if e < height && self.wildcards.any(self.expected[e]) {
            let end = cost[e + 1][f];
            return (if f < width { end.min(cost[e][f + 1]) } else { end }, Step::Any(e));
        }
        let mut ways = Vec::with_capacity(3);
        if e < height && f < width && self.wildcards.same(self.expected[e], self.found[f]) {
            ways.push((cost[e + 1][f + 1], Step::Same(e, f)));
        }
        if e < height {
            ways.push((cost[e + 1][f] + 1, Step::Missing(e)));
        }
        if f < width {
            ways.push((cost[e][f + 1] + 1, Step::Extra(f)));
        }
        ways.into_iter().min_by_key(|(cost, _)| *cost).unwrap_or((0, Step::Skipped))
    }
}

/// True if nothing is missing and nothing is extra.
pub(crate) fn is_match(steps: &[Step]) -> bool {
    !steps.iter().any(|step| matches!(step, Step::Missing(_) | Step::Extra(_)))
}

/// Prints a diff: `-` before expected lines, `+` before found ones, two spaces before lines that agree.
pub(crate) fn print(expected: &[&str], found: &[&str], steps: &[Step]) -> String {
    let differs = |step: &Step| matches!(step, Step::Missing(_) | Step::Extra(_));
    let near = |index: usize| {
        let from = index.saturating_sub(CONTEXT);
        steps[from..steps.len().min(index + CONTEXT + 1)].iter().any(differs)
    };
    let mut lines = Vec::new();
    let mut gap = false;
    for (index, step) in steps.iter().enumerate() {
        if !near(index) {
            gap = true;
            continue;
        }
        if std::mem::take(&mut gap) {
            let above = steps[..index].iter().filter(|step| !matches!(step, Step::Missing(_) | Step::Any(_)));
            lines.push(format!("@@ line {} @@", above.count() + 1));
        }
        match *step {
            Step::Same(_, line) => lines.push(format!("  {}", found[line])),
            Step::Any(_) => lines.push("  ...".to_owned()),
            Step::Skipped => {}
            Step::Missing(line) => lines.push(format!("- {}", expected[line])),
            Step::Extra(line) => lines.push(format!("+ {}", found[line])),
        }
    }
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    if more > 0 {
        lines.push(format!("… and {more} more lines of difference"));
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}
