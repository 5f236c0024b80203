//! A small file beside a log, and one of the folder, over every crash: each is what it was or what it is, and never a part.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use segment_log::disk::RealDisk;
use segment_log::disk::recording::{Random, RecordingDisk};
use segment_log::{Log, LogConfig, LogDir};

use super::scratch;

const FILE: &str = "leader-epoch-checkpoint";
const OFFSETS: &str = "replication-offset-checkpoint";

/// What a step leaves: the file beside the log, and the offset that is kept for it.
type Left = (Option<Vec<u8>>, Option<i64>);

/// Its indexes are small: an image holds them whole.
fn open(dir: &LogDir) -> Log {
    let config = LogConfig { segment_index_bytes: 240, ..LogConfig::default() };
    dir.open_log("log-0", config, (), 0).unwrap_or_else(|error| panic!("the log does not open: {error}")).0
}

/// Writes both, twice, and deletes the log. Gives after how many operations of the disk each step was done, and what it left.
fn live(disk: &Arc<RecordingDisk>, path: &std::path::Path) -> Vec<(usize, Left)> {
    let dir = LogDir::open(disk.clone(), path).expect("it opens");
    let log = open(&dir);
    let mut steps = vec![(disk.now(), (None, None))];
    let mut offset = None;
    for (text, number) in [(&b"one"[..], 1), (b"a longer text", 2)] {
        log.write_beside(FILE, text).expect("it is written");
        steps.push((disk.now(), (Some(text.to_vec()), offset)));
        dir.write_offsets(OFFSETS, &BTreeMap::from([("log-0".to_owned(), number)])).expect("it is written");
        offset = Some(number);
        steps.push((disk.now(), (Some(text.to_vec()), offset)));
    }
    drop(log);
    dir.delete_log("log-0").expect("it is deleted");
    steps.push((disk.now(), (None, offset)));
    steps
}

#[test]
fn small_files_survive_every_crash_whole() {
    let root = scratch::folder();
    let disk = Arc::new(RecordingDisk::new(root.path()).expect("the root is there"));
    let steps = live(&disk, &root.path().join("data"));
    let (recording, mut random, mut images) = (disk.recording(), Random::new(1), 0);
    let mut seen = BTreeSet::new();
    for point in steps[0].0..=disk.now() {
        let crash = recording.crash_at(point);
        let number = steps.partition_point(|(done, _)| *done < point);
        // In the middle of a step, what it leaves may be there or not; after it, it is.
        let allowed: Vec<_> = match steps[number].0 == point {
            true => vec![&steps[number].1],
            false => vec![&steps[number - 1].1, &steps[number].1],
        };
        let all = (0..crash.count().min(30)).map(|number| crash.nth(number)).collect::<Vec<_>>();
        let drawn = (0..10).map(|_| crash.sample(&mut random)).collect::<Vec<_>>();
        for survivors in all.into_iter().chain(drawn) {
            let image = crash.image(&survivors);
            if !seen.insert((image.id(), number)) {
                continue;
            }
            let folder = scratch::folder();
            image.build(folder.path()).expect("the image is written");
            let dir = LogDir::open(Arc::new(RealDisk), folder.path().join("data")).expect("it opens");
            let file = dir.read_beside("log-0", FILE).expect("it reads");
            let offset = dir.read_offsets(OFFSETS).expect("it reads").get("log-0").copied();
            let found = allowed.iter().any(|(its_file, its_offset)| (its_file, its_offset) == (&file, &offset));
            assert!(found, "crash at {point}: {file:?} and {offset:?}, and it must be one of {allowed:?}");
            let log = open(&dir);
            assert_eq!(log.read_beside(FILE).expect("it reads"), file, "opening leaves it alone");
            images += 1;
        }
    }
    assert!(images > 50, "{images} images are too few");
}
