//! `verify` accepts a course that is right, and finds each of the ways in which one can be wrong.

mod support;

use std::fs;

use support::{Course, says};

#[test]
fn a_course_that_is_right_is_proved() {
    let course = Course::new();
    let table = course.learn(&["verify"]).ok();
    says(&table, &["4 exercises, 16 runs, all as they must be", "✓ starter", "✓ reference", "✓ a", "✓ b"]);
    let stage = course.learn(&["verify", "--stage", "2"]).ok();
    says(&stage, &["1 exercise, 4 runs"]);
    let first = course.learn(&["verify", "--shard", "1/2"]).ok();
    let second = course.learn(&["verify", "--shard", "2/2"]).ok();
    says(&first, &["1.1 ", "1.2 ", "1.3 ", "3 exercises"]);
    says(&second, &["2.1 ", "1 exercise"]);
}

#[test]
fn papers_that_are_missing_are_named() {
    let course = Course::new();
    course.edit("exercises/01-toy/exercises.toml", "\"Look.\", ", "");
    fs::remove_file(course.path("exercises/01-toy/1.1.md")).unwrap();
    fs::remove_file(course.path("exercises/01-toy/1.3.start.story")).unwrap();
    fs::remove_file(course.path("exercises/02-toy/wrong/2.1-b.rs")).unwrap();
    course.edit("exercises/01-toy/wrong/1.1-a.rs", "//! why:", "//! because:");
    course.edit("exercises/01-toy/wrong/1.2-b.rs", "f: &mut fmt::Formatter", "out: &mut fmt::Formatter");
    course.edit("exercises/01-toy/wrong/1.2-a.rs", "impl Shelf {", "fn helper() {}\nimpl Shelf {");
    let table = course.learn(&["verify"]).code(3);
    says(&table, &["1.2: it has 2 hints, and needs three"]);
    says(&table, &["1.1: exercises/01-toy/1.1.md is missing or empty"]);
    says(&table, &["1.3: exercises/01-toy/1.3.start.story is missing or empty"]);
    says(&table, &["2.1: it has 1 wrong solutions, and needs two or more"]);
    says(&table, &["1.1: wrong/1.1-a.rs: it needs the lines `//! why: …` and `//! shows: …`"]);
    says(&table, &["1.2: wrong/1.2-b.rs: `<Shelf as Display>::fmt` is declared as", "but the stage has"]);
    says(&table, &["1.2: wrong/1.2-a.rs: it has the functions helper, put, but may replace only"]);
}

#[test]
fn runs_that_end_otherwise_are_named() {
    let course = Course::new();
    // The reference of 1.1 is broken, a wrong solution passes, and one shows something else.
    course.edit("stages/01-toy/src/varint.rs", "bits.div_ceil(7)", "bits.div_ceil(8)");
    course.edit("exercises/01-toy/wrong/1.2-a.rs", "let place = 0;", "let mut place = 0;");
    course.edit("exercises/01-toy/wrong/1.2-a.rs", "            }\n", "            }\n            place += 1;\n");
    course.edit("exercises/01-toy/wrong/1.3-a.story", "# shows: │ 2", "# shows: something else");
    course.edit(
        "exercises/01-toy/exercises.toml",
        "shelf::full::a_full_shelf_takes_nothing",
        "shelf::a_full_shelf_takes_nothing",
    );
    course.edit("exercises/02-toy/exercises.toml", "frame::the_length_comes_first", "frame::gone");
    let table = course.learn(&["verify"]).code(3);
    says(&table, &["1.1 reference: the reference does not pass", "the size of 128"]);
    says(&table, &["1.2 reference: nothing was judged", "shelf::a_full_shelf_takes_nothing"]);
    says(&table, &["1.3 a: the screen does not show `something else`"]);
    says(&table, &["2.1 starter: nothing was judged", "a mistake of the course"]);

    course.edit(
        "exercises/01-toy/exercises.toml",
        "shelf::a_full_shelf_takes_nothing",
        "shelf::full::a_full_shelf_takes_nothing",
    );
    says(&course.learn(&["verify", "--stage", "1"]).code(3), &["1.2 a: it passes, but must not"]);
}

