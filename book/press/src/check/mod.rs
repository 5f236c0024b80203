//! Reads the built book as a browser does and reports what is broken.
//!
//! The rules, in the order in which they run:
//!
//! 1. mdBook had nothing to warn of.
//! 2. Every page of `SUMMARY.md` is there.
//! 3. No directive is left in the text.
//! 4. Every link inside the book leads to a file of it, and every `#fragment` to an id in that file. No id is used twice.
//! 5. Nothing is loaded from elsewhere. A URL of the web stands in `<a href>` alone.
//! 6. No excerpt is empty, and no code is offered to run on a server.
//! 7. Every image has a text.
//! 8. Each file of the story player is small: [`PLAYER_LIMIT`].
//!
//! Code in quizzes is judged by [`crate::snippets`].

mod html;
mod page;
mod url;

use std::collections::BTreeMap;

use crate::book::Built;
use crate::{Fault, Site};
use page::{Page, Reference};
use url::{Target, resolve};

pub(crate) use url::decoded;

/// The most bytes that a script or a style of the story player may have. Each of its views is a script of its own, so a
/// stage that brings a view brings a file. What two views need is in a file that they share.
pub const PLAYER_LIMIT: usize = 20 * 1024;

/// mdBook's page to print.
const PRINTED: &str = "print.html";

/// What was read, for the report of a check that found nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Pages of HTML.
    pub pages: usize,
    /// URLs in them.
    pub references: usize,
    /// Bytes of the player's files together.
    pub player: usize,
}

/// Applies every rule to a built book.
pub fn check(built: &Built) -> (Extent, Vec<Fault>) {
    let pages: BTreeMap<&str, Page> = built
        .site
        .files()
        .filter(|(path, _)| path.ends_with(".html"))
        .map(|(path, bytes)| (path, Page::read(&String::from_utf8_lossy(bytes))))
        .collect();
    let mut rules = Rules { site: &built.site, pages: &pages, faults: Vec::new() };
    for warning in &built.warnings {
        rules.fault("book", warning, "mdBook warned of this; mend it, for it goes on and prints something else");
    }
    rules.summary(built);
    for (path, page) in pages.iter().filter(|(path, _)| **path != PRINTED) {
        rules.page(path, page);
    }
    rules.scripts_and_styles();
    let player = rules.player();
    // All pages in one: it would repeat their faults, and has some of its own only where their ids meet.
    if let Some(page) = pages.get(PRINTED).filter(|_| rules.faults.is_empty()) {
        rules.page(PRINTED, page);
    }
    let references = pages.values().map(|page| page.references.len()).sum();
    (Extent { pages: pages.len(), references, player }, rules.faults)
}

struct Rules<'a> {
    site: &'a Site,
    pages: &'a BTreeMap<&'a str, Page>,
    faults: Vec<Fault>,
}

