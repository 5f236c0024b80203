//! A person goes through the course.

mod support;

use support::{Course, ENCODE, SIZE, TODO, says};

const VARINT: &str = "exercises/01-toy/work/src/varint.rs";
const SHELF: &str = "exercises/01-toy/work/src/shelf.rs";

#[test]
fn without_a_terminal_the_map_and_the_next_step_are_printed_and_nothing_is_written() {
    let course = Course::new();
    let map = course.learn(&[]).ok();
    says(&map, &["01 toy", "0 of 3", "no exercises yet", "05 idempotence", "to come", "Write a \"varint\" {small}"]);
    says(&map, &["cargo learn start 1.1", "cargo learn check 1.1", "exercises/01-toy/work"]);
    assert!(!map.contains('\x1b'), "colours without a terminal");
    assert!(!course.path("target").exists() && !course.path("exercises/progress.toml").exists());
}

#[test]
fn from_the_empty_function_to_the_pass() {
    let course = Course::new();
    let started = course.learn(&["start"]).ok();
    says(
        &started,
        &["1.1  Write a \"varint\" {small}", "exercises/01-toy/1.1.md", "varint.rs:6  fn encode", "fn size"],
    );
    let source = course.read(VARINT);
    assert_eq!(source.matches(TODO).count(), 2);
    says(
        &source,
        &[
            "/// Writes a number, the lowest seven bits first.",
            "pub fn decode(bytes: &[u8]) -> Option<u64> {\n    let mut",
        ],
    );
    assert!(!source.contains("The body of the reference"));

    let red = course.learn(&["check"]).code(1);
    says(
        &red,
        &["○ 1.1", "varint.rs:7 is still empty", "This is how a start looks", "3 tests fail", "cargo learn hint 1.1"],
    );

    course.edit(VARINT, TODO, "vec![number as u8]");
    let judged = course.learn(&["check"]).code(1);
    says(&judged, &["✗ 1.1", "2 of 3 tests fail", "┌ rule: seven bits a byte, the lowest first", "│ [172, 2] │ [44]"]);
    says(&judged, &["file   exercises/01-toy/work/src/varint.rs:6", "another test still reaches"]);
    let alone = "cargo learn test 1.1 varint::the_lowest_bits_come_first";
    says(&judged, &[alone]);
    let words: Vec<&str> = alone.split(' ').skip(2).collect();
    says(&course.learn(&words).code(1), &["running 1 test", "the_lowest_bits_come_first ... FAILED"]);

    course.edit(VARINT, "vec![number as u8]", "vec![nummer]");
    let wrong = course.learn(&["check"]).code(1);
    says(&wrong, &["does not compile yet (an error)", "--> exercises/01-toy/work/src/varint.rs:7", "nummer"]);

    course.edit(VARINT, "vec![nummer]", ENCODE);
    course.edit(VARINT, TODO, SIZE);
    let green = course.learn(&["check"]).ok();
    says(&green, &["✓ 1.1", "all 3 tests pass", "Small numbers are frequent", "cargo learn start 1.2"]);
    says(&course.learn(&["list"]).ok(), &["✓ 1.1", "1 of 3"]);
    says(&course.learn(&[]).ok(), &["Next: cargo learn start 1.2"]);

    course.learn(&["start"]).ok();
    assert!(course.read(VARINT).contains("in my own words"), "the answer to 1.1 stays while 1.2 begins");
    assert!(course.read(SHELF).contains("exercise 1.2: Fill a shelf"));
    says(&course.learn(&["check"]).code(1), &["○ 1.2"]);

    course.edit(VARINT, SIZE, "encode(number).len() + 0");
    says(&course.learn(&["list"]).ok(), &["passed, but changed since", "▸ 1.2"]);
}

