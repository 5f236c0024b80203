//! `{{#figure name}}`: a picture that a benchmark drew, and the table it drew it from.
//!
//! `cargo bench -- --save-figures` writes both into `book/src/figures`: `name.svg` and `name.md`. The picture is put into
//! the page itself and not linked, so that its lines have the colour of the page's theme.

use super::html::{block, render};
use crate::House;

/// The figure with its table.
///
/// # Errors
/// The rule that is broken.
pub(super) fn expand(house: &House, name: &str) -> Result<String, String> {
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err("it takes one name, in lower case with dashes; write `{{#figure segment-log-append}}`".into());
    }
    let picture = house.read(&format!("book/src/figures/{name}.svg"))?;
    if !picture.starts_with("<svg") || !picture.contains("aria-label=") {
        return Err(format!("book/src/figures/{name}.svg is not a picture for a page: an <svg> with an aria-label"));
    }
    let table = render(&house.read(&format!("book/src/figures/{name}.md"))?);
    if !table.contains("<table>") {
        return Err(format!("book/src/figures/{name}.md holds no table"));
    }
    Ok(block(&format!(
        "<figure class=\"bench\" id=\"figure-{name}\">\n{picture}\n<details>\n<summary>The figures as a table, and \
         the machine</summary>\n{table}\n</details>\n</figure>"
    )))
}
