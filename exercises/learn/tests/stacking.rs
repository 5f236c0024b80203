//! From one stage to the next: what a learner sees, what their copies build on, and the proof that it can be done.

mod support;

use std::fs;

use support::{Course, ENCODE, FRAME, says};

const MANIFEST: &str = "exercises/02-toy/work/Cargo.toml";
const OWN: &str = "path = \"../../01-toy/work\"";
const COURSES: &str = "path = \"../../../stages/01-toy\"";

#[test]
fn the_stage_that_is_passed_is_named_and_the_next_one_builds_on_it() {
    let course = Course::new();
    course.pass_the_first();
    course.answer_from_the_course("1.2", "src/shelf.rs");
    says(&course.learn(&["check", "1.2"]).ok(), &["next   cargo learn start 1.3"]);
    let last = course.answer_from_the_course("1.3", "1.3.story");
    says(&last, &["✓ 1.3", "Stage 01 is passed, and the toy that runs is yours: `cargo learn run 1 -- --help`."]);
    says(&last, &["on, stage 02 builds on your copy, not on the course's.", "next   cargo learn start 2.1   Frame it"]);
    assert!(!course.learn(&["check", "1.3"]).ok().contains("Stage 01 is passed"), "it is said once");

    let map = course.learn(&[]).ok();
    says(&map, &["3 of 3", "   · 2.1  ★    Frame it", "Next: cargo learn start 2.1"]);
    assert!(!map.contains("1.1"), "the map has moved on:\n{map}");
    says(&course.learn(&["start"]).ok(), &["2.1  Frame it", "below  your own 01 toy\n"]);
    says(&course.read(MANIFEST), &[OWN]);
    says(&course.learn(&["check"]).code(1), &["○ 2.1", "below  your own 01 toy\n"]);
    course.edit("exercises/02-toy/work/src/lib.rs", "todo!(\"exercise 2.1: Frame it\")", "frome(bytes)");
    says(&course.learn(&["check"]).code(1), &["does not compile yet", "below  your own 01 toy\n"]);
    course.edit("exercises/02-toy/work/src/lib.rs", "frome(bytes)", FRAME);
    let top = course.learn(&["check"]).ok();
    says(&top, &["Stage 02 is passed", "stage 03 builds on your copy, not", "That was the last exercise there is."]);
}

#[test]
fn a_stage_with_open_exercises_says_what_the_next_one_builds_on() {
    let course = Course::new();
    course.pass_the_first();
    let last = course.answer_from_the_course("1.3", "1.3.story");
    says(
        &last,
        &["Until 1.2 is passed, the stages above build on the course's stage 01.", "next   cargo learn start 2.1"],
    );
    says(&course.learn(&["start", "2.1"]).ok(), &["below  the course's 01 toy, until 1.2 is passed\n"]);
    says(&course.read(MANIFEST), &[COURSES]);

    course.answer_from_the_course("1.2", "src/shelf.rs");
    let note = "Note: stage 01 is passed: exercises/02-toy/work builds on exercises/01-toy/work from here on\n";
    says(&course.learn(&["check", "2.1"]).code(1), &[note]);
    says(&course.read(MANIFEST), &[OWN]);

    course.edit("exercises/01-toy/work/src/varint.rs", ENCODE, "vec![number as u8]");
    let note = "builds on the course's stage 01 again, since 1.1 is not passed as it stands: cargo learn check 1.1\n";
    says(&course.learn(&["check", "2.1"]).code(1), &[note, "below  the course's 01 toy, until 1.1 is passed\n"]);
    says(&course.read(MANIFEST), &[COURSES]);
}

#[test]
fn a_manifest_that_the_learner_changed_follows_what_they_pass() {
    let course = Course::new();
    course.learn(&["start", "2.1"]).ok();
    let mine = course.read(MANIFEST) + "\n[features]\nmine = []\n";
    course.write(MANIFEST, &mine);
    course.pass_stage_one();
    let screen = course.learn(&["check", "2.1"]).code(1);
    says(&screen, &["stage 01 is passed"]);
    assert!(!screen.contains("you changed it too"), "{screen}");
    assert_eq!(course.read(MANIFEST), mine.replace(COURSES, OWN));
    assert!(!course.learn(&["check", "2.1"]).code(1).contains("Note:"));
    course.learn(&["reset", "1.1"]).ok();
    course.learn(&["check", "2.1"]).code(1);
    assert_eq!(course.read(MANIFEST), mine);
}

