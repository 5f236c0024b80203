//! `cargo learn verify`: proves that every exercise can be solved, and that its tests judge what it says.
//!
//! For each exercise:
//!
//! ```text
//!   starter    compiles, and fails because it is empty
//!   reference  passes, and each judging test has really run
//!   wrong a    fails, and the learner would read what the file promises under `shows:`
//!   wrong b    …
//! ```
//!
//! All of a stage's variants are compiled together, once, and one of them is chosen when a test program starts (see
//! [`twin`](crate::twin)). The real starter of the stage, all holes empty, is compiled besides, because the variants would hide
//! a function that does not compile with `todo!` alone.
//!
//! That the stages can be climbed one on top of the other is proved by [`stacking`], and which stages are looked at is
//! said by [`choose`].

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use crate::cargo::{Build, Built};
use crate::check;
use crate::course::{Course, Exercise, Kind, Stage};
use crate::fault::Result;
use crate::judge::{self, Court, Verdict};
use crate::lock::{self, What};
use crate::process::Stop;
use crate::screen::View;
use crate::source::Source;
use crate::style::counted;
use crate::twin;
use crate::verbs::Ticker;

mod choose;
mod rules;
mod stacking;
mod variants;
mod wrong;

pub(crate) use choose::{Choice, Shard};
use rules::Sound;
pub(crate) use stacking::prove;
use wrong::Wrong;

/// What was found wrong with the course, in the order of the exercises.
type Problems = Vec<String>;

/// One way to fill an exercise, and how it must end.
enum Variant<'a> {
    Starter,
    Reference,
    Wrong(&'a Wrong),
}

/// Verifies the exercises of the chosen stages and prints a table. Returns 3 if anything is wrong, since that is for us to repair.
pub(crate) fn verify(course: &Course, choice: &Choice) -> Result<u8> {
    let start = Instant::now();
    let _lock = lock::take(course, What::Verify)?;
    let chosen = choose::choose(course, choice)?;
    let mut problems = Problems::new();
    let (mut exercises, mut runs) = (0, 0);
    for stage in course.stages.iter().filter(|stage| chosen.contains(&stage.number) && !stage.exercises.is_empty()) {
        exercises += stage.exercises.len();
        runs += one_stage(course, stage, &mut problems)?;
    }
    println!();
    for problem in &problems {
        println!("✗ {problem}");
    }
    let verdict =
        if problems.is_empty() { "all as they must be".to_owned() } else { format!("{} wrong", problems.len()) };
    let exercises = counted(exercises, "exercise", "exercises");
    println!("{exercises}, {runs} runs, {verdict} ({:.1} s)", start.elapsed().as_secs_f64());
    Ok(if problems.is_empty() { 0 } else { 3 })
}

