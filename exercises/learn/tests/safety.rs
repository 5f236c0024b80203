//! Nothing that a learner wrote is lost, and what is broken is repaired or named.

mod support;

use std::fs;

use support::{Course, ENCODE, SIZE, TODO, says};

const VARINT: &str = "exercises/01-toy/work/src/varint.rs";
const SHELF: &str = "exercises/01-toy/work/src/shelf.rs";

#[test]
fn a_copy_that_was_deleted_comes_back_with_what_had_passed() {
    let course = Course::new();
    course.pass_the_first();
    course.learn(&["start", "1.2"]).ok();
    fs::remove_dir_all(course.path("exercises/01-toy/work")).unwrap();
    says(&course.learn(&["list"]).ok(), &["✓ 1.1", "▸ 1.2"]);
    says(&course.learn(&["check"]).code(1), &["Note: exercises/01-toy/work was gone and was made again", "○ 1.2"]);
    assert!(course.read(VARINT).contains("in my own words"));
    says(&course.learn(&["check", "1.1"]).ok(), &["✓ 1.1"]);
}

#[test]
fn files_that_are_missing_come_back_and_the_others_stay() {
    let course = Course::new();
    course.learn(&["start", "1.1"]).ok();
    course.edit(VARINT, TODO, "vec![3]");
    for path in ["Cargo.toml", "Cargo.lock", "src/lib.rs", "tests/varint.rs"] {
        fs::remove_file(course.path("exercises/01-toy/work").join(path)).unwrap();
    }
    let screen = course.learn(&["check"]).code(1);
    says(&screen, &["was missing and is back: src/lib.rs", "a number below 128 is one byte"]);
    assert!(course.read(VARINT).contains("vec![3]"));
    fs::remove_file(course.path("exercises/01-toy/work/.origin.toml")).unwrap();
    course.learn(&["check"]).code(1);
    assert!(course.read(VARINT).contains("vec![3]"), "without its record, a copy is left as it is");
}

#[test]
fn a_test_that_was_changed_is_kept_and_put_back() {
    let course = Course::new();
    course.learn(&["start", "1.1"]).ok();
    let test = "exercises/01-toy/work/tests/varint.rs";
    course.write(test, "#[test] fn small_numbers_take_one_byte() {}\n");
    course.write("exercises/01-toy/work/tests/snapshots/numbers.snap", "mine");
    course.write("exercises/01-toy/work/tests/my_own.rs", "#[test] fn mine() {}\n");
    let screen = course.learn(&["check"]).code(1);
    says(
        &screen,
        &[
            "since it judges your work: tests/snapshots/numbers.snap, tests/varint.rs.",
            "exercises/01-toy/backup/1",
            "○ 1.1",
        ],
    );
    assert_eq!(course.read(test), course.read("stages/01-toy/tests/varint.rs"));
    assert!(course.read("exercises/01-toy/backup/1/tests/varint.rs").contains("fn small_numbers_take_one_byte() {}"));
    assert_eq!(course.read("exercises/01-toy/backup/1/tests/snapshots/numbers.snap"), "mine");
    assert!(course.path("exercises/01-toy/work/tests/my_own.rs").exists());
    assert!(!course.learn(&["check"]).code(1).contains("Note:"));
}

#[test]
fn a_file_that_does_not_parse_is_named_with_the_way_out() {
    let course = Course::new();
    course.pass_the_first();
    course.learn(&["start", "1.2"]).ok();
    course.edit(SHELF, "impl Shelf {", "impl Shelf { fn broken( }");
    says(&course.learn(&["check"]).code(1), &["does not compile yet", "--> exercises/01-toy/work/src/shelf.rs:"]);
    let text = course.learn(&["reset"]).ok();
    says(&text, &["exercises/01-toy/backup/1", "src/shelf.rs was made again from the course"]);
    assert!(course.read("exercises/01-toy/backup/1/src/shelf.rs").contains("fn broken("));
    says(&course.learn(&["check"]).code(1), &["○ 1.2"]);

    course.edit(VARINT, "pub fn decode", "pub fn decode(((");
    course.learn(&["reset", "1.2"]).ok();
    let fresh = Course::new();
    fresh.learn(&["start", "1.1"]).ok();
    fresh.edit(SHELF, "impl Shelf {", "impl Shelf { fn broken( }");
    let fault = fresh.learn(&["start", "1.2"]).code(1);
    says(
        &fault,
        &["exercises/01-toy/work/src/shelf.rs:11:", "a bracket or a quote is not closed", "stages/01-toy/src/shelf.rs"],
    );
}

