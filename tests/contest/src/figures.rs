//! Tables and charts, kept in files.

use std::fs;
use std::path::Path;

use crate::plot::Plot;
use crate::{Finding, Outcome, chart, plot, report};

/// Writes findings as `name.md` and `name.svg` into a folder, which is made if it is not there.
///
/// # Errors
///
/// What the system says.
pub fn save(folder: &Path, findings: &[Finding], name: &str) -> Outcome<()> {
    write(folder, name, &report::markdown(findings), &chart::svg(findings))
}

/// The same for a plot.
///
/// # Errors
///
/// What the system says.
pub fn save_plot(folder: &Path, plot: &Plot, name: &str) -> Outcome<()> {
    write(folder, name, &report::plot_markdown(plot), &plot::svg(plot))
}

fn write(folder: &Path, name: &str, table: &str, picture: &str) -> Outcome<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(format!("{name}.md")), table)?;
    fs::write(folder.join(format!("{name}.svg")), picture)?;
    Ok(())
}
