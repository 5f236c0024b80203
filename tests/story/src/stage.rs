//! A stage's stories as a stage's tests.

/// A test for each story, under the story's name; and two that keep the lists in order: a story that nobody plays would prove
/// nothing, and a snapshot that no story makes any more would be read as if it were true.
///
/// What a story prints is kept in `tests/snapshots/stories__NAME.snap`, and what the book's player draws in
/// `tests/snapshots/traces/NAME.json`. The crate that uses this depends on `insta`.
///
/// ```ignore
/// story::stories! {
///     offered: ["log", "disk"];
///     driver: Driver::new();
///     append_and_read_back
///     torn_tail
/// }
/// ```
#[macro_export]
macro_rules! stories {
    (offered: $offered:expr; driver: $driver:expr; $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                play(stringify!($name));
            }
        )*

        const NAMES: &[&str] = &[$(stringify!($name)),*];

        fn play(name: &str) {
            let path = $crate::stories_dir().join(format!("{name}.story"));
            let story = $crate::Story::load(&path).unwrap_or_else(|error| panic!("{error}"));
            let played = $crate::play(&story, &mut $driver).unwrap_or_else(|error| panic!("{error}"));
            let mut settings = insta::Settings::clone_current();
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.bind(|| insta::assert_snapshot!(format!("stories__{name}"), played.text));
            $crate::golden(format!("tests/snapshots/traces/{name}.json"), &played.trace_json());
        }

        #[test]
        fn every_story_that_this_stage_can_play_is_listed() {
            let stories = $crate::all(&$crate::stories_dir()).unwrap_or_else(|error| panic!("{error}"));
            let playable: Vec<_> =
                stories.iter().filter(|story| story.needs_only(&$offered)).map($crate::Story::name).collect();
            assert_eq!(NAMES, playable, "`stories!` in tests/stories.rs lists the files of tests/stories, in order");
        }

        #[test]
        fn every_snapshot_belongs_to_a_story() {
            let kept = [("tests/snapshots", "stories__", ".snap"), ("tests/snapshots/traces", "", ".json")];
            for (folder, before, after) in kept {
                let files = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
                for file in files {
                    let file = file.expect("a folder can be listed").file_name().to_string_lossy().into_owned();
                    let name = file.strip_prefix(before).and_then(|name| name.strip_suffix(after));
                    assert!(
                        name.is_none_or(|name| NAMES.contains(&name)),
                        "{folder}/{file}: no story makes it, so remove it"
                    );
                }
            }
        }
    };
}