impl Rules<'_> {
    fn fault(&mut self, page: &str, subject: &str, rule: impl Into<String>) {
        let subject = subject.to_owned();
        self.faults.push(Fault { page: page.to_owned(), line: None, subject, rule: rule.into() });
    }

    fn summary(&mut self, built: &Built) {
        for page in &built.pages {
            let html = page.path.with_extension("html").to_string_lossy().replace('\\', "/");
            let html = match html.strip_suffix("README.html") {
                Some(folder) => format!("{folder}index.html"),
                None => html,
            };
            if self.site.get(&html).is_none() {
                self.fault("SUMMARY.md", &page.path.to_string_lossy(), format!("the book has no page {html}"));
            }
        }
    }

    fn page(&mut self, path: &str, page: &Page) {
        for text in &page.directives {
            self.fault(path, text, "a directive is left in the text; inside code it would be text");
        }
        for id in &page.repeated_ids {
            self.fault(path, &format!("id=\"{id}\""), "two elements have this id; a link reaches the first alone");
        }
        for reference in &page.references {
            if let Err(rule) = self.reference(path, page, reference) {
                self.fault(path, &reference.written, rule);
            }
        }
        for inline in &page.inline {
            self.loads(path, inline);
        }
        if page.empty_code > 0 {
            self.fault(path, "<pre><code>", format!("{} empty code block(s)", page.empty_code));
        }
        if page.playgrounds > 0 {
            self.fault(path, "class=\"playground\"", "code that runs on a server: write ```rust,noplayground");
        }
        for source in &page.silent_images {
            self.fault(
                path,
                &format!("<img src=\"{source}\">"),
                "an image has a text (`alt`) for those who do not see it",
            );
        }
    }

    fn reference(&self, path: &str, page: &Page, reference: &Reference) -> Result<(), String> {
        match resolve(&reference.url, path, page.base.as_deref()) {
            Target::Web if reference.followed => Ok(()),
            Target::Web => Err("nothing is loaded from elsewhere: the book works without a network".into()),
            Target::Mail | Target::Data => Ok(()),
            Target::Other => Err("a link leads into the book, to a web page or to a mail address".into()),
            Target::Inside { path: target, fragment } => self.inside(&target, fragment.as_deref()),
        }
    }

    fn inside(&self, target: &str, fragment: Option<&str>) -> Result<(), String> {
        if self.site.get(target).is_none() {
            let readme =
                target.strip_suffix("README.html").map(|folder| format!("; write {folder}index.md").to_owned());
            return Err(format!("the book has no file {target}{}", readme.unwrap_or_default()));
        }
        match (fragment, self.pages.get(target)) {
            (Some(fragment), Some(page)) if !page.ids.contains(fragment) => {
                Err(format!("{target} has no element with the id `{fragment}`"))
            }
            _ => Ok(()),
        }
    }

    fn scripts_and_styles(&mut self) {
        let site = self.site;
        for (path, bytes) in site.files() {
            let text = || String::from_utf8_lossy(bytes).into_owned();
            if path.ends_with(".css") {
                let text = text();
                self.loads(path, &text);
                self.style_urls(path, &text);
            } else if path.starts_with("theme/") && path.ends_with(".js") {
                self.loads(path, &text());
            }
        }
    }

    /// No address of the web in a style or a script. The name of the SVG language is written like one and is none.
    fn loads(&mut self, path: &str, text: &str) {
        for scheme in ["http://", "https://"] {
            for (at, _) in text.match_indices(scheme) {
                let url: String =
                    text[at..].chars().take_while(|c| !c.is_whitespace() && !"\"'`)<>".contains(*c)).collect();
                if !url.starts_with("http://www.w3.org/") && !is_comment(text, at) {
                    self.fault(path, &url, "nothing is loaded from elsewhere: the book works without a network");
                }
            }
        }
    }

    fn style_urls(&mut self, path: &str, css: &str) {
        for (at, _) in css.match_indices("url(") {
            let quoted = css[at + 4..].trim_start();
            let end = match quoted.chars().next() {
                Some(quote @ ('"' | '\'')) => quoted[1..].find(quote).map(|end| &quoted[1..=end]),
                _ => quoted.find(')').map(|end| quoted[..end].trim_end()),
            };
            let Some(url) = end else {
                continue;
            };
            if let Target::Inside { path: target, .. } = resolve(url, path, None)
                && self.site.get(&target).is_none()
            {
                self.fault(path, &format!("url({url})"), format!("the book has no file {target}"));
            }
        }
    }

    fn player(&mut self) -> usize {
        let site = self.site;
        let mut sum = 0;
        for (path, bytes) in site.files().filter(|(path, _)| path.starts_with("theme/player")) {
            sum += bytes.len();
            if bytes.len() > PLAYER_LIMIT {
                let rule = format!("a file of the player has at most {PLAYER_LIMIT} bytes");
                self.fault(path, &format!("{} bytes", bytes.len()), rule);
            }
        }
        sum
    }
}

/// Whether this place of a style or a script is in a `/* comment */`: its last opening is not yet closed.
fn is_comment(text: &str, at: usize) -> bool {
    let before = &text[..at];
    before.rfind("/*").is_some_and(|open| before.rfind("*/").is_none_or(|close| close < open))
}
