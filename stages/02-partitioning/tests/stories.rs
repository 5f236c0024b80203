//! This stage's stories: each is played, and must print what its snapshot says.
//!
//! The scripts lie in `tests/stories`, as later stages play them too. What they print here is in
//! `tests/snapshots/stories__NAME.snap`, and what the book's player draws in `tests/snapshots/traces/NAME.json`. After a
//! change that is meant: `INSTA_UPDATE=always cargo test -p partitioning --test stories`, then read the difference.

mod support {
    pub(crate) mod driver;
}

use support::driver::Driver;

/// What a system of this stage offers.
const OFFERED: &[&str] = &["broker"];

/// A test for each story, under the story's name.
macro_rules! stories {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                play(stringify!($name));
            }
        )*

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

stories! {
    a_bad_frame_closes_one_connection
    a_deleted_topic_is_gone
    a_full_buffer_makes_the_producer_wait
    a_hot_key
    a_large_record_gets_through
    a_record_too_large
    a_slow_consumer_slows_nobody
    a_stopping_broker_answers_first
    compressed_by_the_producer
    from_the_middle_of_a_batch
    growing_a_topic_moves_keys
    linger_waits_for_company
    offset_out_of_range
    order_within_a_partition
    round_robin_balances
    rules_for_topics
    same_key_same_partition
    seek_to_a_time
    sticky_batches_are_larger
    the_catalogue_is_a_fold
    two_producers_one_partition
}

fn play(name: &str) {
    let path = story::stories_dir().join(format!("{name}.story"));
    let story = story::Story::load(&path).unwrap_or_else(|error| panic!("{error}"));
    let played = story::play(&story, &mut Driver::new()).unwrap_or_else(|error| panic!("{error}"));
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("stories__{name}"), played.text));
    story::golden(format!("tests/snapshots/traces/{name}.json"), &played.trace_json());
}

/// A story that nobody plays would prove nothing.
#[test]
fn every_story_that_this_stage_can_play_is_listed() {
    let stories = story::all(&story::stories_dir()).unwrap_or_else(|error| panic!("{error}"));
    let playable: Vec<_> = stories.iter().filter(|story| story.needs_only(OFFERED)).map(story::Story::name).collect();
    assert_eq!(NAMES, playable, "`stories!` in tests/stories.rs lists the files of tests/stories, in order");
}

/// A snapshot that no story makes any more would be read as if it were true.
#[test]
fn every_snapshot_belongs_to_a_story() {
    for (folder, before, after) in [("tests/snapshots", "stories__", ".snap"), ("tests/snapshots/traces", "", ".json")]
    {
        let files = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
        for file in files {
            let file = file.expect("a folder can be listed").file_name().to_string_lossy().into_owned();
            let name = file.strip_prefix(before).and_then(|name| name.strip_suffix(after));
            assert!(name.is_none_or(|name| NAMES.contains(&name)), "{folder}/{file}: no story makes it, so remove it");
        }
    }
}