#[test]
fn hints_come_one_by_one_and_the_solution_opens_late() {
    let course = Course::new();
    says(&course.learn(&["hint"]).code(2), &["nothing is started yet"]);
    course.learn(&["start"]).ok();
    says(&course.learn(&["solution"]).code(2), &["not passed yet", "--give-up"]);
    let hints = ["Think of seven.", "Shift by seven.", "Push the low seven bits"];
    for (number, hint) in hints.iter().enumerate() {
        let said = course.learn(&["hint"]).ok();
        says(&said, &[hint, &format!("hint {} of 3", number + 1)]);
        assert_eq!(hints.iter().filter(|hint| said.contains(*hint)).count(), 1);
    }
    says(&course.learn(&["hint"]).ok(), &hints);
    let solution = course.learn(&["solution", "--give-up"]).ok();
    says(&solution, &["// stages/01-toy/src/varint.rs:6\npub fn encode", "number >>= 7;", "pub fn size"]);
    says(&course.learn(&["list"]).ok(), &["started, solution seen"]);
    let diff = course.learn(&["solution", "1.1", "--give-up", "--diff"]).ok();
    says(&diff, &["-     todo!(", "+     let mut bytes = Vec::new();"]);
}

#[test]
fn to_start_again_changes_nothing() {
    let course = Course::new();
    course.learn(&["start", "1.1"]).ok();
    course.edit(VARINT, TODO, "vec![1]");
    let before = course.read(VARINT);
    says(&course.learn(&["start", "1.1"]).ok(), &["is in progress", "stay as they are", "cargo learn check 1.1"]);
    assert_eq!(course.read(VARINT), before);
    assert!(!course.path("exercises/01-toy/backup").exists());
}

#[test]
fn a_function_that_was_changed_before_its_exercise_began_is_kept() {
    let course = Course::new();
    course.learn(&["start", "1.1"]).ok();
    course.edit(SHELF, "let mut place = 0;", "let mut place = 0; // tried something");
    course.edit(SHELF, "place += 1;", "place += 2 - 1;");
    says(&course.learn(&["start", "1.2"]).ok(), &["it is kept in exercises/01-toy/backup/1"]);
    assert!(course.read("exercises/01-toy/backup/1/src/shelf.rs").contains("tried something"));
}

#[test]
fn a_reset_keeps_what_was_there_each_time() {
    let course = Course::new();
    says(&course.learn(&["reset", "1.1"]).code(2), &["is not started"]);
    course.pass_the_first();
    says(&course.learn(&["reset"]).ok(), &["empty again", "exercises/01-toy/backup/1"]);
    assert_eq!(course.read(VARINT).matches(TODO).count(), 2);
    says(&course.learn(&["list"]).ok(), &["▸ 1.1"]);
    course.edit(VARINT, TODO, "vec![2]");
    says(&course.learn(&["reset"]).ok(), &["exercises/01-toy/backup/2"]);
    assert!(course.read("exercises/01-toy/backup/1/src/varint.rs").contains("in my own words"));
    assert!(course.read("exercises/01-toy/backup/2/src/varint.rs").contains("vec![2]"));

    says(&course.learn(&["reset", "--all"]).ok(), &["is now in exercises/01-toy/backup/3"]);
    assert!(!course.path("exercises/01-toy/work").exists());
    assert_eq!(course.read("exercises/01-toy/backup/3/work/src/varint.rs").matches(TODO).count(), 2);
    says(&course.learn(&["list"]).ok(), &["· 1.1", "0 of 3"]);
    course.learn(&["start"]).ok();
    assert_eq!(course.read(VARINT).matches(TODO).count(), 2);
}

