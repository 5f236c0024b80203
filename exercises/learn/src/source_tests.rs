use super::*;
use crate::hole::Hole;

fn item(path: &str) -> Item {
    format!("src/x.rs::{path}").parse::<Hole>().unwrap().item
}

fn find(text: &str, path: &str) -> Result<Found, Missing> {
    Source::parse(text)?.find(&item(path))
}

/// Replaces the body of one function by `{ 7 }`.
fn replaced(text: &str, path: &str) -> String {
    let found = find(text, path).unwrap();
    splice(text, vec![(found.body, "{ 7 }".to_owned())])
}

#[test]
fn everything_outside_the_body_stays_as_it_was() {
    let text = "\
//! Essay.\n\n/// Doc of `f`.\n#[inline]\n#[must_use] pub(crate)   fn f( a:u8 )->u8\n{ // inside\n    a /* { */ + 1\n} // after\n\nfn g() -> u8 { 2 }\n";
    assert_eq!(
        replaced(text, "f"),
        "//! Essay.\n\n/// Doc of `f`.\n#[inline]\n#[must_use] pub(crate)   fn f( a:u8 )->u8\n{ 7 } // after\n\nfn g() -> u8 { 2 }\n"
    );
    assert_eq!(find(text, "f").unwrap().line, 5);
}

#[test]
fn letters_of_several_bytes_before_the_hole_do_not_shift_it() {
    let text = "// Größe — 大きさ 🦀\nconst S: &str = \"naïve → {\";\nfn f() -> u8 { 1 } // ünder\nfn g() {}\n";
    assert_eq!(
        replaced(text, "f"),
        "// Größe — 大きさ 🦀\nconst S: &str = \"naïve → {\";\nfn f() -> u8 { 7 } // ünder\nfn g() {}\n"
    );
}

#[test]
fn a_byte_order_mark_does_not_shift_it() {
    assert_eq!(replaced("\u{feff}fn f() -> u8 { 1 }", "f"), "\u{feff}fn f() -> u8 { 7 }");
}

#[test]
fn windows_line_endings_stay() {
    let text = "/// é\r\nfn f() -> u8 {\r\n    // x\r\n    1\r\n}\r\n\r\nfn g() {}\r\n";
    assert_eq!(replaced(text, "f"), "/// é\r\nfn f() -> u8 { 7 }\r\n\r\nfn g() {}\r\n");
    assert_eq!(newline(text), "\r\n");
    assert_eq!(find(text, "g").unwrap().line, 7);
}

