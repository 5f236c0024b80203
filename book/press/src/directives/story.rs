//! `{{#story name}}`: a story as text, with its trace for the player.
//!
//! The text is what the stage's tests printed and compare. The trace comes from the same run. A reader without scripts
//! reads the text, and `theme/player.js` puts the player above it.

use std::path::PathBuf;

use serde::Deserialize;

use super::html::{block, escape};
use crate::House;

/// What this page needs of a trace. The player reads the rest.
#[derive(Deserialize)]
struct Trace {
    title: String,
    view: String,
    steps: Vec<serde_json::Value>,
}

/// The figure for a story.
///
/// # Errors
/// The rule that is broken.
pub(super) fn expand(house: &House, name: &str) -> Result<String, String> {
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return Err("it takes one name in snake_case; write `{{#story torn_tail}}`".into());
    }
    let stage = stage_with(house, name)?;
    let snapshot = house.read(&format!("{stage}/stories__{name}.snap"))?;
    let text = without_header(&snapshot)
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| format!("{stage}/stories__{name}.snap holds no story below its header"))?;
    let path = format!("{stage}/traces/{name}.json");
    let json = house.read(&path)?;
    let trace: Trace = serde_json::from_str(&json).map_err(|error| format!("{path} is not a trace: {error}"))?;
    if trace.steps.is_empty() || trace.view.is_empty() {
        return Err(format!("{path} is not a trace: it needs a view and at least one step"));
    }
    Ok(block(&figure(name, &trace.title, text, &compact(&json)?)))
}

fn figure(name: &str, title: &str, text: &str, trace: &str) -> String {
    format!(
        "<figure class=\"story\" id=\"story-{name}\" data-story=\"{name}\">\n\
         <figcaption class=\"story-title\">{}</figcaption>\n\
         <details class=\"story-text\" open>\n<summary>The story as text</summary>\n\
         <pre class=\"story\">{}</pre>\n</details>\n\
         <script type=\"application/json\" class=\"story-trace\">{trace}</script>\n</figure>",
        escape(title),
        marked_up(text),
    )
}

/// The folder of snapshots of the first stage that tells this story. A later stage prints the same, or says so in a
/// snapshot of its own.
fn stage_with(house: &House, name: &str) -> Result<String, String> {
    let file = format!("stories__{name}.snap");
    let folders: Vec<PathBuf> = house.stages().into_iter().map(|stage| stage.join("tests/snapshots")).collect();
    let found = folders.iter().find(|folder| folder.join(&file).is_file());
    let folder = found.ok_or_else(|| {
        format!(
            "no stage has tests/snapshots/{file}; the stories are in tests/stories, and a stage's tests write this file"
        )
    })?;
    Ok(house.shown(folder))
}

/// A snapshot without insta's header, which stands between two lines of `---`.
fn without_header(snapshot: &str) -> Option<&str> {
    let (_, text) = snapshot.strip_prefix("---\n")?.split_once("\n---\n")?;
    Some(text.trim_matches('\n'))
}

/// JSON on one line that can stand in a `<script>`: nothing in it can end the element or begin a comment.
fn compact(json: &str) -> Result<String, String> {
    let value: serde_json::Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
    Ok(value.to_string().replace('<', "\\u003c"))
}

/// The text with its comments, commands and answers told apart. In a story's output a block is: comments and commands, a
/// line `---`, the answers, an empty line.
fn marked_up(text: &str) -> String {
    let mut lines = Vec::new();
    let mut answering = false;
    for line in text.lines() {
        answering &= !line.is_empty();
        let class = match line {
            "" => "",
            "---" if !answering => "story-rule",
            _ if answering => "story-answer",
            _ if line.starts_with('#') => "story-comment",
            _ => "story-command",
        };
        answering |= class == "story-rule";
        lines.push(match class {
            "" => String::new(),
            _ => format!("<span class=\"{class}\">{}</span>", escape(line)),
        });
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_a_snapshot_is_left_out() {
        let snapshot = "---\nsource: tests/stories.rs\nexpression: played.text\n---\n# Title\nappend a\n---\n0\n";
        assert_eq!(without_header(snapshot), Some("# Title\nappend a\n---\n0"));
        assert_eq!(without_header("# Title\nappend a\n---\n0\n"), None);
    }

    #[test]
    fn comments_commands_and_answers_are_told_apart() {
        let html = marked_up("# A <b>\nappend a\n---\n# 0\n---\n\nread");
        let expected = "<span class=\"story-comment\"># A &lt;b&gt;</span>\n<span class=\"story-command\">append a</span>\n\
                        <span class=\"story-rule\">---</span>\n<span class=\"story-answer\"># 0</span>\n\
                        <span class=\"story-answer\">---</span>\n\n<span class=\"story-command\">read</span>";
        assert_eq!(html, expected);
    }

    #[test]
    fn a_trace_cannot_end_its_script() {
        let compacted = compact("{\n \"a\": \"</script><!-- <script>\" }").unwrap();
        assert_eq!(compacted, r#"{"a":"\u003c/script>\u003c!-- \u003cscript>"}"#);
    }
}
