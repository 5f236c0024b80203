//! Nothing that a learner wrote is ever lost.
//!
//! Before a file of theirs is replaced, it goes to `exercises/NN-name/backup/<n>/`, numbered upward and never overwritten.
//! Beside the numbers stands `passed/`: for each exercise that was passed, the bodies with which it passed. From these a
//! work folder that was deleted is made again with its passed exercises in it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::course::{Id, Stage};
use crate::fault::{Fault, Result};
use crate::files;

/// The bodies with which an exercise passed, by the address of their hole (or a story's file name).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Passed {
    pub(crate) bodies: BTreeMap<String, String>,
}

/// Copies files of the work folder into a new numbered folder and returns it; `None` if none of them is there.
pub(crate) fn save(stage: &Stage, paths: &[PathBuf]) -> Result<Option<PathBuf>> {
    let work = stage.work();
    let there: Vec<&PathBuf> = paths.iter().filter(|path| work.join(path).is_file()).collect();
    if there.is_empty() {
        return Ok(None);
    }
    let folder = new_folder(stage)?;
    for path in there {
        if let Some(bytes) = files::read(&work.join(path))? {
            files::write(&folder.join(path), &bytes)?;
        }
    }
    Ok(Some(folder))
}

/// Moves the whole work folder into a new numbered folder.
pub(crate) fn move_work(stage: &Stage) -> Result<PathBuf> {
    let folder = new_folder(stage)?;
    let (from, to) = (stage.work(), folder.join("work"));
    fs::rename(&from, &to).map_err(|error| Fault::io("move", &from, &error))?;
    // What Cargo built there can be built again; it is no work of the learner's.
    let _ = fs::remove_dir_all(to.join("target"));
    Ok(folder)
}

/// Makes the next numbered folder.
pub(crate) fn new_folder(stage: &Stage) -> Result<PathBuf> {
    let backups = stage.home().join("backup");
    fs::create_dir_all(&backups).map_err(|error| Fault::io("create", &backups, &error))?;
    let entries = fs::read_dir(&backups).map_err(|error| Fault::io("list", &backups, &error))?;
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_string_lossy().parse::<u32>().ok());
    let mut number = numbers.max().unwrap_or(0) + 1;
    loop {
        let folder = backups.join(number.to_string());
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(Fault::io("create", &folder, &error)),
        }
    }
}

fn passed_file(stage: &Stage, id: Id) -> PathBuf {
    stage.home().join("backup").join("passed").join(format!("{id}.toml"))
}

/// Remembers the bodies of a pass.
pub(crate) fn save_passed(stage: &Stage, id: Id, passed: &Passed) -> Result<()> {
    let text = toml::to_string(passed).map_err(|error| Fault::Broken(error.to_string()))?;
    files::write_if_changed(&passed_file(stage, id), text.as_bytes()).map(drop)
}

/// The bodies of a pass, if they were kept and can be read.
pub(crate) fn load_passed(stage: &Stage, id: Id) -> Option<Passed> {
    let text = files::read_text(&passed_file(stage, id)).ok()??;
    toml::from_str(&text).ok()
}

/// Moves a file that cannot be read into a new numbered folder and returns its new place.
pub(crate) fn move_file(stage: &Stage, path: &Path) -> Result<PathBuf> {
    let name = path.file_name().unwrap_or_default();
    let to = new_folder(stage)?.join(name);
    fs::rename(path, &to).map_err(|error| Fault::io("move", path, &error))?;
    Ok(to)
}
