//! Lines in SVG, for the book: what becomes of a figure as a setting grows.
//!
//! ```text
//!   ── 0  ╌╌ 5  ·· 100                    the legend: one line for each value of a second setting
//!   ┌──────────────────────────────┐
//!   │ panel                        │      a row of one panel, or of two side by side
//!   └──────────────────────────────┘
//!   ┌─────────────┐┌───────────────┐
//!   │ panel       ││ panel         │
//!   └─────────────┘└───────────────┘
//! ```
//!
//! The axis to the right is logarithmic, as settings are tried in doublings. Panels with the same unit have the same axis up,
//! so that they can be compared by eye. Text and frames are `currentColor`; the lines have colours that are told apart on
//! a light page and on a dark one, and dashes for whoever does not see colours. There is no empty line, as that would end
//! the picture for a Markdown reader.

use std::fmt::Write;

use crate::chart::escaped;
use crate::report::thousands;

/// A picture.
#[derive(Debug, Clone)]
pub struct Plot {
    /// What it shows, for whoever does not see it.
    pub label: String,
    /// What is at the bottom.
    pub x: Axis,
    /// The second setting.
    pub legend: String,
    /// Its values: one for each line, at most five.
    pub lines: Vec<String>,
    /// From the top down, and from the left.
    pub rows: Vec<Vec<Panel>>,
}

/// The axis to the right, logarithmic.
#[derive(Debug, Clone)]
pub struct Axis {
    /// The setting.
    pub title: String,
    /// The values that were tried, above 0 and ascending, and how each is written.
    pub ticks: Vec<(f64, String)>,
}

/// A field with lines.
#[derive(Debug, Clone)]
pub struct Panel {
    /// What was measured.
    pub title: String,
    /// In what.
    pub unit: &'static str,
    /// How the axis up grows.
    pub growth: Growth,
    /// For each line, a value above 0 for each tick; `None` where there is none.
    pub values: Vec<Vec<Option<f64>>>,
}

/// How an axis grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// From 0, by equal steps.
    Linear,
    /// By equal factors.
    Logarithmic,
}

const WIDTH: f64 = 640.0;
const LEGEND: f64 = 26.0;
/// A panel's parts, from the top: title, field, numbers of the axis.
const TITLE: f64 = 24.0;
const FIELD: f64 = 150.0;
const NUMBERS: f64 = 30.0;
const AXIS_TITLE: f64 = 18.0;
/// To the left of a field: the numbers of its axis up.
const LEFT: f64 = 54.0;
const RIGHT: f64 = 14.0;
/// Of middling lightness, so that they stand out from white and from black.
const COLOURS: [&str; 5] = ["#3f87d6", "#d8701c", "#23986a", "#c2509c", "#8d7a45"];
const DASHES: [&str; 5] = ["", "7 3", "2 2", "9 3 2 3", "4 4"];

/// The picture's text.
///
/// # Panics
///
/// If there are more lines than can be told apart.
pub fn svg(plot: &Plot) -> String {
    assert!(plot.lines.len() <= COLOURS.len(), "{} lines cannot be told apart", plot.lines.len());
    let height = LEGEND + plot.rows.len() as f64 * (TITLE + FIELD + NUMBERS) + AXIS_TITLE;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         style=\"max-width: 100%; height: auto\" role=\"img\" aria-label=\"{}\" fill=\"currentColor\" \
         font-family=\"sans-serif\" font-size=\"12\">\n",
        escaped(&plot.label)
    );
    legend(plot, &mut text);
    for (number, row) in plot.rows.iter().enumerate() {
        let top = LEGEND + number as f64 * (TITLE + FIELD + NUMBERS);
        let width = WIDTH / row.len() as f64;
        for (column, panel) in row.iter().enumerate() {
            let left = column as f64 * width;
            let field = Field {
                left: left + LEFT,
                right: left + width - RIGHT,
                top: top + TITLE,
                bottom: top + TITLE + FIELD,
                x: (plot.x.ticks.first().map_or(1.0, |tick| tick.0), plot.x.ticks.last().map_or(1.0, |tick| tick.0)),
                y: range(plot, panel),
                growth: panel.growth,
            };
            field.draw(plot, panel, &mut text);
        }
    }
    let _ = writeln!(text, "<text x=\"{LEFT}\" y=\"{:.0}\">{}</text>", height - 5.0, escaped(&plot.x.title));
    text.push_str("</svg>\n");
    text
}

fn legend(plot: &Plot, text: &mut String) {
    let _ = writeln!(text, "<text x=\"{LEFT}\" y=\"14\" font-weight=\"bold\">{}</text>", escaped(&plot.legend));
    let mut left = LEFT + 8.0 + 8.0 * plot.legend.chars().count() as f64;
    for (number, name) in plot.lines.iter().enumerate() {
        let _ = writeln!(
            text,
            "<path d=\"M{left:.0} 10h28\" fill=\"none\" stroke=\"{}\" stroke-width=\"2.5\" stroke-dasharray=\"{}\"/>\
             <text x=\"{:.0}\" y=\"14\">{}</text>",
            COLOURS[number],
            DASHES[number],
            left + 34.0,
            escaped(name)
        );
        left += 34.0 + 24.0 + 7.0 * name.chars().count() as f64;
    }
}

