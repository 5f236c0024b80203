//! The course as it stands on disk: stages, their exercises, and where everything lies.
//!
//! ```text
//! root/
//!   stages/01-segment-log/             the reference: code that works
//!   exercises/01-segment-log/          the exercises of that stage
//!     exercises.toml, 1.1.md, wrong/   written by us
//!     work/                            the learner's copy of the stage
//!     backup/                          what the learner wrote and then gave up
//!   exercises/progress.toml            what was passed
//!   target/learn/                      everything built from copies
//! ```
//!
//! `work`, `backup`, `progress.toml` and `target` are not tracked by git. Everything else is only read here.
//!
//! Invariants after [`Course::load`]: numbers of stages are unique; an exercise's number begins with its stage's; no
//! function is a hole of two exercises; a `break-it` exercise has a story and no holes, every other has holes and no
//! story. How many hints and wrong solutions there are is `verify`'s business, since a learner need not wait for it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::fault::{Fault, Result};
use crate::files;
use crate::hole::Hole;

mod names;
mod read;

pub(crate) use names::{Id, TestName};

/// The stages of the whole course, with the question that each answers.
const PLAN: [(&str, &str); 10] = [
    ("01-segment-log", "How does a file become a queue that survives a crash?"),
    ("02-partitioning", "How do many machines share one stream?"),
    ("03-replication", "What happens when a machine dies?"),
    ("04-acks", "When may the producer believe it?"),
    ("05-idempotence", "How can a retry not be a duplicate?"),
    ("06-transactions", "How do many partitions change together?"),
    ("07-consumer-groups", "How do readers share the work?"),
    ("08-controller-quorum", "Who decides, when the decider dies?"),
    ("09-kafka-protocol", "How do other people's programs talk to it?"),
    ("10-broker", "What makes it a product?"),
];

/// The course.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    /// The folder that holds `stages` and `exercises`.
    pub(crate) root: PathBuf,
    /// In the order of their numbers, those to come included.
    pub(crate) stages: Vec<Stage>,
    /// Where everything made from learners' copies is built, so that it never waits for a build of the course.
    pub(crate) target: PathBuf,
}

/// One stage.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    pub(crate) number: u8,
    /// `01-segment-log`
    pub(crate) folder: String,
    /// The question it answers, where the plan knows it.
    pub(crate) question: &'static str,
    /// Whether its code is there.
    pub(crate) built: bool,
    /// The Cargo package; empty as long as the stage is to come.
    pub(crate) package: String,
    pub(crate) exercises: Vec<Exercise>,
    pub(crate) demo: Option<Demo>,
    /// The example of the package that checks a model, and opens the checker's Explorer.
    pub(crate) model: Option<String>,
    root: PathBuf,
}

/// One exercise, as `exercises.toml` describes it.
#[derive(Debug, Clone)]
pub(crate) struct Exercise {
    pub(crate) id: Id,
    pub(crate) title: String,
    /// 1 to 3.
    pub(crate) difficulty: u8,
    pub(crate) kind: Kind,
    /// The functions it empties.
    pub(crate) holes: Vec<Hole>,
    /// For `break-it`: the story's file name, in the stage's exercise folder and in the learner's copy.
    pub(crate) story: Option<String>,
    /// The tests that judge it, the most basic first.
    pub(crate) tests: Vec<TestName>,
    /// From vague to plain.
    pub(crate) hints: Vec<String>,
    /// What a person who has passed it knows now.
    pub(crate) learned: Option<String>,
    /// How long the judging tests may run.
    pub(crate) timeout: Duration,
}

/// What is asked of the learner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// Write the bodies of functions.
    Fill,
    /// Write a story that shows a fault.
    BreakIt,
    /// Write something new against a given trait.
    Extend,
}

/// A guided run of a stage's program.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Demo {
    pub(crate) title: String,
    pub(crate) steps: Vec<Step>,
}

/// One command of a demo.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// What to look at.
    #[serde(default)]
    pub(crate) say: String,
    /// The program's arguments.
    pub(crate) run: Vec<String>,
    /// What it reads.
    #[serde(default)]
    pub(crate) stdin: String,
}

