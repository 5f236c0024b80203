//! Writing HTML into Markdown.
//!
//! What a directive becomes is HTML in the middle of a Markdown page. A Markdown parser ends a block of HTML at the first
//! blank line, so [`block`] writes such lines as a character reference, which means the same to a browser.

use mdbook_markdown::pulldown_cmark::html::push_html;
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

/// Text as the content of an element or of a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// HTML as a block of its own in a Markdown text: with blank lines around it and none in it.
pub(super) fn block(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + 4);
    out.push('\n');
    for line in html.trim_end().lines() {
        out.push_str(if line.trim().is_empty() { "&#10;" } else { "\n" });
        out.push_str(line);
    }
    out.push_str("\n\n");
    out
}

/// Markdown as HTML.
pub(super) fn render(markdown: &str) -> String {
    let mut html = String::new();
    push_html(&mut html, new_cmark_parser(markdown, &MarkdownOptions::default()));
    html
}

/// Markdown as HTML, without the paragraph around it if it is one paragraph.
pub(super) fn render_phrase(markdown: &str) -> String {
    let html = render(markdown.trim());
    let html = html.trim_end();
    match html.strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>")) {
        Some(phrase) if !phrase.contains("<p>") => phrase.to_owned(),
        _ => html.to_owned(),
    }
}

/// The id that mdBook gives to a heading with this text.
pub(super) fn heading_id(text: &str) -> String {
    let keep = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c),
        c if c.is_whitespace() => Some('-'),
        _ => None,
    };
    text.trim().to_lowercase().chars().filter_map(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_survives_the_markdown_parser() {
        let html = "<div>\n<pre>one\n\n\ntwo *three*\n</pre>\n</div>";
        let rendered = render(&format!("Before.\n{}After.\n", block(html)));
        assert_eq!(rendered, "<p>Before.</p>\n<div>\n<pre>one&#10;&#10;\ntwo *three*\n</pre>\n</div>\n<p>After.</p>\n");
    }

    #[test]
    fn a_phrase_loses_its_paragraph_and_longer_text_keeps_it() {
        assert_eq!(render_phrase("the `log` is *true*"), "the <code>log</code> is <em>true</em>");
        assert_eq!(render_phrase("one\n\ntwo"), "<p>one</p>\n<p>two</p>");
    }

    #[test]
    fn an_id_is_what_mdbook_makes_of_a_heading() {
        assert_eq!(heading_id("High watermark (HW)"), "high-watermark-hw");
        assert_eq!(heading_id("`log_start`"), "log_start");
    }
}
