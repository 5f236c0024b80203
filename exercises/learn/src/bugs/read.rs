//! The list of bugs: `tests/bugs/NN-name.toml`.
//!
//! ```toml
//! wrong = "A leader does not wait for those whom it has asked to let in."
//! source = "KIP-497"
//!
//! [[change]]
//! stage = 3
//! function = "src/leader.rs::Leader::counts"
//! was = "|| may_be ||"
//! becomes = "||"
//! ```
//!
//! A change is looked for inside of one function, where it must stand once. So lines that move elsewhere do not matter, and a
//! place that is gone is noticed. A bug that the stage itself has as a policy says `policy = "…"` instead of changes. One
//! that the model has to find says in which bounds: `model = "…"` is a scenario of the model's, whose policy is not used. One that
//! shows only in the storm of a later stage than those that it changes says which: `storm = 5`.

use std::path::Path;

use serde::Deserialize;

use super::plant::SIMULATIONS;
use crate::course::Course;
use crate::fault::{Fault, Result};
use crate::files;
use crate::hole::Hole;

/// Where the list is.
const FOLDER: &str = "tests/bugs";

/// A bug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bug {
    pub(crate) number: usize,
    /// `pending-not-counted` of `tests/bugs/07-pending-not-counted.toml`
    pub(crate) name: String,
    /// What is wrong, in a sentence.
    pub(crate) wrong: String,
    /// Where one can read of it.
    pub(crate) source: Option<String>,
    /// The name that the simulation has for it.
    pub(crate) policy: Option<String>,
    /// The scenario of the model in whose bounds it shows, if the model is to find it.
    pub(crate) model: Option<String>,
    /// The stage whose simulation is to find it: the last that it changes, if the file says no later one.
    pub(crate) storm: u8,
    pub(crate) changes: Vec<Change>,
}

/// A few lines that are others in a buggy stage.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// The stage's number.
    pub(crate) stage: u8,
    pub(crate) function: Hole,
    pub(crate) was: String,
    pub(crate) becomes: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    wrong: String,
    source: Option<String>,
    policy: Option<String>,
    model: Option<String>,
    storm: Option<u8>,
    #[serde(default, rename = "change")]
    changes: Vec<Change>,
}

/// All bugs, by number.
pub(crate) fn all(course: &Course) -> Result<Vec<Bug>> {
    let folder = course.root.join(FOLDER);
    let mut bugs: Vec<Bug> = Vec::new();
    for path in files::walk(&folder, &[])? {
        let file = files::slashed(&path);
        let text = files::need_text(&folder.join(&path))?;
        let bug = parse(&path, &text).map_err(|rule| Fault::Broken(format!("{FOLDER}/{file}: {rule}")))?;
        if let Some(other) = bugs.iter().find(|other| other.number == bug.number || other.name == bug.name) {
            let rule = format!("its number or its name is that of `{}` too", other.name);
            return Err(Fault::Broken(format!("{FOLDER}/{file}: {rule}")));
        }
        bugs.push(bug);
    }
    bugs.sort_by_key(|bug| bug.number);
    match bugs.is_empty() {
        true => Err(Fault::Broken(format!("there are no bugs in {}", course.show(&folder)))),
        false => Ok(bugs),
    }
}

fn parse(path: &Path, text: &str) -> std::result::Result<Bug, String> {
    let stem = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".toml"));
    let named = stem.and_then(|stem| stem.split_once('-')).and_then(|(number, name)| {
        let is_word = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        number.parse().ok().filter(|_| is_word).map(|number| (number, name.to_owned()))
    });
    let (number, name) = named.ok_or("its name is not like `07-pending-not-counted.toml`")?;
    let File { wrong, source, policy, model, storm, changes } =
        toml::from_str(text).map_err(|error| error.to_string())?;
    if policy.is_some() != changes.is_empty() {
        return Err("it has either changes or a policy".to_owned());
    }
    if policy.is_some() && model.is_some() {
        return Err("a policy of the simulation is found by the simulation".to_owned());
    }
    if wrong.trim().is_empty() || changes.iter().any(|change| change.was.trim().is_empty()) {
        return Err("`wrong` and `was` say something".to_owned());
    }
    let last = changes.iter().map(|change| change.stage).chain([*SIMULATIONS.start()]).max();
    let storm = storm.or(last).filter(|storm| SIMULATIONS.contains(storm));
    let storm = storm.ok_or_else(|| format!("`storm` is a stage with a simulation: {SIMULATIONS:?}"))?;
    let trimmed = |change: Change| {
        let (was, becomes) = (change.was.trim().to_owned(), change.becomes.trim().to_owned());
        Change { was, becomes, ..change }
    };
    let changes = changes.into_iter().map(trimmed).collect();
    Ok(Bug { number, name, wrong, source, policy, model, storm, changes })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "wrong = \"It forgets.\"\n[[change]]\nstage = 3\nfunction = \"src/a.rs::A::f\"\nwas = '''\n  keep()\n'''\nbecomes = \"\"\n";

    fn refused(file: &str, text: &str) -> String {
        parse(Path::new(file), text).unwrap_err()
    }

    #[test]
    fn a_bug_is_a_number_a_name_and_changes() {
        let bug = parse(Path::new("07-it-forgets.toml"), GOOD).unwrap();
        assert_eq!((bug.number, bug.name.as_str(), bug.source), (7, "it-forgets", None));
        let [change] = bug.changes.as_slice() else { panic!("{:?}", bug.changes) };
        assert_eq!((change.was.as_str(), change.becomes.as_str(), bug.storm), ("keep()", "", 4));
        assert_eq!(change.function.to_string(), "src/a.rs::A::f");
    }

    #[test]
    fn the_storm_is_of_the_last_stage_that_it_changes_or_of_a_later_one() {
        let storm = |text: &str| parse(Path::new("07-it-forgets.toml"), text).map(|bug| bug.storm);
        assert_eq!(storm(&GOOD.replace("stage = 3", "stage = 5")), Ok(5));
        assert_eq!(storm(&format!("storm = 5\n{GOOD}")), Ok(5));
        assert!(storm(&format!("storm = 3\n{GOOD}")).unwrap_err().contains("a stage with a simulation"));
    }

    #[test]
    fn what_cannot_be_says_why() {
        for file in ["forgets.toml", "07.toml", "07-It.toml", "x-it.toml", "07-it.rs"] {
            assert!(refused(file, GOOD).contains("is not like"), "{file}");
        }
        assert!(refused("07-it.toml", "wrong = \"It.\"").contains("either changes or a policy"));
        assert!(refused("07-it.toml", &format!("policy = \"x\"\n{GOOD}")).contains("either changes or a policy"));
        let by_model = "wrong = \"It.\"\npolicy = \"x\"\nmodel = \"y\"";
        assert!(refused("07-it.toml", by_model).contains("found by the simulation"));
        assert!(refused("07-it.toml", &GOOD.replace("  keep()", "")).contains("say something"));
        assert!(refused("07-it.toml", &format!("when = 1\n{GOOD}")).contains("when"));
    }
}
