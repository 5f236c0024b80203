use super::excerpt::cut;
use super::item_path::ItemPath;

const SOURCE: &str = r##"//! A module.

use std::fmt;

/// The most bytes.
pub const LIMIT: usize = 5;

/// A log.
///
/// ```
/// let a = 1;
/// ```
#[derive(Debug)]
pub struct Log<F> {
    /// What is folded.
    fold: F,
}

impl<F> Log<F> {
    /// Appends.
    #[must_use]
    pub fn append(&self) -> u8 {
        // Ümlauts move bytes, not characters.
        if true {
            1
        } else {
            2
        }
    }

    const SIZE: usize = 3;
}

impl<F> fmt::Display for Log<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("log")
    }
}

impl<F> fmt::LowerHex for Log<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hex")
    }
}

pub trait Fold {
    /// Learns.
    fn apply(&mut self);
}

impl Fold for () {
    fn apply(&mut self) {}
}

impl<A: Fold, B: Fold> Fold for (A, B) {
    fn apply(&mut self) {
        self.0.apply();
    }
}

mod inner {
    /** Deep. */ fn deep() {}
    pub type Alias = u8;
}

macro_rules! twice {
    ($a:expr) => { $a; $a };
}
"##;

fn shown(path: &str, docs: bool) -> Result<(usize, String), String> {
    let path = ItemPath::parse(path).unwrap();
    cut(SOURCE, &path, docs).map(|excerpt| (excerpt.line, excerpt.text))
}

#[track_caller]
fn shows(path: &str, line: usize, text: &str) {
    assert_eq!(shown(path, true), Ok((line, text.to_owned())));
}

#[test]
fn items_come_with_their_documentation() {
    shows("LIMIT", 5, "/// The most bytes.\npub const LIMIT: usize = 5;");
    let log = "/// A log.\n///\n/// ```\n/// let a = 1;\n/// ```\n#[derive(Debug)]\npub struct Log<F> {\n    \
               /// What is folded.\n    fold: F,\n}";
    shows("Log", 8, log);
    shows("Fold", 46, "pub trait Fold {\n    /// Learns.\n    fn apply(&mut self);\n}");
    shows("twice", 66, "macro_rules! twice {\n    ($a:expr) => { $a; $a };\n}");
}

#[test]
fn members_lose_their_indentation() {
    let append = "/// Appends.\n#[must_use]\npub fn append(&self) -> u8 {\n    // Ümlauts move bytes, not characters.\n    \
                  if true {\n        1\n    } else {\n        2\n    }\n}";
    shows("Log::append", 20, append);
    shows("Log::SIZE", 31, "const SIZE: usize = 3;");
    shows("Fold::apply", 47, "/// Learns.\nfn apply(&mut self);");
    shows("inner::Alias", 63, "pub type Alias = u8;");
}

#[test]
fn impls_are_named_by_type_and_trait() {
    let hex = "fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {\n    f.write_str(\"hex\")\n}";
    shows("<Log as LowerHex>::fmt", 41, hex);
    shows("<Log<F> as fmt::LowerHex>::fmt", 41, hex);
    shows("<() as Fold>", 51, "impl Fold for () {\n    fn apply(&mut self) {}\n}");
    shows("<(A, B) as Fold>::apply", 56, "fn apply(&mut self) {\n    self.0.apply();\n}");
}

#[test]
fn documentation_can_be_left_out_and_attributes_stay() {
    let (line, text) = shown("Log::append", false).unwrap();
    assert_eq!((line, text.lines().next()), (21, Some("#[must_use]")));
    let (line, text) = shown("Log", false).unwrap();
    assert_eq!(
        (line, text.as_str()),
        (13, "#[derive(Debug)]\npub struct Log<F> {\n    /// What is folded.\n    fold: F,\n}")
    );
    assert_eq!(shown("inner::deep", false).unwrap().1.trim(), "fn deep() {}");
}

#[test]
fn a_missing_item_and_an_ambiguous_one_are_refused() {
    for path in ["Lag", "Log::prepend", "inner::shallow", "<Log as Fold>::apply", "<Lag as Display>::fmt"] {
        let rule = shown(path, true).unwrap_err();
        assert!(rule.contains("has no item"), "{path}: {rule}");
    }
    let rule = shown("Log::fmt", true).unwrap_err();
    assert!(rule.contains("ambiguous"), "{rule}");
    assert!(rule.contains("<Log<F> as fmt::Display>::fmt, <Log<F> as fmt::LowerHex>::fmt"), "{rule}");
}

#[test]
fn a_file_that_is_no_rust_is_refused_with_its_line() {
    let path = ItemPath::parse("a").unwrap();
    let rule = cut("fn a() {}\nfn b( {}\n", &path, true).unwrap_err();
    assert!(rule.starts_with("the file is not valid Rust: line 2"), "{rule}");
}
