//! Finds the directives of a page.
//!
//! A directive is `{{#name arguments}}` or `{{/name}}` in the prose. Within code, whether a block or a `span`, and within
//! an HTML comment it is text, so that this course can write about its own directives. What is code is not guessed: we
//! ask the Markdown parser that mdBook uses. A ```` ```quiz ```` block is a directive too, and so is a line `---`.

use std::ops::Range;

use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

/// One directive in a page.
#[derive(Debug, PartialEq)]
pub(crate) struct Mark<'t> {
    /// Where it stands in the text.
    pub(crate) range: Range<usize>,
    /// Its line, counted from 1.
    pub(crate) line: usize,
    /// Whether it has its line for itself, from the first column on.
    pub(crate) alone: bool,
    pub(crate) kind: Kind<'t>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Kind<'t> {
    /// `{{#name arguments}}`
    Open { name: &'t str, arguments: &'t str },
    /// `{{/name}}`
    Close { name: &'t str },
    /// `{{#` or `{{/` without `}}` on the same line.
    Unfinished,
    /// A fenced block with the info string `quiz`, and what is in it.
    Quiz(String),
    /// A line `---`, which divides a prediction and is a rule elsewhere.
    Divider,
}

/// Every directive of a text, in the order in which they stand there.
pub(crate) fn marks(text: &str) -> Vec<Mark<'_>> {
    let (literal, mut marks) = blocks(text);
    let mut at = 0;
    while let Some(start) = next_opening(text, at) {
        if let Some(range) = literal.iter().find(|range| range.contains(&start)) {
            at = range.end;
            continue;
        }
        let (range, kind) = directive(text, start);
        at = range.end;
        marks.push(mark(text, range, kind));
    }
    marks.sort_by_key(|mark| mark.range.start);
    marks
}

fn mark<'t>(text: &'t str, range: Range<usize>, kind: Kind<'t>) -> Mark<'t> {
    Mark { line: line_of(text, range.start), alone: alone(text, &range), range, kind }
}

fn next_opening(text: &str, from: usize) -> Option<usize> {
    let rest = &text[from..];
    let found = [rest.find("{{#"), rest.find("{{/")];
    found.into_iter().flatten().min().map(|offset| from + offset)
}

fn directive(text: &str, start: usize) -> (Range<usize>, Kind<'_>) {
    let line = text[start..].lines().next().unwrap_or_default();
    let Some(length) = line.find("}}") else {
        return (start..start + line.trim_end().len(), Kind::Unfinished);
    };
    let inner = line[3..length].trim();
    let range = start..start + length + 2;
    if line.starts_with("{{/") {
        return (range, Kind::Close { name: inner });
    }
    let (name, arguments) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    (range, Kind::Open { name, arguments: arguments.trim() })
}

/// The ranges that hold no directives, and the blocks that are directives themselves.
fn blocks(text: &str) -> (Vec<Range<usize>>, Vec<Mark<'_>>) {
    let mut literal = Vec::new();
    let mut found = Vec::new();
    let mut quiz: Option<String> = None;
    for (event, range) in new_cmark_parser(text, &MarkdownOptions::default()).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                literal.push(range);
                if matches!(&kind, CodeBlockKind::Fenced(info) if info.trim() == "quiz") {
                    quiz = Some(String::new());
                }
            }
            Event::Text(piece) => {
                if let Some(toml) = &mut quiz {
                    toml.push_str(&piece);
                }
            }
            Event::End(TagEnd::CodeBlock) => found.extend(quiz.take().map(|toml| mark(text, range, Kind::Quiz(toml)))),
            Event::Rule if text[range.clone()].trim() == "---" => found.push(mark(text, range, Kind::Divider)),
            Event::Code(_) => literal.push(range),
            Event::Html(html) | Event::InlineHtml(html) if html.trim_start().starts_with("<!--") => literal.push(range),
            Event::Start(Tag::HtmlBlock) if text[range.clone()].trim_start().starts_with("<!--") => literal.push(range),
            _ => {}
        }
    }
    (literal, found)
}

fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].bytes().filter(|&byte| byte == b'\n').count() + 1
}

fn alone(text: &str, range: &Range<usize>) -> bool {
    let starts_a_line = range.start == 0 || text[..range.start].ends_with('\n');
    let rest = &text[range.end..];
    starts_a_line && (text[..range.end].ends_with('\n') || rest.lines().next().unwrap_or_default().trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind<'_>> {
        marks(text).into_iter().map(|mark| mark.kind).collect()
    }

    #[test]
    fn a_directive_has_a_name_and_arguments() {
        let text =
            "Before.\n\n{{#code a.rs::b  c.rs::<X as Y>::z}}\n\nAfter {{#term high watermark}}s.\n{{/predict}}\n";
        let marks = marks(text);
        assert_eq!(
            marks.iter().map(|mark| (mark.line, mark.alone)).collect::<Vec<_>>(),
            [(3, true), (5, false), (6, true)]
        );
        assert_eq!(marks[0].kind, Kind::Open { name: "code", arguments: "a.rs::b  c.rs::<X as Y>::z" });
        assert_eq!(marks[1].kind, Kind::Open { name: "term", arguments: "high watermark" });
        assert_eq!(marks[2].kind, Kind::Close { name: "predict" });
        assert_eq!(&text[marks[1].range.clone()], "{{#term high watermark}}");
    }

    #[test]
    fn code_and_comments_hold_none() {
        let text = "A `{{#code x}}` span.\n\n```text\n{{#story y}}\n```\n\n    {{#story indented}}\n\n\
                    <!-- {{#story later}} -->\n\nText <!-- {{#term LEO}} --> text.\n";
        assert_eq!(kinds(text), []);
    }

    #[test]
    fn one_that_is_not_closed_on_its_line_is_unfinished() {
        assert_eq!(kinds("{{#code a.rs::b\n}}\n"), [Kind::Unfinished]);
        assert_eq!(kinds("{{/predict"), [Kind::Unfinished]);
    }

    #[test]
    fn a_line_of_dashes_divides() {
        assert_eq!(kinds("a\n\n---\n\nb\n\n***\n"), [Kind::Divider]);
        assert_eq!(kinds("a heading\n---\n\n`---`\n"), []);
    }

    #[test]
    fn a_quiz_is_a_fenced_block_with_fences_in_it() {
        let text =
            "# T\n\n````quiz\n[[question]]\nprompt = '''\n```rust\n1\n```\n'''\n````\nNext.\n\n```toml\nx = 1\n```\n";
        let marks = marks(text);
        assert_eq!(marks.len(), 1);
        assert_eq!(marks[0].kind, Kind::Quiz("[[question]]\nprompt = '''\n```rust\n1\n```\n'''\n".into()));
        assert!(marks[0].alone);
        assert_eq!(text[marks[0].range.end..].trim_start().lines().next(), Some("Next."));
    }
}
