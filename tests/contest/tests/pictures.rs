//! What is drawn and written: the same for the same figures, and fit for a page.

use contest::plot::{Axis, Growth, Panel, Plot, svg};
use contest::{Contest, Unit, chart, report};

fn plot() -> Plot {
    let panel = |title: &str, unit, growth, values: [[f64; 3]; 2]| Panel {
        title: title.to_owned(),
        unit,
        growth,
        values: values.iter().map(|line| line.iter().map(|value| Some(*value)).collect()).collect(),
    };
    let mut latency = panel("p99", "ms", Growth::Logarithmic, [[0.3, 2.0, 40.0], [5.1, 5.2, 700.0]]);
    latency.values[0][1] = None;
    Plot {
        label: "speed & latency".to_owned(),
        x: Axis {
            title: "batch.size".to_owned(),
            ticks: vec![(100.0, "1 record".into()), (1024.0, "1 KiB".into()), (16384.0, "16 KiB".into())],
        },
        legend: "linger.ms".to_owned(),
        lines: vec!["0".into(), "5".into()],
        rows: vec![
            vec![panel(
                "speed",
                "records/s",
                Growth::Linear,
                [[1_000.0, 20_000.0, 130_000.0], [900.0, 19_000.0, 120_000.0]],
            )],
            vec![panel("p50", "ms", Growth::Logarithmic, [[0.2, 0.5, 9.0], [5.0, 5.0, 12.0]]), latency],
        ],
    }
}

/// The places of a line's dots.
fn dots(picture: &str, title: &str) -> Vec<(f64, f64)> {
    let number = |dot: &str, name: &str| -> f64 {
        let (_, rest) = dot.split_once(&format!("{name}=\"")).expect(name);
        rest.split('"').next().expect("it ends").parse().expect("it is a number")
    };
    let dots = picture.split("<circle ").skip(1).filter(|dot| dot.contains(title));
    dots.map(|dot| (number(dot, "cx"), number(dot, "cy"))).collect()
}

#[test]
fn a_plot_is_one_block_with_a_label() {
    let picture = svg(&plot());
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
    assert!(picture.contains("aria-label=\"speed &amp; latency\""));
    assert!(!picture.contains("\n\n"), "an empty line would end it for a Markdown reader");
    assert_eq!(picture, svg(&plot()));
}

#[test]
fn values_are_where_the_axes_say() {
    let picture = svg(&plot());
    let speed = dots(&picture, "linger.ms 0, 1");
    assert_eq!(speed.len(), 8, "three panels of three values, and one is missing");
    let ticks = &speed[..3];
    assert!(ticks[0].0 < ticks[1].0 && ticks[1].0 < ticks[2].0, "{ticks:?}");
    assert!(ticks[0].1 > ticks[1].1 && ticks[1].1 > ticks[2].1, "more is higher: {ticks:?}");
    // By factors: 100 to 1024 is as far as 1600 to 16384.
    let share = (ticks[1].0 - ticks[0].0) / (ticks[2].0 - ticks[0].0);
    assert!((share - (10.24f64.ln() / 163.84f64.ln())).abs() < 0.01, "{share}");
    // Panels of the same unit have the same axis: 5 ms is as high in both.
    let (left, right) = (dots(&picture, "linger.ms 5, 1 record: 5 ms"), dots(&picture, "1 record: 5.1 ms"));
    assert!((left[0].1 - right[0].1).abs() < 1.0, "{left:?} {right:?}");
}

#[test]
fn a_plots_table_has_all_its_values() {
    let table = report::plot_markdown(&plot());
    let expected = "\
**p99, ms**

| batch.size | linger.ms 0 | linger.ms 5 |
|------------|------------:|------------:|
| 1 record   |         0.3 |         5.1 |
| 1 KiB      |           – |         5.2 |
| 16 KiB     |          40 |         700 |
";
    assert!(table.ends_with(expected), "{table}");
}

#[test]
fn a_contest_needs_entrants_and_rounds() {
    let error = Contest::new("none", "nobody", Unit::Records).hold(3).expect_err("nobody came");
    assert_eq!(error.to_string(), "a contest has at least one entrant");
    let idle = Contest::new("idle", "nothing", Unit::Records).entrant("one", |_| Ok(1)).hold(0);
    assert_eq!(idle.expect_err("no round was held").to_string(), "a contest has at least one round");
}

#[test]
fn a_chart_has_a_bar_for_each_entrant() {
    let contest = Contest::new("race", "run <fast>", Unit::Records);
    let finding = contest.entrant("hare", |_| Ok(10)).entrant("tortoise", |_| Ok(20)).hold(2).expect("both run");
    let picture = chart::svg(&[finding]);
    assert_eq!(picture.matches("<rect ").count(), 2);
    assert!(picture.contains("run &lt;fast>") && !picture.contains("\n\n"));
}
