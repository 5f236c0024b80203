//! A story as it is written: title, headers, blocks of commands.
//!
//! ```text
//! # A reader starts between two index entries        the title
//! # The index is sparse, so the reader must scan.    prose
//! # needs: log                                       a header: one lower-case word, a colon, a value
//!
//! append "a"                                         a block: comments and commands, one a line
//! append "b"
//!
//! # Now read.                                        the next block
//! read from=1
//! ```
//!
//! The commands are goldenscript's. Each is parsed when the file is loaded, so a mistake in the last line is found before
//! the first command runs. A story holds no answers: the `---` that goldenscript wants between commands and their output
//! is added at each block's end.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use goldenscript::{Command, Context};

use crate::StoryError;

/// What a story may need, and what a system promises that offers it.
///
/// The list is closed, because a misspelled need would make a story run nowhere. A stage that brings a new kind of system
/// adds its line here.
pub const CAPABILITIES: &[(&str, &str)] = &[
    ("log", "one partition's log: append, read, roll, truncate, retain, reopen"),
    ("disk", "the files below the log: crashes, torn writes, corrupt bytes, lost indexes"),
    ("broker", "a broker with topics, and producers and consumers that reach it over a network"),
    (
        "cluster",
        "brokers that copy each other's partitions, a controller, and faults: cut cables, dead processes, lost power",
    ),
    ("acks", "a cluster whose brokers can be asked to wait until a record is safe"),
    ("idempotence", "a cluster whose partitions know their producers, and tell a retry from a record"),
    ("transactions", "a cluster in which records of many partitions count together, or not at all"),
];

/// One script, parsed.
#[derive(Debug, Clone)]
pub struct Story {
    pub(crate) path: PathBuf,
    name: String,
    title: String,
    needs: BTreeSet<String>,
    script: String,
    pub(crate) steps: Vec<Step>,
}

/// One command of a story, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Counted from 1.
    pub(crate) line: usize,
    /// The comment lines since the command before, without their `#`; title and headers are not part of it.
    pub(crate) comment: String,
    /// The line as written.
    pub(crate) source: String,
}

impl Story {
    /// Reads and parses one file.
    pub fn load(path: &Path) -> Result<Self, StoryError> {
        let text =
            fs::read_to_string(path).map_err(|error| StoryError::file(path, format!("cannot be read: {error}")))?;
        Self::parse(path, &text)
    }

    /// Parses `text` as the content of `path`. The file itself is not touched: its name is the story's name, and errors
    /// show it.
    pub fn parse(path: &Path, text: &str) -> Result<Self, StoryError> {
        let script = normalize(text);
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let header = Header::parse(path, &script)?;
        let steps = steps(path, &script, header.lines)?;
        Ok(Self { path: path.to_owned(), name, title: header.title, needs: header.needs, script, steps })
    }

    /// The file's name without `.story`: the name of its snapshots.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first line, without its `#`.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What the system must offer; each is one of [`CAPABILITIES`].
    pub fn needs(&self) -> &BTreeSet<String> {
        &self.needs
    }

    /// True if a system with the `offered` capabilities can run the story.
    pub fn needs_only(&self, offered: &[&str]) -> bool {
        self.needs.iter().all(|need| offered.contains(&need.as_str()))
    }

    /// The script as written, with `\n` line ends.
    pub fn script(&self) -> &str {
        &self.script
    }

    /// The script as goldenscript wants it: `---` at the end of every block.
    pub(crate) fn goldenscript(&self) -> String {
        let mut out = String::new();
        let mut open = false;
        for line in self.script.lines() {
            if line.is_empty() && open {
                out.push_str("---\n");
                open = false;
            }
            open |= is_command(line);
            out.push_str(line);
            out.push('\n');
        }
        if open {
            out.push_str("---\n");
        }
        out
    }
}

/// Loads every `.story` file of a folder, ordered by name. A folder without one is an error.
pub fn all(dir: &Path) -> Result<Vec<Story>, StoryError> {
    let unreadable = |error| StoryError::file(dir, format!("the folder of stories cannot be read: {error}"));
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "story") {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(StoryError::file(dir, "holds no `.story` file, so there is nothing to run"));
    }
    paths.sort();
    paths.iter().map(|path| Story::load(path)).collect()
}

/// The project's folder of stories. A learner's copy of a stage finds the same folder.
pub fn stories_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("stories")
}

/// The comment lines at the top, up to the first line that is none.
struct Header {
    title: String,
    needs: BTreeSet<String>,
    /// Lines of the header, by number from 1, that are title or `name: value`, and so no comment of a step.
    lines: BTreeSet<usize>,
}

