//! One image: built, opened, lived in, and perhaps wrecked once more.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use segment_log::disk::recording::{CrashPoint, Damage, Image, Random, Recording, Survivors};

use super::run::Run;
use super::scratch;
use super::script::{Script, Step};
use super::state::Wrong;

/// How an outcome is chosen, so that it can be chosen again.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Choice {
    /// The outcome with this number.
    Number(u64),
    /// The one that this seed draws.
    Seed(u64),
}

impl Choice {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let kind: fn(u64) -> Choice = match text.get(..1)? {
            "n" => Choice::Number,
            "s" => Choice::Seed,
            _ => return None,
        };
        text[1..].parse().ok().map(kind)
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Choice::Number(number) => write!(f, "n{number}"),
            Choice::Seed(seed) => write!(f, "s{seed}"),
        }
    }
}

/// A crash of a run.
#[derive(Clone, Copy)]
pub(crate) struct Wreck<'r> {
    script: &'r Script,
    run: &'r Run,
    recording: &'r Recording,
    point: usize,
    choice: Choice,
    /// A crash in the life after this one, if a replay asks for it.
    second: Option<(usize, Choice)>,
}

impl<'r> Wreck<'r> {
    pub(crate) fn new(
        script: &'r Script,
        run: &'r Run,
        recording: &'r Recording,
        point: usize,
        choice: Choice,
        second: Option<(usize, Choice)>,
    ) -> Self {
        Wreck { script, run, recording, point, choice, second }
    }

    /// Checks that the image recovers and that life goes on; and, if asked, that the same holds after a crash in that
    /// life.
    ///
    /// # Panics
    ///
    /// If it does not, with the recipe.
    pub(crate) fn survive(&self, twice: bool, tally: &mut Tally) {
        let recipe = format!("{}/{}/{}", self.script.name, self.point, self.choice);
        let Some(life) = self.live(&recipe, tally) else { return };
        let recording = life.recording();
        let by_chance = || {
            let mut random = Random::new(tally.images as u64);
            let point = random.below(recording.operations().len() + 1);
            (point, Choice::Seed(random.draw() >> 32))
        };
        if let Some((point, choice)) = self.second.or_else(|| twice.then(by_chance)) {
            let again = Wreck { run: &life, recording: &recording, point, choice, second: None, ..*self };
            again.live(&format!("{recipe}/{point}/{choice}"), tally);
            tally.twice += 1;
        }
    }

    /// The life after the crash; `None` if this very image was looked at before.
    fn live(&self, recipe: &str, tally: &mut Tally) -> Option<Run> {
        let crash = self.recording.crash_at(self.point);
        let survivors = match self.choice {
            Choice::Number(number) => crash.nth(number),
            Choice::Seed(seed) => crash.sample(&mut Random::new(seed)),
        };
        let (image, id) = picture(&crash, &survivors);
        let (allowed, moment) = self.run.allowed(self.point);
        if !tally.count(
            id,
            format!("{} {moment}", self.script.name),
            (&self.script.name, self.point),
            crash.damage(&survivors),
        ) {
            return None;
        }
        let root = scratch::folder();
        image.build(root.path()).expect("the image is written");
        let guard = Guard { wreck: self, survivors: &survivors, recipe, moment };
        let opened = Run::open(root.path(), &self.script.settings, allowed.clone(), id);
        let lived = opened.and_then(|mut run| live_on(&mut run, id).map(|()| run));
        match lived {
            Ok(run) => {
                std::mem::forget(guard);
                Some(run)
            }
            Err(wrong) => panic!("{wrong}"),
        }
    }
}

/// The image, and its number. The lock file says who had the folder open and nothing else, so it makes no difference.
fn picture(crash: &CrashPoint<'_>, survivors: &Survivors) -> (Image, u64) {
    let image = crash.image(survivors);
    let mut compared = image.clone();
    compared.forget(Path::new("data/.lock"));
    (image, compared.id())
}

/// More batches, and an end, and a beginning: nothing of the crash may show any more.
fn live_on(run: &mut Run, id: u64) -> Result<(), Wrong> {
    let end = if id.is_multiple_of(2) { Step::Kill } else { Step::Restart };
    for step in [Step::Append(2), Step::Append(1), end] {
        run.step(&step).and_then(|()| run.verify()).map_err(|wrong| format!("after it had recovered: {wrong}"))?;
    }
    Ok(())
}

/// Prints the recipe if what follows panics.
struct Guard<'g> {
    wreck: &'g Wreck<'g>,
    survivors: &'g Survivors,
    recipe: &'g str,
    moment: String,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        let Wreck { script, recording, point, .. } = *self.wreck;
        let crash = recording.crash_at(point);
        let from = point.saturating_sub(12);
        let last = recording.operations().iter().enumerate().take(point).skip(from);
        let last: String = last.map(|(number, operation)| format!("{number:5} {operation}\n")).collect();
        eprintln!("crash {}, under {:?}", self.moment, script.settings);
        eprintln!("the last operations before it:\n{last}of all that was not flushed, this did not survive whole:");
        eprint!("{}", crash.describe(self.survivors));
        eprintln!(
            "repeat it with\n  CRASH_REPLAY={} cargo test -p segment-log --test crash -- --nocapture every_crash",
            self.recipe
        );
    }
}

/// What was covered.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) images: usize,
    seen: BTreeSet<(u64, String)>,
    distinct: BTreeSet<u64>,
    points: BTreeSet<(String, usize)>,
    twice: usize,
    /// Images with such damage.
    damaged: Damage,
}

impl Tally {
    pub(crate) fn distinct(&self) -> usize {
        self.distinct.len()
    }

    /// Takes an image in. `false` if it was seen before at the same `moment`: then the same must hold of it.
    fn count(&mut self, image: u64, moment: String, (script, point): (&str, usize), damage: Damage) -> bool {
        if !self.seen.insert((image, moment)) {
            return false;
        }
        self.images += 1;
        self.distinct.insert(image);
        self.points.insert((script.to_owned(), point));
        self.damaged.lost += usize::from(damage.lost > 0);
        self.damaged.torn += usize::from(damage.torn > 0);
        self.damaged.zeroed += usize::from(damage.zeroed > 0);
        self.damaged.reordered += usize::from(damage.reordered > 0);
        self.damaged.undone += usize::from(damage.undone > 0);
        true
    }

    /// A run in which little happened proves little.
    pub(crate) fn assert_that_it_hurt(&self) {
        let Damage { lost, torn, zeroed, reordered, undone } = self.damaged;
        let floor = self.images / 20;
        let rare = [lost, torn, zeroed, reordered, undone, self.twice].into_iter().min();
        assert!(rare >= Some(floor), "every kind of damage is in 1 of 20 images: {self}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Damage { lost, torn, zeroed, reordered, undone } = self.damaged;
        let (images, distinct, points, twice) = (self.images, self.distinct(), self.points.len(), self.twice);
        write!(
            f,
            "{images} images recovered, {distinct} distinct, from {points} crash points, {twice} second crashes; "
        )?;
        write!(f, "images with lost writes {lost}, torn {torn}, zeroed {zeroed}, reordered {reordered}, ")?;
        write!(f, "with names undone {undone};")
    }
}
