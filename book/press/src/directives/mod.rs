//! The directives: what our pages hold that Markdown does not know.
//!
//! | directive | becomes |
//! |---|---|
//! | `{{#code path/file.rs::item …}}` | the item's source, with a caption; `docs=no` leaves its documentation out |
//! | `{{#story name}}` | the story as text, and its trace for the player |
//! | `{{#model name}}` | a way to a broken promise that a model checker found, step by step |
//! | `{{#figure name}}` | a picture that a benchmark drew, with its table |
//! | `{{#exercise 1.1}}` | the statement of the exercise, how to start it, three hints |
//! | `{{#predict}}` question `---` answer `{{/predict}}` | a question with an answer to open |
//! | `{{#term LEO}}` | a link to the term in the glossary |
//! | ```` ```quiz ```` | questions with answers to choose from |
//!
//! All but `term` stand alone on their line. Inside code they are text. Paths are written from the root of the
//! repository. A directive that is unknown or does not resolve is a fault, and a build with faults fails.

mod code;
mod excerpt;
#[cfg(test)]
mod excerpt_tests;
mod exercise;
mod figure;
mod glossary;
mod html;
mod item_path;
mod model;
pub(crate) mod quiz;
pub(crate) mod scan;
mod story;

use std::path::Path;

use mdbook_preprocessor::book::{Book, BookItem};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use crate::{Fault, Faults, House, Result};
use glossary::Glossary;
use html::block;
use quiz::Quiz;
use scan::{Kind, Mark};

/// The preprocessor that mdBook runs on every page.
pub struct Directives {
    house: House,
}

impl Directives {
    /// Directives that name things of this house.
    pub fn new(house: &House) -> Directives {
        Directives { house: house.clone() }
    }
}

impl Preprocessor for Directives {
    fn name(&self) -> &str {
        "directives"
    }

    fn run(&self, _: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let glossary =
            book.chapters().find(|chapter| chapter.source_path.as_deref() == Some(Path::new(glossary::PAGE)));
        let glossary = glossary.map(|chapter| Glossary::read(&chapter.content)).unwrap_or_default();
        let mut faults = Vec::new();
        book.for_each_mut(|item| {
            if let BookItem::Chapter(chapter) = item
                && let Some(path) = &chapter.source_path
            {
                let mut page = Page::new(&self.house, &glossary, path);
                chapter.content = page.expand(&chapter.content);
                faults.append(&mut page.faults);
            }
        });
        if faults.is_empty() { Ok(book) } else { Err(Faults(faults).into()) }
    }
}

/// One page while its directives are expanded.
struct Page<'a> {
    house: &'a House,
    glossary: &'a Glossary,
    /// What the faults name: the page, or the statement of an exercise in it.
    name: String,
    /// Makes the ids of this page unlike those of others.
    slug: String,
    /// The way to the book's root: `` or `../`.
    up: String,
    quizzes: usize,
    predict: Predict,
    in_exercise: bool,
    faults: Vec<Fault>,
}

/// Where we are in a `predict`, with the line on which it began.
#[derive(Clone, Copy, PartialEq)]
enum Predict {
    Outside,
    Question(usize),
    Answer(usize),
}

