//! What has to be done to a copy, decided before anything is written.
//!
//! Every file of the copy is looked at once, and what is to happen is put on one of a few lists: to write, to remove, to
//! back up first, to tell. [`Plan::carry_out`] then does it, backups first and `.origin.toml` last.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::pointers::Pointers;
use super::{NOT_COPIED, holes_in, outside};
use crate::anchor;
use crate::answer;
use crate::backup;
use crate::course::{Course, Exercise, Stage};
use crate::fault::{Fault, Result};
use crate::files;
use crate::hole::Hole;
use crate::origin::Origin;
use crate::progress::Progress;
use crate::starter::{self, Filling};

/// Everything that is going to happen to a copy.
pub(super) struct Plan<'a> {
    course: &'a Course,
    stage: &'a Stage,
    progress: &'a Progress,
    started: Vec<&'a Exercise>,
    work: PathBuf,
    /// Whether this copy was made before, and whether its folder is still there.
    existed: bool,
    folder: bool,
    /// As it is going to be.
    origin: Origin,
    /// The files that the course has now.
    listed: BTreeSet<String>,
    writes: Vec<(PathBuf, Vec<u8>)>,
    removals: Vec<PathBuf>,
    /// The learner's own text would be lost: to be backed up.
    endangered: Vec<PathBuf>,
    returned: Vec<String>,
    updated: Vec<String>,
    pub(super) notes: Vec<String>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(course: &'a Course, stage: &'a Stage, progress: &'a Progress) -> Result<Plan<'a>> {
        let work = stage.work();
        let known = Origin::load(&work)?;
        let started: Vec<&Exercise> =
            stage.exercises.iter().filter(|exercise| progress.entry(exercise.id).started).collect();
        Ok(Plan {
            course,
            stage,
            progress,
            existed: known.is_some() || !started.is_empty(),
            origin: Origin {
                started: started.iter().map(|exercise| exercise.id).collect(),
                ..known.unwrap_or_default()
            },
            folder: work.is_dir(),
            started,
            work,
            listed: BTreeSet::new(),
            writes: Vec::new(),
            removals: Vec::new(),
            endangered: Vec::new(),
            returned: Vec::new(),
            updated: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// Plans every file of the reference, the removal of those it no longer has, and the lock file.
    pub(super) fn files(&mut self) -> Result<()> {
        let reference = self.stage.reference();
        for path in files::walk(&reference, &NOT_COPIED)? {
            let bytes = files::read(&reference.join(&path))?.unwrap_or_default();
            let bytes = anchor::moved(&reference, &path, bytes);
            if path.starts_with("tests") { self.test(&path, bytes)? } else { self.source(&path, &bytes)? }
        }
        self.gone()?;
        let lock = files::read(&self.course.root.join("Cargo.lock"))?.unwrap_or_default();
        let hash = files::hash(&lock);
        if self.origin.lock != hash || !self.work.join("Cargo.lock").is_file() {
            self.origin.lock = hash;
            self.writes.push(("Cargo.lock".into(), lock));
        }
        Ok(())
    }

    /// A file that is ours as long as the learner does not change it.
    pub(super) fn ours(&mut self, name: &str, text: &[u8]) -> Result<()> {
        let (hash, known) = (files::hash(text), self.origin.files.get(name).cloned());
        self.listed.insert(name.to_owned());
        match files::read(&self.work.join(name))?.map(|mine| files::hash(&mine)) {
            Some(mine) if mine == hash => {}
            Some(mine) if known.as_ref() != Some(&mine) => {
                if known.as_ref() != Some(&hash) && known.is_some() {
                    self.conflict(name);
                }
                return Ok(());
            }
            _ => self.writes.push((name.into(), text.to_vec())),
        }
        self.origin.files.insert(name.to_owned(), hash);
        Ok(())
    }

    /// The manifest: ours as long as the learner does not change it, but for the paths to the stages below. These are
    /// always as they must be, so the record of what we wrote leaves them out.
    pub(super) fn manifest(&mut self, text: &str, pointers: &Pointers<'_>) -> Result<()> {
        let name = "Cargo.toml";
        let hash = files::hash(pointers.neutral(text).as_bytes());
        let known = self.origin.files.get(name).cloned();
        self.listed.insert(name.to_owned());
        let Some(mine) = files::read_text(&self.work.join(name))? else {
            self.writes.push((name.into(), text.as_bytes().to_vec()));
            self.origin.files.insert(name.to_owned(), hash);
            return Ok(());
        };
        let mine_hash = files::hash(pointers.neutral(&mine).as_bytes());
        let new = if mine_hash == hash || known.as_ref() == Some(&mine_hash) {
            self.origin.files.insert(name.to_owned(), hash);
            text.to_owned()
        } else {
            if known.is_some_and(|known| known != hash) {
                self.conflict(name);
            }
            pointers.decided(&mine)
        };
        if new != mine {
            self.notes.extend(pointers.notes(&mine));
            self.writes.push((name.into(), new.into_bytes()));
        }
        Ok(())
    }

    /// A test or a snapshot: always the reference's.
    fn test(&mut self, path: &Path, reference: Vec<u8>) -> Result<()> {
        let (name, hash) = (files::slashed(path), files::hash(&reference));
        let known = self.origin.files.insert(name.clone(), hash.clone());
        self.listed.insert(name);
        if let Some(mine) = files::read(&self.work.join(path))?.map(|mine| files::hash(&mine)) {
            if mine == hash {
                return Ok(());
            }
            if known.as_ref() != Some(&mine) {
                self.endangered.push(path.to_owned());
            }
        }
        self.writes.push((path.to_owned(), reference));
        Ok(())
    }

    /// A source file: the learner's in the holes that were started, the reference's elsewhere until they change it.
    fn source(&mut self, path: &Path, reference: &[u8]) -> Result<()> {
        let name = files::slashed(path);
        let holes = holes_in(&self.started, &name);
        let only: Vec<&Hole> = holes.iter().map(|(_, hole)| *hole).collect();
        let now = self.outside_reference(reference, &only)?;
        let known = self.origin.files.get(&name).cloned();
        self.listed.insert(name.clone());
        let Some(mine) = files::read(&self.work.join(path))? else {
            let fillings = holes.iter().map(|(exercise, hole)| (*hole, self.first_filling(exercise, hole))).collect();
            self.write_source(path, reference, fillings, now)?;
            self.returned.push(name);
            return Ok(());
        };
        let outside_mine = outside(&mine, &only);
        if outside_mine.as_ref() == Some(&now) || known.is_none() {
            self.origin.files.insert(name, now);
        } else if outside_mine.is_some() && outside_mine == known {
            let mine = String::from_utf8_lossy(&mine);
            let bodies = only.iter().filter_map(|hole| Some((*hole, Filling::Body(starter::body(&mine, hole).ok()?))));
            self.write_source(path, reference, bodies.collect(), now)?;
            self.updated.push(name);
        } else if known != Some(now) {
            self.conflict(&name);
        }
        Ok(())
    }

    fn write_source(
        &mut self,
        path: &Path,
        reference: &[u8],
        fillings: Vec<(&Hole, Filling)>,
        now: String,
    ) -> Result<()> {
        let text = match fillings.first() {
            None => reference.to_vec(),
            Some((hole, _)) => {
                let text = String::from_utf8_lossy(reference);
                starter::fill(&text, &fillings)
                    .map_err(|missing| answer::lost_hole(self.stage, hole, &missing))?
                    .into_bytes()
            }
        };
        self.writes.push((path.to_owned(), text));
        self.origin.files.insert(files::slashed(path), now);
        Ok(())
    }

    fn outside_reference(&self, reference: &[u8], holes: &[&Hole]) -> Result<String> {
        for hole in holes {
            let text = String::from_utf8_lossy(reference);
            starter::body(&text, hole).map_err(|missing| answer::lost_hole(self.stage, hole, &missing))?;
        }
        outside(reference, holes).ok_or_else(|| Fault::Broken(format!("stages/{} is not UTF-8", self.stage.folder)))
    }

    /// What a started hole holds when its file is made anew: the answer that passed, or nothing.
    fn first_filling(&self, exercise: &Exercise, hole: &Hole) -> Filling {
        let passed = self.progress.entry(exercise.id).passed.is_some();
        let kept = backup::load_passed(self.stage, exercise.id).filter(|_| passed);
        let body = kept.and_then(|kept| kept.bodies.get(&hole.to_string()).cloned());
        body.map_or_else(|| Filling::todo(exercise), Filling::Body)
    }

    /// Files that the reference no longer has. They go, unless the learner has changed them; a test goes in any case.
    fn gone(&mut self) -> Result<()> {
        let old: Vec<String> = self.origin.files.keys().filter(|name| !self.listed.contains(*name)).cloned().collect();
        for name in old {
            let known = self.origin.files.remove(&name);
            let mine = files::read(&self.work.join(&name))?.map(|mine| files::hash(&mine));
            let changed = mine.is_some() && mine != known;
            if changed && !name.starts_with("tests/") {
                self.notes.push(format!("{name} is no longer in the course; yours is kept, since you changed it"));
                continue;
            }
            if changed {
                self.endangered.push(PathBuf::from(&name));
            }
            self.removals.push(PathBuf::from(name));
        }
        Ok(())
    }

    /// The stories of break-it exercises: the learner's alone, once they are there.
    pub(super) fn stories(&mut self) -> Result<()> {
        for exercise in self.started.clone() {
            let (Some(story), Some(start)) = (&exercise.story, exercise.start_story(self.stage)) else { continue };
            if self.work.join(story).is_file() {
                continue;
            }
            let passed = self.progress.entry(exercise.id).passed.is_some();
            let kept = backup::load_passed(self.stage, exercise.id).filter(|_| passed);
            let text = match kept.and_then(|mut kept| kept.bodies.remove(story)) {
                Some(text) => text,
                None => files::need_text(&start)?,
            };
            self.writes.push((story.into(), text.into_bytes()));
            self.returned.push(story.clone());
        }
        Ok(())
    }

    fn conflict(&mut self, name: &str) {
        let theirs = self.course.show(&self.stage.reference().join(name));
        self.notes.push(format!(
            "{name} has changed in the course, and you changed it too: yours is kept. Compare with {theirs}"
        ));
    }

    pub(super) fn carry_out(&mut self) -> Result<()> {
        if let Some(folder) = backup::save(self.stage, &self.endangered)? {
            let names: Vec<String> = self.endangered.iter().map(|path| files::slashed(path)).collect();
            self.notes.push(format!(
                "put back as in the course, since it judges your work: {}. Yours is kept in {}",
                names.join(", "),
                self.course.show(&folder)
            ));
        }
        for (path, bytes) in &self.writes {
            files::write(&self.work.join(path), bytes)?;
        }
        for path in &self.removals {
            files::remove(&self.work.join(path))?;
        }
        self.origin.save(&self.work)?;
        if !self.updated.is_empty() {
            self.notes.push(format!("updated from the course: {}", few(&self.updated)));
        }
        if self.existed && !self.folder {
            self.notes.push(format!(
                "{} was gone and was made again.\n      What had passed is in it; what was only begun is empty.",
                self.course.show(&self.work)
            ));
        } else if self.existed && !self.returned.is_empty() {
            self.notes.push(format!("was missing and is back: {}", few(&self.returned)));
        }
        Ok(())
    }
}

/// The names, or how many they are where nobody would read them all.
fn few(names: &[String]) -> String {
    match names.len() {
        0..=4 => names.join(", "),
        more => format!("{}, {} and {} more files", names[0], names[1], more - 2),
    }
}
