//! `{{#model name}}`: the shortest way to a broken promise, as the model checker found it.
//!
//! A stage's tests compare it with `tests/model/snapshots/model__name.snap`: a line for each step, with all logs after it in
//! columns, and then what happened. The page shows it as a table, in which the log that a step has changed stands out.

use super::html::{block, escape};
use crate::House;

/// The width of a column with a broker's log.
const WIDTH: usize = 16;

/// The way as a figure.
///
/// # Errors
/// The rule that is broken.
pub(super) fn expand(house: &House, name: &str) -> Result<String, String> {
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return Err("it takes one name in snake_case; write `{{#model to_high_watermark_loses}}`".into());
    }
    let file = format!("tests/model/snapshots/model__{name}.snap");
    let found = house.stages().into_iter().map(|stage| stage.join(&file)).find(|path| path.is_file());
    let path = found.ok_or_else(|| format!("no stage has {file}; the tests of its model write this file"))?;
    let path = house.shown(&path);
    let way = Way::parse(&house.read(&path)?).ok_or_else(|| {
        format!("{path} is no way: it needs a description, a line of brokers, and a line for each step")
    })?;
    Ok(block(&way.figure(name)))
}

/// See the [module](self).
#[derive(Debug, PartialEq)]
struct Way {
    /// What is broken.
    promise: String,
    brokers: Vec<String>,
    steps: Vec<Step>,
}

#[derive(Debug, PartialEq)]
struct Step {
    logs: Vec<String>,
    happened: String,
}

impl Way {
    fn parse(snapshot: &str) -> Option<Way> {
        let (header, text) = snapshot.strip_prefix("---\n")?.split_once("\n---\n")?;
        let description = header.lines().find_map(|line| line.strip_prefix("description: "))?;
        let (_, promise) = description.trim_matches('"').split_once(", broken: ")?;
        let mut lines = text.lines();
        let brokers: Vec<String> =
            lines.next()?.split("  ").map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect();
        let steps = lines.map(|line| Step::parse(line, brokers.len())).collect::<Option<Vec<_>>>()?;
        (!brokers.is_empty() && !steps.is_empty()).then_some(Way { promise: promise.to_owned(), brokers, steps })
    }

    fn figure(&self, name: &str) -> String {
        let titles: String =
            self.brokers.iter().map(|broker| format!("<th scope=\"col\">{}</th>", escape(broker))).collect();
        let mut rows = String::new();
        let mut before: Option<&Step> = None;
        for (number, step) in self.steps.iter().enumerate() {
            rows.push_str(&format!("<tr><td class=\"way-step\">{number}</td><td>{}</td>", escape(&step.happened)));
            for (place, log) in step.logs.iter().enumerate() {
                let is_new = before.is_some_and(|before| before.logs[place] != *log);
                let class = if is_new { "way-log way-new" } else { "way-log" };
                rows.push_str(&format!("<td class=\"{class}\">{}</td>", marked_up(log)));
            }
            rows.push_str("</tr>\n");
            before = Some(step);
        }
        format!(
            "<figure class=\"way\" id=\"model-{name}\">\n<figcaption>Broken: {}</figcaption>\n<table>\n<thead><tr><th></th>\
             <th scope=\"col\">what happens</th>{titles}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n\
             <p class=\"way-more\">Walk it yourself: <code>cargo learn explore {name}</code></p>\n</figure>",
            escape(&self.promise),
        )
    }
}

impl Step {
    fn parse(line: &str, brokers: usize) -> Option<Step> {
        // A log that fills its column is followed by one more space, or by nothing that could be told apart.
        let logs = (0..brokers).map(|place| Some(line.get(place * WIDTH..(place + 1) * WIDTH)?.trim().to_owned()));
        let logs = logs.collect::<Option<Vec<_>>>()?;
        let happened = line.get(brokers * WIDTH..)?.trim().to_owned();
        (!happened.is_empty() && logs.iter().all(|log| !log.is_empty())).then_some(Step { logs, happened })
    }
}

/// A broker's role, and its log with the high watermark as a line of its own.
fn marked_up(log: &str) -> String {
    let (role, records) = log.split_once(' ').unwrap_or((log, ""));
    let kind = match role.chars().next() {
        Some('L') => "way-leads",
        Some('-') => "way-dead",
        _ => "way-follows",
    };
    let records = escape(records).replace('|', "<i class=\"way-hw\" title=\"its high watermark\">|</i>");
    format!("<b class=\"{kind}\">{}</b> <code>{records}</code>", escape(role))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SNAPSHOT: &str = "---\nsource: a\ndescription: \"Wrong, broken: a promise\"\n---\n\
        broker 1        broker 2\n\
        L0 |            F0 |            broker 1 leads\n\
        L0 |a0          -- |            2 dies\n";

    #[test]
    fn columns_and_what_happened_are_told_apart() {
        let way = Way::parse(SNAPSHOT).unwrap();
        assert_eq!((way.promise.as_str(), way.brokers.len()), ("a promise", 2));
        let last = Step { logs: vec!["L0 |a0".into(), "-- |".into()], happened: "2 dies".into() };
        assert_eq!(way.steps.last(), Some(&last));
    }

    #[test]
    fn what_a_step_has_changed_stands_out() {
        let html = Way::parse(SNAPSHOT).unwrap().figure("wrong");
        assert_eq!(html.matches("way-log\"").count(), 2, "{html}");
        assert_eq!(html.matches("way-log way-new\"").count(), 2, "{html}");
        assert!(html.contains("<b class=\"way-dead\">--</b>"), "{html}");
    }

    #[test]
    fn a_file_that_is_no_way_is_refused() {
        assert_eq!(Way::parse("broker 1\nL0 |  1 leads\n"), None);
        assert_eq!(Way::parse("---\ndescription: \"a, broken: b\"\n---\nbroker 1\nshort\n"), None);
    }
}
