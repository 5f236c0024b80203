//! Decides which lower stages of a copy are the learner's own.
//!
//! Once all exercises of a lower stage are passed, a copy builds on the learner's copy of it: in the end the broker that runs
//! is theirs. One rule limits that. Cargo allows a package only once in a build, so the learner's copy of a stage and
//! the reference of the same stage must never meet:
//!
//! ```text
//!   03 ──▶ 02 ──▶ 01        01 passed, 02 not:
//!    └────────────▲         02 is the reference, which builds on the reference of 01, so 03 must use that one as well
//! ```
//!
//! So a stage is the learner's own in a copy of X if it is passed, every crate between it and X is the learner's own too,
//! and the copies of those in between have decided the same. The set is found by starting with all that are passed and
//! taking out, until nothing changes, whatever breaks the rule.
//!
//! The crates of the tests count as well. So a crate below `tests/` must not build on a stage: if one did, no copy that is
//! tested with it could build on the learner's own. `cargo learn verify --stack` proves that none does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::Table;

use crate::course::{Course, Stage};
use crate::fault::Result;
use crate::manifest;
use crate::progress::Progress;

/// The crates of the course, by their folders.
type Graph = BTreeMap<PathBuf, Needs>;

/// What a crate builds on, within the course.
#[derive(Debug, Default)]
struct Needs {
    /// When something else uses it.
    used: Vec<PathBuf>,
    /// When it is the one that is tested: the needs of its tests are added.
    tested: Vec<PathBuf>,
}

/// The folders of the reference crates for which the learner's own copy stands in, with that copy's folder.
pub(crate) fn own_copies(
    course: &Course,
    root_manifest: &Table,
    stage: &Stage,
    progress: &Progress,
) -> Result<BTreeMap<PathBuf, PathBuf>> {
    let lower = course.stages.iter().filter(|lower| lower.number < stage.number && lower.built);
    let passed = lower.filter(|lower| progress.behind(course, lower));
    let candidates: BTreeMap<PathBuf, PathBuf> = passed.map(|lower| (lower.reference(), lower.work())).collect();
    if candidates.is_empty() {
        return Ok(candidates);
    }
    let mut graph = Graph::new();
    explore(course, root_manifest, &stage.reference(), &mut graph)?;
    let passed: BTreeSet<PathBuf> = candidates.keys().cloned().collect();
    let own = decide(&graph, &stage.reference(), &passed);
    Ok(candidates.into_iter().filter(|(reference, _)| own.contains(reference)).collect())
}

/// The folders of all crates of the course that a stage builds on, when it is tested.
pub(crate) fn below(course: &Course, root_manifest: &Table, stage: &Stage) -> Result<BTreeSet<PathBuf>> {
    let mut graph = Graph::new();
    explore(course, root_manifest, &stage.reference(), &mut graph)?;
    Ok(graph.get(&stage.reference()).map_or_else(BTreeSet::new, |needs| reachable(&graph, &needs.tested)))
}

fn explore(course: &Course, root_manifest: &Table, at: &Path, graph: &mut Graph) -> Result<()> {
    if graph.contains_key(at) {
        return Ok(());
    }
    let needs = |tests| manifest::path_dependencies(&course.root, root_manifest, at, tests);
    let (used, tested) = (needs(false)?, needs(true)?);
    graph.insert(at.to_owned(), Needs { used, tested: tested.clone() });
    tested.iter().try_for_each(|next| explore(course, root_manifest, next, graph))
}

/// The crates below `top` that are the learner's own, of those that are passed.
fn decide(graph: &Graph, top: &Path, passed: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let below = graph.get(top).map_or_else(BTreeSet::new, |needs| reachable(graph, &needs.tested));
    let mut own: BTreeSet<PathBuf> = passed.intersection(&below).cloned().collect();
    loop {
        let agrees = |one: &&PathBuf| {
            let mut others = below.iter().filter(|user| !own.contains(*user));
            let only_own_use_it = !others.any(|user| graph[user].used.contains(one));
            let here: BTreeSet<PathBuf> = reachable(graph, &graph[*one].used).intersection(&own).cloned().collect();
            only_own_use_it && decide(graph, one, passed) == here
        };
        let kept: BTreeSet<PathBuf> = own.iter().filter(agrees).cloned().collect();
        if kept.len() == own.len() {
            return own;
        }
        own = kept;
    }
}

fn reachable(graph: &Graph, from: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&PathBuf> = from.iter().collect();
    while let Some(next) = open.pop() {
        if seen.insert(next.clone()) {
            open.extend(&graph[next].used);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    fn graph(edges: &[(&str, &[&str])]) -> Graph {
        let paths = |to: &[&str]| to.iter().map(PathBuf::from).collect::<Vec<_>>();
        let needs = |to| Needs { used: paths(to), tested: paths(to) };
        edges.iter().map(|(from, to)| (PathBuf::from(from), needs(to))).collect()
    }

    #[test]
    fn a_passed_stage_is_used_when_everything_above_it_is_own() {
        let graph = graph(&[("3", &["2", "1", "story"]), ("2", &["1"]), ("1", &[]), ("story", &[])]);
        let own = |passed: &[&str]| decide(&graph, Path::new("3"), &set(passed));
        assert_eq!(own(&["1", "2"]), set(&["1", "2"]));
        assert_eq!(own(&["2"]), set(&["2"]));
        assert_eq!(own(&["1"]), set(&[]), "the reference of 2 builds on the reference of 1");
        assert_eq!(own(&[]), set(&[]));
    }

    #[test]
    fn a_copy_in_between_that_decided_otherwise_is_not_used() {
        // 4 reaches 1 by 2 and by 3. The copy of 2 uses the own 1; 3 is not passed and uses the reference of 1.
        let graph = graph(&[("4", &["2", "3"]), ("3", &["1"]), ("2", &["1"]), ("1", &[])]);
        let own = |passed: &[&str]| decide(&graph, Path::new("4"), &set(passed));
        assert_eq!(own(&["1", "2"]), set(&[]));
        assert_eq!(own(&["2"]), set(&["2"]), "without 1, the copy of 2 uses the reference too");
        assert_eq!(own(&["1", "2", "3"]), set(&["1", "2", "3"]));
    }

    #[test]
    fn what_only_a_stages_tests_need_binds_its_own_copy() {
        // The tests of 2 need a tool that builds on the reference of 1, so the copy of 2 cannot use the own 1.
        let mut graph = graph(&[("3", &["2"]), ("2", &["1"]), ("tool", &["1"]), ("1", &[])]);
        graph.get_mut(Path::new("2")).unwrap().tested.push("tool".into());
        assert_eq!(decide(&graph, Path::new("3"), &set(&["1", "2"])), set(&[]));
        assert_eq!(decide(&graph, Path::new("3"), &set(&["2"])), set(&["2"]));
    }
}
