//! Turns the reference into a starter: the bodies of holes become `todo!`.
//!
//! ```text
//!   pub fn encode(value: i64) -> Vec<u8> {        pub fn encode(value: i64) -> Vec<u8> {
//!       let mut bytes = Vec::new();          ▶        todo!("exercise 1.1: Encode a varint")
//!       ...                                       }
//!   }
//! ```
//!
//! Doc comments and signatures stay: they are the contract that the learner writes to. A starter is derived each time, so
//! it cannot drift from the reference.
//!
//! The other half of this module asks what a file says *outside* its holes. Two files that agree there differ at most in
//! what the learner was asked to write, and so a newer reference can be put around the learner's bodies.

use crate::course::Exercise;
use crate::files;
use crate::hole::Hole;
use crate::source::{self, Missing, Source};

/// What goes into a hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Filling {
    /// Nothing yet: `todo!` with the exercise's number and title.
    Todo(String),
    /// This body, with its braces.
    Body(String),
}

/// How the message of a `todo!` begins when it is reached.
pub(crate) const REACHED: &str = "not yet implemented: exercise ";

impl Filling {
    /// The empty hole of an exercise.
    pub(crate) fn todo(exercise: &Exercise) -> Filling {
        Filling::Todo(exercise.announcement())
    }
}

/// The expression that stands in an empty hole.
pub(crate) fn todo(announcement: &str) -> String {
    let literal = announcement.replace('{', "{{").replace('}', "}}");
    format!("todo!({literal:?})")
}

/// Replaces the bodies of holes.
pub(crate) fn fill(text: &str, fillings: &[(&Hole, Filling)]) -> Result<String, Missing> {
    if fillings.is_empty() {
        return Ok(text.to_owned());
    }
    let source = Source::parse(text)?;
    let mut changes = Vec::new();
    for (hole, filling) in fillings {
        let found = source.find(&hole.item)?;
        let body = match filling {
            Filling::Body(body) => body.clone(),
            Filling::Todo(announcement) => {
                let (indent, newline) = (source::indent(text, found.body.start), source::newline(text));
                format!("{{{newline}{indent}    {}{newline}{indent}}}", todo(announcement))
            }
        };
        changes.push((found.body, body));
    }
    Ok(source::splice(text, changes))
}

/// The body of a hole, with its braces.
pub(crate) fn body(text: &str, hole: &Hole) -> Result<String, Missing> {
    let found = Source::parse(text)?.find(&hole.item)?;
    Ok(text[found.body].to_owned())
}

/// The hash of a file without the bodies of these holes.
pub(crate) fn outside(text: &str, holes: &[&Hole]) -> Result<String, Missing> {
    if holes.is_empty() {
        return Ok(files::hash(text.as_bytes()));
    }
    let source = Source::parse(text)?;
    let mut changes = Vec::new();
    for hole in holes {
        changes.push((source.find(&hole.item)?.body, String::new()));
    }
    Ok(files::hash(source::splice(text, changes).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hole(text: &str) -> Hole {
        text.parse().unwrap()
    }

    #[test]
    fn an_empty_hole_keeps_indent_and_line_endings() {
        let text = "impl A {\r\n    /// Doc.\r\n    fn f(&self) -> u8 { 1 }\r\n}\r\n";
        let emptied = fill(text, &[(&hole("src/a.rs::A::f"), Filling::Todo("exercise 1.1: \"Say\" {x}".into()))]);
        assert_eq!(
            emptied.unwrap(),
            "impl A {\r\n    /// Doc.\r\n    fn f(&self) -> u8 {\r\n        todo!(\"exercise 1.1: \\\"Say\\\" {{x}}\")\r\n    }\r\n}\r\n"
        );
    }

    #[test]
    fn what_a_body_says_does_not_count_outside() {
        let (f, g) = (hole("src/a.rs::f"), hole("src/a.rs::g"));
        let outside = |text: &str| outside(text, &[&f, &g]).unwrap();
        let one = outside("fn f() { 1 }\nfn g() { 2 }\n");
        assert_eq!(one, outside("fn f() {\n 3 // {\n}\nfn g() { todo!() }\n"));
        assert_ne!(one, outside("fn f() { 1 }\nfn g() { 2 }\nfn helper() {}\n"));
        assert_ne!(one, outside("/// New.\nfn f() { 1 }\nfn g() { 2 }\n"));
    }

    #[test]
    fn a_body_moves_into_a_newer_file_as_it_is() {
        let hole = hole("src/a.rs::f");
        let mine = body("fn f() -> u8 {\n    // mine\n    1\n}", &hole).unwrap();
        let newer = fill("//! Newer.\nfn f() -> u8 { 0 }\n", &[(&hole, Filling::Body(mine))]).unwrap();
        assert_eq!(newer, "//! Newer.\nfn f() -> u8 {\n    // mine\n    1\n}\n");
    }
}
