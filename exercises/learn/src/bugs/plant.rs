//! Puts the bugs into twins of the stages, and builds what hunts them.
//!
//! All bugs are in one build, and a program chooses when it starts ([`twin`]). The twins build on each other:
//!
//! ```text
//!   target/bugs/01-segment-log ◀── 02-partitioning ◀── 03-replication ◀── 04-acks ◀── 05-idempotence ◀── 06-transactions
//!                                                        │ the model         ╰─ each has its simulation ─╯
//!   target/bugs/build          everything that is compiled of them
//! ```

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::read::{Bug, Change};
use crate::cargo::{Build, Built, Program};
use crate::course::{Course, Stage};
use crate::fault::{Fault, Result};
use crate::files;
use crate::hole::Hole;
use crate::process::Stop;
use crate::source::{self, Missing, Source};
use crate::twin::{self, Twin};
use crate::verbs::Ticker;

/// The stages whose programs have a simulation, and the stage whose example is the model.
pub(crate) const SIMULATIONS: RangeInclusive<u8> = 4..=6;
const MODEL: u8 = 3;

/// Writes the twins, with all bugs in them. What hunts can be built of them then.
pub(crate) fn plant(course: &Course, bugs: &[Bug]) -> Result<()> {
    let lost = lost(course, bugs)?;
    if !lost.is_empty() {
        return Err(Fault::Broken(lost.join("\n")));
    }
    for stage in planted_stages(course)? {
        let twin = Twin {
            course,
            stage,
            to: &folder(course, stage),
            mark: "bugs",
            own: &|reference| own(course, reference),
            chooses: true,
        };
        twin.write(&|path, bytes| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let planted = planted(stage.number, path, &text(&bytes), bugs);
            Ok(planted.map_err(|lost| Fault::Broken(lost.join("\n")))?.map_or(bytes, String::into_bytes))
        })?;
    }
    Ok(())
}

/// Builds the simulation of a stage, and gives its program.
pub(crate) fn simulation(course: &Course, stage: u8) -> Result<PathBuf> {
    let stage = course.stage(stage)?;
    build(course, stage, &Program::Binary(stage.package.clone()))
}

/// Builds the model, and gives its program.
pub(crate) fn model(course: &Course) -> Result<PathBuf> {
    build(course, course.stage(MODEL)?, &Program::Example("model".to_owned()))
}

/// Which bugs have lost their place, in words.
pub(crate) fn lost(course: &Course, bugs: &[Bug]) -> Result<Vec<String>> {
    let mut lost = Vec::new();
    for (number, file) in places(bugs) {
        let stage = course.stage(number)?;
        match files::read_text(&stage.reference().join(&file))? {
            Some(text) => lost.extend(planted(number, Path::new(&file), &text, bugs).err().into_iter().flatten()),
            None => {
                let changes = changes_in(number, &file, bugs);
                lost.extend(changes.map(|(bug, _)| told(bug, number, &file, "there is no such file")));
            }
        }
    }
    Ok(lost)
}

/// The files that bugs change, each once.
fn places(bugs: &[Bug]) -> Vec<(u8, String)> {
    let changes = bugs.iter().flat_map(|bug| &bug.changes);
    let mut places: Vec<_> = changes.map(|change| (change.stage, change.function.file.clone())).collect();
    places.sort();
    places.dedup();
    places
}

fn changes_in<'b>(stage: u8, file: &str, bugs: &'b [Bug]) -> impl Iterator<Item = (&'b Bug, &'b Change)> {
    let all = bugs.iter().flat_map(|bug| bug.changes.iter().map(move |change| (bug, change)));
    all.filter(move |(_, change)| change.stage == stage && change.function.file == file)
}

fn told(bug: &Bug, stage: u8, place: &str, why: &str) -> String {
    format!("the bug `{}` has lost its place in stage {stage:02}, {place}: {why}", bug.name)
}

