use std::time::Duration;

use super::*;
use crate::course::Id;
use crate::judge::Reached;

fn exercise() -> Exercise {
    Exercise {
        id: Id { stage: 1, number: 1 },
        title: "Write a varint".into(),
        difficulty: 1,
        kind: Kind::Fill,
        holes: Vec::new(),
        story: None,
        tests: Vec::new(),
        hints: Vec::new(),
        learned: Some("Small is short.\n".into()),
        timeout: Duration::from_secs(9),
    }
}

fn view(exercise: &Exercise) -> View<'_> {
    View {
        style: Style::PLAIN,
        exercise,
        copy: "exercises/01-toy/work".into(),
        statement: "exercises/01-toy/1.1.md".into(),
        places: vec![("src/varint.rs".into(), 12, "encode".into())],
        in_the_way: None,
        below: None,
        milestone: None,
        next: None,
        verbose: false,
        keys: false,
    }
}

fn render_with(verbose: bool, next: Option<&str>, verdict: &Verdict) -> String {
    let exercise = exercise();
    View { verbose, next: next.map(str::to_owned), ..view(&exercise) }.render(verdict)
}

fn render(verdict: &Verdict) -> String {
    render_with(false, Some("cargo learn start 1.2"), verdict)
}

fn test(name: &str) -> TestName {
    name.to_owned().try_into().unwrap()
}

fn failure(failed: usize, of: usize) -> Failure {
    Failure { test: test("varint::two_bytes"), failed, of, reached: None }
}

#[test]
fn a_judgement_is_shown_with_its_place_and_the_way_to_run_it_alone() {
    let block = ["┌ rule: the lowest bits first", "│ 96 01 │ 01 96", "└ look at: src/varint.rs, fn encode"];
    let block = block.map(str::to_owned).to_vec();
    assert_eq!(
        render(&Verdict::Judged { failure: failure(2, 3), block }),
        "\
✗ 1.1  Write a varint: 2 of 3 tests fail

  ┌ rule: the lowest bits first
  │ 96 01 │ 01 96
  └ look at: src/varint.rs, fn encode

  test   varint::two_bytes
  file   exercises/01-toy/work/src/varint.rs:12
  alone  cargo learn test 1.1 varint::two_bytes
  stuck  cargo learn hint 1.1
"
    );
}

#[test]
fn the_place_to_look_at_can_be_opened() {
    let file = |place: &str| {
        let block = vec!["┌ rule: one".to_owned(), format!("└ look at: {place}")];
        let screen = render(&Verdict::Judged { failure: failure(1, 1), block });
        screen.lines().find_map(|line| line.strip_prefix("  file   ")).unwrap_or_default().to_owned()
    };
    assert_eq!(file("src/varint.rs, fn <Wire as Varint>::encode"), "exercises/01-toy/work/src/varint.rs:12");
    assert_eq!(file("src/varint.rs"), "exercises/01-toy/work/src/varint.rs:12");
    assert_eq!(file("src/varint.rs, fn decode"), "exercises/01-toy/work/src/varint.rs");
    assert_eq!(file("src/other.rs, fn encode"), "exercises/01-toy/work/src/other.rs");
    assert_eq!(file("the chapter"), "exercises/01-toy/work/src/varint.rs:12");
}

fn reached(number: u8, location: &str) -> Reached {
    let title = if number == 1 { "Write a varint" } else { "Look it up" };
    Reached { id: Id { stage: 1, number }, title: title.into(), location: location.into() }
}

#[test]
fn a_start_says_that_it_is_as_it_should_be() {
    let screen = render(&Verdict::Unwritten { failure: failure(3, 3), reached: reached(1, "src/varint.rs:13") });
    assert_eq!(
        screen,
        "\
○ 1.1  Write a varint: not written yet

  exercises/01-toy/work/src/varint.rs:13 is still empty. This is how a start looks:
  everything is set up, the tests ran, and 3 tests fail because nothing is there yet.

  read   exercises/01-toy/1.1.md
  write  exercises/01-toy/work/src/varint.rs:12  fn encode
  check  cargo learn check 1.1
  stuck  cargo learn hint 1.1
"
    );
}

#[test]
fn an_exercise_that_was_left_empty_is_named_with_its_function_and_the_way_out() {
    let blocked = Verdict::Unwritten { failure: failure(1, 1), reached: reached(4, "src/index.rs:3") };
    let exercise = exercise();
    let view = View { in_the_way: Some("floor".into()), ..view(&exercise) };
    assert_eq!(
        view.render(&blocked),
        "\
○ 1.1  Write a varint: cannot be judged before 1.4 is written

  Its tests need `floor` of exercise 1.4, which you have started:
  exercises/01-toy/work/src/index.rs:3 is still empty.

  first  cargo learn start 1.4   Look it up
  or     cargo learn solution 1.4 --give-up   shows how the course does it
  then   cargo learn check 1.1
"
    );
    let screen = View { keys: true, ..view }.render(&blocked);
    assert!(screen.ends_with("is still empty.\n\n  first  press n for 1.4  Look it up\n"), "{screen}");
}