#[test]
fn a_wrong_solution_that_does_not_compile_is_named() {
    let course = Course::new();
    course.edit("exercises/02-toy/wrong/2.1-b.rs", "bytes.to_vec()", "bytes.to_vex()");
    let table = course.learn(&["verify", "--stage", "2"]).code(3);
    says(&table, &["02-toy: the variants do not compile", "(probably in wrong/2.1-b.rs)", "to_vex"]);
}

#[test]
fn holes_that_cannot_be_holes_are_named() {
    let course = Course::new();
    course.edit("stages/01-toy/src/varint.rs", "pub fn size", "pub const fn size");
    course.edit("exercises/01-toy/exercises.toml", "src/shelf.rs::Shelf::put", "src/shelf.rs::Shelf::push");
    let table = course.learn(&["verify", "--stage", "1"]).code(3);
    says(&table, &["1.1: src/varint.rs::size cannot be a hole: it is a `const fn`"]);
    says(&table, &["1.2: src/shelf.rs::Shelf::push is not in the stage"]);
    says(&course.learn(&["start", "1.1"]).code(3), &["cannot be a hole"]);
    says(&course.learn(&["start", "1.2"]).code(3), &["names src/shelf.rs::Shelf::push"]);
}

#[test]
fn an_exercise_file_with_a_mistake_is_named() {
    let wrong = |from: &str, to: &str| {
        let course = Course::new();
        course.edit("exercises/01-toy/exercises.toml", from, to);
        course.learn(&["list"]).code(3)
    };
    says(&wrong("stage = \"01-toy\"", "stage = \"01-other\""), &["exercises.toml", "the folder is 01-toy"]);
    says(&wrong("id = \"1.2\"", "id = \"1.1\""), &["exercise 1.1 stands twice or out of order"]);
    says(&wrong("id = \"1.2\"", "id = \"2.2\""), &["exercise 2.2 is not of stage 1"]);
    says(&wrong("src/shelf.rs::Shelf::put", "src/varint.rs::size"), &["is a hole of 1.1 and of 1.2"]);
    says(&wrong("difficulty = 2", "difficulty = 4"), &["difficulty is 1, 2 or 3"]);
    says(&wrong("story = \"1.3.story\"\n", ""), &["exercise 1.3 is break-it"]);
    says(&wrong("src/shelf.rs::Shelf::put", "Shelf.put"), &["`Shelf.put` is no hole"]);
    says(&wrong("hints = [\"Look.\"", "clues = [\"Look.\""), &["unknown field `clues`"]);
}

#[test]
fn changed_stages_are_chosen_by_git() {
    let course = Course::new();
    let git = |words: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.arg("-C").arg(course.root()).args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(words);
        assert!(command.output().unwrap().status.success(), "git {words:?}");
    };
    course.write(".gitignore", "/target\n");
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "one"]);
    says(&course.learn(&["verify", "--changed", "HEAD"]).ok(), &["0 exercises, 0 runs"]);
    course.edit("stages/02-toy/src/lib.rs", "Frames:", "Frames,");
    says(&course.learn(&["verify", "--changed", "HEAD"]).ok(), &["2.1 ", "1 exercise, 4 runs"]);
    says(&course.learn(&["verify", "--changed", "HEAD", "--shard", "1/3"]).ok(), &["1.1 ", "2.1 ", "4 exercises"]);
    git(&["commit", "--all", "--quiet", "--message", "two"]);
    course.write("README.md", "Read me.\n");
    says(&course.learn(&["verify", "--changed", "HEAD"]).ok(), &["0 exercises, 0 runs"]);
    course.edit("stages/01-toy/src/lib.rs", "and a shelf.", "and shelves.");
    says(&course.learn(&["verify", "--changed", "HEAD"]).ok(), &["2.1 ", "4 exercises"]);
    says(&course.learn(&["verify", "--changed", "nowhere"]).code(2), &["nowhere"]);
}
