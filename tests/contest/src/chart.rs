//! Findings as bar charts in SVG, for the book.
//!
//! All ink is `currentColor`, so a chart that stands in a page has the page's colour, light or dark. There is no empty
//! line, as that would end the chart for a Markdown reader.

use std::fmt::Write;

use crate::Finding;

const WIDTH: u32 = 640;
/// The longest bar; the figure stands to the right of it.
const LONGEST: f64 = 420.0;
const TITLE: u32 = 28;
/// A name, and the bar below it.
const ENTRANT: u32 = 40;
const GAP: u32 = 20;

/// One chart below the other.
pub fn svg(findings: &[Finding]) -> String {
    let total: u32 = findings.iter().map(height).sum();
    let label = findings.iter().map(|finding| finding.title.as_str()).collect::<Vec<_>>().join("; ");
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {total}\" width=\"{WIDTH}\" \
         style=\"max-width: 100%; height: auto\" role=\"img\" aria-label=\"{}\" fill=\"currentColor\" \
         font-family=\"sans-serif\" font-size=\"14\">\n",
        escaped(&label)
    );
    let mut top = 0;
    for finding in findings {
        chart(finding, top, &mut text);
        top += height(finding);
    }
    text.push_str("</svg>\n");
    text
}

fn height(finding: &Finding) -> u32 {
    TITLE + ENTRANT * finding.lines.len() as u32 + GAP
}

fn chart(finding: &Finding, top: u32, text: &mut String) {
    let fastest = finding.lines.iter().map(|line| line.rate.median).fold(f64::EPSILON, f64::max);
    let _ = writeln!(text, "<text y=\"{}\" font-weight=\"bold\">{}</text>", top + 16, escaped(&finding.title));
    for (number, line) in finding.lines.iter().enumerate() {
        let top = top + TITLE + ENTRANT * number as u32;
        let _ = writeln!(text, "<text y=\"{}\">{}</text>", top + 12, escaped(&line.name));
        let opacity = if number == 0 { 0.3 } else { 0.6 };
        let figure = format!("{} {}", finding.unit.rate(line.rate.median), finding.unit.name());
        bar(line.rate.median / fastest, &figure, top + 18, opacity, text);
    }
    if let (Some(goal), Some(first)) = (finding.goal, finding.lines.first()) {
        let (x, top) = (goal * first.rate.median / fastest * LONGEST, top + TITLE + ENTRANT);
        let _ = writeln!(
            text,
            "<path d=\"M{x:.1} {}V{}\" stroke=\"currentColor\" stroke-width=\"2\" stroke-dasharray=\"3 2\"><title>the \
             goal: {goal:.2} of the first</title></path>",
            top + 15,
            top + 33
        );
    }
}

/// A bar of this share of the longest, and its figure.
fn bar(share: f64, figure: &str, top: u32, opacity: f64, text: &mut String) {
    let length = (share * LONGEST).max(1.0);
    let _ = writeln!(
        text,
        "<rect y=\"{top}\" width=\"{length:.1}\" height=\"12\" fill-opacity=\"{opacity}\"/><text x=\"{:.1}\" \
         y=\"{}\">{figure}</text>",
        length + 8.0,
        top + 11
    );
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
