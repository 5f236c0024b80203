//! `{{#term LEO}}`: a word of the field, linked to where the glossary defines it.

use std::collections::BTreeMap;

use mdbook_markdown::pulldown_cmark::{Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

use super::html::{escape, heading_id};

/// The page of the book that defines the terms.
pub(super) const PAGE: &str = "glossary.md";

/// The most characters of a definition that are shown beside the word.
const SHOWN: usize = 240;

/// The terms that the glossary defines: by the id of its heading, the text that follows it.
#[derive(Debug, Default)]
pub(super) struct Glossary {
    terms: BTreeMap<String, String>,
}

impl Glossary {
    /// Reads the page. A term is a heading, or the title of a definition list.
    pub(super) fn read(markdown: &str) -> Glossary {
        let mut reader = Reader::default();
        for event in new_cmark_parser(markdown, &MarkdownOptions::default()) {
            reader.take(event);
        }
        Glossary { terms: reader.terms }
    }

    /// The link for a term. `up` is the way from the page to the book's root.
    ///
    /// # Errors
    /// The rule that is broken.
    pub(super) fn link(&self, term: &str, up: &str) -> Result<String, String> {
        if term.is_empty() {
            return Err("it takes a term; write `{{#term high watermark}}`".into());
        }
        let id = heading_id(term);
        let definition = self
            .terms
            .get(&id)
            .ok_or_else(|| format!("{PAGE} defines no such term: it has no heading with the id `{id}`"))?;
        let title = match definition.as_str() {
            "" => String::new(),
            text => format!(" title=\"{}\"", escape(&shortened(text))),
        };
        Ok(format!("<a class=\"term\" href=\"{up}{PAGE}#{id}\"{title}>{}</a>", escape(term)))
    }
}

/// Walks over the glossary. A term is open from its heading to the end of the paragraph after it.
#[derive(Default)]
struct Reader {
    terms: BTreeMap<String, String>,
    heading: Option<Heading>,
    term: Option<String>,
    in_definition: bool,
}

struct Heading {
    id: Option<String>,
    text: String,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Heading { id, .. }) => {
                self.heading = Some(Heading { id: id.map(String::from), text: String::new() });
            }
            Event::Start(Tag::DefinitionListTitle) => self.heading = Some(Heading { id: None, text: String::new() }),
            Event::End(TagEnd::Heading(_) | TagEnd::DefinitionListTitle) => self.close_heading(),
            Event::Start(Tag::Paragraph | Tag::DefinitionListDefinition) => self.in_definition = true,
            Event::End(TagEnd::Paragraph | TagEnd::DefinitionListDefinition) => {
                self.in_definition = false;
                self.term = None;
            }
            Event::Text(text) | Event::Code(text) => self.push(&text),
            Event::SoftBreak | Event::HardBreak => self.push(" "),
            _ => {}
        }
    }

    fn close_heading(&mut self) {
        let Some(heading) = self.heading.take() else {
            return;
        };
        let id = heading.id.unwrap_or_else(|| heading_id(&heading.text));
        self.terms.insert(id.clone(), String::new());
        self.term = Some(id);
    }

    fn push(&mut self, text: &str) {
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
        } else if self.in_definition
            && let Some(definition) = self.term.as_ref().and_then(|term| self.terms.get_mut(term))
        {
            definition.push_str(text);
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE_TEXT: &str = "# Glossary\n\nWords.\n\n## LEO\n\nThe *log end offset*:\nthe `next` one.\n\nMore.\n\n\
                             ## High watermark (HW) {#high-watermark}\n\nSafe \"here\".\n\nISR\n: In-sync replicas.\n";

    #[test]
    fn a_term_links_to_its_heading_and_shows_its_definition() {
        let glossary = Glossary::read(PAGE_TEXT);
        let link = glossary.link("LEO", "").unwrap();
        let expected = "<a class=\"term\" href=\"glossary.md#leo\" title=\"The log end offset: the next one.\">LEO</a>";
        assert_eq!(link, expected);
        let link = glossary.link("high watermark", "../").unwrap();
        let expected =
            "<a class=\"term\" href=\"../glossary.md#high-watermark\" title=\"Safe “here”.\">high watermark</a>";
        assert_eq!(link, expected);
        let link = glossary.link("ISR", "").unwrap();
        assert!(link.contains("title=\"In-sync replicas.\""), "{link}");
    }

    #[test]
    fn an_undefined_term_is_refused() {
        let glossary = Glossary::read(PAGE_TEXT);
        assert!(glossary.link("LSO", "").unwrap_err().contains("no heading with the id `lso`"));
        assert!(glossary.link("", "").unwrap_err().contains("takes a term"));
    }

    #[test]
    fn a_long_definition_is_cut() {
        let glossary = Glossary::read(&format!("## LEO\n\n{}\n", "é".repeat(SHOWN + 1)));
        assert!(glossary.link("LEO", "").unwrap().contains(&format!("{}…\"", "é".repeat(SHOWN))));
    }
}
