//! A twin of a stage: a copy that is no learner's, to prove something on it.
//!
//! A twin has several texts in the place of one function, and which of them runs is chosen when a program starts:
//!
//! ```rust,ignore
//! fn encode(value: u64) -> Vec<u8> {
//!     if crate::learn_variant::is("1.1:a") { /* wrong in one way */ }
//!     else if crate::learn_variant::is("1.1:b") { /* wrong in another */ }
//!     else { /* the reference */ }
//! }
//! ```
//!
//! So a stage with nine exercises and thirty wrong solutions costs one compilation, and so do all seeded bugs. A program, and
//! every program that it starts, reads its variant from the environment ([`VARIANT`]).
//!
//! Twins are written in place, and only where they differ, so that a second run compiles nothing that has not changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::anchor;
use crate::copy::NOT_COPIED;
use crate::course::{Course, Stage};
use crate::fault::Result;
use crate::files;
use crate::manifest::{self, Rewrite};

/// The variable that chooses.
pub(crate) const VARIANT: &str = "FTLU_VARIANT";

/// The module through which a body asks which variant it is.
const MODULE: &str = "\
//! Which variant runs.
use std::sync::OnceLock;

static CHOSEN: OnceLock<String> = OnceLock::new();

pub(crate) fn is(variant: &str) -> bool {
    CHOSEN.get_or_init(|| std::env::var(\"FTLU_VARIANT\").unwrap_or_default()) == variant
}
";

/// How a body begins to ask whether it is a variant. Its name follows, and a quote.
const ASKS: &str = "crate::learn_variant::is(\"";

/// A body that is the reference's, unless one of these variants runs. Bodies have their braces.
pub(crate) fn body<'v>(reference: &str, variants: impl Iterator<Item = (String, &'v str)>) -> String {
    let chosen = |(name, wrong): (String, &str)| format!("if {ASKS}{name}\") {wrong} else ");
    format!("{{ {}{reference} }}", variants.map(chosen).collect::<String>())
}

/// The variant in which an error of the compiler stands, or nothing. All are in one copy, so the place that the compiler names
/// is not where its author has to look.
pub(crate) fn variant_at(twin: &Path, error: &str) -> String {
    let place = error.lines().find_map(|line| line.trim_start().strip_prefix("--> "));
    let Some((file, line)) = place.and_then(|place| place.split_once(':')) else { return String::new() };
    let line: usize = line.split(':').next().and_then(|line| line.parse().ok()).unwrap_or(0);
    let text = std::fs::read_to_string(twin.join(file)).unwrap_or_default();
    let before: String = text.split_inclusive('\n').take(line).collect();
    let asked = before.rsplit_once(ASKS).map_or("", |(_, rest)| rest);
    asked.split('"').next().unwrap_or_default().to_owned()
}

/// What becomes of a file of the stage in its twin.
pub(crate) type Change<'c> = &'c dyn Fn(&Path, Vec<u8>) -> Result<Vec<u8>>;

/// What a twin is made of.
pub(crate) struct Twin<'a> {
    pub(crate) course: &'a Course,
    pub(crate) stage: &'a Stage,
    /// Its folder.
    pub(crate) to: &'a Path,
    /// What tells it from other copies of the stage; see [`Rewrite::mark`].
    pub(crate) mark: &'a str,
    /// The folder that stands in for a crate of the course, if one does.
    pub(crate) own: &'a dyn Fn(&Path) -> Option<PathBuf>,
    /// Whether its bodies choose.
    pub(crate) chooses: bool,
}

impl Twin<'_> {
    /// Writes it. `change` is given each file of the stage, and gives what the twin's holds.
    pub(crate) fn write(&self, change: Change<'_>) -> Result<()> {
        let mut expected = BTreeSet::from([PathBuf::from("Cargo.toml"), PathBuf::from("Cargo.lock")]);
        self.write_manifest()?;
        let reference = self.stage.reference();
        for path in files::walk(&reference, &NOT_COPIED)? {
            let bytes = files::read(&reference.join(&path))?.unwrap_or_default();
            let bytes = change(&path, anchor::moved(&reference, &path, bytes))?;
            let is_root = self.chooses && ["src/lib.rs", "src/main.rs"].contains(&files::slashed(&path).as_str());
            let bytes = if is_root { [bytes.as_slice(), b"\nmod learn_variant;\n"].concat() } else { bytes };
            files::write_if_changed(&self.to.join(&path), &bytes)?;
            expected.insert(path);
        }
        if self.chooses {
            files::write_if_changed(&self.to.join("src/learn_variant.rs"), MODULE.as_bytes())?;
            expected.insert(PathBuf::from("src/learn_variant.rs"));
        }
        for path in files::walk(self.to, &[])? {
            if !expected.contains(&path) {
                files::remove(&self.to.join(path))?;
            }
        }
        Ok(())
    }

    fn write_manifest(&self) -> Result<()> {
        let rewrite = Rewrite {
            root: &self.course.root,
            root_manifest: &manifest::parse(&self.course.root.join("Cargo.toml"))?,
            from: &self.stage.reference(),
            to: self.to,
            own: self.own,
            mark: Some(self.mark),
        };
        files::write_if_changed(&self.to.join("Cargo.toml"), rewrite.text()?.as_bytes())?;
        match files::read(&self.course.root.join("Cargo.lock"))? {
            Some(lock) => self.seed_lock(&lock),
            None => Ok(()),
        }
    }

    /// Cargo shortens the lock file to what the twin needs. So it is written again only when the course's has changed.
    fn seed_lock(&self, lock: &[u8]) -> Result<()> {
        let seed = self.to.join(".seed");
        if files::write_if_changed(&seed, files::hash(lock).as_bytes())? || !self.to.join("Cargo.lock").is_file() {
            files::write(&self.to.join("Cargo.lock"), lock)?;
        }
        Ok(())
    }
}
