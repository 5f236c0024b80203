//! A learner's story: what a break-it exercise asks for, and its tests judge.

use std::env;
use std::path::PathBuf;

use serde_json::Value;

use crate::{Story, System, judge, play, stories_dir};

/// The story that an exercise's tests judge: the one that `FTLU_STORY` names, or else the course's own.
///
/// It is judged by what happened, not by how it is written: each command with its answer, and the state after it.
#[derive(Debug, Clone)]
pub struct Submission {
    path: PathBuf,
}

/// One command of the story, and what came of it.
#[derive(Debug, Clone)]
pub struct Told {
    /// The line as written.
    pub command: String,
    /// The command's name alone.
    pub name: String,
    /// What the system answered.
    pub answer: String,
    /// The state after it.
    pub state: Value,
}

impl Submission {
    /// `reference` is the course's own story, by its path in the folder `exercises`: `01-segment-log/1.12.story`.
    pub fn new(reference: &str) -> Self {
        let own = || stories_dir().join("../../exercises").join(reference);
        Self { path: env::var_os("FTLU_STORY").map_or_else(own, PathBuf::from) }
    }

    /// Where the learner should look: the story's own file.
    pub fn look_at(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Plays the story on the system. One that does not play to its end is judged.
    #[track_caller]
    pub fn play(&self, system: &mut dyn System) -> Vec<Told> {
        let played = Story::load(&self.path).and_then(|story| play(&story, system));
        let fault = played.as_ref().err().map(ToString::to_string);
        let rule = "the story can be played to its end";
        judge::that(rule, fault.is_none(), format_args!("{}", fault.unwrap_or_default()), &self.look_at());
        let played = played.expect("it was judged");
        // Shown beside a failure: what the learner's commands have answered.
        println!("{}", played.text);
        let steps = played.trace["steps"].as_array().expect("a trace has steps");
        steps.iter().map(Told::of).collect()
    }
}

impl Told {
    fn of(step: &Value) -> Self {
        let text = |key: &str| step[key].as_str().unwrap_or_default().to_owned();
        let command = text("command");
        let name = command.trim_start_matches(['!', '>', '(']).split_whitespace().next().unwrap_or_default().to_owned();
        Told { name, answer: text("answer"), state: step["state"].clone(), command }
    }
}