/// From where to where the values of all panels go that have this one's unit, rounded outwards.
fn range(plot: &Plot, panel: &Panel) -> (f64, f64) {
    let alike = plot.rows.iter().flatten().filter(|other| (other.unit, other.growth) == (panel.unit, panel.growth));
    let values = alike.flat_map(|panel| panel.values.iter().flatten().copied().flatten());
    let (low, high) =
        values.fold((f64::MAX, f64::MIN_POSITIVE), |(low, high), value| (low.min(value), high.max(value)));
    match panel.growth {
        Growth::Linear => (0.0, step(high) * (high / step(high)).ceil()),
        Growth::Logarithmic => (10f64.powf(low.min(high).log10().floor()), 10f64.powf(high.log10().ceil())),
    }
}

/// A round number, of which four to ten make up `high`.
fn step(high: f64) -> f64 {
    let decade = 10f64.powf(high.log10().floor());
    match high / decade {
        ..2.0 => decade / 5.0,
        2.0..4.0 => decade / 2.0,
        _ => decade,
    }
}

/// Where a panel's values are drawn.
struct Field {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    x: (f64, f64),
    y: (f64, f64),
    growth: Growth,
}

impl Field {
    fn x(&self, value: f64) -> f64 {
        let (first, last) = self.x;
        let share = if last > first { (value / first).ln() / (last / first).ln() } else { 0.5 };
        self.left + share * (self.right - self.left)
    }

    fn y(&self, value: f64) -> f64 {
        let (low, high) = self.y;
        let share = match self.growth {
            Growth::Linear => (value - low) / (high - low),
            Growth::Logarithmic if high > low => (value / low).ln() / (high / low).ln(),
            Growth::Logarithmic => 0.5,
        };
        self.bottom - share.clamp(0.0, 1.0) * (self.bottom - self.top)
    }

    fn draw(&self, plot: &Plot, panel: &Panel, text: &mut String) {
        let Field { left, right, top, bottom, .. } = self;
        let title = format!("{}, {}", panel.title, panel.unit);
        let _ = writeln!(text, "<text x=\"{left}\" y=\"{:.0}\">{}</text>", top - 8.0, escaped(&title));
        for value in self.steps() {
            let y = self.y(value);
            let _ = writeln!(
                text,
                "<path d=\"M{left} {y:.1}H{right}\" stroke=\"currentColor\" stroke-opacity=\"0.15\"/><text x=\"{:.0}\" \
                 y=\"{:.1}\" font-size=\"11\" text-anchor=\"end\">{}</text>",
                left - 6.0,
                y + 4.0,
                number(value)
            );
        }
        let _ = writeln!(
            text,
            "<path d=\"M{left} {top}V{bottom}H{right}\" fill=\"none\" stroke=\"currentColor\" stroke-opacity=\"0.5\"/>"
        );
        for (value, name) in &plot.x.ticks {
            let x = self.x(*value);
            let _ = writeln!(
                text,
                "<text x=\"{x:.1}\" y=\"{:.0}\" font-size=\"11\" text-anchor=\"middle\">{}</text>",
                bottom + 15.0,
                escaped(name)
            );
        }
        for (number, values) in panel.values.iter().enumerate() {
            self.line(plot, panel, number, values, text);
        }
    }

    /// One line, and a dot for each value, which says what it is when it is pointed at.
    fn line(&self, plot: &Plot, panel: &Panel, line: usize, values: &[Option<f64>], text: &mut String) {
        let (mut path, mut dots) = (String::new(), String::new());
        for ((x, tick), value) in plot.x.ticks.iter().zip(values) {
            let Some(value) = *value else { continue };
            let (x, y) = (self.x(*x), self.y(value));
            let command = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{command}{x:.1} {y:.1}");
            let told = format!("{} {}, {tick}: {} {}", plot.legend, plot.lines[line], number(value), panel.unit);
            let _ = write!(
                dots,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.6\"><title>{}</title></circle>",
                escaped(&told)
            );
        }
        let (colour, dash) = (COLOURS[line], DASHES[line]);
        let _ = writeln!(
            text,
            "<g fill=\"{colour}\"><path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" \
             stroke-dasharray=\"{dash}\"/>{dots}</g>"
        );
    }

    /// The values that get a number at the axis up.
    fn steps(&self) -> Vec<f64> {
        let (low, high) = self.y;
        match self.growth {
            Growth::Linear => {
                let step = step(high);
                (0..=(high / step).round() as u32).map(|number| f64::from(number) * step).collect()
            }
            Growth::Logarithmic => {
                let (first, last) = (low.log10().round() as i32, high.log10().round() as i32);
                (first..=last).map(|decade| 10f64.powi(decade)).collect()
            }
        }
    }
}

/// With as many digits as say something: 12,345 or 12.3 or 0.12.
pub fn number(value: f64) -> String {
    match value {
        100.0.. => thousands(value),
        10.0.. if value.fract() < 0.05 => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        0.0 => "0".to_owned(),
        _ => format!("{value:.2}").trim_end_matches('0').trim_end_matches('.').to_owned(),
    }
}
