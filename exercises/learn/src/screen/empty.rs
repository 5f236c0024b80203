//! The screens of a test that came to an empty function: this exercise's, or one that was begun before and left.

use super::View;
use crate::judge::{Failure, Reached};
use crate::style::counted;

impl View<'_> {
    pub(super) fn unwritten(&self, failure: &Failure, reached: &Reached) -> String {
        let id = self.exercise.id;
        let passing = failure.of - failure.failed;
        let mut screen = self.heading(&self.style.yellow("○"), "not written yet");
        let place = self.path(&reached.location);
        screen.push_str(&match passing {
            0 => format!(
                "  {place} is still empty. This is how a start looks:\n  \
                 everything is set up, the tests ran, and {} because nothing is there yet.\n\n",
                counted(failure.failed, "test fails", "tests fail")
            ),
            _ => format!("  {place} is still empty. {} already.\n\n", counted(passing, "test passes", "tests pass")),
        });
        let mut rows = Vec::new();
        if !self.keys {
            rows.push(("read", self.statement.clone()));
        }
        rows.extend(
            self.places.iter().map(|(file, line, name)| ("write", format!("{}/{file}:{line}  fn {name}", self.copy))),
        );
        rows.extend(self.below.iter().map(|below| ("below", below.clone())));
        if !self.keys {
            rows.push(("check", format!("cargo learn check {id}")));
        }
        rows.push(self.stuck());
        rows.extend(self.also_empty(failure));
        screen + &self.lines(&rows)
    }

    /// The tests came to a function that another exercise asks for: one that was started and then left.
    pub(super) fn blocked(&self, reached: &Reached) -> String {
        let (id, other) = (self.exercise.id, reached.id);
        let mut screen = self.heading(&self.style.yellow("○"), &format!("cannot be judged before {other} is written"));
        screen.push_str(&format!(
            "  Its tests need {} of exercise {other}, which you have started:\n  {} is still empty.\n\n",
            self.function_in_the_way(),
            self.path(&reached.location)
        ));
        let mut rows = Vec::new();
        if self.keys {
            rows.push(("first", format!("press n for {other}  {}", reached.title)));
        } else {
            rows.push(("first", format!("cargo learn start {other}   {}", reached.title)));
            rows.push(("or", format!("cargo learn solution {other} --give-up   shows how the course does it")));
            rows.push(("then", format!("cargo learn check {id}")));
        }
        screen + &self.lines(&rows)
    }

    fn function_in_the_way(&self) -> String {
        self.in_the_way.as_ref().map_or_else(|| "a function".to_owned(), |name| format!("`{name}`"))
    }

    /// A row for a test that came to an empty function, while another test is shown.
    pub(super) fn also_empty(&self, failure: &Failure) -> Option<(&'static str, String)> {
        let other = failure.reached.as_ref().filter(|reached| reached.id != self.exercise.id)?.id;
        let function = self.function_in_the_way();
        let typed = if self.keys { format!("press n for {other}") } else { format!("cargo learn start {other}") };
        Some(("note", format!("another test needs {function} of exercise {other}, which is still empty: {typed}")))
    }
}