impl<'a> Page<'a> {
    fn new(house: &'a House, glossary: &'a Glossary, path: &Path) -> Page<'a> {
        let name = path.to_string_lossy().replace('\\', "/");
        Page {
            house,
            glossary,
            slug: name.trim_end_matches(".md").replace('/', "-").to_lowercase(),
            up: "../".repeat(name.matches('/').count()),
            name,
            quizzes: 0,
            predict: Predict::Outside,
            in_exercise: false,
            faults: Vec::new(),
        }
    }

    /// The text with its directives replaced. What does not resolve is left as it is and noted.
    fn expand(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for mark in scan::marks(text) {
            out.push_str(&text[at..mark.range.start]);
            at = mark.range.end;
            let written = &text[mark.range.clone()];
            match self.replace(&mark, written) {
                Ok(html) => out.push_str(&html),
                Err(rule) => self.fault(mark.line, written, rule),
            }
        }
        out.push_str(&text[at..]);
        if let Predict::Question(line) | Predict::Answer(line) = self.predict {
            self.predict = Predict::Outside;
            self.fault(line, "{{#predict}}", "it is not closed: it ends with a line {{/predict}}".into());
        }
        out
    }

    fn fault(&mut self, line: usize, written: &str, rule: String) {
        let subject = written.lines().next().unwrap_or_default().to_owned();
        self.faults.push(Fault { page: self.name.clone(), line: Some(line), subject, rule });
    }

    fn replace(&mut self, mark: &Mark<'_>, written: &str) -> std::result::Result<String, String> {
        let inline = matches!(mark.kind, Kind::Open { name: "term", .. } | Kind::Unfinished | Kind::Divider);
        if !mark.alone && !inline {
            return Err("it stands alone on its line, from the first column on".into());
        }
        match &mark.kind {
            Kind::Unfinished => Err("it does not end: `}}` is missing on its line".into()),
            Kind::Quiz(toml) => self.quiz(toml),
            Kind::Divider => Ok(self.divide().unwrap_or_else(|| written.to_owned())),
            Kind::Open { name, arguments } => self.open(name, arguments, mark.line),
            Kind::Close { name: "predict" } => self.close_predict(),
            Kind::Close { name } => Err(format!("nothing is closed with `/{name}`; only `predict` is")),
        }
    }

    fn open(&mut self, name: &str, arguments: &str, line: usize) -> std::result::Result<String, String> {
        match name {
            "code" => code::expand(self.house, arguments),
            "story" => story::expand(self.house, arguments),
            "term" => self.glossary.link(arguments, &self.up),
            "exercise" => self.exercise(arguments),
            "model" => model::expand(self.house, arguments),
            "figure" => figure::expand(self.house, arguments),
            "predict" => self.open_predict(line),
            _ => Err(format!(
                "`{name}` is no directive; they are code, story, model, figure, exercise, predict and term"
            )),
        }
    }

    fn quiz(&mut self, toml: &str) -> std::result::Result<String, String> {
        self.quizzes += 1;
        Ok(Quiz::parse(toml)?.render(&format!("quiz-{}-{}", self.slug, self.quizzes)))
    }

    fn exercise(&mut self, id: &str) -> std::result::Result<String, String> {
        if self.in_exercise {
            return Err("an exercise cannot stand in the statement of another".into());
        }
        let statement = exercise::find(self.house, id)?;
        let page = std::mem::replace(&mut self.name, statement.file.clone());
        let outer = std::mem::replace(&mut self.predict, Predict::Outside);
        self.in_exercise = true;
        let markdown = self.expand(&statement.markdown);
        self.in_exercise = false;
        self.predict = outer;
        self.name = page;
        Ok(statement.render(&markdown))
    }

    fn open_predict(&mut self, line: usize) -> std::result::Result<String, String> {
        if self.predict != Predict::Outside {
            return Err("it stands inside another, which is not yet closed with {{/predict}}".into());
        }
        self.predict = Predict::Question(line);
        Ok(block("<section class=\"predict\">\n<p class=\"predict-title\">Predict before you read on</p>"))
    }

    /// The first divider of a prediction is where its answer begins. Any other is a rule in the text.
    fn divide(&mut self) -> Option<String> {
        let Predict::Question(line) = self.predict else {
            return None;
        };
        self.predict = Predict::Answer(line);
        Some(block("<details class=\"predict-answer\">\n<summary>Open the answer</summary>"))
    }

    fn close_predict(&mut self) -> std::result::Result<String, String> {
        let before = std::mem::replace(&mut self.predict, Predict::Outside);
        match before {
            Predict::Answer(_) => Ok(block("</details>\n</section>")),
            Predict::Question(_) => {
                Err("this predict has no answer: put an empty line and a line `---` between it and the question".into())
            }
            Predict::Outside => Err("no {{#predict}} is open here".into()),
        }
    }
}
