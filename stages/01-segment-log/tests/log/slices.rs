//! Slices outlive the moment: of deleted segments they stay good, of rewritten bytes they know it.

use segment_log::{Error, Slice};

use crate::judging::{Folder, small};

fn first_offset(slice: &Slice) -> i64 {
    let bytes = slice.to_bytes().expect("the bytes are there");
    segment_log::BatchView::parse(&bytes).expect("a whole batch").base_offset()
}

#[test]
fn a_slice_says_where_its_bytes_are() {
    let folder = Folder::new();
    let open = folder.with_batches(4);
    let slice = open.log.read(4, 150).expect("it reads");
    assert_eq!((slice.path(), slice.position(), slice.len()), (folder.segment(0).as_path(), 100, 150));
    assert!(!slice.is_empty() && slice.is_current());
    let mut by_hand = vec![0; slice.len()];
    slice.file().read_at(&mut by_hand, slice.position()).expect("it reads");
    assert_eq!(slice.to_bytes().expect("it reads"), by_hand);
    assert!(slice.file().as_file().metadata().expect("a real file").is_file());
}

#[test]
fn the_first_bytes_of_a_slice_are_a_slice() {
    let folder = Folder::new();
    let mut open = folder.with_batches(4);
    let whole = open.log.read(4, 150).expect("it reads");
    let bytes = whole.to_bytes().expect("the bytes are there");
    for (asked, given) in [(0, 0), (1, 1), (100, 100), (150, 150), (151, 150), (usize::MAX, 150)] {
        let first = whole.first(asked);
        assert_eq!((first.path(), first.position(), first.len()), (whole.path(), whole.position(), given));
        assert_eq!(first.is_empty(), given == 0);
        assert_eq!(first.to_bytes().expect("the bytes are there"), bytes[..given], "{asked} bytes");
    }
    let first = whole.first(100);
    open.log.truncate(3, 0).expect("it truncates");
    assert!(!first.is_current(), "it knows of truncations as the whole does");
}

#[test]
fn a_slice_of_a_deleted_segment_stays_good() {
    let folder = Folder::new();
    let mut open = folder.with_batches(7);
    let slice = open.log.read(5, 100).expect("it reads");
    open.log.delete_before(12, 0).expect("the start moves");
    assert!(!folder.segment(0).exists());
    assert_eq!((first_offset(&slice), slice.is_current()), (3, true));
    drop(open);
    assert_eq!(first_offset(&slice), 3, "even when the log is closed");
}

#[test]
fn a_slice_of_a_cut_segment_knows_it() {
    let folder = Folder::new();
    let mut open = folder.with_batches(7);
    let (before, behind) = (open.log.read(9, 100).expect("it reads"), open.log.read(15, 100).expect("it reads"));
    let elsewhere = open.log.read(0, 100).expect("it reads");
    open.log.truncate(13, 0).expect("it truncates");
    for slice in [&before, &behind] {
        assert!(!slice.is_current());
        assert!(matches!(slice.to_bytes(), Err(Error::SliceGone)));
    }
    // Other records stand there now: the slice must not give them for what was asked.
    (0..2).for_each(|_| open.append());
    assert!(matches!(behind.to_bytes(), Err(Error::SliceGone)));
    assert_eq!(first_offset(&elsewhere), 0, "other segments' slices are not concerned");
    let again = open.log.read(15, 100).expect("it reads");
    assert_eq!((first_offset(&again), again.is_current()), (15, true));
}

#[test]
fn a_slice_of_a_segment_that_truncation_removed_is_gone() {
    let folder = Folder::new();
    let mut open = folder.with_batches(7);
    let slice = open.log.read(18, 100).expect("it reads");
    slice.to_bytes().expect("it reads");
    open.log.truncate(10, 0).expect("it truncates");
    (0..5).for_each(|_| open.append());
    assert!(folder.segment(18).exists(), "a new segment of the same name");
    assert!(matches!(slice.to_bytes(), Err(Error::SliceGone)), "its records are not in the log any more");
}

#[test]
fn an_empty_slice_has_no_bytes() {
    let folder = Folder::new();
    let open = folder.open(small());
    let slice = open.log.read(0, 1 << 20).expect("the end of an empty log");
    assert!(slice.is_empty() && slice.to_bytes().expect("nothing to read").is_empty());
}