/// The bodies that a function has: one for each bug in it.
type Bodies<'b> = BTreeMap<&'b Hole, Vec<(&'b Bug, String)>>;

/// A file's text with all bugs in it; `None` if there are none. Or which of them have lost their place.
fn planted(stage: u8, file: &Path, text: &str, bugs: &[Bug]) -> std::result::Result<Option<String>, Vec<String>> {
    let changes: Vec<_> = changes_in(stage, &files::slashed(file), bugs).collect();
    let Some((first, _)) = changes.first() else { return Ok(None) };
    let source =
        Source::parse(text).map_err(|missing| vec![told(first, stage, &files::slashed(file), &why(&missing))])?;
    let (mut bodies, mut lost) = (Bodies::new(), Vec::new());
    for (bug, change) in changes {
        let variants = bodies.entry(&change.function).or_default();
        let before = variants.pop_if(|(other, _)| other.name == bug.name).map(|(_, body)| body);
        match changed(&source, text, change, before) {
            Ok(body) => variants.push((bug, body)),
            Err(why) => lost.push(told(bug, stage, &change.function.to_string(), &why)),
        }
    }
    if !lost.is_empty() {
        return Err(lost);
    }
    let splices = bodies.into_iter().map(|(function, variants)| {
        let body = source.find(&function.item).expect("it was just found").body;
        let variants = variants.iter().map(|(bug, body)| (bug.name.clone(), body.as_str()));
        (body.clone(), twin::body(&text[body], variants))
    });
    Ok(Some(source::splice(text, splices.collect())))
}

/// A function's body with a change in it, on top of what the same bug has changed `before`.
fn changed(
    source: &Source<'_>,
    text: &str,
    change: &Change,
    before: Option<String>,
) -> std::result::Result<String, String> {
    let found = source.find(&change.function.item).map_err(|missing| why(&missing))?;
    if let Some(unfit) = found.unfit {
        return Err(unfit.to_owned());
    }
    let body = before.unwrap_or_else(|| text[found.body].to_owned());
    match body.matches(&change.was).count() {
        1 => Ok(body.replacen(&change.was, &change.becomes, 1)),
        count => Err(format!("`{}` stands in it {count} times, and not once", change.was)),
    }
}

fn why(missing: &Missing) -> String {
    match missing {
        Missing::Syntax { line, column, message } => format!("{line}:{column}: {message}"),
        Missing::Absent(item) => format!("there is no `{item}`"),
        Missing::Ambiguous(item) => format!("`{item}` stands in it more than once"),
    }
}

/// The stages that are planted: those that the simulations are made of.
fn planted_stages(course: &Course) -> Result<Vec<&Stage>> {
    (1..=*SIMULATIONS.end()).map(|number| course.stage(number)).collect()
}

/// Where everything is that is made of bugs.
fn home(course: &Course) -> PathBuf {
    course.root.join("target").join("bugs")
}

fn folder(course: &Course, stage: &Stage) -> PathBuf {
    home(course).join(&stage.folder)
}

/// The twin that stands in for a crate of the course.
fn own(course: &Course, reference: &Path) -> Option<PathBuf> {
    let stages = course.stages.iter().filter(|stage| stage.built && stage.number <= *SIMULATIONS.end());
    stages.filter(|stage| stage.reference() == reference).map(|stage| folder(course, stage)).next()
}

fn build(course: &Course, stage: &Stage, what: &Program) -> Result<PathBuf> {
    let copy = folder(course, stage);
    let mut ticker = Ticker::new();
    let mut tell = |line: &str| ticker.tell(line);
    let mut build = Build {
        manifest: &copy.join("Cargo.toml"),
        target: &home(course).join("build"),
        colour: false,
        stop: Stop::default(),
        on_line: &mut tell,
    };
    let built = build.program(what)?;
    ticker.clear();
    match built {
        Built::Ready(products) => products.executables.get(what.name()).cloned().ok_or_else(|| {
            Fault::Broken(format!("Cargo has built {what:?} of {}, and does not say where it is", stage.folder))
        }),
        Built::Errors(errors) => {
            let errors = errors.iter().map(|error| format!("{}{error}", blame(&copy, error)));
            Err(Fault::Broken(errors.collect::<Vec<_>>().join("\n")))
        }
        Built::Failed(why) => Err(Fault::Broken(why)),
        Built::Stopped => Err(Fault::Broken("the build was stopped".to_owned())),
    }
}

fn blame(copy: &Path, error: &str) -> String {
    match twin::variant_at(copy, error) {
        name if name.is_empty() => name,
        name => format!("(probably in the bug `{name}`)\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "struct A;\nimpl A {\n    fn f(&self, n: u8) -> u8 {\n        n + 1\n    }\n}\nfn g() -> u8 { 3 }\n";

    fn bug(name: &str, changes: &[(&str, &str, &str)]) -> Bug {
        let change = |(function, was, becomes): &(&str, &str, &str)| Change {
            stage: 1,
            function: format!("src/a.rs::{function}").parse().unwrap(),
            was: (*was).to_owned(),
            becomes: (*becomes).to_owned(),
        };
        let changes = changes.iter().map(change).collect();
        let wrong = "It is.".to_owned();
        Bug { number: 1, name: name.to_owned(), wrong, source: None, policy: None, model: None, storm: 4, changes }
    }

    fn planted(bugs: &[Bug]) -> std::result::Result<String, Vec<String>> {
        super::planted(1, Path::new("src/a.rs"), TEXT, bugs).map(Option::unwrap_or_default)
    }

    #[test]
    fn each_bug_has_a_body_of_its_own() {
        let two = [bug("less", &[("A::f", "n + 1", "n")]), bug("more", &[("A::f", "1", "2"), ("A::f", "n", "9")])];
        let text = planted(&two).unwrap();
        let less = "{ if crate::learn_variant::is(\"less\") {\n        n\n    } else ";
        let more = "if crate::learn_variant::is(\"more\") {\n        9 + 2\n    } else {\n        n + 1\n    } }";
        assert_eq!(text, TEXT.replace("{\n        n + 1\n    }", &format!("{less}{more}")));
    }

    #[test]
    fn a_file_without_bugs_stays() {
        let other = [bug("less", &[("A::f", "n + 1", "n")])];
        assert_eq!(super::planted(1, Path::new("src/b.rs"), TEXT, &other), Ok(None));
        assert_eq!(super::planted(2, Path::new("src/a.rs"), TEXT, &other), Ok(None));
    }

    #[test]
    fn a_bug_that_has_lost_its_place_is_named() {
        let lost = planted(&[
            bug("gone", &[("A::f", "n - 1", "n")]),
            bug("twice", &[("g", " ", "")]),
            bug("nowhere", &[("A::h", "n", "m")]),
            bug("fine", &[("A::f", "n + 1", "n")]),
        ]);
        let lost = lost.unwrap_err();
        let [gone, twice, nowhere] = lost.as_slice() else { panic!("{lost:?}") };
        let place = "has lost its place in stage 01, src/a.rs::";
        assert_eq!(gone, &format!("the bug `gone` {place}A::f: `n - 1` stands in it 0 times, and not once"));
        assert_eq!(twice, &format!("the bug `twice` {place}g: ` ` stands in it 2 times, and not once"));
        assert_eq!(nowhere, &format!("the bug `nowhere` {place}A::h: there is no `A::h`"));
    }
}