#[test]
fn an_empty_exercise_that_stops_only_other_tests_is_a_note() {
    let with = |number| Failure { reached: Some(reached(number, "src/index.rs:3")), ..failure(1, 3) };
    let block = || vec!["┌ rule: one".to_owned(), "└ look at: src/varint.rs".to_owned()];
    let screen = render(&Verdict::Judged { failure: with(4), block: block() });
    let note = "note   another test needs a function of exercise 1.4, which is still empty: cargo learn start 1.4\n";
    assert!(screen.ends_with(note), "{screen}");
    let screen = render(&Verdict::Unwritten { failure: with(4), reached: reached(1, "src/varint.rs:13") });
    assert!(screen.contains("not written yet") && screen.ends_with(note), "{screen}");
    let screen = render(&Verdict::Judged { failure: with(1), block: block() });
    assert!(screen.ends_with("note   another test still reaches a function that is not written yet\n"), "{screen}");
}

#[test]
fn a_pass_says_what_was_learned_and_what_is_next() {
    let screen = render(&Verdict::Passed { tests: 3, seconds: 0.04 });
    let expected =
        "✓ 1.1  Write a varint: all 3 tests pass (0.0 s)\n\n  Small is short.\n\n  next   cargo learn start 1.2\n";
    assert_eq!(screen, expected);
    let exercise = exercise();
    let milestone = Some("Stage 01 is passed.".to_owned());
    let done = View { milestone, next: Some("cargo learn start 2.1".into()), ..view(&exercise) };
    let screen = done.render(&Verdict::Passed { tests: 3, seconds: 0.04 });
    let end = "  Small is short.\n\n  Stage 01 is passed.\n\n  next   cargo learn start 2.1\n";
    assert!(screen.ends_with(end), "{screen}");
    let last = render_with(false, None, &Verdict::Passed { tests: 1, seconds: 0.04 });
    assert!(last.contains("its test passes") && last.contains("All are passed"), "{last}");
}

fn long_error(name: &str, lines: usize) -> String {
    let more: String = (0..lines).map(|line| format!("\n  | {line}")).collect();
    format!("error[E0425]: {name}\n --> src/varint.rs:9:5{more}")
}

#[test]
fn compiler_errors_are_cut_to_the_first_and_named_from_where_the_learner_stands() {
    let errors = vec![long_error("one", 10), long_error("two", 10), long_error("three", 10)];
    let screen = render(&Verdict::NotCompiled(errors.clone()));
    assert!(screen.contains("does not compile yet (3 errors)"), "{screen}");
    assert!(screen.contains("--> exercises/01-toy/work/src/varint.rs:9:5"), "{screen}");
    assert!(screen.contains("two") && !screen.contains("three"), "{screen}");
    assert!(screen.contains("cargo learn check 1.1 --verbose shows the other 1"), "{screen}");
    assert!(render_with(true, None, &Verdict::NotCompiled(errors)).contains("three"));
}

#[test]
fn one_endless_error_is_cut_as_well() {
    let screen = render(&Verdict::NotCompiled(vec![long_error("one", 100)]));
    assert!(screen.lines().count() < 40, "{screen}");
    assert!(screen.contains("more lines: cargo learn check 1.1 --verbose"), "{screen}");
}

#[test]
fn an_error_in_the_tests_points_to_the_signature() {
    let error = "error[E0308]: mismatched\n --> tests/varint.rs:9:5".to_owned();
    let coloured = "error[E0308]: mismatched\n \x1b[34m--> \x1b[0mtests/varint.rs:9:5".to_owned();
    for error in [error, coloured] {
        let screen = render(&Verdict::NotCompiled(vec![error]));
        assert!(screen.contains("leave the signature as it is"), "{screen}");
        assert!(screen.contains("exercises/01-toy/work/tests/varint.rs:9:5"), "{screen}");
    }
}

#[test]
fn a_panic_in_the_learners_code_names_the_line() {
    let location = "src/varint.rs:20".to_owned();
    let message = "attempt to shift left with overflow".to_owned();
    let screen = render(&Verdict::Panicked { failure: failure(1, 3), location, message });
    assert!(screen.contains("1 of 3 tests fails"), "{screen}");
    assert!(screen.contains("a panic at exercises/01-toy/work/src/varint.rs:20:\n\n  attempt to shift"), "{screen}");
    assert!(screen.contains("file   exercises/01-toy/work/src/varint.rs:20"), "{screen}");
}

#[test]
fn a_time_out_says_what_probably_loops() {
    let screen = render(&Verdict::TimedOut { tests: vec![test("varint::two_bytes")], seconds: 9 });
    assert!(screen.contains("timed out after 9 s") && screen.contains("a loop does not stop"), "{screen}");
    assert!(screen.contains("alone  cargo learn test 1.1 varint::two_bytes"), "{screen}");
}

#[test]
fn a_program_that_died_says_why_where_that_is_known() {
    let died = |end, stderr: &str| render(&Verdict::Died { tests: Vec::new(), end, stderr: stderr.into() });
    assert!(died(End::Signal(6), "memory allocation of 9 bytes failed").contains("more memory than it may have"));
    assert!(died(End::Signal(6), "thread 'a' has overflowed its stack").contains("call itself without end"));
    assert!(died(End::Code(0), "").contains("Does something call `exit`?"));
}

#[test]
fn what_is_our_mistake_is_called_so() {
    let screen = render(&Verdict::NotRun(vec![test("varint::gone")]));
    assert!(screen.contains("varint::gone") && screen.contains("a mistake of the course, not yours"), "{screen}");
    let screen = render(&Verdict::NotBuilt("failed to download `x`: could not resolve host".into()));
    assert!(screen.contains("needs the network once"), "{screen}");
}