#[test]
fn a_passed_answer_survives_the_repair_of_its_file() {
    let course = Course::new();
    course.write("exercises/01-toy/exercises.toml", &{
        let text = course.read("exercises/01-toy/exercises.toml");
        text.replace("holes = [\"src/shelf.rs::Shelf::put\", ", "holes = [\"src/varint.rs::decode\", ")
            .replace("\"shelf::full::a_full_shelf_takes_nothing\", ", "\"varint::what_was_written_can_be_read\", ")
    });
    course.pass_the_first();
    course.learn(&["start", "1.2"]).ok();
    course.edit(VARINT, "pub fn decode", "pub fn decode(((");
    course.learn(&["reset", "1.2"]).ok();
    let source = course.read(VARINT);
    assert!(source.contains("in my own words") && source.contains("exercise 1.2: Fill a shelf"), "{source}");
    says(&course.learn(&["check", "1.1"]).ok(), &["✓ 1.1"]);
}

#[test]
fn a_function_that_was_renamed_is_named() {
    let course = Course::new();
    course.learn(&["start", "1.1"]).ok();
    course.edit(VARINT, "pub fn size", "pub fn sized");
    let fault = course.learn(&["check"]).code(1);
    says(&fault, &["`size` is gone from exercises/01-toy/work/src/varint.rs", "cargo learn reset 1.1"]);
    course.edit(VARINT, "pub fn sized(", "pub fn size(number: u64, _: ()) -> usize { 0 }\npub fn size(");
    says(&course.learn(&["check"]).code(1), &["`size` stands more than once"]);
    course.learn(&["reset"]).ok();
    assert_eq!(course.read(VARINT).matches("pub fn size(").count(), 1);
    assert!(course.read("exercises/01-toy/backup/1/src/varint.rs").contains("_: ()"));
    says(&course.learn(&["check"]).code(1), &["○ 1.1"]);
}

#[test]
fn a_broken_progress_file_is_kept_and_found_out_again() {
    let course = Course::new();
    course.pass_the_first();
    course.learn(&["start", "1.2"]).ok();
    course.write("exercises/progress.toml", "current = [broken");
    says(&course.learn(&["list"]).ok(), &["cannot be read", "✓ 1.1", "▸ 1.2"]);
    assert_eq!(course.read("exercises/progress.toml"), "current = [broken", "looking changes nothing");
    says(&course.learn(&["check"]).code(1), &["could not be read", "exercises/01-toy/backup/1/progress.toml", "○ 1.2"]);
    assert_eq!(course.read("exercises/01-toy/backup/1/progress.toml"), "current = [broken");
    let list = course.learn(&["list"]).ok();
    says(&list, &["✓ 1.1", "▸ 1.2"]);
    assert!(!list.contains("cannot be read"));
    fs::remove_file(course.path("exercises/progress.toml")).unwrap();
    says(&course.learn(&["list"]).ok(), &["✓ 1.1", "▸ 1.2"]);
}

#[test]
fn two_at_once_do_not_harm_each_other() {
    let course = Course::new();
    course.learn(&["start", "1.1"]).ok();
    let lock = fs::File::open(course.path("target/learn/work.lock")).unwrap();
    lock.lock().unwrap();
    says(&course.learn(&["check"]).code(2), &["another `cargo learn` is at work"]);
    says(&course.learn(&["hint"]).ok(), &["Think of seven."]);
    lock.unlock().unwrap();
    course.learn(&["check"]).code(1);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let course = Course::new();
    course.write("target", "in the way");
    let fault = course.learn(&["start"]).code(3);
    says(&fault, &["cannot create", "target"]);
    assert!(!course.path("exercises/01-toy/work").exists());
    says(&course.learn(&["hint", "1.1"]).ok(), &["Think of seven.", "could not be noted"]);
    course.learn(&[]).ok();
}

