//! `cargo learn bugs`: known ways to lose a record, planted on purpose, and who finds each of them.
//!
//! A simulation that finds nothing has proved nothing, unless it is known what it would find. So there is a list of bugs
//! (`tests/bugs/*.toml`). Most of them were in Kafka once, or would be without one of its improvement proposals. Each is a few
//! changed lines:
//!
//! ```text
//!   tests/bugs/*.toml ─ read ─▶ plant ─▶ twins of the stages with all bugs in them, built once
//!                                          │ one is chosen when the program starts
//!                                          ▼
//!                               hunt ─▶ acks, idempotence or transactions simulate --until-caught ─▶ seed 17: lost write
//!                                   └─▶ the same seed without the bug ─▶ clean
//!                                   └─▶ model check (what a simulation hardly reaches) ─▶ broken: …
//! ```
//!
//! Whoever finds a bug does not know that it is there: it is the storm, the clients and the judge that all seeds get, or the
//! model checker with the promises that it always has. A seed counts only if it is clean without the bug.
//!
//! | module | what it does |
//! |---|---|
//! | [`read`] | the list, and what is wrong with it |
//! | [`plant`] | puts all of them into copies of the stages, and builds these |
//! | [`hunt`] | lets one loose, until it is found |
//! | [`table`] | says so |

use std::path::PathBuf;

use crate::course::Course;
use crate::fault::{Fault, Result};
use crate::lock::{self, What};
use crate::process;
use crate::style::Style;

mod hunt;
mod plant;
mod read;
mod table;

use hunt::{Hunter, Judge};
use read::Bug;

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// One of them, by name or number.
    pub(crate) name: Option<String>,
    /// How many seeds each may take.
    pub(crate) seeds: u64,
    /// How many run at a time.
    pub(crate) jobs: Option<usize>,
    /// Only this seed, with everything that is to be seen in it.
    pub(crate) seed: Option<u64>,
    /// Where what happens in it is written down.
    pub(crate) trace: Option<PathBuf>,
    /// Only to say which there are.
    pub(crate) list: bool,
}

/// Does it. Returns 3 if a bug is not found, since that is for us to repair.
pub(crate) fn bugs(course: &Course, wanted: &Wanted) -> Result<u8> {
    let all = read::all(course)?;
    let chosen: Vec<&Bug> = match &wanted.name {
        Some(name) => vec![find(&all, name)?],
        None => all.iter().collect(),
    };
    let style = Style::detect();
    if wanted.list {
        chosen.iter().for_each(|bug| print!("{}", table::told(bug, style)));
        return Ok(0);
    }
    let _lock = lock::take(course, What::Bugs)?;
    plant::plant(course, &all)?;
    let hunter = Hunter::new(course, wanted.jobs);
    match (wanted.seed, chosen.as_slice()) {
        (Some(seed), [bug]) => replay(&hunter, bug, seed, wanted),
        (Some(_), _) => Err(Fault::Usage("a seed is one bug's: `cargo learn bugs NAME --seed 7`".to_owned())),
        (None, _) => hunt_all(&hunter, &chosen, wanted, style),
    }
}

fn find<'b>(all: &'b [Bug], name: &str) -> Result<&'b Bug> {
    let is_meant = |bug: &&Bug| bug.name == name || name.parse() == Ok(bug.number);
    all.iter().find(is_meant).ok_or_else(|| {
        Fault::Usage(format!("there is no bug `{name}`. `cargo learn bugs --list` names those there are."))
    })
}

/// One seed, as the simulation tells it. It ends as that does.
fn replay(hunter: &Hunter<'_>, bug: &Bug, seed: u64, wanted: &Wanted) -> Result<u8> {
    if bug.model.is_some() {
        return Err(Fault::Usage(format!("`{}` is found by the model, which has no seeds", bug.name)));
    }
    let mut command = hunter.simulation(bug)?;
    command.arg(format!("--seed={seed}"));
    if let Some(trace) = &wanted.trace {
        command.arg("--trace").arg(trace);
    }
    let ended = process::run_in_front(&mut command).map_err(|error| hunt::cannot_run(&command, &error))?;
    match ended {
        process::End::Code(code) => Ok(u8::try_from(code).unwrap_or(3)),
        _ => Ok(3),
    }
}

fn hunt_all(hunter: &Hunter<'_>, chosen: &[&Bug], wanted: &Wanted, style: Style) -> Result<u8> {
    if let [bug] = chosen {
        println!("{}", table::told(bug, style));
    }
    println!("{}", table::head(style));
    let (mut caught, mut escaped) = (0, Vec::new());
    for bug in chosen {
        let found = match &bug.model {
            Some(scenario) => hunter.by_model(Judge::Bug(bug), scenario)?,
            None => hunter.by_simulation(bug, wanted.seeds)?,
        };
        caught += usize::from(found.is_some());
        print!("{}", table::row(bug, found.as_ref(), wanted.seeds, style));
        if found.is_none() {
            escaped.push(bug.name.clone());
        }
    }
    if wanted.name.is_none() {
        println!("\n{}", table::head_of_policies(style));
        for scenario in hunter.scenarios()? {
            let found = hunter.by_model(Judge::Policy, &scenario)?;
            caught += usize::from(found.is_some());
            print!("{}", table::row_of_policy(&scenario, found.as_ref(), style));
            if found.is_none() {
                escaped.push(scenario);
            }
        }
    }
    println!("\n{}", table::sum(caught, &escaped));
    Ok(if escaped.is_empty() { 0 } else { 3 })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn course() -> Course {
        Course::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap()
    }

    /// A refactoring that moves a bug's place fails here, and says which bug has to be adapted.
    #[test]
    fn each_bug_has_its_place_in_the_sources() {
        let course = course();
        let bugs = read::all(&course).unwrap();
        assert!(bugs.len() >= 40, "{} bugs", bugs.len());
        let lost = plant::lost(&course, &bugs).unwrap();
        assert!(lost.is_empty(), "{}", lost.join("\n"));
    }

    #[test]
    fn a_bug_is_found_by_name_or_number() {
        let bugs = read::all(&course()).unwrap();
        let first = &bugs[0];
        assert_eq!(find(&bugs, &first.name).unwrap().number, first.number);
        assert_eq!(find(&bugs, &first.number.to_string()).unwrap().name, first.name);
        let error = find(&bugs, "no-such-bug").unwrap_err();
        assert!(error.to_string().contains("no-such-bug"), "{error}");
    }
}