#[test]
fn a_passed_stage_whose_copy_was_deleted_is_made_again_for_the_one_above() {
    let course = Course::new();
    course.pass_stage_one();
    fs::remove_dir_all(course.path("exercises/01-toy/work")).unwrap();
    says(
        &course.learn(&["start", "2.1"]).ok(),
        &["exercises/01-toy/work was gone and was made again", "your own 01 toy"],
    );
    says(&course.read(MANIFEST), &[OWN]);
    says(&course.read("exercises/01-toy/work/src/varint.rs"), &["in my own words"]);
}

#[test]
fn an_exercise_that_was_skipped_is_named_where_it_stands_in_the_way() {
    let course = Course::new();
    course.learn(&["start", "1.2"]).ok();
    course.learn(&["start", "1.3"]).ok();
    course.write("exercises/01-toy/work/1.3.story", "put a\nput b\nput c\n");
    let screen = course.learn(&["check"]).code(1);
    says(&screen, &["○ 1.3  Lose a thing: cannot be judged before 1.2 is written"]);
    says(&screen, &["Its tests need `put` of exercise 1.2, which you have started:"]);
    says(&screen, &["exercises/01-toy/work/src/shelf.rs:19 is still empty."]);
    says(&screen, &["first  cargo learn start 1.2   Fill a shelf", "or     cargo learn solution 1.2 --give-up"]);
    says(&course.learn(&["start", "1.2"]).ok(), &["Exercise 1.2 is in progress"]);
    course.answer_from_the_course("1.2", "src/shelf.rs");
    course.learn(&["check", "1.3"]).ok();
}

#[test]
fn a_stages_program_runs_from_the_learners_copies() {
    let course = Course::new();
    let said = course.learn(&["run", "1", "5"]);
    assert_eq!((said.out.as_str(), said.code), ("5: [5]\n", 0));
    says(&said.err, &["This is the course's toy: you have no copy of it yet."]);
    assert!(!course.path("exercises/01-toy/work").exists());
    course.learn(&["start", "1.1"]).ok();
    says(&course.learn(&["run", "1", "5"]).code(101), &["not yet implemented: exercise 1.1"]);

    course.pass_stage_one();
    course.edit("exercises/01-toy/work/src/varint.rs", "all // in my own words", "all.push(99); all");
    assert_eq!(course.learn(&["run", "1", "--", "5"]).out, "5: [5, 99]\n");
    course.edit("exercises/01-toy/work/src/varint.rs", "all.push(99); all", "all // in my own words");
    course.edit("exercises/01-toy/work/src/main.rs", "read {} bytes", "counted {} bytes");
    says(&course.learn(&["demo", "1"]).ok(), &["The toy that runs is yours, from exercises/01-toy/work", "counted 8"]);

    // Stage 03 has no exercises yet, and is all the learner's once those below are.
    says(&course.learn(&["run", "3", "a", "b", "c"]).ok(), &["[Some(0), Some(1), None]"]);
    course.learn(&["start", "2.1"]).ok();
    course.edit("exercises/02-toy/work/src/lib.rs", "todo!(\"exercise 2.1: Frame it\")", FRAME);
    course.learn(&["check"]).ok();
    says(&course.learn(&["run", "3", "a", "b", "c"]).ok(), &["[Some(0), Some(1), None]"]);
    let manifest = course.read("exercises/03-toy/work/Cargo.toml");
    says(&manifest, &[OWN, "path = \"../../02-toy/work\"", "[target.\"cfg(unix)\".dependencies"]);
    says(&course.learn(&["test", "3"]).ok(), &["full::a_box_without_a_place_is_lost ... ok"]);
    assert!(
        !course.path("exercises/03-toy/work/fuzz").exists() && !course.path("exercises/03-toy/work/benches").exists()
    );
}

