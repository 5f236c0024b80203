//! Wrong solutions: answers that a learner could give, and that the tests must reject.
//!
//! ```rust,ignore
//! //! why: a learner may take the highest seven bits first
//! //! shows: the lowest first
//!
//! fn encode(value: u64) -> Vec<u8> { ... }
//! ```
//!
//! `why` says what the mistake is; `shows` is what the learner must read on the screen. Then come whole functions, under the
//! names of the holes they fill. They are matched by name, not by line, so they do not drift; their signatures must be
//! the reference's, so that a change of it is noticed. For a break-it exercise the file is a story, and the two lines
//! begin with `#`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::course::{Exercise, Stage};
use crate::fault::Result;
use crate::files;
use crate::hole::Hole;
use crate::source::{Missing, Source};

/// One wrong solution.
#[derive(Debug)]
pub(crate) struct Wrong {
    /// `a` of `wrong/1.1-a.rs`.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) shows: String,
    /// What it puts into which hole.
    pub(crate) bodies: BTreeMap<Hole, String>,
}

/// Reads the wrong solutions of an exercise, and says what is wrong with their files.
pub(crate) fn read_all(stage: &Stage, exercise: &Exercise) -> Result<(Vec<Wrong>, Vec<String>)> {
    let folder = stage.home().join("wrong");
    let (mut wrongs, mut problems) = (Vec::new(), Vec::new());
    let prefix = format!("{}-", exercise.id);
    for path in files::walk(&folder, &[])? {
        let file = files::slashed(&path);
        let Some(rest) = file.strip_prefix(&prefix) else { continue };
        let ending = if exercise.story.is_some() { ".story" } else { ".rs" };
        let Some(name) = rest.strip_suffix(ending) else {
            problems.push(format!("wrong/{file}: its name must end in {ending}"));
            continue;
        };
        match read(stage, exercise, name, &folder.join(&path))? {
            Ok(wrong) => wrongs.push(wrong),
            Err(problem) => problems.push(format!("wrong/{file}: {problem}")),
        }
    }
    Ok((wrongs, problems))
}

fn read(stage: &Stage, exercise: &Exercise, name: &str, path: &Path) -> Result<std::result::Result<Wrong, String>> {
    let text = files::need_text(path)?;
    let mark = if exercise.story.is_some() { "#" } else { "//!" };
    let (Some(_), Some(shows)) = (header(&text, mark, "why:"), header(&text, mark, "shows:")) else {
        return Ok(Err(format!("it needs the lines `{mark} why: …` and `{mark} shows: …`")));
    };
    if ["starter", "reference"].contains(&name) {
        return Ok(Err(format!("`{name}` is no name for a wrong solution")));
    }
    let bodies = if exercise.story.is_some() { Ok(BTreeMap::new()) } else { bodies(stage, exercise, &text)? };
    let (name, path) = (name.to_owned(), path.to_owned());
    Ok(bodies.map(|bodies| Wrong { name, path, shows, bodies }))
}

/// What stands behind a word at the beginning of the file.
fn header(text: &str, mark: &str, word: &str) -> Option<String> {
    let lines = text.lines().take_while(|line| line.starts_with(mark.trim_end_matches('!')) || line.is_empty());
    let mut said = lines.filter_map(|line| line.strip_prefix(mark)?.trim_start().strip_prefix(word));
    said.next().map(|said| said.trim().to_owned()).filter(|said| !said.is_empty())
}

type Bodies = std::result::Result<BTreeMap<Hole, String>, String>;

fn bodies(stage: &Stage, exercise: &Exercise, text: &str) -> Result<Bodies> {
    let source = match Source::parse(text) {
        Ok(source) => source,
        Err(Missing::Syntax { line, column, message }) => return Ok(Err(format!("{line}:{column}: {message}"))),
        Err(_) => return Ok(Err("it does not parse".to_owned())),
    };
    let mut bodies = BTreeMap::new();
    for hole in &exercise.holes {
        let found = match source.find(&hole.item) {
            Ok(found) => found,
            Err(Missing::Ambiguous(item)) => return Ok(Err(format!("`{item}` stands in it more than once"))),
            Err(_) => continue,
        };
        let reference = files::read_text(&stage.reference().join(&hole.file))?.unwrap_or_default();
        let original = Source::parse(&reference).and_then(|source| source.find(&hole.item));
        let signature = original.map(|original| original.signature).unwrap_or_default();
        if signature != found.signature {
            return Ok(Err(format!(
                "`{}` is declared as\n  {}\nbut the stage has\n  {signature}",
                hole.item, found.signature
            )));
        }
        bodies.insert(hole.clone(), text[found.body].to_owned());
    }
    let all = source.function_names();
    if bodies.len() != all.len() || bodies.is_empty() {
        let holes: Vec<String> = exercise.holes.iter().map(|hole| hole.item.to_string()).collect();
        return Ok(Err(format!("it has the functions {}, but may replace only {}", all.join(", "), holes.join(", "))));
    }
    Ok(Ok(bodies))
}

#[cfg(test)]
mod tests {
    use super::header;

    #[test]
    fn the_two_lines_are_read_from_the_head_only() {
        let text = "//! why: bits are turned\n//! round\n//! shows:  seven bits \n\nfn f() {}\n//! why: no";
        assert_eq!(header(text, "//!", "why:").unwrap(), "bits are turned");
        assert_eq!(header(text, "//!", "shows:").unwrap(), "seven bits");
        let story = "# Title\n# why: it cuts too much\n# shows: offset 3\nappend a\n# shows: no";
        assert_eq!(header(story, "#", "shows:").unwrap(), "offset 3");
        assert_eq!(header("fn f() {}\n//! why: late", "//!", "why:"), None);
        assert_eq!(header("//! why:\n", "//!", "why:"), None);
    }
}
