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

/// Aligns the two sides so that the fewest expected lines are missing. Where lines differ, the missing ones come before
/// the extra ones.
pub(crate) fn align(expected: &[&str], found: &[&str], wildcards: Wildcards) -> Vec<Step> {
    let plain = |(expected, found): &(&&str, &&str)| !wildcards.any(expected) && wildcards.same(expected, found);
    let head = expected.iter().zip(found).take_while(plain).count();
    let (expected_rest, found_rest) = (&expected[head..], &found[head..]);
    let tail = expected_rest.iter().rev().zip(found_rest.iter().rev()).take_while(plain).count();
    let (expected_end, found_end) = (expected.len() - tail, found.len() - tail);

    let mut steps: Vec<_> = (0..head).map(|index| Step::Same(index, index)).collect();
    let middle = Table { expected: &expected[head..expected_end], found: &found[head..found_end], wildcards };
    steps.extend(middle.steps().into_iter().map(|step| step.shifted(head)));
    steps.extend((0..tail).map(|index| Step::Same(expected_end + index, found_end + index)));
    for run in steps.chunk_by_mut(|a, b| a.differs() && b.differs()) {
        run.sort_by_key(|step| matches!(step, Step::Extra(_)));
    }
    steps
}

impl Step {
    fn differs(&self) -> bool {
        matches!(self, Self::Missing(_) | Self::Extra(_))
    }

    fn shifted(self, by: usize) -> Self {
        match self {
            Self::Same(expected, found) => Self::Same(expected + by, found + by),
            Self::Any(expected) => Self::Any(expected + by),
            Self::Missing(expected) => Self::Missing(expected + by),
            Self::Extra(found) => Self::Extra(found + by),
            Self::Skipped => Self::Skipped,
        }
    }
}

/// The classic table of an edit distance: `cost[e][f]` is the least cost of putting the expected lines from `e` on beside
/// the found lines from `f` on.
struct Table<'a> {
    expected: &'a [&'a str],
    found: &'a [&'a str],
    wildcards: Wildcards,
}

/// A missing line costs more than any number of extra ones: or else a `...` would swallow the lines behind it, where the
/// output has grown.
const MISSING: u64 = 1 << 32;
const EXTRA: u64 = 1;

