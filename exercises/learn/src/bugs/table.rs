//! What is said of the hunt.

use super::hunt::Caught;
use super::read::Bug;
use crate::style::{Style, counted, prose};

/// How wide the columns are: the bug, who found it, after what, and what was found.
const WIDTHS: [usize; 4] = [34, 12, 14, 46];

/// A bug in full: what is wrong, where one can read of it, and what it changes.
pub(crate) fn told(bug: &Bug, style: Style) -> String {
    let source = bug.source.as_ref().map_or(String::new(), |source| format!(" ({source})"));
    let title = format!("{:02} {}", bug.number, bug.name);
    let mut text = format!("{}\n{}", style.bold(&title), prose(&format!("{}{source}", bug.wrong), "   "));
    for change in &bug.changes {
        text.push_str(&style.dim(&format!("   stage {:02}, {}\n", change.stage, change.function)));
        change.was.lines().for_each(|line| text.push_str(&format!("   - {}\n", style.red(line.trim_end()))));
        change.becomes.lines().for_each(|line| text.push_str(&format!("   + {}\n", style.green(line.trim_end()))));
    }
    if let Some(policy) = &bug.policy {
        text.push_str(&style.dim(&format!("   acks simulate --policy {policy}\n")));
    }
    text
}

/// The names of the columns.
pub(crate) fn head(style: Style) -> String {
    style.bold(&columns(["bug", "caught by", "after", "by which finding"], "to see it again"))
}

/// Above the policies of the model.
pub(crate) fn head_of_policies(style: Style) -> String {
    style.bold(&columns(["wrong policy of the model", "caught by", "after", "by which promise"], "to see it again"))
}

/// One bug's line.
pub(crate) fn row(bug: &Bug, caught: Option<&Caught>, seeds: u64, style: Style) -> String {
    let name = format!("{:02} {}", bug.number, bug.name);
    let (by, after, finding) = said(caught);
    let again = match (caught, &bug.model) {
        (Some(Caught::Seed { seed, .. }), _) => format!("cargo learn bugs {} --seed {seed}", bug.name),
        _ => format!("cargo learn bugs {}", bug.name),
    };
    let row = match (caught, &bug.model) {
        (None, None) => columns([&name, "NOBODY", &counted_seeds(seeds), "not caught"], &again),
        (None, Some(_)) => columns([&name, "NOBODY", "", "the model finds nothing"], &again),
        _ => columns([&name, by, &after, &finding], &again),
    };
    let row = if caught.is_none() { style.red(&row) } else { row };
    let unclean = match caught {
        Some(Caught::Seed { unclean, .. }) if !unclean.is_empty() => {
            format!("   (seeds that are not clean without it either: {unclean:?})\n")
        }
        _ => String::new(),
    };
    format!("{row}\n{unclean}")
}

/// One policy's line.
pub(crate) fn row_of_policy(scenario: &str, caught: Option<&Caught>, style: Style) -> String {
    let (by, after, finding) = said(caught);
    let again = format!("cargo run --release -p replication --example model -- check --scenario {scenario}");
    let row = columns([scenario, by, &after, &finding], &again);
    format!("{}\n", if caught.is_none() { style.red(&row) } else { row })
}

/// The last line.
pub(crate) fn sum(caught: usize, escaped: &[String]) -> String {
    let all = caught + escaped.len();
    match escaped {
        [] => format!("caught: {caught} of {all}"),
        escaped => format!("caught: {caught} of {all}; not caught: {}", escaped.join(", ")),
    }
}

fn said(caught: Option<&Caught>) -> (&'static str, String, String) {
    match caught {
        Some(Caught::Seed { seed, wrongs, .. }) => ("simulation", counted_seeds(*seed), once(wrongs).join("; ")),
        Some(Caught::Model { promise, states }) => ("model", format!("{states} states"), promise.clone()),
        None => ("NOBODY", String::new(), "not caught".to_owned()),
    }
}

/// Each of them once. Two workloads can have found the same.
fn once(wrongs: &[String]) -> Vec<&str> {
    let mut seen = Vec::new();
    for wrong in wrongs {
        if !seen.contains(&wrong.as_str()) {
            seen.push(wrong.as_str());
        }
    }
    seen
}

fn counted_seeds(seeds: u64) -> String {
    counted(usize::try_from(seeds).unwrap_or(usize::MAX), "seed", "seeds")
}

fn columns(cells: [&str; 4], last: &str) -> String {
    let cell = |(cell, width): (&str, usize)| format!("{:<width$}", cut(cell, width - 2));
    let line: String = cells.into_iter().zip(WIDTHS).map(cell).collect();
    line + last
}

/// A text that fits.
fn cut(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        None => text.to_owned(),
        Some(_) => text.chars().take(width - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bug(model: Option<&str>) -> Bug {
        let (wrong, model) = ("It forgets.".to_owned(), model.map(str::to_owned));
        Bug {
            number: 7,
            name: "forgets".to_owned(),
            wrong,
            source: None,
            policy: None,
            model,
            storm: 4,
            changes: Vec::new(),
        }
    }

    #[test]
    fn a_row_says_who_when_what_and_how_to_see_it_again() {
        let wrongs = vec!["lost write".to_owned(), "lost write".to_owned(), "x".repeat(99)];
        let caught = Caught::Seed { seed: 17, wrongs, unclean: vec![3] };
        let row = row(&bug(None), Some(&caught), 1_000, Style::PLAIN);
        let words =
            ["07 forgets ", " simulation ", " 17 seeds ", "lost write; xxx", "x…  cargo learn bugs forgets --seed 17"];
        for word in words {
            assert!(row.contains(word), "{word:?} in {row}");
        }
        assert!(row.ends_with("(seeds that are not clean without it either: [3])\n"), "{row}");
    }

    #[test]
    fn who_is_not_caught_is_loud() {
        assert!(row(&bug(None), None, 60, Style::PLAIN).contains("NOBODY      60 seeds"));
        assert!(row(&bug(Some("isr_unfenced")), None, 60, Style::PLAIN).contains("the model finds nothing"));
        assert_eq!(sum(3, &["forgets".to_owned()]), "caught: 3 of 4; not caught: forgets");
    }
}
