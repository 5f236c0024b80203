//! What the rules ask of one page: its ids, what it links to, what it loads, and what is odd about it.

use std::collections::{BTreeMap, BTreeSet};

use super::html::{Piece, pieces};

/// A page, read once for all rules.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// What `#fragment` can name.
    pub(super) ids: BTreeSet<String>,
    /// Ids that two elements have.
    pub(super) repeated_ids: BTreeSet<String>,
    /// `<base href>`, where the page has one.
    pub(super) base: Option<String>,
    /// What the page names elsewhere.
    pub(super) references: Vec<Reference>,
    /// The `src` of images without a text for those who do not see them.
    pub(super) silent_images: Vec<String>,
    /// Text outside of code that looks like a directive.
    pub(super) directives: Vec<String>,
    /// How many code blocks hold nothing.
    pub(super) empty_code: usize,
    /// Code blocks that mdBook would offer to run on a server.
    pub(super) playgrounds: usize,
    /// The texts of inline scripts and styles.
    pub(super) inline: Vec<String>,
}

/// A URL in a page.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reference {
    /// As written: `<a href="formats.html#crc">`.
    pub(super) written: String,
    pub(super) url: String,
    /// Whether a reader follows it, as a link. Everything else is loaded with the page.
    pub(super) followed: bool,
}

impl Page {
    pub(super) fn read(html: &str) -> Page {
        let mut reader = Reader::default();
        for piece in pieces(html) {
            match piece {
                Piece::Open { name, attributes } => reader.open(&name, &attributes),
                Piece::Close { name } => reader.close(&name),
                Piece::Text(text) => reader.text(&text),
            }
        }
        reader.page
    }
}

#[derive(Default)]
struct Reader {
    page: Page,
    /// The elements that we are in and whose text is no prose: `code`, `pre`, `script`, `style`.
    quiet: Vec<String>,
    /// The text of the `<pre><code>` that we are in.
    code: Option<String>,
}

impl Reader {
    fn open(&mut self, name: &str, attributes: &BTreeMap<String, String>) {
        if name == "base" {
            self.page.base = attributes.get("href").cloned();
            return;
        }
        self.ids(name, attributes);
        self.references(name, attributes);
        if name == "img" && attributes.get("alt").is_none_or(|alt| alt.trim().is_empty()) {
            self.page.silent_images.push(attributes.get("src").cloned().unwrap_or_default());
        }
        if attributes.get("class").is_some_and(|classes| classes.split(' ').any(|class| class == "playground")) {
            self.page.playgrounds += 1;
        }
        self.page.inline.extend(attributes.get("style").cloned());
        if name == "code" && self.quiet.last().is_some_and(|outer| outer == "pre") {
            self.code = Some(String::new());
        }
        let is_data = attributes.get("type").is_some_and(|kind| kind == "application/json");
        match name {
            "code" | "pre" => self.quiet.push(name.to_owned()),
            "script" if is_data => self.quiet.push("data".to_owned()),
            "script" | "style" => self.quiet.push(name.to_owned()),
            _ => {}
        }
    }

    fn ids(&mut self, name: &str, attributes: &BTreeMap<String, String>) {
        if let Some(id) = attributes.get("id")
            && !self.page.ids.insert(id.clone())
        {
            self.page.repeated_ids.insert(id.clone());
        }
        if name == "a" {
            self.page.ids.extend(attributes.get("name").cloned());
        }
    }

    fn references(&mut self, name: &str, attributes: &BTreeMap<String, String>) {
        const LOADS: [&str; 7] = ["src", "href", "srcset", "poster", "data", "action", "formaction"];
        for attribute in LOADS {
            let Some(value) = attributes.get(attribute) else {
                continue;
            };
            let followed = name == "a" && attribute == "href";
            let urls: Vec<&str> = match attribute {
                "srcset" => value.split(',').filter_map(|one| one.split_whitespace().next()).collect(),
                _ => vec![value.trim()],
            };
            self.page.references.extend(urls.into_iter().map(|url| Reference {
                written: format!("<{name} {attribute}=\"{url}\">"),
                url: url.to_owned(),
                followed,
            }));
        }
    }

    fn close(&mut self, name: &str) {
        let is_open = |quiet: &String| quiet == name || (quiet == "data" && name == "script");
        let Some(at) = self.quiet.iter().rposition(is_open) else {
            return;
        };
        self.quiet.truncate(at);
        if name == "code" && self.code.take().is_some_and(|code| code.trim().is_empty()) {
            self.page.empty_code += 1;
        }
    }

    fn text(&mut self, text: &str) {
        match self.quiet.last().map(String::as_str) {
            None => self.page.directives.extend(leftovers(text)),
            Some("script" | "style") => self.page.inline.push(text.to_owned()),
            Some(_) => {
                if let Some(code) = &mut self.code {
                    code.push_str(text);
                }
            }
        }
    }
}

fn leftovers(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.contains("{{#") || line.contains("{{/"));
    lines.map(|line| line.trim().to_owned()).collect()
}
