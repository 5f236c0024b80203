//! A small course in a temporary folder: one stage, one story, one exercise, and the real theme of the book.

#![allow(dead_code, unreachable_pub)]

use std::fs;
use std::path::{Path, PathBuf};

use press::book::{Built, build};
use press::server::Server;
use press::{Faults, House, Site};
use tempfile::TempDir;

pub const TRACE: &str = include_str!("../fixtures/tour.json");
pub const SNAPSHOT: &str = include_str!("../fixtures/tour.snap");

const SUMMARY: &str = "# Summary\n\n[Welcome](README.md)\n\n- [The log](01-segment-log.md)\n- [Deep](deep/page.md)\n- [Glossary](glossary.md)\n";
const GLOSSARY: &str = "# Glossary\n\n## LEO\n\nThe log end offset.\n\n## High watermark\n\nSafe.\n";
const VARINT: &str = "//! Varints.\n\n/// The most bytes.\npub const MAX: usize = 10;\n\npub struct Reader;\n\nimpl Reader {\n    \
                      /// Reads.\n    pub fn next(&self) -> u8 {\n        7\n    }\n}\n";
const EXERCISES: &str = r#"
stage = "01-segment-log"
package = "segment-log"

[[exercise]]
id = "1.1"
title = "Few bytes for `small` numbers"
difficulty = 2
kind = "fill"
holes = ["src/varint.rs::MAX"]
tests = ["varint::small"]
hints = ["The *first* hint.", "The second.", "The third."]
"#;
const STATEMENT: &str =
    "# Few bytes\n\nWrite it. It ends at the {{#term LEO}}.\n\n## The rule\n\nSeven bits at a time.\n";

/// A course that is removed when this is dropped.
pub struct Course {
    folder: TempDir,
}

impl Course {
    /// A course without faults, whose chapter 1 has this text.
    pub fn with_chapter(chapter: &str) -> Course {
        let course = Course { folder: tempfile::tempdir().unwrap() };
        let theme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../theme");
        for file in fs::read_dir(&theme).unwrap() {
            let file = file.unwrap().path();
            course.write(
                &format!("book/theme/{}", file.file_name().unwrap().to_str().unwrap()),
                fs::read(&file).unwrap(),
            );
        }
        course.write("book/book.toml", fs::read(theme.join("../book.toml")).unwrap());
        course.write("book/src/SUMMARY.md", SUMMARY);
        course.write("book/src/README.md", "# Welcome\n\nBegin with [the log](01-segment-log.md).\n");
        course.write("book/src/01-segment-log.md", chapter);
        course.write(
            "book/src/deep/page.md",
            "# Deep\n\nThe {{#term high watermark}} is [here](../01-segment-log.md).\n",
        );
        course.write("book/src/glossary.md", GLOSSARY);
        course.write("stages/01-segment-log/src/varint.rs", VARINT);
        course.write("stages/01-segment-log/tests/snapshots/stories__tour.snap", SNAPSHOT);
        course.write("stages/01-segment-log/tests/snapshots/traces/tour.json", TRACE);
        course.write("exercises/01-segment-log/exercises.toml", EXERCISES);
        course.write("exercises/01-segment-log/1.1.md", STATEMENT);
        course
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn house(&self) -> House {
        House::at(self.root()).unwrap()
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Replaces text in a file; it must be there.
    pub fn edit(&self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert!(text.contains(old), "{path} has no {old}");
        self.write(path, text.replace(old, new));
    }

    #[track_caller]
    pub fn build(&self) -> Built {
        build(&self.house()).unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// The faults of a build that fails, each as `page:line: subject: rule`.
    #[track_caller]
    pub fn faults(&self) -> Vec<String> {
        let error = build(&self.house()).expect_err("the book has faults");
        let faults = error.downcast::<Faults>().expect("the error lists faults");
        let shown = faults.0.iter().map(|fault| {
            format!("{}:{}: {}: {}", fault.page, fault.line.unwrap_or_default(), fault.subject, fault.rule)
        });
        shown.collect()
    }
}

/// The text of a page of a built book.
#[track_caller]
pub fn page(built: &Built, path: &str) -> String {
    let bytes = built.site.get(path).unwrap_or_else(|| panic!("the book has no {path}"));
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The part of a text from one place to the next occurrence of another.
#[track_caller]
pub fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let start = text.find(from).unwrap_or_else(|| panic!("no {from:?} in {text}"));
    let rest = &text[start..];
    let end = rest.find(to).unwrap_or_else(|| panic!("no {to:?} after {from:?}"));
    &rest[..end + to.len()]
}

/// Runs a server for the time of `work`.
pub fn serving<T>(site: Site, work: impl FnOnce(&Server) -> T) -> T {
    /// Stops the server even when an assertion fails: the scope waits for its thread.
    struct Stop<'s>(&'s Server);
    impl Drop for Stop<'_> {
        fn drop(&mut self) {
            self.0.stop();
        }
    }
    let server = Server::bind(0, site).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| server.run());
        let _stop = Stop(&server);
        work(&server)
    })
}