/// One move through the table.
#[derive(Clone, Copy)]
enum Move {
    Same,
    /// A missing line with an extra one in its place. The extra one costs nothing here, so that a `...` below does not
    /// swallow what a line has become.
    Change,
    Missing,
    Extra,
    Any,
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
            match self.best(&cost, e, f).1 {
                Move::Same => {
                    steps.push(Step::Same(e, f));
                    (e, f) = (e + 1, f + 1);
                }
                Move::Change => {
                    steps.extend([Step::Missing(e), Step::Extra(f)]);
                    (e, f) = (e + 1, f + 1);
                }
                Move::Missing => {
                    steps.push(Step::Missing(e));
                    e += 1;
                }
                Move::Extra => {
                    steps.push(Step::Extra(f));
                    f += 1;
                }
                Move::Any => {
                    steps.push(Step::Any(e));
                    // It stands for lines until going on from behind it costs no more.
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

    fn costs(&self) -> Vec<Vec<u64>> {
        let (height, width) = (self.expected.len(), self.found.len());
        let mut cost = vec![vec![0; width + 1]; height + 1];
        for e in (0..=height).rev() {
            for f in (0..=width).rev() {
                cost[e][f] = self.best(&cost, e, f).0;
            }
        }
        cost
    }

    /// The cheapest move from a cell and its cost, given the cells below and to the right; the first of equals.
    fn best(&self, cost: &[Vec<u64>], e: usize, f: usize) -> (u64, Move) {
        let (more_expected, more_found) = (e < self.expected.len(), f < self.found.len());
        if more_expected && self.wildcards.any(self.expected[e]) {
            let end = cost[e + 1][f];
            return (if more_found { end.min(cost[e][f + 1]) } else { end }, Move::Any);
        }
        let both = more_expected && more_found;
        let ways = [
            (both && self.wildcards.same(self.expected[e], self.found[f])).then(|| (cost[e + 1][f + 1], Move::Same)),
            both.then(|| (cost[e + 1][f + 1] + MISSING, Move::Change)),
            more_expected.then(|| (cost[e + 1][f] + MISSING, Move::Missing)),
            more_found.then(|| (cost[e][f + 1] + EXTRA, Move::Extra)),
        ];
        ways.into_iter().flatten().min_by_key(|(cost, _)| *cost).unwrap_or((0, Move::Same))
    }
}

/// True if nothing is missing and nothing is extra.
pub(crate) fn is_match(steps: &[Step]) -> bool {
    !steps.iter().any(Step::differs)
}

/// Prints a diff: `-` before expected lines, `+` before found ones, two spaces before lines that agree.
pub(crate) fn print(expected: &[&str], found: &[&str], steps: &[Step]) -> String {
    let near = |index: usize| {
        let from = index.saturating_sub(CONTEXT);
        steps[from..steps.len().min(index + CONTEXT + 1)].iter().any(Step::differs)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(expected: &[&str], found: &[&str], wildcards: Wildcards) -> String {
        print(expected, found, &align(expected, found, wildcards))
    }

    #[test]
    fn a_wildcard_in_a_line_stands_for_anything() {
        for (pattern, line) in
            [("a", "a"), ("[..]", ""), ("[..]", "x"), ("a[..]", "a"), ("a[..]c", "abc"), ("[..]b[..]", "abc")]
        {
            assert!(line_matches(pattern, line), "{pattern} {line}");
        }
        for (pattern, line) in
            [("a", "ab"), ("a[..]", "ba"), ("ab[..]bc", "abc"), ("[..]b[..]b[..]", "abc"), ("[..]x[..]x", "x")]
        {
            assert!(!line_matches(pattern, line), "{pattern} {line}");
        }
        assert!(line_matches("[..]aa[..]ab", "aaab"));
    }

    #[test]
    fn wildcards_are_text_where_they_are_not_read() {
        assert!(!is_match(&align(&["[..]", "..."], &["a", "b"], Wildcards::Literal)));
        assert!(is_match(&align(&["[..]", "..."], &["a", "b"], Wildcards::Read)));
        assert!(is_match(&align(&["..."], &[], Wildcards::Read)));
    }

    #[test]
    fn any_lines_end_where_the_next_expected_line_can_still_be_found() {
        let matches = |expected: &[&str], found: &[&str]| is_match(&align(expected, found, Wildcards::Read));
        assert!(matches(&["...", "a", "...", "b"], &["x", "a", "a", "b", "b"]));
        assert!(!matches(&["...", "a", "...", "b"], &["x", "a", "b", "c"]));
        assert!(!matches(&["...", "b", "...", "a"], &["a", "b"]));
    }

    #[test]
    fn any_lines_do_not_swallow_what_is_expected_behind_them() {
        let expected = ["old", "...", "end"];
        assert_eq!(
            diff(&expected, &["new", "a", "b", "end", "more"], Wildcards::Read),
            "- old\n+ new\n  ...\n  end\n+ more\n"
        );
    }

    #[test]
    fn a_diff_shows_the_neighbours_of_a_difference_and_counts_lines() {
        let expected: Vec<_> = "a b c d e f g h i j k l".split(' ').collect();
        let found: Vec<_> = "a b c D E f g h i j l".split(' ').collect();
        let text = diff(&expected, &found, Wildcards::Literal);
        assert_eq!(text, "@@ line 2 @@\n  b\n  c\n- d\n- e\n+ D\n+ E\n  f\n  g\n@@ line 9 @@\n  i\n  j\n- k\n  l\n");
    }

    #[test]
    fn a_huge_difference_is_cut() {
        let numbers: Vec<_> = (0..5000).map(|number| number.to_string()).collect();
        let found: Vec<_> = numbers.iter().map(String::as_str).collect();
        let expected = vec!["x"; 5000];
        let text = diff(&expected, &found, Wildcards::Literal);
        assert_eq!(text.lines().count(), MOST + 1);
        assert!(text.ends_with("… and 9940 more lines of difference\n"), "{text}");
    }
}
