//! Code in quizzes is compiled against the stage of its page.

mod common;

use common::Course;
use press::snippets::{check, find};

const STAGE: &str = "[package]\nname = \"segment-log\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[lib]\npath = \"src/varint.rs\"\n";

fn chapter(answers: [&str; 2]) -> String {
    let [good, bad] = answers.map(|code| format!("'''\n```rust,{code}\n```\n'''"));
    format!(
        "# The log\n\n````quiz\n[[question]]\nprompt = \"Which?\"\nanswers = [{good}, {bad}]\ncorrect = 0\nwhy = \"So.\"\n````\n"
    )
}

fn faults(course: &Course) -> Vec<String> {
    let built = course.build();
    let snippets = find(&built.pages);
    assert_eq!(snippets.len(), 2);
    check(&course.house(), &snippets).unwrap().iter().map(ToString::to_string).collect()
}

#[test]
fn marked_code_is_judged_by_the_compiler() {
    let course = Course::with_chapter(&chapter([
        "compile\nassert_eq!(segment_log::MAX, 10);",
        "compile_fail\nlet most: u8 = segment_log::MAX;",
    ]));
    course.write("stages/01-segment-log/Cargo.toml", STAGE);
    assert_eq!(faults(&course), [] as [String; 0]);

    course.write(
        "book/src/01-segment-log.md",
        chapter(["compile\nsegment_log::none();", "compile_fail\nlet most = segment_log::MAX;"]),
    );
    let found = faults(&course);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found[0].starts_with("01-segment-log.md:3: the code in the quiz that begins `segment_log::none();`"),
        "{}",
        found[0]
    );
    assert!(found[0].contains("marked `compile` and does not") && found[0].contains("E0425"), "{}", found[0]);
    assert!(found[1].contains("marked `compile_fail` and compiles"), "{}", found[1]);
}