#[test]
fn a_loop_that_does_not_end_is_ended() {
    let course = Course::new();
    course.learn(&["start", "1.2"]).ok();
    course.edit(SHELF, r#"todo!("exercise 1.2: Fill a shelf")"#, "let _ = thing; loop { std::hint::spin_loop() }");
    let screen = course.learn(&["check", "1.2"]).code(1);
    says(&screen, &["timed out after 2 s", "a loop does not stop", "shelf::full::a_full_shelf_takes_nothing"]);
}

#[test]
fn a_test_program_that_ends_early_has_not_passed() {
    let course = Course::new();
    course.learn(&["start", "1.1"]).ok();
    course.edit(VARINT, TODO, "let _ = number; std::process::exit(0)");
    course.edit(VARINT, TODO, "let _ = number; std::process::exit(0)");
    says(&course.learn(&["check"]).code(1), &["ended without a result", "Does something call `exit`?"]);
}

#[test]
fn a_story_is_written_by_the_learner() {
    let course = Course::new();
    says(&course.learn(&["start", "1.3"]).ok(), &["write  exercises/01-toy/work/1.3.story"]);
    let story = "exercises/01-toy/work/1.3.story";
    assert_eq!(course.read(story), course.read("exercises/01-toy/1.3.start.story"));
    let screen = course.learn(&["check"]).code(1);
    says(
        &screen,
        &["┌ rule: the story must lose exactly one thing", "│ 1        │ 0", "file   exercises/01-toy/work/1.3.story"],
    );
    course.write(story, "# Mine\nput x\nput y\nput z\n");
    course.learn(&["check"]).ok();
    says(&course.learn(&["solution", "--diff"]).ok(), &["- put x", "+ put a"]);
    course.learn(&["reset"]).ok();
    assert_eq!(course.read(story), course.read("exercises/01-toy/1.3.start.story"));
    assert!(course.read("exercises/01-toy/backup/1/1.3.story").contains("put z"));
}

#[test]
fn the_other_verbs() {
    let course = Course::new();
    let demo = course.learn(&["demo", "1"]).ok();
    says(&demo, &["Numbers in few bytes", "$ toy-one 5 300\n5: [5]\n300: [172, 2]", "> one\n> two\nread 8 bytes"]);
    says(&demo, &["$ toy-one 'x y'", "(exit code 2)", "target/learn/demo-01"]);
    says(&course.learn(&["demo", "2"]).code(2), &["stage 02 has no demo"]);
    says(&course.learn(&["explore"]).ok(), &["asked to explore\n"]);
    says(&course.learn(&["explore", "no_promise"]).ok(), &["asked to explore --scenario no_promise\n"]);
    says(&course.learn(&["explore", "--stage", "2"]).code(2), &["Stage 02 has no model to explore."]);
    says(&course.learn(&["book", "--build-only"]).ok(), &["built the book"]);
    says(&course.learn(&["book", "--port", "8123"]).ok(), &["http://127.0.0.1:4567/ --port 8123"]);

    says(&course.learn(&["test", "1"]).code(2), &["there is no copy to test"]);
    course.pass_the_first();
    says(
        &course.learn(&["test", "1"]).ok(),
        &["a_freed_place_is_used_again ... ok", "what_was_written_can_be_read ... ok"],
    );
    says(&course.learn(&["test"]).ok(), &["a_freed_place_is_used_again ... ok"]);
    let judging = course.learn(&["test", "1.1"]).ok();
    says(&judging, &["running 3 tests"]);
    assert!(!judging.contains("a_freed_place_is_used_again"));
    says(&course.learn(&["test", "the_size"]).ok(), &["the_size_is_what_is_written ... ok"]);
}

#[test]
fn what_is_mistyped_is_said_so() {
    let course = Course::new();
    says(&course.learn(&["check", "9.9"]).code(2), &["there is no exercise 9.9"]);
    says(&course.learn(&["check", "one"]).code(2), &["`one` is no exercise"]);
    says(&course.learn(&["check", "1.1"]).code(2), &["is not started", "cargo learn start 1.1"]);
    says(&course.learn(&["juggle"]).code(2), &["juggle"]);
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = course.command(&["list"]);
    let outside = command.current_dir(elsewhere.path()).output().unwrap();
    assert_eq!(outside.status.code(), Some(2));
    let told =
        course.command(&["list"]).current_dir(elsewhere.path()).env("FTLU_ROOT", course.root()).output().unwrap();
    assert_eq!(told.status.code(), Some(0));
}

#[test]
fn it_works_from_inside_the_copy() {
    let course = Course::new();
    course.learn(&["start", "1.1"]).ok();
    let inside = course.command(&["check"]).current_dir(course.path("exercises/01-toy/work/src")).output().unwrap();
    let text = String::from_utf8(inside.stdout).unwrap();
    says(&text, &["○ 1.1", "../src/varint.rs:7 is still empty"]);
    says(&course.read("exercises/01-toy/work/.cargo/config.toml"), &["learn = [\"run\"", "\"--package\", \"learn\""]);
}
