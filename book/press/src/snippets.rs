//! Compiles the code that quizzes ask about.
//!
//! A quiz may show code in its prompt or answers. A fenced block marked `rust,compile` must compile, and one marked
//! `rust,compile_fail` must not: otherwise the right answer would be a wrong one. Each block becomes a program in a small
//! crate of its own that depends on the stage with the number of the page (`01-segment-log.md` on
//! `stages/01-segment-log`), and `cargo check` judges it. Without such blocks nothing is run.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use serde::Deserialize;

use crate::book::Page;
use crate::directives::quiz::Quiz;
use crate::directives::scan::{Kind, marks};
use crate::house::number_of;
use crate::{Fault, House, Result};

/// One block of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The page that it is in.
    pub page: PathBuf,
    /// The line on which its quiz begins.
    pub line: usize,
    /// The code.
    pub code: String,
    /// Whether it must compile, or must not.
    pub compiles: bool,
}

/// The marked blocks in the quizzes of these pages.
pub fn find(pages: &[Page]) -> Vec<Snippet> {
    let mut snippets = Vec::new();
    for page in pages {
        for mark in marks(&page.markdown) {
            let Kind::Quiz(toml) = mark.kind else {
                continue;
            };
            // A quiz that does not parse is a fault of the build already.
            let Ok(quiz) = Quiz::parse(&toml) else {
                continue;
            };
            let marked = quiz.texts().flat_map(marked_blocks);
            snippets.extend(marked.map(|(code, compiles)| Snippet {
                page: page.path.clone(),
                line: mark.line,
                code,
                compiles,
            }));
        }
    }
    snippets
}

fn marked_blocks(markdown: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut open: Option<(String, bool)> = None;
    for event in new_cmark_parser(markdown, &MarkdownOptions::default()) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let words: Vec<&str> = info.split([',', ' ']).map(str::trim).collect();
                open = match words.as_slice() {
                    ["rust", rest @ ..] if rest.contains(&"compile") => Some((String::new(), true)),
                    ["rust", rest @ ..] if rest.contains(&"compile_fail") => Some((String::new(), false)),
                    _ => None,
                };
            }
            Event::Text(text) => {
                if let Some((code, _)) = &mut open {
                    code.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => found.extend(open.take()),
            _ => {}
        }
    }
    found
}

/// Compiles the snippets and returns those that are not as they are marked.
///
/// # Errors
/// When the crate cannot be written or cargo cannot be started.
pub fn check(house: &House, snippets: &[Snippet]) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let mut at = 0;
    while let Some(first) = snippets.get(at) {
        let of_page = snippets[at..].iter().take_while(|snippet| snippet.page == first.page).count();
        faults.extend(check_page(house, &snippets[at..at + of_page])?);
        at += of_page;
    }
    Ok(faults)
}

fn check_page(house: &House, snippets: &[Snippet]) -> Result<Vec<Fault>> {
    let folder = tempfile::Builder::new().prefix("press-quiz-").tempdir()?;
    let stage = number_of(&snippets[0].page).and_then(|number| house.stage_numbered(number));
    fs::write(folder.path().join("Cargo.toml"), manifest(stage.as_deref())?)?;
    // With the lock file of the course, the versions are the same and no network is needed.
    if let Ok(lock) = fs::read(house.root().join("Cargo.lock")) {
        fs::write(folder.path().join("Cargo.lock"), lock)?;
    }
    fs::create_dir_all(folder.path().join("src/bin"))?;
    for (number, snippet) in snippets.iter().enumerate() {
        fs::write(folder.path().join(format!("src/bin/snippet{number}.rs")), program(&snippet.code))?;
    }
    let mut faults = Vec::new();
    for (number, snippet) in snippets.iter().enumerate() {
        let (compiled, said) = cargo_check(house, folder.path(), number)?;
        faults.extend(judge(snippet, compiled, &said));
    }
    Ok(faults)
}

fn judge(snippet: &Snippet, compiled: bool, said: &str) -> Option<Fault> {
    let rule = match (snippet.compiles, compiled) {
        (true, true) | (false, false) => return None,
        (true, false) => format!("it is marked `compile` and does not:\n{said}"),
        (false, true) => "it is marked `compile_fail` and compiles".to_owned(),
    };
    let first_line = snippet.code.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    Some(Fault {
        page: snippet.page.display().to_string(),
        line: Some(snippet.line),
        subject: format!("the code in the quiz that begins `{}`", first_line.trim()),
        rule,
    })
}

fn manifest(stage: Option<&Path>) -> Result<String> {
    #[derive(Deserialize)]
    struct Manifest {
        package: Package,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
    }
    let mut toml = String::from(
        "[package]\nname = \"press-quiz\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n",
    );
    if let Some(stage) = stage {
        let manifest: Manifest = toml::from_str(&fs::read_to_string(stage.join("Cargo.toml"))?)?;
        let stage = toml::Value::from(std::path::absolute(stage)?.to_string_lossy().into_owned());
        let _ = writeln!(toml, "{} = {{ path = {stage} }}", manifest.package.name);
    }
    Ok(toml)
}

/// A snippet as a program, as rustdoc makes one of an example.
fn program(code: &str) -> String {
    if code.contains("fn main") {
        return code.to_owned();
    }
    format!("#![allow(unused)]\nfn main() {{\n{code}\n}}\n")
}

fn cargo_check(house: &House, folder: &Path, number: usize) -> Result<(bool, String)> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| house.root().join("target"), PathBuf::from);
    let output = Command::new(cargo)
        .args(["check", "--quiet", "--offline", "--message-format=short", "--bin", &format!("snippet{number}")])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target.join("press-quiz"))
        .output()?;
    Ok((output.status.success(), String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marked_blocks_of_quizzes_are_snippets() {
        let quiz = "# T\n\n```rust,compile\nnot_in_a_quiz!()\n```\n\n````quiz\n[[question]]\nprompt = '''\nWhich?\n\n\
                    ```rust,compile\nlet a = 1;\n```\n'''\nanswers = [\"one\", '''\n```rust,compile_fail\nlet b: u8 = \"\";\n```\n''', \
                    '''\n```rust\nshown_only!()\n```\n''']\ncorrect = 0\nwhy = \"So.\"\n````\n";
        let page = Page { path: "01-a.md".into(), markdown: quiz.into() };
        let found = find(&[page]);
        let marks: Vec<(&str, bool, usize)> = found.iter().map(|s| (s.code.trim(), s.compiles, s.line)).collect();
        assert_eq!(marks, [("let a = 1;", true, 7), ("let b: u8 = \"\";", false, 7)]);
    }

    #[test]
    fn a_snippet_without_main_gets_one() {
        assert_eq!(program("let a = 1;"), "#![allow(unused)]\nfn main() {\nlet a = 1;\n}\n");
        assert_eq!(program("fn main() {}"), "fn main() {}");
    }
}
