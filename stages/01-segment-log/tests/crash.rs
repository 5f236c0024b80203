//! The log against power failures: what was promised is there, what is there is what was written, and no bad batch is
//! ever served.
//!
//! A script is run on a [`RecordingDisk`]. Then, for many crash points and many outcomes of each, the folder that the
//! crash left is built and opened. It must open. Its records must be those of the log at that moment, up to some batch,
//! and reach at least to where they were promised to be durable. Every offset and every time must be found, the fold must
//! be what the records give. Then life goes on: the log takes more batches, is closed or killed, and is opened again. And
//! every fourth time this second life is cut short by a second crash, so that recovery itself is interrupted too.
//!
//! `cargo test` looks at a few hundred images. The long run says how many different ones it wants, and makes up more
//! scripts for them:
//!
//! ```text
//! CRASH_IMAGES=10000 cargo test --release -p segment-log --test crash -- --nocapture
//! ```
//!
//! What was covered is printed, and a run in which too little was lost, torn or undone fails.
//!
//! A failure prints its recipe and the command that repeats that image alone: `CRASH_REPLAY=script/point/choice`, where a
//! choice is `n` and the outcome's number, `s` and the seed it was drawn with, or `u` where every name was undone. A second
//! crash follows as `/point/choice`.

#[path = "support/crash_beside.rs"]
mod beside;
#[path = "support/crash_disk.rs"]
mod disk;
#[path = "support/crash_run.rs"]
mod run;
#[path = "support/crash_scratch.rs"]
mod scratch;
#[path = "support/crash_script.rs"]
mod script;
#[path = "support/crash_state.rs"]
mod state;
#[path = "support/crash_wreck.rs"]
mod wreck;

use run::Run;
use script::Script;
use segment_log::KeyCounts;
use segment_log::disk::recording::{Operation, Random, Recording};
use state::{Allowed, Watched};
use wreck::{Again, Choice, Crash, Life, Tally};

/// Distinct images in `cargo test`, of a log with a fold; and a third as many of a log without.
const IMAGES: usize = 300;
/// Outcomes of one crash point, up to which all of them are built.
const FEW: u64 = 40;

/// A script that was run, and what it left in the notes.
struct Played<F: Watched> {
    script: Script,
    run: Run<F>,
    recording: Recording,
    _root: tempfile::TempDir,
}

impl<F: Watched> Played<F> {
    fn life(&self) -> Life<'_, F> {
        let Played { script, run, recording, .. } = self;
        Life { name: &script.name, settings: &script.settings, run, recording }
    }
}

fn play<F: Watched>(script: Script) -> Played<F> {
    let root = scratch::folder();
    let nothing = Allowed::exactly(&state::State::default());
    let run = Run::open(root.path(), &script.settings, nothing, 1);
    let mut run = run.unwrap_or_else(|wrong| panic!("{}: {wrong}", script.name));
    for step in &script.steps {
        let done = run.step(step).and_then(|()| run.verify());
        done.unwrap_or_else(|wrong| panic!("{}, without any crash: {step:?}: {wrong}", script.name));
    }
    let recording = run.recording();
    Played { script, run, recording, _root: root }
}

fn play_all<F: Watched>(random_scripts: u64) -> Vec<Played<F>> {
    script::written().into_iter().chain((0..random_scripts).map(script::random)).map(play).collect()
}

/// All crash points of all scripts, shuffled, so that any number of them is a fair choice.
fn crash_points<F: Watched>(played: &[Played<F>]) -> Vec<(usize, usize)> {
    let points = |(number, played): (usize, &Played<F>)| {
        (0..=played.recording.operations().len()).map(move |point| (number, point))
    };
    let mut all: Vec<_> = played.iter().enumerate().flat_map(points).collect();
    let mut random = Random::new(7);
    for last in (1..all.len()).rev() {
        all.swap(last, random.below(last + 1));
    }
    all
}

/// The choice to make at a crash point in this round; `None` once all are made.
fn choice(outcomes: u64, script: usize, point: usize, round: u64) -> Option<Choice> {
    match outcomes <= FEW {
        true => (round < outcomes).then_some(Choice::Number(round)),
        false => Some(Choice::Seed(Random::new((script as u64) << 48 | (point as u64) << 24 | round).draw() >> 32)),
    }
}

fn wanted() -> usize {
    match std::env::var("CRASH_IMAGES") {
        Ok(wanted) => wanted.parse().expect("CRASH_IMAGES is a number of images"),
        Err(_) => IMAGES,
    }
}

