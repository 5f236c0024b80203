//! Tables and charts, kept in files.

use std::fs;
use std::path::Path;

use crate::{Finding, Outcome, chart, report};

/// Writes `name.md` and `name.svg` into a folder, which is made if it is not there.
///
/// # Errors
///
/// What the system says.
pub fn save(folder: &Path, findings: &[Finding], name: &str) -> Outcome<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(format!("{name}.md")), report::markdown(findings))?;
    fs::write(folder.join(format!("{name}.svg")), chart::svg(findings))?;
    Ok(())
}
