//! The recording disk itself: that it leaves every folder that it should, and none that it should not.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use segment_log::disk::Disk;
use segment_log::disk::recording::{Image, Random, RecordingDisk};

use super::scratch;

/// The folders that a crash after `act` can leave. `a=x b/c=` is a file `a` with an `x` in it and an empty one in the
/// folder `b`. A zero byte is shown as `0`.
fn outcomes(act: impl FnOnce(&RecordingDisk, &Path)) -> BTreeSet<String> {
    let root = scratch::folder();
    std::fs::write(root.path().join("old"), "o").expect("the root is there");
    let disk = RecordingDisk::new(root.path()).expect("the root is there");
    act(&disk, root.path());
    let (recording, mut random) = (disk.recording(), Random::new(1));
    let crash = recording.crash_at(disk.now());
    let all: BTreeSet<_> = (0..crash.count()).map(|number| show(&crash.image(&crash.nth(number)))).collect();
    for _ in 0..100 {
        let drawn = show(&crash.image(&crash.sample(&mut random)));
        assert!(all.contains(&drawn), "chance drew {drawn:?}, which is none of {all:?}");
    }
    all
}

fn show(image: &Image) -> String {
    let file = |(path, content): (&std::path::PathBuf, &Vec<u8>)| {
        format!("{}={}", path.display(), String::from_utf8_lossy(content).replace('\0', "0"))
    };
    image.files().iter().map(file).collect::<Vec<_>>().join(" ")
}

fn are(expected: &[&str], found: BTreeSet<String>) {
    assert_eq!(expected.iter().map(|&outcome| outcome.to_owned()).collect::<BTreeSet<_>>(), found);
}

#[test]
fn bytes_that_were_not_synced_may_be_lost_torn_or_zeros_in_part() {
    let found = outcomes(|disk, root| {
        let old = disk.open(&root.join("old")).unwrap();
        old.write_at(b"abc", 1).unwrap();
    });
    let torn = ["old=o", "old=oa", "old=oab", "old=oabc"];
    let zeros = ["old=o000", "old=o00c", "old=o0bc", "old=oa00", "old=oab0"];
    are(&[&torn[..], &zeros].concat(), found);
}

#[test]
fn bytes_that_were_synced_are_there() {
    let found = outcomes(|disk, root| {
        let old = disk.open(&root.join("old")).unwrap();
        old.write_at(b"a", 1).unwrap();
        old.sync().unwrap();
        old.write_at(b"b", 2).unwrap();
    });
    are(&["old=oa", "old=oab", "old=oa0"], found);
}

#[test]
fn a_later_write_may_arrive_without_an_earlier_one() {
    let found = outcomes(|disk, root| {
        let old = disk.open(&root.join("old")).unwrap();
        old.write_at(b"a", 1).unwrap();
        old.write_at(b"b", 2).unwrap();
    });
    are(&["old=o", "old=oa", "old=o0", "old=oab", "old=o0b", "old=oa0", "old=o00"], found);
}

#[test]
fn a_cut_may_be_lost_though_what_was_written_after_it_arrived() {
    let found = outcomes(|disk, root| {
        let old = disk.open(&root.join("old")).unwrap();
        old.write_at(b"abc", 1).unwrap();
        old.sync().unwrap();
        old.set_len(1).unwrap();
        old.write_at(b"x", 1).unwrap();
    });
    are(&["old=oabc", "old=oxbc", "old=o", "old=ox", "old=o0"], found);
}

#[test]
fn a_name_survives_by_the_sync_of_its_folder_and_the_bytes_by_the_sync_of_the_file() {
    let found = outcomes(|disk, root| {
        let synced = disk.create(&root.join("synced")).unwrap();
        synced.write_at(b"s", 0).unwrap();
        synced.sync().unwrap();
    });
    are(&["old=o", "old=o synced=s"], found);
    let found = outcomes(|disk, root| {
        let named = disk.create(&root.join("named")).unwrap();
        named.write_at(b"n", 0).unwrap();
        disk.sync_dir(root).unwrap();
    });
    are(&["named= old=o", "named=n old=o", "named=0 old=o"], found);
}

#[test]
fn names_survive_in_the_order_in_which_they_changed() {
    let found = outcomes(|disk, root| {
        disk.create(&root.join("a")).unwrap();
        disk.rename(&root.join("a"), &root.join("b")).unwrap();
        disk.remove(&root.join("old")).unwrap();
    });
    are(&["old=o", "a= old=o", "b= old=o", "b="], found);
}

#[test]
fn a_rename_may_outlive_the_bytes_that_it_should_have_put_in_place() {
    let found = outcomes(|disk, root| {
        let new = disk.create(&root.join("new")).unwrap();
        new.write_at(b"n", 0).unwrap();
        disk.rename(&root.join("new"), &root.join("old")).unwrap();
        disk.sync_dir(root).unwrap();
    });
    are(&["old=", "old=n", "old=0"], found);
}

#[test]
fn a_file_that_is_made_again_is_another_file() {
    let found = outcomes(|disk, root| {
        disk.remove(&root.join("old")).unwrap();
        let again = disk.create(&root.join("old")).unwrap();
        again.write_at(b"n", 0).unwrap();
        again.sync().unwrap();
    });
    are(&["old=o", "", "old=n"], found);
}

#[test]
fn a_file_that_is_emptied_by_its_creation_may_keep_what_it_had() {
    let found = outcomes(|disk, root| drop(disk.create(&root.join("old")).unwrap()));
    are(&["old=o", "old="], found);
}

#[test]
fn each_folder_has_a_journal_of_its_own() {
    let found = outcomes(|disk, root| {
        disk.create_dir_all(&root.join("dir")).unwrap();
        disk.sync_dir(root).unwrap();
        disk.create(&root.join("first")).unwrap();
        disk.create(&root.join("dir/second")).unwrap();
    });
    are(&["old=o", "first= old=o", "dir/second= old=o", "dir/second= first= old=o"], found);
}

#[test]
fn a_folder_that_is_lost_takes_along_what_was_synced_in_it() {
    let found = outcomes(|disk, root| {
        disk.create_dir_all(&root.join("dir")).unwrap();
        let inside = disk.create(&root.join("dir/a")).unwrap();
        inside.write_at(b"a", 0).unwrap();
        inside.sync().unwrap();
        disk.sync_dir(&root.join("dir")).unwrap();
    });
    are(&["old=o", "dir/a=a old=o"], found);
}

#[test]
fn what_it_cannot_follow_it_refuses() {
    let found = outcomes(|disk, root| {
        disk.create_dir_all(&root.join("dir")).unwrap();
        let outside = disk.open(&root.join("../elsewhere")).unwrap_err();
        assert_eq!(outside.kind(), ErrorKind::InvalidInput, "{outside}");
        let moved = disk.rename(&root.join("old"), &root.join("dir/old")).unwrap_err();
        assert_eq!(moved.kind(), ErrorKind::Unsupported, "{moved}");
        disk.remove_dir(&root.join("dir")).unwrap();
        disk.sync_dir(root).unwrap();
    });
    are(&["old=o"], found);
}
