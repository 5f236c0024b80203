//! What the learner has written for an exercise: the bodies of its holes, or its story.
//!
//! A pass remembers the hash of the answer, so that the map can tell "passed" from "passed, but changed since". The hash is
//! taken of tokens, not of text: a formatter or a comment does not change an answer.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::course::{Course, Exercise, Stage};
use crate::fault::Fault;
use crate::files;
use crate::hole::Hole;
use crate::source::{Missing, Source};

/// How many answers are remembered as parsed: more than the course has exercises, and a few saves of each.
const REMEMBERED: usize = 2_000;

/// An answer as it stands in the work folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// By the address of the hole, or by the story's file name.
    pub(crate) bodies: BTreeMap<String, String>,
    /// The line of each hole's `fn`, in the order of the exercise.
    pub(crate) lines: Vec<(Hole, usize)>,
    pub(crate) hash: String,
}

/// Why there is no answer to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unread {
    /// A file is not there.
    NoFile(String),
    /// The function is gone, or stands in the file `twice`.
    NoFunction { hole: Box<Hole>, twice: bool },
    /// The file does not parse.
    Syntax { file: String, line: usize, column: usize, message: String },
    /// Something else.
    Other(Fault),
}

/// Reads the answer to an exercise from the work folder.
pub(crate) fn read(stage: &Stage, exercise: &Exercise) -> std::result::Result<Answer, Unread> {
    let mut answer = Answer { bodies: BTreeMap::new(), lines: Vec::new(), hash: String::new() };
    let mut normal = String::new();
    if let Some(story) = &exercise.story {
        let text = text_of(stage, story)?;
        normal.push_str(&text);
        answer.bodies.insert(story.clone(), text);
    }
    for hole in &exercise.holes {
        let text = text_of(stage, &hole.file)?;
        let source = Source::parse(&text).map_err(|missing| unread(hole, missing))?;
        let found = source.find(&hole.item).map_err(|missing| unread(hole, missing))?;
        normal.push_str(&found.tokens);
        normal.push('\n');
        answer.lines.push((hole.clone(), found.line));
        answer.bodies.insert(hole.to_string(), text[found.body].to_owned());
    }
    answer.hash = files::hash(normal.as_bytes());
    Ok(answer)
}

fn text_of(stage: &Stage, file: &str) -> std::result::Result<String, Unread> {
    let text = files::read_text(&stage.work().join(file)).map_err(Unread::Other)?;
    text.ok_or_else(|| Unread::NoFile(file.to_owned()))
}

fn unread(hole: &Hole, missing: Missing) -> Unread {
    match missing {
        Missing::Syntax { line, column, message } => Unread::Syntax { file: hole.file.clone(), line, column, message },
        missing => Unread::NoFunction { hole: Box::new(hole.clone()), twice: matches!(missing, Missing::Ambiguous(_)) },
    }
}

impl Unread {
    /// What to tell the learner, with the way out. An exercise that is not `started` cannot be reset.
    pub(crate) fn fault(self, course: &Course, stage: &Stage, exercise: &Exercise, started: bool) -> Fault {
        let id = exercise.id;
        let path = |file: &str| course.show(&stage.work().join(file));
        let or = |file: &str| match started {
            true => format!(
                "Or type `cargo learn reset {id}`: it keeps your file in a backup and puts the empty function back."
            ),
            false => format!("The course has it in {}.", course.show(&stage.reference().join(file))),
        };
        match self {
            Unread::NoFile(file) => {
                Fault::Work(format!("{} is gone. `cargo learn start {id}` puts it back.", path(&file)))
            }
            Unread::NoFunction { hole, twice: true } => Fault::Work(format!(
                "`{}` stands more than once in {}.\nExercise {id} fills one function of that name: remove the others.\n{}",
                hole.item,
                path(&hole.file),
                or(&hole.file)
            )),
            Unread::NoFunction { hole, twice: false } => Fault::Work(format!(
                "`{}` is gone from {}.\nExercise {id} fills the function of that name: give it its name back.\n{}",
                hole.item,
                path(&hole.file),
                or(&hole.file)
            )),
            Unread::Syntax { file, line, column, message } => Fault::Work(format!(
                "{}:{line}:{column} is not Rust yet: {message}.\nRepair that line; the compiler says more about it.\n{}",
                path(&file),
                or(&file)
            )),
            Unread::Other(fault) => fault,
        }
    }
}

/// The hash of the answer, if it can be read.
///
/// It is asked for again and again: the map, the screen and every copy that builds on the stage want to know whether an
/// exercise is passed. To parse a file takes a thousand times as long as to read it, so what was parsed once is remembered by
/// the content of the files.
pub(crate) fn hash(stage: &Stage, exercise: &Exercise) -> Option<String> {
    static PARSED: Mutex<BTreeMap<String, Option<String>>> = Mutex::new(BTreeMap::new());
    let mut content = format!("{} ", exercise.id).into_bytes();
    for file in exercise.holes.iter().map(|hole| &hole.file).chain(&exercise.story) {
        let path = stage.work().join(file);
        content.extend_from_slice(path.as_os_str().as_encoded_bytes());
        content.extend(files::read(&path).ok()??);
    }
    let key = files::hash(&content);
    if let Some(known) = PARSED.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return known.clone();
    }
    let hash = read(stage, exercise).ok().map(|answer| answer.hash);
    let mut parsed = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    if parsed.len() >= REMEMBERED {
        parsed.clear();
    }
    parsed.insert(key, hash.clone());
    hash
}

/// A function that the course names and does not have: our mistake, never the learner's.
pub(crate) fn lost_hole(stage: &Stage, hole: &Hole, missing: &Missing) -> Fault {
    let why = match missing {
        Missing::Syntax { line, column, message } => format!("line {line}, column {column}: {message}"),
        Missing::Absent(item) => format!("it has no `{item}`"),
        Missing::Ambiguous(item) => format!("it has more than one `{item}`"),
    };
    Fault::Broken(format!("exercises/{0}/exercises.toml names {hole}, but in stages/{0} {why}", stage.folder))
}