#[test]
fn the_climb_is_proved_without_touching_the_learners_own() {
    let course = Course::new();
    course.learn(&["start", "1.1"]).ok();
    let (source, progress) =
        (course.read("exercises/01-toy/work/src/varint.rs"), course.read("exercises/progress.toml"));
    let table = course.learn(&["verify", "--stack"]).ok();
    says(&table, &["empty      3 exercises: none is written", "written    3 exercises: all are written and pass"]);
    says(&table, &["builds on  the learner's 01-toy ", "2 tests pass on that", "no exercises yet"]);
    says(
        &table,
        &["builds on  the learner's 01-toy, 02-toy", "`toy-three --help`", "3 stages, each on the learner's own"],
    );
    assert_eq!(course.read("exercises/01-toy/work/src/varint.rs"), source);
    assert_eq!(course.read("exercises/progress.toml"), progress);
    assert!(!course.path("exercises/02-toy/work").exists() && !course.path("exercises/01-toy/backup").exists());

    let again = course.learn(&["verify", "--stack", "--stage", "3"]).ok();
    says(&again, &["03-toy", "builds on  the learner's 01-toy, 02-toy", "1 stage, each on"]);
    assert!(!again.contains("empty"), "what is below is not judged again:\n{again}");
}

#[test]
fn a_test_crate_that_builds_on_a_stage_is_found_out() {
    let course = Course::new();
    course.write(
        "tests/tool/Cargo.toml",
        "[package]\nname = \"toy-tool\"\nversion.workspace = true\nedition.workspace = true\n\
         [dependencies]\ntoy-one.workspace = true\n",
    );
    course.write("tests/tool/src/lib.rs", "");
    course.edit("Cargo.toml", "\"tests/judge\"]", "\"tests/judge\", \"tests/tool\"]");
    course.edit("Cargo.toml", "toy-judge =", "toy-tool = { path = \"tests/tool\" }\ntoy-judge =");
    course.edit("stages/02-toy/Cargo.toml", "[dev-dependencies]\n", "[dev-dependencies]\ntoy-tool.workspace = true\n");
    let table = course.learn(&["verify", "--stack", "--shard", "2/3"]).code(3);
    says(&table, &["✗ builds on", "02-toy: it cannot build on the learner's 01-toy, which is passed."]);
    says(&table, &["Does a crate of its tests build on a stage?", "what stands above was not tried"]);
    assert!(!table.contains("03-toy"), "{table}");
}

#[test]
fn what_goes_wrong_on_the_way_up_is_named() {
    let course = Course::new();
    course.edit("stages/02-toy/tests/frame.rs", "&vec![2, 7, 8]", "&vec![2, 7, 9]");
    let table = course.learn(&["verify", "--stack", "--stage", "2"]).code(3);
    says(&table, &["✗ written", "2.1 reference: the reference does not pass", "│ [2, 7, 9] │ [2, 7, 8]"]);

    let course = Course::new();
    course.edit("stages/03-toy/tests/boxes/full.rs", "[Some(0), None]", "[None, None]");
    course.edit("exercises/02-toy/exercises.toml", "frame::the_length_comes_first", "frame::nothing_is_looked_at");
    let test = "\n#[test]\nfn nothing_is_looked_at() {}\n";
    course.write("stages/02-toy/tests/frame.rs", &(course.read("stages/02-toy/tests/frame.rs") + test));
    says(
        &course.learn(&["verify", "--stack", "--stage", "2"]).code(3),
        &["✗ empty", "2.1 starter: it passes, but must not"],
    );
    let table = course.learn(&["verify", "--stack", "--stage", "3"]).code(3);
    says(&table, &["✗ tests", "03-toy: its tests do not pass on the learner's", "full::a_box_without_a_place_is_lost"]);

    let course = Course::new();
    course.edit("stages/03-toy/src/main.rs", "println!(\"toy-three WORD...\");", "std::process::exit(3);");
    let table = course.learn(&["verify", "--stack", "--stage", "3"]).code(3);
    says(&table, &["✗ program", "03-toy: `toy-three --help` does not run", "Code(3)"]);
}

#[test]
fn a_part_of_the_climb_can_be_asked_for() {
    let course = Course::new();
    let table = course.learn(&["verify", "--stack", "--shard", "2/3"]).ok();
    says(&table, &["02-toy", "✓ builds on", "1 stage, each on"]);
    assert!(!table.contains("01-toy\n") && !table.contains("03-toy"), "{table}");
    says(&course.learn(&["verify", "--stack", "--stage", "9"]).code(2), &["there is no stage 09"]);
}