impl Header {
    fn parse(path: &Path, script: &str) -> Result<Self, StoryError> {
        let mut comments = script.lines().map_while(comment_text).zip(1..);
        let title = comments.next().map(|(text, _)| text).filter(|text| !text.is_empty() && key_value(text).is_none());
        let Some(title) = title else {
            return Err(StoryError::line(path, 1, "a story's first line is its title: `# What happens here`"));
        };
        let mut header = Self { title: title.to_owned(), needs: BTreeSet::new(), lines: BTreeSet::from([1]) };
        for (text, line) in comments {
            let Some((key, value)) = key_value(text) else { continue };
            if key != "needs" {
                let what = format!("`{key}` is no header of a story; the only one is `# needs: log`");
                return Err(StoryError::line(path, line, what));
            }
            if !header.needs.is_empty() {
                return Err(StoryError::line(
                    path,
                    line,
                    "`needs` is given twice; put all in one line: `# needs: log, disk`",
                ));
            }
            header.needs = needs(value).map_err(|what| StoryError::line(path, line, what))?;
            header.lines.insert(line);
        }
        if header.needs.is_empty() {
            return Err(StoryError::file(path, "the header does not say what the story needs, as in `# needs: log`"));
        }
        Ok(header)
    }
}

/// `word: value`, where the word is lower case: a header. Prose such as `Note: …` is none.
fn key_value(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once(':')?;
    let is_word = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte == b'_');
    (is_word && (value.is_empty() || value.starts_with(' '))).then_some((key, value.trim()))
}

fn needs(value: &str) -> Result<BTreeSet<String>, String> {
    let mut needs = BTreeSet::new();
    for need in value.split(',').map(str::trim) {
        if !CAPABILITIES.iter().any(|(name, _)| *name == need) {
            let known: Vec<_> = CAPABILITIES.iter().map(|(name, _)| *name).collect();
            return Err(format!("nothing offers `{need}`; a story can need: {}", known.join(", ")));
        }
        needs.insert(need.to_owned());
    }
    Ok(needs)
}

/// Parses every command of the script. `header` holds the lines which belong to no step's comment.
fn steps(path: &Path, script: &str, header: BTreeSet<usize>) -> Result<Vec<Step>, StoryError> {
    let mut steps = Vec::new();
    let mut comment = Vec::new();
    for (source, line) in script.lines().zip(1..) {
        if let Some(text) = comment_text(source) {
            if !header.contains(&line) {
                comment.push(text);
            }
        } else if is_command(source) {
            check_command(source).map_err(|what| StoryError::line(path, line, what))?;
            let comment = std::mem::take(&mut comment).join("\n").trim().to_owned();
            steps.push(Step { line, comment, source: source.trim().to_owned() });
        } else if comment.last().is_some_and(|text| !text.is_empty()) {
            comment.push("");
        }
    }
    if steps.is_empty() {
        return Err(StoryError::file(path, "the story has no command"));
    }
    Ok(steps)
}

/// A comment line's text without `#` or `//`.
fn comment_text(line: &str) -> Option<&str> {
    let line = line.trim();
    line.strip_prefix('#').or_else(|| line.strip_prefix("//")).map(str::trim)
}

fn is_command(line: &str) -> bool {
    !line.trim().is_empty() && comment_text(line).is_none()
}

/// Unix line ends, no spaces at the ends of lines, no blank lines at the end. A line of spaces would be no blank line for
/// goldenscript, which would then read the block below it as output and skip it.
fn normalize(text: &str) -> String {
    let lines: String = text.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    format!("{}\n", lines.trim_end())
}

/// Refuses a line that is not one whole command, or one that says more than a system would hear.
fn check_command(source: &str) -> Result<(), String> {
    if source == "---" {
        return Err("a story holds commands only; what they answer is kept in the snapshot, so remove `---` and the lines below".into());
    }
    if source.ends_with('\\') {
        return Err("a command is one line; it cannot end with `\\`".into());
    }
    let mut parsed = Parsed::default();
    goldenscript::generate(&mut parsed, &format!("{source}\n---\n"))
        .map_err(|error| not_a_command(&error.to_string()))?;
    match parsed.0 {
        Some(context) if context.prefix.is_some() => {
            Err("a prefix before `:` is not heard by the system; use an argument".into())
        }
        Some(context) if !context.tags.is_empty() => {
            Err("tags in `[]` are not heard by the system; use an argument".into())
        }
        _ => Ok(()),
    }
}

/// Goldenscript counts lines in what it was given, which is one line here: keep the line and its caret only.
fn not_a_command(message: &str) -> String {
    let shown: Vec<_> = message.lines().skip(1).map(|line| format!("\n    {line}")).collect();
    format!("not a command from the caret on; a command is `name value key=value \"quoted value\"`{}", shown.concat())
}

/// Runs nothing: notes how goldenscript understood the line.
#[derive(Default)]
struct Parsed(Option<Context>);

impl goldenscript::Runner for Parsed {
    type Command = Command;

    fn run(&mut self, _: &Command, context: &Context) -> Result<String, Box<dyn Error>> {
        self.0 = Some(context.clone());
        // A line with `!` must fail for goldenscript to be content with it.
        if context.fail { Err("expected".into()) } else { Ok(String::new()) }
    }
}
