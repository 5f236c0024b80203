//! Which exercises to verify.
//!
//! Everything is verified by default. In CI, `--changed BASE --shard 2/5` takes all exercises of stages that differ from BASE,
//! and a fifth of the others, so that within five runs everything has had its turn.

use std::collections::BTreeSet;
use std::process::Command;
use std::str::FromStr;

use crate::course::{Course, Id, Stage};
use crate::fault::{Fault, Result};

/// A change below one of these may change every verdict.
const SHARED: [&str; 2] = ["exercises/learn/", "tests/story/"];

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

/// The numbers of the chosen exercises.
pub(crate) fn choose(course: &Course, choice: &Choice) -> Result<BTreeSet<Id>> {
    if let Some(number) = choice.stage {
        course.stage(number)?;
    }
    let changes = choice.changed.as_ref().map(|base| changes(course, base)).transpose()?;
    let touched = |stage: &Stage| changes.as_ref().is_none_or(|paths| touches(paths, &stage.folder));
    let all = course.exercises().filter(|(stage, _)| choice.stage.is_none_or(|number| stage.number == number));
    let chosen = all.enumerate().filter(|(position, (stage, _))| {
        let in_shard = choice.shard.map(|shard| shard.has(*position));
        match &choice.changed {
            Some(_) => touched(stage) || in_shard == Some(true),
            None => in_shard != Some(false),
        }
    });
    Ok(chosen.map(|(_, (_, exercise))| exercise.id).collect())
}

fn touches(paths: &[String], folder: &str) -> bool {
    let own = [format!("stages/{folder}/"), format!("exercises/{folder}/")];
    let hit = |path: &String| {
        SHARED.iter().any(|shared| path.starts_with(shared)) || own.iter().any(|own| path.starts_with(own.as_str()))
    };
    paths.iter().any(hit)
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
    let tracked = git(&["diff", "--name-only", "--relative", base, "--"])?;
    let unknown = git(&["ls-files", "--others", "--exclude-standard"])?;
    Ok(tracked.lines().chain(unknown.lines()).map(str::to_owned).collect())
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
    fn a_stage_is_touched_by_its_own_folders_and_by_what_all_share() {
        let touched = |path: &str| touches(&[path.to_owned()], "01-toy");
        assert!(touched("stages/01-toy/src/lib.rs") && touched("exercises/01-toy/1.1.md"));
        assert!(touched("exercises/learn/src/main.rs") && touched("tests/story/src/lib.rs"));
        assert!(!touched("stages/01-toys/src/lib.rs") && !touched("README.md"));
    }
}