#[test]
fn braces_in_strings_chars_and_macros_are_no_braces() {
    let text = r####"
macro_rules! noise { ($x:expr) => {{ fn f() -> u8 { $x } f() }}; }
fn f() -> u8 {
    let _ = ("}", '}', r##"}"#}"##, b"}", /* } */ 1);
    noise!(3)
}
noise_below! { fn f() {} }
"####;
    let new = replaced(text, "f");
    assert!(new.contains("fn f() -> u8 { 7 }\nnoise_below! { fn f() {} }"), "{new}");
    assert!(new.contains("macro_rules! noise { ($x:expr) => {{ fn f() -> u8 { $x } f() }}; }"), "{new}");
}

const METHODS: &str = "
struct Log<F> { f: F }
impl<F: Clone> Log<F> { fn open(f: F) -> Self where F: Send { Log { f } } }
impl<F> Log<F> { fn end(&self) -> u64 { fn inner() -> u64 { 1 } inner() } }
impl<F> Default for Log<F> where F: Default { fn default() -> Self { 1 } }
impl From<u8> for Log<u8> { fn from(f: u8) -> Self { 8 } }
impl From<u16> for Log<u8> { fn from(f: u16) -> Self { 16 } }
trait Fold { fn check(&self); fn apply(&mut self) { 2 } }
mod deep { pub mod er { pub fn end() -> u8 { 3 } } impl super::Fold for u8 { fn check(&self) { 5 } } }
";

#[test]
fn methods_are_found_in_any_block_of_their_type() {
    for (path, before) in [
        ("Log::open", "where F: Send { Log { f } }"),
        ("Log::end", "fn end(&self) -> u64 { fn inner() -> u64 { 1 } inner() }"),
        ("<Log as Default>::default", "{ 1 } }\nimpl From<u8>"),
        ("<Log as From<u8>>::from", "{ 8 }"),
        ("<Log<u8> as From< u16 >>::from", "{ 16 }"),
        ("Fold::apply", "{ 2 }"),
        ("deep::er::end", "{ 3 }"),
        ("<u8 as Fold>::check", "{ 5 }"),
    ] {
        let new = replaced(METHODS, path);
        assert!(METHODS.contains(before));
        assert!(!new.contains(before), "{path} left `{before}` in\n{new}");
        assert_eq!(new.matches("{ 7 }").count(), 1);
    }
}

#[test]
fn what_is_not_one_function_is_not_guessed() {
    let missing = |path: &str| find(METHODS, path).unwrap_err();
    assert_eq!(missing("Log::close"), Missing::Absent("Log::close".into()));
    assert_eq!(missing("inner"), Missing::Absent("inner".into()));
    assert_eq!(missing("Log::default"), Missing::Absent("Log::default".into()));
    assert_eq!(missing("Fold::check"), Missing::Absent("Fold::check".into()));
    assert_eq!(missing("<Log as From>::from"), Missing::Ambiguous("<Log as From>::from".into()));
    let twice = "#[cfg(unix)] fn f() {}\n#[cfg(not(unix))] fn f() {}";
    assert_eq!(find(twice, "f").unwrap_err(), Missing::Ambiguous("f".into()));
}

#[test]
fn a_syntax_error_names_its_place() {
    let Err(Missing::Syntax { line, column, .. }) = find("fn f() {}\nfn g() { let = 1; }\n", "f") else {
        panic!("parsed a syntax error")
    };
    assert_eq!((line, column), (2, 14));
    assert!(matches!(find("fn f() { (", "f"), Err(Missing::Syntax { .. })));
}

#[test]
fn signatures_and_bodies_compare_without_spacing_and_comments() {
    let one = find("fn f(a: u8, b: &[u8]) -> u8 { g(a, b) }", "f").unwrap();
    let two =
        find("fn f(\n    a: u8,\n    b: &[u8],\n) -> u8 {\n    // why\n    g(\n        a,\n        b,\n    )\n}", "f")
            .unwrap();
    assert_eq!(one.signature, two.signature);
    assert_eq!(one.tokens, two.tokens);
    let other = find("fn f(a: u8, c: &[u8]) -> u8 { g(a, c) }", "f").unwrap();
    assert_ne!(one.signature, other.signature);
    assert_ne!(one.tokens, other.tokens);
}

#[test]
fn functions_that_cannot_be_emptied_say_why() {
    let unfit = |text| find(text, "f").unwrap().unfit;
    assert!(unfit("const fn f() -> u8 { 1 }").unwrap().contains("const fn"));
    assert!(unfit("fn f() -> Option<impl Iterator<Item = u8>> { None }").unwrap().contains("impl Trait"));
    assert_eq!(unfit("fn f(x: impl Into<u8>) -> u8 { x.into() }"), None);
}

#[test]
fn several_changes_in_any_order() {
    let text = "fn a() { 1 }\nfn b() { 2 }\n";
    let range = |path| find(text, path).unwrap().body;
    let new = splice(text, vec![(range("b"), "{}".into()), (range("a"), "{ long }".into())]);
    assert_eq!(new, "fn a() { long }\nfn b() {}\n");
}

#[test]
fn the_indent_is_that_of_the_line() {
    let text = "impl A {\n\tfn f(\n    ) {}\n}";
    assert_eq!(indent(text, text.find("fn").unwrap()), "\t");
    assert_eq!(indent(text, text.find("{}").unwrap()), "    ");
    assert_eq!(indent(text, 3), "");
}
