//! Topics against power failures: an act has happened or it has not, and what was flushed is there.
//!
//! A script of acts is run on a recording disk. Then, for many crash points and many outcomes of each, the data folder
//! that the crash left is built and opened. The topics must be those before the act that was interrupted, or those after
//! it, with all their records; there is a folder for each of their partitions, and no other. Then life goes on: every name
//! is free that should be, and the folder is closed in order and opened again. Every fourth time the opening itself is cut
//! short by a second crash.
//!
//! `cargo test` looks at a few hundred images; `CRASH_IMAGES=5000` asks for more. What was covered is printed, and a run in
//! which too little happened fails. A failure names the command that repeats its image alone: `CRASH_REPLAY=point/seed`,
//! with a second `/point/seed` if there was a second crash.

#[path = "support/data.rs"]
mod data;
#[path = "support/scratch.rs"]
mod scratch;
#[path = "support/touchy_disk.rs"]
mod touchy_disk;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data::{BEGIN, append, at, read_all, topic, with_configs};
use partitioning::net::Tcp;
use partitioning::{Clock, Host, Topics, TopicsConfig, Workers};
use segment_log::LogConfig;
use segment_log::disk::Disk;
use segment_log::disk::recording::{Image, Random, Recording, RecordingDisk};
use touchy_disk::TouchyDisk;

/// Distinct images in `cargo test`.
const IMAGES: usize = 400;

/// Names, and of each partition its records.
type World = BTreeMap<String, Vec<Vec<String>>>;

