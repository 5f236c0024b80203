//! A disk that fails at any step of an act: the act happened or it did not, and nothing else is harmed.

use std::sync::Arc;

use partitioning::{ErrorCode, Refusal, Topics};

use crate::data::{Data, all_topics, append, at, read_all, topic};

/// An act, and the topics before and after it.
struct Case {
    act: fn(&Topics) -> Result<(), Refusal>,
    before: &'static [(&'static str, usize)],
    after: &'static [(&'static str, usize)],
}

const CREATE: Case = Case {
    act: |topics| topics.create(&topic("new", 2)).map(drop),
    before: &[("old", 2)],
    after: &[("new", 2), ("old", 2)],
};
const GROW: Case =
    Case { act: |topics| topics.grow(&Arc::from("old"), 4).map(drop), before: &[("old", 2)], after: &[("old", 4)] };
const DELETE: Case =
    Case { act: |topics| topics.delete("other"), before: &[("old", 2), ("other", 2)], after: &[("old", 2)] };

/// Does the act while the disk fails at step `step`, once or from then on. Gives whether it came to that.
fn fails_at(case: &Case, step: usize, for_good: bool) -> bool {
    let data = Data::new();
    let topics = data.open();
    for &(name, partitions) in case.before {
        topics.create(&topic(name, partitions as u32)).expect("it is made");
        append(&topics, &at(name, 1), "kept").expect("it is there");
    }
    let named = |list: &[(&str, usize)]| list.iter().map(|&(name, count)| (name.to_owned(), count)).collect::<Vec<_>>();
    let (before, after) = (named(case.before), named(case.after));
    match for_good {
        true => data.disk.fail_for_good("change", "", step),
        false => data.disk.fail("change", "", step),
    }
    let done = (case.act)(&topics);
    let came_to_that = done.is_err() || if for_good { is_broken(&data) } else { data.disk.is_calm() };
    data.disk.mend();
    match &done {
        Ok(()) => assert_eq!(all_topics(&topics), after, "step {step}"),
        Err(refusal) => {
            assert_eq!(refusal.code, ErrorCode::StorageError, "step {step}: {refusal}");
            assert_eq!(all_topics(&topics), before, "step {step}");
        }
    }
    assert_eq!(read_all(&topics, &at("old", 1)), Ok(vec!["kept".to_owned()]), "step {step}");
    append(&topics, &at("old", 0), "more").expect("other topics go on");
    match done.is_ok() || step.is_multiple_of(2) {
        // In order, or as if the process were killed.
        true => drop(topics.close()),
        false => drop(topics),
    }
    let topics = data.open();
    let now = all_topics(&topics);
    assert!(now == after || now == before && done.is_err(), "step {step}: {now:?}");
    let folders = now.iter().flat_map(|(name, count)| (0..*count).map(move |number| format!("{name}-{number}")));
    assert_eq!(data.folders(), folders.collect::<Vec<_>>(), "step {step}: a folder for each partition, and no other");
    assert_eq!(read_all(&topics, &at("old", 1)), Ok(vec!["kept".to_owned()]), "step {step}");
    assert_eq!(read_all(&topics, &at("old", 0)), Ok(vec!["more".to_owned()]), "step {step}");
    if now == before {
        (case.act)(&topics).expect("the disk works again");
    }
    came_to_that
}

fn is_broken(data: &Data) -> bool {
    std::fs::create_dir_all(data.path()).is_ok() && {
        use segment_log::disk::Disk;
        data.disk.sync_dir(data.path()).is_err()
    }
}

fn at_every_step(case: &Case, at_least: usize) {
    for for_good in [false, true] {
        let steps = (0..).take_while(|&step| fails_at(case, step, for_good)).count();
        println!("{steps} steps");
        assert!(steps >= at_least, "only {steps} steps");
        assert!(steps < 500, "an act of two partitions does not end");
    }
}

#[test]
fn a_topic_is_made_or_not() {
    at_every_step(&CREATE, 12);
}

#[test]
fn a_topic_grows_or_not() {
    at_every_step(&GROW, 12);
}

#[test]
fn a_topic_is_deleted_or_not() {
    at_every_step(&DELETE, 12);
}
