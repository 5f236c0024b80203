//! What lives were made of: a generator that idles proves nothing.

use std::collections::BTreeMap;

/// How often what has happened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Coverage(BTreeMap<&'static str, usize>);

impl Coverage {
    pub(crate) fn count(&mut self, what: &'static str) {
        self.add_to(what, 1);
    }

    pub(crate) fn add_to(&mut self, what: &'static str, more: usize) {
        *self.0.entry(what).or_default() += more;
    }

    pub(crate) fn add(&mut self, other: Coverage) {
        other.0.into_iter().for_each(|(what, count)| self.add_to(what, count));
    }

    /// Each must have happened at least so many times in so many lives.
    pub(crate) fn assert_above(&self, lives: usize) {
        let floors = [
            ("records", 12.0),
            ("committed", 10.0),
            ("copies", 4.0),
            ("truncations", 0.3),
            ("stale answers", 0.05),
            ("elections", 0.5),
            ("leaders held for dead", 0.3),
            ("let in", 1.0),
            ("put out", 0.05),
            ("wishes in doubt", 0.3),
            ("restarts", 1.0),
            ("power failures", 0.2),
            ("segments gone", 0.1),
        ];
        for (what, floor) in floors {
            let found = self.0.get(what).copied().unwrap_or_default();
            assert!(found as f64 >= floor * lives as f64, "{what}: {found} in {lives} lives is too seldom");
        }
    }
}
