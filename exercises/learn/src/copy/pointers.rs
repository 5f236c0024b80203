//! The paths in a copy's manifest that lead to the stages below: to the course's crates or to the learner's own.
//!
//! ```text
//!   segment-log = { path = "../../../stages/01-segment-log" }      until stage 01 is passed
//!   segment-log = { path = "../../01-segment-log/work" }           once it is
//! ```
//!
//! Which of the two it is changes with what the learner passes, and again when they change what had passed. So these paths
//! are set right even in a manifest that the learner has changed, letter for letter and nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::course::{Course, Stage};
use crate::files;
use crate::progress::Progress;

/// Where a copy points for each stage below it.
pub(super) struct Pointers<'a> {
    all: Vec<Pointer<'a>>,
    /// The copy, as the learner sees it.
    copy: String,
}

struct Pointer<'a> {
    stage: &'a Stage,
    /// The path to the course's crate and to the learner's own, quoted as they stand in the manifest.
    reference: String,
    own: String,
    is_own: bool,
    /// Why it is not the learner's own: `1.3 is not passed as it stands`.
    why_not: String,
    /// The learner's own copy, as they see it.
    place: String,
}

impl<'a> Pointers<'a> {
    /// For the copy of `stage`, with the copies that were chosen.
    pub(super) fn new(
        course: &'a Course,
        stage: &Stage,
        progress: &Progress,
        chosen: &BTreeMap<PathBuf, PathBuf>,
    ) -> Pointers<'a> {
        let work = stage.work();
        let quoted = |to: &Path| format!("\"{}\"", files::slashed(&files::relative(&work, to)));
        let pointer = |lower: &'a Stage| Pointer {
            stage: lower,
            reference: quoted(&lower.reference()),
            own: quoted(&lower.work()),
            is_own: chosen.contains_key(&lower.reference()),
            why_not: progress.left(lower).first().map_or_else(String::new, |left| {
                format!(", since {0} is not passed as it stands: cargo learn check {0}", left.id)
            }),
            place: course.show(&lower.work()),
        };
        let lower = course.stages.iter().filter(|lower| lower.number < stage.number && lower.built);
        Pointers { all: lower.map(pointer).collect(), copy: course.show(&work) }
    }

    /// A manifest in which every stage below is the course's, to compare two by what else they say.
    pub(super) fn neutral(&self, text: &str) -> String {
        self.all.iter().fold(text.to_owned(), |text, pointer| text.replace(&pointer.own, &pointer.reference))
    }

    /// A manifest with the paths as they must be.
    pub(super) fn decided(&self, text: &str) -> String {
        let own = self.all.iter().filter(|pointer| pointer.is_own);
        own.fold(self.neutral(text), |text, pointer| text.replace(&pointer.reference, &pointer.own))
    }

    /// What becomes different for a copy whose manifest was `before`.
    pub(super) fn notes(&self, before: &str) -> Vec<String> {
        let note = |pointer: &Pointer<'_>| {
            let number = pointer.stage.number;
            match (before.contains(&pointer.own), before.contains(&pointer.reference)) {
                (false, true) if pointer.is_own => {
                    Some(format!("stage {number:02} is passed: {} builds on {} from here on", self.copy, pointer.place))
                }
                (true, false) if !pointer.is_own => {
                    Some(format!("{} builds on the course's stage {number:02} again{}", self.copy, pointer.why_not))
                }
                _ => None,
            }
        };
        self.all.iter().filter_map(note).collect()
    }
}