#[derive(Debug, Clone, Copy)]
enum Act {
    Create(&'static str, u32),
    Grow(&'static str, u32),
    Delete(&'static str),
    /// To this partition, flushed before it is answered.
    Append(&'static str, u32, &'static str),
    Restart,
}

use Act::{Append, Create, Delete, Grow, Restart};

/// A folder's first start, its first topics; what is deleted has records, and its name is used again.
const SCRIPT: &[Act] = &[
    Create("orders", 2),
    Append("orders", 0, "a"),
    Append("orders", 1, "b"),
    Create("gone", 2),
    Append("gone", 0, "c"),
    Delete("gone"),
    Grow("orders", 4),
    Append("orders", 3, "d"),
    Restart,
    Create("gone", 1),
    Append("gone", 0, "e"),
    Delete("orders"),
    Create("orders", 3),
    Append("orders", 2, "f"),
    Restart,
    Delete("gone"),
];

/// What is where after a number of operations.
#[derive(Debug, Clone)]
struct Moment {
    operations: usize,
    world: World,
    act: String,
}

/// A run, and what may be found at each of its moments.
struct Run {
    recording: Recording,
    moments: Vec<Moment>,
}

impl Run {
    /// The topics before and after the act that was under way.
    fn allowed(&self, point: usize) -> (&Moment, &Moment) {
        let before = self.moments.iter().rfind(|moment| moment.operations <= point).expect("the beginning is one");
        let after = self.moments.iter().find(|moment| moment.operations >= point).unwrap_or(before);
        (before, after)
    }
}

fn open(disk: Arc<dyn Disk>, folder: PathBuf) -> Result<Topics, String> {
    let clock = Clock::from_fn(|| BEGIN);
    let host = Host { net: Arc::new(Tcp), disk, clock, workers: Workers::Inline };
    let log = LogConfig { segment_index_bytes: 1 << 10, ..LogConfig::default() };
    let config = TopicsConfig { log, ..TopicsConfig::new(folder) };
    Topics::open(&host, config, fastrand::Rng::with_seed(1)).map_err(|error| format!("it does not open: {error}"))
}

fn flushed(name: &str, partitions: u32) -> partitioning::api::NewTopic {
    with_configs(topic(name, partitions), &[("flush.messages", "1")])
}

fn perform(topics: &Topics, act: Act, world: &mut World) -> Result<(), String> {
    let done = match act {
        Create(name, count) => topics.create(&flushed(name, count)).map(drop),
        Grow(name, count) => topics.grow(&Arc::from(name), count).map(drop),
        Delete(name) => topics.delete(name),
        Append(name, number, value) => append(topics, &at(name, number), value).map(drop),
        Restart => Ok(()),
    };
    done.map_err(|refusal| format!("{act:?}: {refusal}"))?;
    match act {
        Create(name, count) => drop(world.insert(name.to_owned(), vec![Vec::new(); count as usize])),
        Grow(name, count) => world.get_mut(name).expect("it is there").resize(count as usize, Vec::new()),
        Delete(name) => drop(world.remove(name)),
        Append(name, number, value) => {
            world.get_mut(name).expect("it is there")[number as usize].push(value.to_owned());
        }
        Restart => {}
    }
    Ok(())
}

fn play() -> Run {
    let root = scratch::folder();
    let disk = Arc::new(RecordingDisk::new(root.path()).expect("the root is there"));
    let folder = root.path().join("data");
    let (mut topics, mut world) = (open(disk.clone(), folder.clone()).expect("it opens"), World::new());
    let begin = Moment { operations: 0, world: World::new(), act: "the first start".to_owned() };
    let mut moments = vec![begin];
    for &act in SCRIPT {
        if let Restart = act {
            topics.close().expect("it closes");
            topics = open(disk.clone(), folder.clone()).expect("it opens");
        }
        perform(&topics, act, &mut world).expect("nothing fails");
        moments.push(Moment { operations: disk.now(), world: world.clone(), act: format!("{act:?}") });
    }
    Run { recording: disk.recording(), moments }
}

/// Topics, their records, and a folder for each of their partitions and no other.
fn look(topics: &Topics, folder: &Path) -> Result<World, String> {
    let mut world = World::new();
    for (name, info) in topics.describe(None) {
        let count = info.map_err(|refusal| refusal.to_string())?.partitions.len() as u32;
        let records: Result<_, _> = (0..count).map(|number| read_all(topics, &at(&name, number))).collect();
        world.insert(name, records.map_err(|refusal| refusal.to_string())?);
    }
    let all = world.iter().flat_map(|(name, partitions)| (0..partitions.len()).map(move |n| format!("{name}-{n}")));
    let expected: BTreeSet<_> = all.chain(["__cluster_metadata-0".to_owned()]).collect();
    let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    let folders = entries.flatten().filter(|entry| entry.path().is_dir());
    let folders: BTreeSet<_> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    match folders == expected {
        true => Ok(world),
        false => Err(format!("the topics have {expected:?}, and there are {folders:?}")),
    }
}

/// The life after a crash. Gives what was found, and a recording of all that was done.
fn live_on(image: &Image, before: &World, after: &World) -> Result<(World, Recording, usize), String> {
    let root = scratch::folder();
    image.build(root.path()).map_err(|error| error.to_string())?;
    let disk = Arc::new(RecordingDisk::new(root.path()).map_err(|error| error.to_string())?);
    let folder = root.path().join("data");
    let topics = open(disk.clone(), folder.clone())?;
    let (opened, found) = (disk.now(), look(&topics, &folder)?);
    if found != *before && found != *after {
        return Err(format!("found {found:?}, which is neither {before:?} nor {after:?}"));
    }
    let mut world = found.clone();
    for name in ["orders", "gone", "new"] {
        if !world.contains_key(name) {
            perform(&topics, Create(name, 1), &mut world)?;
            perform(&topics, Append(name, 0, "later"), &mut world)?;
        }
    }
    perform(&topics, Delete("new"), &mut world)?;
    if !topics.close().map_err(|error| error.to_string())? {
        return Err("it was not closed in order".to_owned());
    }
    drop(topics);
    let again = look(&open(Arc::new(TouchyDisk::default()), folder.clone())?, &folder)?;
    match again == world {
        true => Ok((found, disk.recording(), opened)),
        false => Err(format!("after a clean stop there is {again:?} and not {world:?}")),
    }
}

/// What the images were made of.
#[derive(Debug, Default)]
struct Tally {
    images: BTreeSet<u64>,
    points: BTreeSet<usize>,
    /// The interrupted act had happened; had not; was none.
    done: usize,
    not_done: usize,
    between: usize,
    /// Names that were undone, bytes that were lost or torn.
    undone: usize,
    lost: usize,
    twice: usize,
}

#[derive(Debug, Clone, Copy)]
struct Crash {
    point: usize,
    seed: u64,
}

fn outcome(recording: &Recording, crash: Crash, tally: &mut Tally) -> Image {
    let point = recording.crash_at(crash.point);
    let survivors = match point.count() {
        count @ 0..=40 => point.nth(crash.seed % count),
        _ => point.sample(&mut Random::new(crash.seed)),
    };
    let damage = point.damage(&survivors);
    tally.undone += damage.undone;
    tally.lost += damage.lost + damage.torn + damage.zeroed;
    let mut image = point.image(&survivors);
    // It says who had the folder open, and nothing else.
    image.forget(Path::new("data/.lock"));
    image
}

/// Checks one crash, and perhaps a second one in the opening after it.
fn survives(run: &Run, crashes: &[Crash], by_chance: bool, tally: &mut Tally) {
    let (before, after) = run.allowed(crashes[0].point);
    let image = outcome(&run.recording, crashes[0], tally);
    if !tally.images.insert(image.id()) {
        return;
    }
    tally.points.insert(crashes[0].point);
    let command = |crashes: &[Crash]| {
        let recipe: Vec<_> = crashes.iter().map(|crash| format!("{}/{}", crash.point, crash.seed)).collect();
        format!("CRASH_REPLAY={} cargo test -p partitioning --test topics_crash", recipe.join("/"))
    };
    let wrong = |wrong: String, crashes: &[Crash]| -> ! {
        panic!("crash in {} (after {}): {wrong}\nagain: {}", after.act, before.act, command(crashes))
    };
    let lived = live_on(&image, &before.world, &after.world);
    let (found, recording, opened) = lived.unwrap_or_else(|what| wrong(what, &crashes[..1]));
    match (before.world == after.world, found == after.world) {
        (true, _) => tally.between += 1,
        (false, true) => tally.done += 1,
        (false, false) => tally.not_done += 1,
    }
    let mut random = Random::new(crashes[0].seed);
    let chosen = Crash { point: random.below(opened + 1), seed: random.draw() >> 32 };
    let Some(&second) = crashes.get(1).or(by_chance.then_some(&chosen)) else { return };
    // What was found stands: the opening decides nothing anew.
    let image = outcome(&recording, second, tally);
    tally.twice += 1;
    live_on(&image, &found, &found).map(drop).unwrap_or_else(|what| wrong(what, &[crashes[0], second]));
}

#[test]
fn topics_survive_every_crash() {
    let run = play();
    let points = run.recording.operations().len();
    let mut tally = Tally::default();
    if let Ok(recipe) = std::env::var("CRASH_REPLAY") {
        let numbers: Vec<u64> = recipe.split('/').map(|number| number.parse().expect("point/seed")).collect();
        let crashes: Vec<_> = numbers.chunks(2).map(|pair| Crash { point: pair[0] as usize, seed: pair[1] }).collect();
        return survives(&run, &crashes, false, &mut tally);
    }
    let wanted = std::env::var("CRASH_IMAGES").map_or(IMAGES, |wanted| wanted.parse().expect("a number of images"));
    for round in 0..1_000 {
        for point in 0..=points {
            let seed = Random::new((point as u64) << 32 | round).draw() >> 32;
            survives(&run, &[Crash { point, seed }], (point as u64 + round) % 4 == 3, &mut tally);
        }
        if tally.images.len() >= wanted {
            break;
        }
    }
    let Tally { images, points: reached, done, not_done, between, undone, lost, twice } = tally;
    println!(
        "{} images at {} of {points} points: {done} acts done, {not_done} not, {between} between; {undone} names undone, \
         {lost} writes lost; {twice} crashes in the opening",
        images.len(),
        reached.len(),
    );
    assert!(images.len() >= wanted, "the script leaves only {} images", images.len());
    let each = [done, not_done, between, undone, lost, twice];
    assert!(each.iter().all(|&times| times > wanted / 20), "too little happened");
}
