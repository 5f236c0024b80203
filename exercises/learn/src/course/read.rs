//! Reads `exercises.toml` and says exactly what is wrong with it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use toml::Value;

use super::{Demo, Exercise, Id, Kind, PLAN, Stage, TestName};
use crate::fault::{Fault, Result};
use crate::files;
use crate::hole::Hole;
use crate::manifest;

/// How long the judging tests of an exercise may run, unless it says otherwise.
const PATIENCE: u64 = 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StageFile {
    stage: String,
    package: String,
    #[serde(default, rename = "exercise")]
    exercises: Vec<ExerciseFile>,
    demo: Option<Demo>,
    model: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExerciseFile {
    id: Id,
    title: String,
    difficulty: u8,
    kind: Kind,
    #[serde(default)]
    holes: Vec<Hole>,
    story: Option<String>,
    tests: Vec<TestName>,
    hints: Vec<String>,
    learned: Option<String>,
    timeout: Option<u64>,
}

/// The folders of `stages` whose names begin with a number.
pub(super) fn stage_folders(root: &Path) -> Result<Vec<String>> {
    let stages = root.join("stages");
    let entries = std::fs::read_dir(&stages).map_err(|error| Fault::io("list", &stages, &error))?;
    let names = entries.flatten().filter(|entry| entry.path().join("Cargo.toml").is_file());
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut folders: Vec<String> = names.filter(|name| number(name).is_some()).collect();
    folders.sort();
    for pair in folders.windows(2) {
        if number(&pair[0]) == number(&pair[1]) {
            return Err(Fault::Broken(format!("stages/{} and stages/{} have the same number", pair[0], pair[1])));
        }
    }
    Ok(folders)
}

/// The number with which a stage's folder begins.
pub(super) fn number(folder: &str) -> Option<u8> {
    folder.split_once('-')?.0.parse().ok()
}

/// Reads one stage.
pub(super) fn stage(root: &Path, folder: &str) -> Result<Stage> {
    let number = number(folder).unwrap_or_default();
    let question = PLAN.iter().find(|(planned, _)| *planned == folder).map_or("", |(_, question)| *question);
    let mut stage = Stage { built: true, ..Stage::to_come(root, number, folder, question) };
    stage.package = package(&stage)?;
    let path = stage.home().join("exercises.toml");
    let Some(text) = files::read_text(&path)? else { return Ok(stage) };
    let wrong = |what: String| Fault::Broken(format!("{}: {what}", path.display()));
    let file: StageFile = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if file.stage != folder {
        return Err(wrong(format!("stage = \"{}\", but the folder is {folder}", file.stage)));
    }
    if file.package != stage.package {
        return Err(wrong(format!("package = \"{}\", but the stage is {}", file.package, stage.package)));
    }
    stage.demo = file.demo;
    stage.model = file.model;
    stage.exercises = file.exercises.into_iter().map(exercise).collect();
    check(&stage).map_err(wrong)?;
    Ok(stage)
}

/// The package's name, as the stage's manifest has it.
fn package(stage: &Stage) -> Result<String> {
    let path = stage.reference().join("Cargo.toml");
    let manifest = manifest::parse(&path)?;
    let name = manifest.get("package").and_then(|package| package.get("name")).and_then(Value::as_str);
    name.map(str::to_owned).ok_or_else(|| Fault::Broken(format!("{} names no package", path.display())))
}

fn exercise(file: ExerciseFile) -> Exercise {
    Exercise {
        id: file.id,
        title: file.title,
        difficulty: file.difficulty,
        kind: file.kind,
        holes: file.holes,
        story: file.story,
        tests: file.tests,
        hints: file.hints,
        learned: file.learned,
        timeout: Duration::from_secs(file.timeout.unwrap_or(PATIENCE)),
    }
}

/// The rules of which every other module may be sure.
fn check(stage: &Stage) -> std::result::Result<(), String> {
    let mut emptied: BTreeMap<&Hole, Id> = BTreeMap::new();
    let mut last = None;
    for exercise in &stage.exercises {
        let id = exercise.id;
        if id.stage != stage.number {
            return Err(format!("exercise {id} is not of stage {}", stage.number));
        }
        if last.is_some_and(|last| last >= id) {
            return Err(format!("exercise {id} stands twice or out of order"));
        }
        last = Some(id);
        shape(exercise)?;
        for hole in &exercise.holes {
            if let Some(other) = emptied.insert(hole, id) {
                return Err(format!("{hole} is a hole of {other} and of {id}"));
            }
        }
    }
    Ok(())
}

fn shape(exercise: &Exercise) -> std::result::Result<(), String> {
    let id = exercise.id;
    let plain = |name: &str| name.ends_with(".story") && !name.contains(['/', '\\']);
    match (exercise.kind, &exercise.story) {
        (Kind::BreakIt, Some(story)) if plain(story) && exercise.holes.is_empty() => {}
        (Kind::BreakIt, _) => {
            return Err(format!("exercise {id} is break-it: it needs `story = \"{id}.story\"` and no holes"));
        }
        (_, Some(_)) => return Err(format!("exercise {id} has a story, but its kind is not break-it")),
        (_, None) if exercise.holes.is_empty() => return Err(format!("exercise {id} has no holes")),
        (_, None) => {}
    }
    if exercise.tests.is_empty() {
        return Err(format!("exercise {id} has no tests that judge it"));
    }
    if !(1..=3).contains(&exercise.difficulty) {
        return Err(format!("exercise {id}: difficulty is 1, 2 or 3"));
    }
    Ok(())
}
