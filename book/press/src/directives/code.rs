//! `{{#code path::item …}}`: an excerpt of the course's own source.

use std::fmt::Write as _;

use super::excerpt;
use super::html::{block, escape};
use super::item_path::{ItemPath, words};
use crate::House;

/// What a `code` directive asks for.
#[derive(Debug, PartialEq)]
struct Request<'a> {
    items: Vec<(&'a str, ItemPath)>,
    docs: bool,
}

/// The caption and the code block for the arguments of a `code` directive.
///
/// # Errors
/// The rule that the directive breaks.
pub(super) fn expand(house: &House, arguments: &str) -> Result<String, String> {
    let request = parse(arguments)?;
    let mut code = String::new();
    let mut caption = String::new();
    let mut last_file = "";
    for (file, item) in &request.items {
        let excerpt = excerpt::cut(&house.read(file)?, item, request.docs).map_err(|rule| format!("{file}: {rule}"))?;
        if excerpt.text.trim().is_empty() {
            return Err(format!("{file}: `{item}` is an empty excerpt"));
        }
        if *file != last_file {
            let _ = write!(caption, "<code>{}</code>", escape(file));
            last_file = file;
        }
        let _ = write!(caption, "<span>{}, line {}</span>", escape(&item.to_string()), excerpt.line);
        if !code.is_empty() {
            code.push_str("\n\n");
        }
        code.push_str(&excerpt.text);
    }
    let fence = fence_around(&code);
    let opening = block(&format!("<figure class=\"excerpt\">\n<figcaption>{caption}</figcaption>"));
    let code = guarded(&code);
    Ok(format!("{opening}{fence}rust,noplayground\n{code}{fence}\n{}", block("</figure>")))
}

fn parse(arguments: &str) -> Result<Request<'_>, String> {
    let mut request = Request { items: Vec::new(), docs: true };
    for word in words(arguments) {
        match word {
            "docs=no" => request.docs = false,
            "docs=yes" => request.docs = true,
            _ => {
                let (file, item) = word
                    .split_once("::")
                    .and_then(|(file, item)| Some((file, ItemPath::parse(item)?)))
                    .filter(|(file, _)| file.ends_with(".rs"))
                    .ok_or_else(|| format!("`{word}` is not of the form `path/file.rs::item`, nor is it `docs=no`"))?;
                request.items.push((file, item));
            }
        }
    }
    if request.items.is_empty() {
        return Err("it names no item; write `{{#code path/file.rs::item}}`".into());
    }
    Ok(request)
}

/// A fence that is longer than any in the code: documentation holds fences of its own.
fn fence_around(code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// mdBook takes a Rust line that begins with a lone `#` for one to hide, and `##` for how to write `#`. An excerpt has
/// nothing to hide, so such a `#` is doubled.
fn guarded(code: &str) -> String {
    let mut out = String::with_capacity(code.len() + 1);
    for line in code.lines() {
        let after_spaces = line.trim_start();
        let spaces = &line[..line.len() - after_spaces.len()];
        let hides = after_spaces.strip_prefix('#').is_some_and(|rest| rest.is_empty() || rest.starts_with(['#', ' ']));
        out.push_str(spaces);
        out.push_str(if hides { "#" } else { "" });
        out.push_str(after_spaces);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_and_options_are_told_apart() {
        let request = parse("a/b.rs::one  c.rs::<X as Y>::z docs=no").unwrap();
        assert!(!request.docs);
        let items: Vec<String> = request.items.iter().map(|(file, item)| format!("{file} {item}")).collect();
        assert_eq!(items, ["a/b.rs one", "c.rs <X as Y>::z"]);
    }

    #[test]
    fn what_is_neither_is_refused() {
        for arguments in ["a.rs", "a.rs::one lines=1..2", "a.txt::one", "a.rs::", "docs=maybe"] {
            let rule = parse(arguments).unwrap_err();
            assert!(rule.contains("is not of the form `path/file.rs::item`"), "{arguments}: {rule}");
        }
        assert!(parse("docs=no").unwrap_err().contains("names no item"));
    }

    #[test]
    fn a_fence_is_longer_than_those_in_the_code() {
        assert_eq!(fence_around("fn a() {}"), "```");
        assert_eq!(fence_around("/// ```\n/// ````rust"), "`````");
    }

    #[test]
    fn no_line_of_an_excerpt_is_hidden() {
        assert_eq!(guarded("# a\n  #\n## b\n#[c]\nx # y"), "## a\n  ##\n### b\n#[c]\nx # y\n");
    }
}
