//! Which stages to verify.
//!
//! Everything is verified by default. As stages come, that grows, so CI can ask for less: `--changed BASE --shard 2/5` takes the
//! stages whose verdicts may differ from those at BASE, and every fifth of the others, so that within five runs all have had
//! their turn.
//!
//! Parts are made of whole stages. To compile a stage's variants takes most of the time, and takes as long for one of its
//! exercises as for all.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::str::FromStr;

use crate::course::{Course, Stage};
use crate::fault::{Fault, Result};
use crate::files;
use crate::manifest;
use crate::stack;

/// What was asked for.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    pub(crate) stage: Option<u8>,
    pub(crate) changed: Option<String>,
    pub(crate) shard: Option<Shard>,
}

/// The `part`th of `of` parts, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    part: usize,
    of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Shard, String> {
        let parts = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((part, of)) if 1 <= part && part <= of => Ok(Shard { part, of }),
            _ => Err(format!("`{text}` is no shard. Write 1/4 to 4/4 for four parts.")),
        }
    }
}

impl Shard {
    fn has(self, position: usize) -> bool {
        position % self.of == self.part - 1
    }
}

/// The numbers of the chosen stages, of those that are built.
pub(crate) fn choose(course: &Course, choice: &Choice) -> Result<BTreeSet<u8>> {
    if let Some(number) = choice.stage {
        course.stage(number)?;
    }
    let changes = choice.changed.as_ref().map(|base| changes(course, base)).transpose()?;
    let mut chosen = BTreeSet::new();
    for (position, stage) in course.stages.iter().filter(|stage| stage.built).enumerate() {
        let meant = choice.stage.is_none_or(|number| stage.number == number);
        let in_shard = choice.shard.map(|shard| shard.has(position));
        let has_turn = match &changes {
            Some(changes) => in_shard == Some(true) || touched(course, stage, changes)?,
            None => in_shard != Some(false),
        };
        if meant && has_turn {
            chosen.insert(stage.number);
        }
    }
    Ok(chosen)
}

/// Whether one of these changes may change what the tests of a stage say.
fn touched(course: &Course, stage: &Stage, changes: &[String]) -> Result<bool> {
    let root_manifest = manifest::parse(&course.root.join("Cargo.toml"))?;
    let mut near: Vec<String> = vec![folder(course, &stage.reference()), folder(course, &stage.home())];
    near.extend(stack::below(course, &root_manifest, stage)?.iter().map(|path| folder(course, path)));
    let is_crate = |path: &str| course.root.join(path).join("Cargo.toml").is_file();
    Ok(changes.iter().any(|path| touches(path, &near, &is_crate)))
}

fn folder(course: &Course, path: &Path) -> String {
    format!("{}/", files::slashed(&files::relative(&course.root, path)))
}

/// `near` are the folders that a stage is made of and those of the crates it builds on. A crate that it does not build on, the
/// book and what only people read change nothing for it. Whatever else there is (the lock file, the stories, `cargo learn`
/// itself) may.
fn touches(path: &str, near: &[String], is_crate: &dyn Fn(&str) -> bool) -> bool {
    if near.iter().any(|folder| path.starts_with(folder.as_str())) {
        return true;
    }
    let mut parts = path.splitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("exercises"), Some("learn"), _) => true,
        (Some("stages" | "exercises" | "book"), ..) => false,
        // No bug is in what a learner builds.
        (Some("tests"), Some("bugs"), _) => false,
        (Some("tests"), Some(name), Some(_)) => !is_crate(&format!("tests/{name}")),
        (Some(name), None, None) => !(name.ends_with(".md") || name == "LICENSE"),
        _ => true,
    }
}

/// The paths that differ from a commit, those that git does not know yet included.
fn changes(course: &Course, base: &str) -> Result<Vec<String>> {
    let git = |arguments: &[&str]| -> Result<String> {
        let output = Command::new("git").arg("-C").arg(&course.root).args(arguments).output();
        let output = output.map_err(|error| Fault::Broken(format!("cannot run `git`: {error}")))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(Fault::Usage(format!("git {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim())))
    };
    // A file that was moved away is a change where it was.
    let tracked = git(&["diff", "--name-only", "--no-renames", "-z", "--relative", base, "--"])?;
    let unknown = git(&["ls-files", "--others", "--exclude-standard", "-z"])?;
    let paths = tracked.split('\0').chain(unknown.split('\0'));
    Ok(paths.filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_cover_everything_once() {
        let shards: Vec<Shard> = ["1/3", "2/3", "3/3"].iter().map(|text| text.parse().unwrap()).collect();
        for position in 0..10 {
            assert_eq!(shards.iter().filter(|shard| shard.has(position)).count(), 1);
        }
        for wrong in ["0/3", "4/3", "3", "a/b", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_stage_is_touched_by_what_it_is_made_of_and_by_what_all_share() {
        let near = ["stages/02-toy/", "exercises/02-toy/", "stages/01-toy/", "tests/judge/"].map(str::to_owned);
        let is_crate = |path: &str| ["tests/judge", "tests/other"].contains(&path);
        let touched = |path: &str| touches(path, &near, &is_crate);
        for path in ["stages/02-toy/src/lib.rs", "exercises/02-toy/2.1.md", "stages/01-toy/a.rs", "tests/judge/b.rs"] {
            assert!(touched(path), "{path}");
        }
        for path in ["exercises/learn/src/main.rs", "Cargo.lock", "tests/stories/a.story", ".cargo/config.toml"] {
            assert!(touched(path), "{path}");
        }
        for path in
            ["stages/02-toys/src/lib.rs", "stages/03-toy/a.rs", "exercises/03-toy/3.1.md", "exercises/README.md"]
        {
            assert!(!touched(path), "{path}");
        }
        for path in ["README.md", "LICENSE", "book/src/a.md", "tests/other/src/lib.rs", "tests/bugs/01-a.toml"] {
            assert!(!touched(path), "{path}");
        }
    }
}
