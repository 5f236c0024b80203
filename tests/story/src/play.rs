//! Playing: a story's commands are given to a system, one after another, and everything is noted.

use std::any::Any;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use goldenscript::{Command, Context};
use serde_json::{Value, json};

use crate::script::Step;
use crate::{Story, StoryError, json};

/// What a story drives. A stage implements it for the thing it builds.
///
/// Both methods must be deterministic: no wall clock, no random number that is not seeded, no path of this machine, and
/// no order that a hash map chose may reach an answer or a state.
///
/// ```
/// use std::error::Error;
/// use std::path::Path;
/// use story::{Args, Command, Story, System, play};
///
/// /// A queue in memory.
/// #[derive(Default)]
/// struct Queue(Vec<String>);
///
/// impl System for Queue {
///     fn run(&mut self, command: &Command) -> Result<String, Box<dyn Error>> {
///         let mut args = Args::of(command);
///         match command.name.as_str() {
///             "append" => {
///                 let value: String = args.value("record")?;
///                 args.done()?;
///                 self.0.push(value);
///                 Ok(format!("at {}", self.0.len() - 1))
///             }
///             "read" => {
///                 let from = args.key("from")?.unwrap_or(0);
///                 args.done()?;
///                 let records = self.0.get(from..).ok_or_else(|| format!("offset {from} is past the end"))?;
///                 Ok(records.join("\n"))
///             }
///             _ => Err(args.unknown_command()),
///         }
///     }
///
///     fn state(&self) -> serde_json::Value {
///         serde_json::json!({ "end": self.0.len() })
///     }
/// }
///
/// let script = "# A queue\n# needs: log\nappend hello\n!read from=7\n";
/// let story = Story::parse(Path::new("queue.story"), script)?;
/// let played = play(&story, &mut Queue::default())?;
/// assert!(played.text.ends_with("---\nat 0\nError: offset 7 is past the end\n"));
/// # Ok::<(), story::StoryError>(())
/// ```
pub trait System {
    /// Carries out one command and says what a person should read. An empty answer prints nothing.
    ///
    /// An error fails the story, unless the script expects it with a `!` before the command: then it is printed as
    /// `Error: …`. A panic always fails the story.
    fn run(&mut self, command: &Command) -> Result<String, Box<dyn Error>>;

    /// The whole state after the command that ran last, for the book's player to draw. It must be an observation alone:
    /// asking for it changes nothing.
    fn state(&self) -> Value;

    /// Which of the player's views draws [`System::state`].
    fn view(&self) -> &'static str {
        "log"
    }
}

/// What happened when a story was played.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// The script with what the system answered after each block, as a person reads it.
    pub text: String,
    /// `{story, title, view, steps: [{comment, command, answer, state}]}`, for the book's player.
    pub trace: Value,
}

impl Played {
    /// The trace as a file: keys in a fixed order, short values on one line, a newline at the end. The same trace gives
    /// the same bytes, whatever features of `serde_json` the workspace happens to switch on.
    pub fn trace_json(&self) -> String {
        json::pretty(&self.trace, &["story", "title", "view", "comment", "command", "answer", "state"])
    }
}

/// Plays the whole story on the system.
///
/// # Errors
///
/// A command that failed without a `!` before it, or that has a `!` and did not fail. The error names file, line and
/// command.
pub fn play(story: &Story, system: &mut dyn System) -> Result<Played, StoryError> {
    let view = system.view();
    let mut player = Player { story, system, steps: Vec::new(), outcome: Outcome::Running };
    let text = goldenscript::generate(&mut player, &story.goldenscript());
    match player.outcome {
        Outcome::Panicked(panic) => resume_unwind(panic),
        Outcome::Failed(error) => Err(error),
        Outcome::Running => Ok(Played {
            text: text.map_err(|error| StoryError::file(&story.path, error.to_string()))?,
            trace: json!({ "story": story.name(), "title": story.title(), "view": view, "steps": player.steps }),
        }),
    }
}

/// Stands between goldenscript and the system: goldenscript interleaves the text, the player notes the trace.
struct Player<'a> {
    story: &'a Story,
    system: &'a mut dyn System,
    steps: Vec<Value>,
    outcome: Outcome,
}

/// Why the run ended before the script did. Goldenscript's own errors know neither the file nor the line in it.
enum Outcome {
    Running,
    Failed(StoryError),
    Panicked(Box<dyn Any + Send>),
}

impl goldenscript::Runner for Player<'_> {
    type Command = Command;

    fn run(&mut self, command: &Command, context: &Context) -> Result<String, Box<dyn Error>> {
        if !matches!(self.outcome, Outcome::Running) {
            // Goldenscript goes on after a failure that a `!` seems to expect; we do not.
            return Err("the story has ended".into());
        }
        // It also takes a panic for such a failure. It is none: it would hide a `todo!()`.
        let result = match catch_unwind(AssertUnwindSafe(|| self.system.run(command))) {
            Ok(result) => result,
            Err(panic) => return Err(self.panicked(panic)),
        };
        let answer = match &result {
            Ok(answer) if !context.fail => answer.clone(),
            Err(error) if context.fail => format!("Error: {error}"),
            Ok(answer) => return Err(self.fail(format!("was expected to fail, and answered: {answer}"))),
            Err(error) => return Err(self.fail(format!("failed: {error}"))),
        };
        self.note(if context.silent { "" } else { answer.trim_end() });
        result
    }
}

impl Player<'_> {
    /// The step that runs now: one is noted for each that ended.
    fn step(&self) -> &Step {
        &self.story.steps[self.steps.len()]
    }

    fn note(&mut self, answer: &str) {
        let Step { comment, source, .. } = self.step();
        let step = json!({ "comment": comment, "command": source, "answer": answer, "state": self.system.state() });
        self.steps.push(step);
    }

    fn fail(&mut self, what: String) -> Box<dyn Error> {
        let Step { line, source, .. } = self.step();
        self.outcome = Outcome::Failed(StoryError::line(&self.story.path, *line, format!("`{source}` {what}")));
        "the story has ended".into()
    }

    /// The panic goes on when goldenscript has returned; its message alone would not say where in the story it was.
    fn panicked(&mut self, panic: Box<dyn Any + Send>) -> Box<dyn Error> {
        let Step { line, source, .. } = self.step();
        eprintln!("{}:{line}: `{source}` panicked", self.story.path.display());
        self.outcome = Outcome::Panicked(panic);
        "the story has ended".into()
    }
}