#[test]
fn when_the_course_changes_what_is_untouched_follows_and_answers_stay() {
    let course = Course::new();
    course.learn(&["start", "1.1"]).ok();
    course.edit(VARINT, TODO, ENCODE);
    course.edit("stages/01-toy/src/varint.rs", "Seven bits a byte", "Seven bits in every byte");
    course.edit(
        "stages/01-toy/src/varint.rs",
        "// The body of the reference: { not for learners }.",
        "// A better comment.",
    );
    course.edit("stages/01-toy/src/shelf.rs", "place += 1;", "place += 1; // on");
    course.write("stages/01-toy/tests/snapshots/numbers.snap", "five is 05\n\n");
    course.write("stages/01-toy/src/more.rs", "//! More.\n");
    course.edit("stages/01-toy/src/lib.rs", "pub mod shelf;", "pub mod more;\npub mod shelf;");
    let screen = course.learn(&["check"]).code(1);
    says(&screen, &["updated from the course: src/lib.rs, src/shelf.rs, src/varint.rs"]);
    let source = course.read(VARINT);
    assert!(source.contains("Seven bits in every byte") && source.contains("in my own words") && source.contains(TODO));
    assert!(!source.contains("A better comment"));
    assert!(course.read(SHELF).contains("// on") && course.path("exercises/01-toy/work/src/more.rs").exists());
    assert_eq!(course.read("exercises/01-toy/work/tests/snapshots/numbers.snap"), "five is 05\n\n");

    course.edit(VARINT, "/// How many bytes", "fn helper() {}\n\n/// How many bytes");
    assert!(!course.learn(&["check"]).code(1).contains("Note:"), "a helper is the learner's own business");
    course.edit("stages/01-toy/src/varint.rs", "Seven bits in every byte", "Seven bits");
    let screen = course.learn(&["check"]).code(1);
    says(&screen, &["src/varint.rs has changed in the course, and you changed it too", "stages/01-toy/src/varint.rs"]);
    assert!(course.read(VARINT).contains("fn helper()") && course.read(VARINT).contains("Seven bits in every byte"));
    course.write("exercises/01-toy/work/src/more.rs", "//! Mine.\n");
    course.write("stages/01-toy/src/less.rs", "//! Less.\n");
    course.learn(&["check"]).code(1);
    fs::remove_file(course.path("stages/01-toy/src/less.rs")).unwrap();
    fs::remove_file(course.path("stages/01-toy/src/more.rs")).unwrap();
    course.edit("stages/01-toy/src/lib.rs", "pub mod more;\n", "");
    says(&course.learn(&["check"]).code(1), &["src/more.rs is no longer in the course; yours is kept"]);
    assert_eq!(course.read("exercises/01-toy/work/src/more.rs"), "//! Mine.\n");
    assert!(!course.path("exercises/01-toy/work/src/less.rs").exists());
}

#[test]
fn a_dependency_that_the_learner_adds_stays() {
    let course = Course::new();
    course.learn(&["start", "1.1"]).ok();
    let manifest = "exercises/01-toy/work/Cargo.toml";
    let text = course.read(manifest);
    says(&text, &["edition = \"2024\"", "../../../tests/judge", "[workspace]", "debug = false"]);
    assert!(!text.contains("bench") && !text.contains("deny"));
    course.write(manifest, &(text + "\n[features]\nmine = []\n"));
    course.learn(&["check"]).code(1);
    says(&course.read(manifest), &["mine = []"]);
    course.edit("Cargo.toml", "debug = false", "debug = true");
    says(&course.learn(&["check"]).code(1), &["Cargo.toml has changed in the course, and you changed it too"]);
    says(&course.read(manifest), &["mine = []", "debug = false"]);
}

#[test]
fn a_lower_stage_that_is_passed_is_built_upon() {
    let course = Course::new();
    course.learn(&["start", "2.1"]).ok();
    let manifest = "exercises/02-toy/work/Cargo.toml";
    says(&course.read(manifest), &["path = \"../../../stages/01-toy\""]);
    course.edit(
        "exercises/02-toy/work/src/lib.rs",
        "todo!(\"exercise 2.1: Frame it\")",
        "let mut all = toy_one::varint::encode(bytes.len() as u64); all.extend(bytes); all",
    );
    course.learn(&["check"]).ok();

    let exercises = course.read("exercises/01-toy/exercises.toml");
    let only_the_first = exercises.split("[[exercise]]").take(2).collect::<Vec<_>>().join("[[exercise]]");
    course.write("exercises/01-toy/exercises.toml", &only_the_first);
    course.pass_the_first();
    course.learn(&["check", "2.1"]).ok();
    says(&course.read(manifest), &["path = \"../../01-toy/work\""]);

    course.edit(VARINT, SIZE, "encode(number).len() * 1");
    course.learn(&["check", "2.1"]).ok();
    says(&course.read(manifest), &["path = \"../../../stages/01-toy\""]);
}