fn one_stage(course: &Course, stage: &Stage, problems: &mut Problems) -> Result<usize> {
    println!("{}", stage.folder);
    let sound = rules::sound(course, stage, problems)?;
    let start = Instant::now();
    let starter = variants::starter(course, stage, &sound)?;
    if let Some(trouble) = trouble(with_build(course, &starter, |build| build.sources())?) {
        problems.push(format!("{}: the starter does not compile\n{trouble}", stage.folder));
    }
    println!("  starter compiled in {:.1} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let copy = variants::all(course, stage, &sound)?;
    let targets: BTreeSet<&str> = sound.iter().flat_map(|sound| judge::targets(sound.exercise)).collect();
    let targets: Vec<&str> = targets.into_iter().collect();
    if targets.is_empty() {
        return Ok(0);
    }
    let programs = match with_build(course, &copy, |build| build.tests(&targets))? {
        Built::Ready(products) => products.programs,
        Built::Errors(errors) => {
            let errors = errors.iter().map(|error| format!("{}{error}", variants::blame(&copy, error)));
            let errors: Vec<String> = errors.collect();
            problems.push(format!("{}: the variants do not compile\n{}", stage.folder, errors.join("\n")));
            return Ok(0);
        }
        failed => {
            problems.push(format!("{}: {}", stage.folder, trouble(failed).unwrap_or_default()));
            return Ok(0);
        }
    };
    println!("  variants compiled in {:.1} s", start.elapsed().as_secs_f64());
    let mut runs = 0;
    for sound in &sound {
        let court = Court { programs: &programs, package: &copy, env: Vec::new(), stop: Stop::default() };
        runs += one_exercise(course, stage, sound, court, problems)?;
    }
    Ok(runs)
}

fn with_build(course: &Course, copy: &Path, act: impl FnOnce(&mut Build<'_>) -> Result<Built>) -> Result<Built> {
    let mut ticker = Ticker::new();
    let built = act(&mut Build {
        manifest: &copy.join("Cargo.toml"),
        target: &variants::target(course),
        colour: false,
        stop: Stop::default(),
        on_line: &mut |line| ticker.tell(line),
    });
    ticker.clear();
    built
}

fn trouble(built: Built) -> Option<String> {
    match built {
        Built::Ready(_) | Built::Stopped => None,
        Built::Errors(errors) => Some(errors.join("\n")),
        Built::Failed(text) => Some(text),
    }
}

fn one_exercise(
    course: &Course,
    stage: &Stage,
    sound: &Sound<'_>,
    mut court: Court<'_>,
    problems: &mut Problems,
) -> Result<usize> {
    let exercise = sound.exercise;
    let mut row = format!("  {:<5} {:<40}", exercise.id, exercise.title);
    let view =
        View { places: places(stage, exercise), next: Some("…".to_owned()), ..check::view(course, stage, exercise) };
    let variants = [Variant::Starter, Variant::Reference].into_iter().chain(sound.wrong.iter().map(Variant::Wrong));
    let mut runs = 0;
    for variant in variants {
        court.env = environment(course, stage, exercise, &variant);
        let start = Instant::now();
        let verdict = judge::judge(&court, exercise)?;
        runs += 1;
        let complaint = complaint(exercise, &variant, &verdict, &view.render(&verdict));
        let mark = if complaint.is_some() { "✗" } else { "✓" };
        let _ = write!(row, "  {mark} {} {:.1}s", variant.name(), start.elapsed().as_secs_f64());
        if let Some(complaint) = complaint {
            problems.push(format!("{} {}: {complaint}\n{}", exercise.id, variant.name(), view.render(&verdict)));
        }
    }
    println!("{row}");
    Ok(runs)
}

impl Variant<'_> {
    fn name(&self) -> &str {
        match self {
            Variant::Starter => "starter",
            Variant::Reference => "reference",
            Variant::Wrong(wrong) => &wrong.name,
        }
    }
}

fn environment(
    course: &Course,
    stage: &Stage,
    exercise: &Exercise,
    variant: &Variant<'_>,
) -> Vec<(&'static str, std::ffi::OsString)> {
    let mut env = vec![
        ("FTLU_ROOT", course.root.clone().into_os_string()),
        (twin::VARIANT, format!("{}:{}", exercise.id, variant.name()).into()),
    ];
    let story = match variant {
        Variant::Starter => exercise.start_story(stage),
        Variant::Reference => exercise.story.as_ref().map(|story| stage.home().join(story)),
        Variant::Wrong(wrong) => exercise.story.as_ref().map(|_| wrong.path.clone()),
    };
    env.extend(story.map(|story| ("FTLU_STORY", story.into_os_string())));
    env
}

/// What is wrong with how a variant ended, if anything.
fn complaint(exercise: &Exercise, variant: &Variant<'_>, verdict: &Verdict, screen: &str) -> Option<String> {
    if let Verdict::NotRun(_) | Verdict::NotBuilt(_) = verdict {
        return Some("nothing was judged".to_owned());
    }
    let passed = matches!(verdict, Verdict::Passed { .. });
    match variant {
        Variant::Reference if !passed => Some("the reference does not pass".to_owned()),
        Variant::Reference => None,
        _ if passed => Some("it passes, but must not".to_owned()),
        Variant::Starter if exercise.kind != Kind::BreakIt && !reached_todo(verdict) => {
            Some("it fails, but not because a function is empty".to_owned())
        }
        Variant::Starter => None,
        Variant::Wrong(wrong) => {
            let shown =
                squeezed(screen).contains(&squeezed(&wrong.shows)) || unboxed(screen).contains(&unboxed(&wrong.shows));
            (!shown).then(|| format!("the screen does not show `{}`", wrong.shows))
        }
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A judgement breaks long lines inside its box; what is promised need not know where.
fn unboxed(text: &str) -> String {
    squeezed(&text.replace(['┌', '│', '└'], " "))
}

fn reached_todo(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Unwritten { .. } => true,
        Verdict::Judged { failure, .. } | Verdict::Panicked { failure, .. } => failure.reached.is_some(),
        _ => false,
    }
}

/// Where the holes are in the reference, which is where they are in a fresh copy, but for the lines.
fn places(stage: &Stage, exercise: &Exercise) -> Vec<(String, usize, String)> {
    let place = |hole: &crate::hole::Hole| {
        let text = std::fs::read_to_string(stage.reference().join(&hole.file)).ok()?;
        let found = Source::parse(&text).ok()?.find(&hole.item).ok()?;
        Some((hole.file.clone(), found.line, hole.item.name().to_owned()))
    };
    exercise.holes.iter().filter_map(place).collect()
}