#[test]
fn a_log_with_a_fold_recovers_from_every_crash() {
    recovers_from_every_crash::<KeyCounts>(wanted());
}

#[test]
fn a_plain_log_recovers_from_every_crash() {
    recovers_from_every_crash::<()>(wanted() / 3);
}

fn recovers_from_every_crash<F: Watched>(wanted: usize) {
    if let Ok(recipe) = std::env::var("CRASH_REPLAY") {
        return replay::<F>(&recipe);
    }
    let played = play_all::<F>(4 + wanted as u64 / 500);
    let points = crash_points(&played);
    let (mut tally, mut round) = (Tally::default(), 0);
    while tally.distinct() < wanted {
        let images_before = tally.images;
        for &(number, point) in &points {
            let life = played[number].life();
            let outcomes = life.recording.crash_at(point).count();
            let Some(choice) = choice(outcomes, number, point, round) else { continue };
            let again = if tally.images % 4 == 3 { Again::ByChance } else { Again::No };
            life.survives(Crash { point, choice }, again, &mut tally);
            if tally.distinct() >= wanted {
                break;
            }
        }
        assert!(tally.images > images_before, "these scripts leave only {} images", tally.distinct());
        round += 1;
    }
    println!("{} scripts with {} crash points: {tally}", played.len(), points.len());
    tally.assert_that_it_hurt();
}

/// One script, one flushed append and one that was not: every outcome at every point, cut at every byte.
#[test]
fn every_outcome_of_a_short_run() {
    use script::Step::{Append, Flush};
    let settings = script::Settings { index_interval_bytes: 4096, ..script::written().swap_remove(0).settings };
    let played =
        play::<KeyCounts>(Script { name: "short".to_owned(), settings, steps: vec![Append(1), Flush, Append(1)] });
    let (life, mut tally, mut outcomes) = (played.life(), Tally::default(), 0);
    for point in 0..=life.recording.operations().len() {
        for number in 0..life.recording.crash_at(point).count() {
            life.survives(Crash { point, choice: Choice::Number(number) }, Again::No, &mut tally);
            outcomes += 1;
        }
    }
    println!("{outcomes} outcomes: {tally}");
    assert!(tally.distinct() > 200, "{tally}");
}

/// The power fails while a segment begins behind a gap, so that the fold is saved for an offset that the log has not
/// reached. What recovery removes then must stay removed: the log goes on to reach that offset by other records, and the
/// power fails again.
#[test]
fn what_recovery_removes_does_not_come_back() {
    let played = play::<KeyCounts>(script::gap());
    let (life, mut tally) = (played.life(), Tally::default());
    let saved = |operation: &Operation| operation.to_string().ends_with(&format!("to {:020}.snapshot", 4));
    assert!(life.recording.operations().iter().any(saved), "the second batch began a segment, one offset further on");
    for point in 0..=life.recording.operations().len() {
        let crash = Crash { point, choice: Choice::Nameless };
        life.survives(crash, Again::Everywhere(Choice::Nameless), &mut tally);
    }
    println!("{tally}");
    assert!(tally.twice > 300, "{tally}");
}

fn replay<F: Watched>(recipe: &str) {
    let (name, crashes) =
        parse(recipe).expect("CRASH_REPLAY is script/point/choice, perhaps with a second /point/choice");
    let script = match name.strip_prefix("random-").and_then(|seed| seed.parse().ok()) {
        Some(seed) => Some(script::random(seed)),
        None => script::written().into_iter().chain([script::gap()]).find(|script| script.name == name),
    };
    let played = play::<F>(script.expect("CRASH_REPLAY names a script"));
    let again = crashes.get(1).map_or(Again::No, |&second| Again::At(second));
    let mut tally = Tally::default();
    played.life().survives(crashes[0], again, &mut tally);
    println!("{recipe}: {tally}");
    assert_eq!(tally.images, crashes.len());
}

/// The script's name and one crash or two.
fn parse(recipe: &str) -> Option<(&str, Vec<Crash>)> {
    let (name, crashes) = recipe.split_once('/')?;
    let parts: Vec<_> = crashes.split('/').collect();
    let crashes = parts.chunks(2).map(|crash| Crash::parse(crash.first()?, crash.get(1)?));
    Some((name, crashes.collect::<Option<Vec<_>>>()?)).filter(|(_, crashes)| crashes.len() <= 2)
}
