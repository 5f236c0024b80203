//! `{{#exercise 1.1}}`: what to build, how to start it, and three hints to open one after the other.

use std::fs;
use std::path::PathBuf;

use mdbook_markdown::pulldown_cmark::{Event, HeadingLevel, Tag};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use serde::Deserialize;

use super::html::{block, render};
use crate::House;

#[derive(Deserialize)]
struct Exercises {
    #[serde(default, rename = "exercise")]
    exercises: Vec<Exercise>,
}

#[derive(Deserialize)]
struct Exercise {
    id: String,
    title: String,
    difficulty: u8,
    kind: String,
    #[serde(default)]
    hints: Vec<String>,
}

/// An exercise that was found, before it becomes a box in the page.
pub(super) struct Statement {
    exercise: Exercise,
    /// The file of the statement, from the root.
    pub(super) file: String,
    /// What is in it. Its directives are not yet expanded.
    pub(super) markdown: String,
}

/// Finds an exercise by its id.
///
/// # Errors
/// The rule that is broken.
pub(super) fn find(house: &House, id: &str) -> Result<Statement, String> {
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Err("it takes the number of one exercise; write `{{#exercise 1.1}}`".into());
    }
    let mut found: Vec<(PathBuf, Exercise)> = Vec::new();
    for folder in house.exercises() {
        let path = folder.join("exercises.toml");
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let listed: Exercises = toml::from_str(&text)
            .map_err(|error| format!("{} is not a list of exercises: {}", house.shown(&path), error.message()))?;
        found.extend(listed.exercises.into_iter().filter(|one| one.id == id).map(|one| (folder.clone(), one)));
    }
    let (folder, exercise) = match found.len() {
        1 => found.remove(0),
        0 => return Err(format!("no exercises/*/exercises.toml lists an exercise `{id}`")),
        many => return Err(format!("exercise `{id}` is listed {many} times; an id is used once")),
    };
    complete(&exercise)?;
    let file = format!("{}/{id}.md", house.shown(&folder));
    let markdown = house.read(&file)?;
    if markdown.trim().is_empty() {
        return Err(format!("{file} is empty: an exercise needs a statement"));
    }
    Ok(Statement { exercise, file, markdown })
}

fn complete(exercise: &Exercise) -> Result<(), String> {
    let Exercise { id, difficulty, hints, .. } = exercise;
    if !(1..=3).contains(difficulty) {
        return Err(format!("exercise {id} has difficulty {difficulty}; it is 1, 2 or 3"));
    }
    if hints.len() != 3 || hints.iter().any(|hint| hint.trim().is_empty()) {
        return Err(format!("exercise {id} has {} hints; every exercise has three, from vague to plain", hints.len()));
    }
    kind(&exercise.kind).map(drop)
}

fn kind(kind: &str) -> Result<&'static str, String> {
    match kind {
        "fill" => Ok("write the body"),
        "break-it" => Ok("break it"),
        "extend" => Ok("extend it"),
        _ => Err(format!("an exercise of kind `{kind}`: the kinds are fill, break-it and extend")),
    }
}

impl Statement {
    /// The box in the page. `markdown` is the statement with its directives expanded.
    pub(super) fn render(&self, markdown: &str) -> String {
        let Exercise { id, title, difficulty, .. } = &self.exercise;
        let dots: String = (1..=3).map(|level| if level <= *difficulty { '●' } else { '○' }).collect();
        let slug = id.replace('.', "-");
        let facts = format!(
            "<p class=\"exercise-facts\"><span class=\"difficulty\" role=\"img\" \
             aria-label=\"difficulty {difficulty} of 3\">{dots}</span> <span>{}</span> \
             <code>cargo learn start {id}</code></p>",
            kind(&self.exercise.kind).unwrap_or_default(),
        );
        [
            block("<section class=\"exercise\">"),
            format!("### Exercise {id}: {title} {{#exercise-{slug}}}\n"),
            block(&facts),
            lowered(markdown),
            block(&hints(&self.exercise.hints)),
            block("</section>"),
        ]
        .concat()
    }
}

/// Three hints, each inside the one before: to read the last, one opens the first.
fn hints(hints: &[String]) -> String {
    let count = hints.len();
    let numbered = hints.iter().enumerate().rev();
    numbered.fold(String::new(), |inner, (at, hint)| {
        format!(
            "<details class=\"hint\">\n<summary>Hint {} of {count}</summary>\n{}{inner}</details>\n",
            at + 1,
            render(hint)
        )
    })
}

/// A statement without its title, for the box has one, and with its other headings two levels lower.
fn lowered(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut at = 0;
    for (event, range) in new_cmark_parser(markdown, &MarkdownOptions::default()).into_offset_iter() {
        let Event::Start(Tag::Heading { level, .. }) = event else {
            continue;
        };
        out.push_str(&markdown[at..range.start]);
        at = range.start;
        match level {
            HeadingLevel::H1 => at = range.end,
            _ if markdown[at..].starts_with('#') => out.push_str("##"),
            _ => {}
        }
    }
    out.push_str(&markdown[at..]);
    format!("{}\n", out.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_has_the_title_and_the_statement_has_lower_headings() {
        let markdown =
            "# 1.1 Zigzag\n\nBuild it.\n\n## Rules\n\n```sh\n# not a heading\n```\n\n### Bad input\n\nNone.\n";
        let expected = "Build it.\n\n#### Rules\n\n```sh\n# not a heading\n```\n\n##### Bad input\n\nNone.\n";
        assert_eq!(lowered(markdown), expected);
    }

    #[test]
    fn a_hint_stands_inside_the_one_before() {
        let html = hints(&["a".into(), "b `c`".into()]);
        let expected = "<details class=\"hint\">\n<summary>Hint 1 of 2</summary>\n<p>a</p>\n\
                        <details class=\"hint\">\n<summary>Hint 2 of 2</summary>\n<p>b <code>c</code></p>\n</details>\n</details>\n";
        assert_eq!(html, expected);
    }
}
