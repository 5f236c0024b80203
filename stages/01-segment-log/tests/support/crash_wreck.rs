//! One image: built, opened, lived in, and perhaps wrecked once more.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use segment_log::disk::recording::{CrashPoint, Damage, Image, Random, Recording, Survivors};

use super::run::Run;
use super::scratch;
use super::script::{Settings, Step};
use super::state::{Watched, Wrong};

/// A crash: after how many operations, and which of its outcomes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crash {
    pub(crate) point: usize,
    pub(crate) choice: Choice,
}

/// How an outcome is chosen, so that it can be chosen again.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Choice {
    /// The outcome with this number.
    Number(u64),
    /// The one that this seed draws.
    Seed(u64),
    /// The one in which all bytes arrived and no name did.
    Nameless,
}

impl Crash {
    /// Reads what [`Display`](fmt::Display) wrote.
    pub(crate) fn parse(point: &str, choice: &str) -> Option<Self> {
        let number = |kind: fn(u64) -> Choice| choice[1..].parse().ok().map(kind);
        let choice = match choice.get(..1)? {
            "n" => number(Choice::Number)?,
            "s" => number(Choice::Seed)?,
            "u" if choice.len() == 1 => Choice::Nameless,
            _ => return None,
        };
        Some(Crash { point: point.parse().ok()?, choice })
    }
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.choice {
            Choice::Number(number) => write!(f, "{}/n{number}", self.point),
            Choice::Seed(seed) => write!(f, "{}/s{seed}", self.point),
            Choice::Nameless => write!(f, "{}/u", self.point),
        }
    }
}

/// Whether the life after a crash ends in another one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Again {
    No,
    ByChance,
    At(Crash),
    /// In one crash at each of its points, each with this outcome.
    Everywhere(Choice),
}

/// A run that may crash.
pub(crate) struct Life<'l, F: Watched> {
    /// The script's name; after a crash, with the crash behind it.
    pub(crate) name: &'l str,
    pub(crate) settings: &'l Settings,
    pub(crate) run: &'l Run<F>,
    pub(crate) recording: &'l Recording,
}

impl<F: Watched> Life<'_, F> {
    /// Checks that the log recovers from a crash and lives on; and the same for a crash in that second life.
    ///
    /// # Panics
    ///
    /// If it does not. Then it prints how to repeat that.
    pub(crate) fn survives(&self, crash: Crash, again: Again, tally: &mut Tally) {
        let name = format!("{}/{crash}", self.name);
        let Some(run) = self.recovers(&name, crash, tally) else { return };
        tally.points.insert((self.name.to_owned(), crash.point));
        let recording = run.recording();
        let points = recording.operations().len() + 1;
        let seconds = match again {
            Again::No => Vec::new(),
            Again::At(crash) => vec![crash],
            Again::ByChance => {
                let mut random = Random::new(tally.images as u64);
                // Rather late: the recovery is done, and what it forgot to flush is now missed.
                let point = random.below(points).max(random.below(points));
                vec![Crash { point, choice: Choice::Seed(random.draw() >> 32) }]
            }
            Again::Everywhere(choice) => (0..points).map(|point| Crash { point, choice }).collect(),
        };
        let life = Life { name: &name, settings: self.settings, run: &run, recording: &recording };
        for second in seconds {
            life.recovers(&format!("{name}/{second}"), second, tally);
            tally.twice += 1;
        }
    }

    /// The life after the crash; `None` if this very image was looked at before.
    fn recovers(&self, recipe: &str, crash: Crash, tally: &mut Tally) -> Option<Run<F>> {
        let point = self.recording.crash_at(crash.point);
        let survivors = match crash.choice {
            Choice::Number(number) => point.nth(number),
            Choice::Seed(seed) => point.sample(&mut Random::new(seed)),
            Choice::Nameless => point.nameless(),
        };
        let (image, id) = picture(&point, &survivors);
        let (allowed, moment) = self.run.allowed(crash.point);
        let is_new = tally.count(id, format!("{} {moment}", self.name), point.damage(&survivors));
        if !is_new {
            return None;
        }
        let root = scratch::folder();
        image.build(root.path()).expect("the image is written");
        let report = Report { life: self, crash, survivors: &survivors, recipe, moment };
        let opened = Run::open(root.path(), self.settings, allowed.clone(), id);
        let lived = opened.and_then(|mut run| live_on(&mut run, id).map(|()| run));
        let run = lived.unwrap_or_else(|wrong| panic!("{wrong}"));
        std::mem::forget(report);
        Some(run)
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
fn live_on<F: Watched>(run: &mut Run<F>, id: u64) -> Result<(), Wrong> {
    let end = if id.is_multiple_of(2) { Step::Kill } else { Step::Restart };
    for step in [Step::Append(1), Step::Append(2), Step::Append(4), end] {
        run.step(&step).and_then(|()| run.verify()).map_err(|wrong| format!("after it had recovered: {wrong}"))?;
    }
    Ok(())
}

/// Is printed if what follows panics.
struct Report<'r, F: Watched> {
    life: &'r Life<'r, F>,
    crash: Crash,
    survivors: &'r Survivors,
    recipe: &'r str,
    moment: String,
}

impl<F: Watched> Drop for Report<'_, F> {
    fn drop(&mut self) {
        let Life { settings, recording, .. } = self.life;
        let Crash { point, .. } = self.crash;
        let operations = recording.operations().iter().enumerate().take(point).skip(point.saturating_sub(12));
        let last: String = operations.map(|(number, operation)| format!("{number:5} {operation}\n")).collect();
        eprintln!("crash {}, under {settings:?}", self.moment);
        eprintln!("the last operations before it:\n{last}of all that was not flushed, this did not survive whole:");
        eprint!("{}", recording.crash_at(point).describe(self.survivors));
        let command = "cargo test -p segment-log --test crash -- --nocapture";
        eprintln!("repeat it with\n  CRASH_REPLAY={} {command} {}", self.recipe, F::TEST);
    }
}

/// What was covered.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) images: usize,
    seen: BTreeSet<(u64, String)>,
    distinct: BTreeSet<u64>,
    points: BTreeSet<(String, usize)>,
    pub(crate) twice: usize,
    /// Images with such damage.
    damaged: Damage,
}

impl Tally {
    pub(crate) fn distinct(&self) -> usize {
        self.distinct.len()
    }

    /// Takes an image in. `false` if it was seen before at the same `moment`: then the same must hold of it.
    fn count(&mut self, image: u64, moment: String, damage: Damage) -> bool {
        if !self.seen.insert((image, moment)) {
            return false;
        }
        self.images += 1;
        self.distinct.insert(image);
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
        writeln!(f, "{images} images recovered, {distinct} of them distinct, from {points} crash points")?;
        writeln!(
            f,
            "  with writes lost {lost}, torn {torn}, zeroed {zeroed}, reordered {reordered}; names undone {undone}"
        )?;
        write!(f, "  after a second crash {twice}")
    }
}