impl Course {
    /// Finds the course from the current folder upward, or where `FTLU_ROOT` says, and reads it.
    pub(crate) fn find() -> Result<Course> {
        let here = std::env::current_dir().map_err(|error| Fault::io("enter", Path::new("."), &error))?;
        let told = std::env::var_os("FTLU_ROOT").filter(|told| !told.is_empty());
        let from = told.as_ref().map_or(here.clone(), |told| files::join(&here, Path::new(told)));
        let is_root = |folder: &&Path| folder.join("exercises").is_dir() && folder.join("stages").is_dir();
        let depth = if told.is_some() { 1 } else { usize::MAX };
        let Some(root) = from.ancestors().take(depth).find(is_root) else {
            return Err(Fault::Usage(format!(
                "{} is not inside the course. Go to the folder that holds `stages` and `exercises`.",
                from.display()
            )));
        };
        Course::load(root)
    }

    /// Reads the course at `root`.
    pub(crate) fn load(root: &Path) -> Result<Course> {
        let root = root.canonicalize().map_err(|error| Fault::io("open", root, &error))?;
        let mut stages = Vec::new();
        for folder in read::stage_folders(&root)? {
            stages.push(read::stage(&root, &folder)?);
        }
        for (folder, question) in PLAN {
            let number = read::number(folder).unwrap_or_default();
            if stages.iter().all(|stage| stage.number != number) {
                stages.push(Stage::to_come(&root, number, folder, question));
            }
        }
        stages.sort_by_key(|stage| stage.number);
        Ok(Course { target: root.join("target").join("learn"), root, stages })
    }

    /// All exercises in order, with their stages.
    pub(crate) fn exercises(&self) -> impl DoubleEndedIterator<Item = (&Stage, &Exercise)> {
        self.stages.iter().flat_map(|stage| stage.exercises.iter().map(move |exercise| (stage, exercise)))
    }

    /// The exercise of that number.
    pub(crate) fn exercise(&self, id: Id) -> Result<(&Stage, &Exercise)> {
        self.exercises().find(|(_, exercise)| exercise.id == id).ok_or_else(|| {
            Fault::Usage(format!("there is no exercise {id}. `cargo learn list` names those there are."))
        })
    }

    /// The stage of that number, if its code is there.
    pub(crate) fn stage(&self, number: u8) -> Result<&Stage> {
        let stage = self.stages.iter().find(|stage| stage.number == number && stage.built);
        stage.ok_or_else(|| {
            Fault::Usage(format!("there is no stage {number:02} yet. `cargo learn list` shows the map."))
        })
    }

    /// A path as the person reads it: from where they stand.
    pub(crate) fn show(&self, path: &Path) -> String {
        let here = std::env::current_dir().and_then(|here| here.canonicalize());
        let inside = here.as_ref().is_ok_and(|here| here.starts_with(&self.root));
        let from = here.ok().filter(|_| inside).unwrap_or_else(|| self.root.clone());
        files::slashed(&files::relative(&from, path))
    }
}

impl Stage {
    fn to_come(root: &Path, number: u8, folder: &str, question: &'static str) -> Stage {
        Stage {
            number,
            folder: folder.to_owned(),
            question,
            built: false,
            package: String::new(),
            exercises: Vec::new(),
            demo: None,
            model: None,
            root: root.to_owned(),
        }
    }

    /// The name without the number.
    pub(crate) fn name(&self) -> &str {
        self.folder.split_once('-').map_or(self.folder.as_str(), |(_, name)| name)
    }

    /// The code that works.
    pub(crate) fn reference(&self) -> PathBuf {
        self.root.join("stages").join(&self.folder)
    }

    /// Where its exercises are.
    pub(crate) fn home(&self) -> PathBuf {
        self.root.join("exercises").join(&self.folder)
    }

    /// The learner's copy.
    pub(crate) fn work(&self) -> PathBuf {
        self.home().join("work")
    }

    /// What an exercise asks, in Markdown.
    pub(crate) fn statement(&self, id: Id) -> PathBuf {
        self.home().join(format!("{id}.md"))
    }
}

impl Exercise {
    /// What `todo!` says in an emptied function.
    pub(crate) fn announcement(&self) -> String {
        format!("exercise {}: {}", self.id, self.title)
    }

    /// For `break-it`: the story that the learner starts from.
    pub(crate) fn start_story(&self, stage: &Stage) -> Option<PathBuf> {
        let story = self.story.as_ref()?;
        let stem = story.strip_suffix(".story").unwrap_or(story);
        Some(stage.home().join(format!("{stem}.start.story")))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Fill => "fill",
            Kind::BreakIt => "break it",
            Kind::Extend => "extend",
        })
    }
}
