//! Directives in whole books: what they become in the pages that mdBook writes, and how they fail.

mod common;

use common::{Course, SNAPSHOT, between, page};

#[track_caller]
fn chapter(text: &str) -> String {
    page(&Course::with_chapter(text).build(), "01-segment-log.html")
}

/// Compares faults with the beginnings that are expected.
#[track_caller]
fn assert_faults(found: &[String], expected: &[&str]) {
    let matches =
        found.len() == expected.len() && found.iter().zip(expected).all(|(one, start)| one.starts_with(start));
    assert!(matches, "found:\n{}\nexpected:\n{}", found.join("\n"), expected.join("\n"));
}

#[test]
fn code_is_an_excerpt_with_a_caption_and_nothing_to_run() {
    let html = chapter(
        "# T\n\n{{#code stages/01-segment-log/src/varint.rs::MAX stages/01-segment-log/src/varint.rs::Reader::next}}\n\nAfter.\n",
    );
    let figure = between(&html, "<figure class=\"excerpt\">", "</figure>");
    assert!(figure.contains(
        "<figcaption><code>stages/01-segment-log/src/varint.rs</code><span>MAX, line 3</span><span>Reader::next, line 9</span>"
    ));
    assert!(
        figure.contains(
            "<pre><code class=\"language-rust noplayground\">/// The most bytes.\npub const MAX: usize = 10;\n\n\
         /// Reads.\npub fn next(&amp;self) -&gt; u8 {\n    7\n}</code></pre>"
        ),
        "{figure}"
    );
    assert!(!html.contains("class=\"playground\""));
    assert!(html.contains("<p>After.</p>"));
}

#[test]
fn code_can_leave_its_documentation_out() {
    let html = chapter("# T\n\n{{#code stages/01-segment-log/src/varint.rs::MAX docs=no}}\n");
    assert!(html.contains("noplayground\">pub const MAX: usize = 10;</code>"));
}

#[test]
fn code_that_does_not_resolve_names_page_line_and_rule() {
    let varint = "stages/01-segment-log/src/varint.rs";
    let course = Course::with_chapter(&format!(
        "# T\n\n{{{{#code {varint}::MIN}}}}\n\n{{{{#code stages/none.rs::A}}}}\n\n{{{{#code ../secret.rs::A}}}}\n\n{{{{#code}}}}\n"
    ));
    assert_faults(
        &course.faults(),
        &[
            &format!("01-segment-log.md:3: {{{{#code {varint}::MIN}}}}: {varint}: the file has no item `MIN`"),
            "01-segment-log.md:5: {{#code stages/none.rs::A}}: `stages/none.rs` cannot be read",
            "01-segment-log.md:7: {{#code ../secret.rs::A}}: `../secret.rs` is not a path inside the repository",
            "01-segment-log.md:9: {{#code}}: it names no item",
        ],
    );
}

#[test]
fn a_story_is_its_text_and_its_trace() {
    let html = chapter("# T\n\nBefore.\n\n{{#story tour}}\n\nAfter.\n");
    let figure = between(&html, "<figure class=\"story\"", "</figure>");
    assert!(figure.starts_with("<figure class=\"story\" id=\"story-tour\" data-story=\"tour\">"));
    assert!(figure.contains("<figcaption class=\"story-title\">A tour of the log</figcaption>"));
    let text = between(figure, "<pre class=\"story\">", "</pre>");
    assert!(text.contains("<span class=\"story-command\">flush</span>\n<span class=\"story-rule\">---</span>\n<span class=\"story-answer\">flushed to 6</span>\n\n"));
    assert!(!text.contains("source: tests/stories.rs"));
    let plain: String = strip_tags(text);
    assert!(SNAPSHOT.contains(plain.trim()), "{plain}");
    let json = between(figure, "class=\"story-trace\">", "</script>");
    let json = json.trim_start_matches("class=\"story-trace\">").trim_end_matches("</script>");
    let trace: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(trace, serde_json::from_str::<serde_json::Value>(common::TRACE).unwrap());
    assert!(html.contains("<p>After.</p>"));
}

fn strip_tags(html: &str) -> String {
    let text: String = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    text.replace("&quot;", "\"").replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
}

#[test]
fn the_lowest_stage_that_tells_a_story_is_shown() {
    let course = Course::with_chapter("# T\n\n{{#story tour}}\n");
    course.write("stages/02-partitioning/tests/snapshots/stories__tour.snap", "---\nx: y\n---\nlater\n");
    course.write("stages/02-partitioning/tests/snapshots/stories__split.snap", "---\nx: y\n---\nsplit\n");
    course.write(
        "stages/02-partitioning/tests/snapshots/traces/split.json",
        r#"{"title":"S","view":"log","steps":[{}]}"#,
    );
    course.edit("book/src/glossary.md", "Safe.", "Safe.\n\n{{#story split}}");
    let built = course.build();
    assert!(page(&built, "01-segment-log.html").contains("flushed to 6"));
    assert!(page(&built, "glossary.html").contains("<span class=\"story-command\">split</span>"));
}

#[test]
fn a_story_that_is_not_told_fails() {
    let course = Course::with_chapter(
        "# T\n\n{{#story none}}\n\n{{#story ../x}}\n\n{{#story empty}}\n\n{{#story silent}}\n\n{{#story broken}}\n\n{{#story short}}\n",
    );
    let folder = "stages/01-segment-log/tests/snapshots";
    for (name, text) in
        [("empty", "---\nx: y\n---\n\n"), ("silent", "---\nx: y\n---\na\n"), ("broken", "---\nx: y\n---\na\n")]
    {
        course.write(&format!("{folder}/stories__{name}.snap"), text);
    }
    course.write(&format!("{folder}/stories__short.snap"), "---\nx: y\n---\na\n");
    course.write(&format!("{folder}/traces/broken.json"), "{");
    course.write(&format!("{folder}/traces/short.json"), r#"{"title":"S","view":"log","steps":[]}"#);
    assert_faults(
        &course.faults(),
        &[
            "01-segment-log.md:3: {{#story none}}: no stage has tests/snapshots/stories__none.snap",
            "01-segment-log.md:5: {{#story ../x}}: it takes one name in snake_case",
            &format!("01-segment-log.md:7: {{{{#story empty}}}}: {folder}/stories__empty.snap holds no story"),
            &format!("01-segment-log.md:9: {{{{#story silent}}}}: `{folder}/traces/silent.json` cannot be read"),
            &format!("01-segment-log.md:11: {{{{#story broken}}}}: {folder}/traces/broken.json is not a trace"),
            &format!(
                "01-segment-log.md:13: {{{{#story short}}}}: {folder}/traces/short.json is not a trace: it needs a view"
            ),
        ],
    );
}

#[test]
fn an_exercise_is_a_box_with_three_nested_hints() {
    let html = chapter("# T\n\n{{#exercise 1.1}}\n\nAfter.\n");
    let section = between(&html, "<section class=\"exercise\">", "</section>");
    assert!(section.contains("<h3 id=\"exercise-1-1\">"));
    assert!(section.contains("Exercise 1.1: Few bytes for <code>small</code> numbers"));
    assert!(section.contains(
        "aria-label=\"difficulty 2 of 3\">●●○</span> <span>write the body</span> <code>cargo learn start 1.1</code>"
    ));
    assert!(section.contains("It ends at the <a class=\"term\" href=\"glossary.html#leo\""), "{section}");
    assert!(section.contains("<h4 id=\"the-rule\">"));
    assert!(!section.contains("<h1"));
    let [first, second, third] = ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3"].map(|hint| section.find(hint).unwrap());
    assert!(first < second && second < third);
    assert!(section.contains("<p>The <em>first</em> hint.</p>"));
    assert!(section[third..].matches("</details>").count() == 3, "each hint is inside the one before");
    assert!(html.contains("<p>After.</p>"));
}

#[test]
fn an_exercise_that_is_not_complete_fails() {
    let cases = [
        ("1.1", "1.2", "no exercises/*/exercises.toml lists an exercise `1.1`"),
        ("difficulty = 2", "difficulty = 4", "exercise 1.1 has difficulty 4"),
        (", \"The third.\"", "", "exercise 1.1 has 2 hints"),
        ("\"fill\"", "\"guess\"", "an exercise of kind `guess`"),
        ("title =", "tilte =", "exercises/01-segment-log/exercises.toml is not a list of exercises"),
    ];
    for (old, new, rule) in cases {
        let course = Course::with_chapter("# T\n\n{{#exercise 1.1}}\n");
        course.edit("exercises/01-segment-log/exercises.toml", old, new);
        assert_faults(&course.faults(), &[&format!("01-segment-log.md:3: {{{{#exercise 1.1}}}}: {rule}")]);
    }
    let course = Course::with_chapter("# T\n\n{{#exercise 1.1}}\n\n{{#exercise one}}\n");
    course.write("exercises/01-segment-log/1.1.md", "Do it.\n\n{{#exercise 1.1}}\n");
    assert_faults(
        &course.faults(),
        &[
            "exercises/01-segment-log/1.1.md:3: {{#exercise 1.1}}: an exercise cannot stand in the statement of another",
            "01-segment-log.md:5: {{#exercise one}}: it takes the number of one exercise",
        ],
    );
}

#[test]
fn a_prediction_hides_its_answer() {
    let html =
        chapter("# T\n\n{{#predict}}\nWhat *now*?\n\n---\n\nA `log`.\n\n- one\n\n---\n\n{{/predict}}\n\nAfter.\n");
    let section = between(&html, "<section class=\"predict\">", "</section>");
    assert!(section.contains("<p>What <em>now</em>?</p>"));
    let answer = between(section, "<details class=\"predict-answer\">", "</details>");
    assert!(answer.contains("<p>A <code>log</code>.</p>") && answer.contains("<li>one</li>"), "{answer}");
    assert!(answer.contains("<hr>"), "a second line of dashes is a rule");
    assert!(html.contains("<p>After.</p>"));
}

#[test]
fn a_prediction_has_one_question_and_one_answer() {
    let faults = |text: &str| Course::with_chapter(text).faults();
    assert_faults(
        &faults("# T\n\n{{#predict}}\nQ\n{{/predict}}\n"),
        &["01-segment-log.md:5: {{/predict}}: this predict has no answer"],
    );
    assert_faults(
        &faults("# T\n\n{{#predict}}\nQ\n\n---\n\nA\n"),
        &["01-segment-log.md:3: {{#predict}}: it is not closed"],
    );
    assert_faults(
        &faults("# T\n\n{{/predict}}\n\n{{#predict}}\nQ\n\n{{#predict}}\n\n---\n\nA\n\n{{/predict}}\n\n{{/code}}\n"),
        &[
            "01-segment-log.md:3: {{/predict}}: no {{#predict}} is open here",
            "01-segment-log.md:8: {{#predict}}: it stands inside another",
            "01-segment-log.md:16: {{/code}}: nothing is closed with `/code`",
        ],
    );
}

#[test]
fn a_term_links_to_the_glossary_from_anywhere() {
    let course = Course::with_chapter(
        "# T\n\nThe {{#term LEO}}s, and `{{#term NOT}}` in code.\n\n| a | b |\n|---|---|\n| {{#term LEO}} | c |\n",
    );
    let built = course.build();
    let html = page(&built, "01-segment-log.html");
    let link = "<a class=\"term\" href=\"glossary.html#leo\" title=\"The log end offset.\">LEO</a>";
    assert!(html.contains(&format!("The {link}s, and <code>{{{{#term NOT}}}}</code>")), "{html}");
    assert!(html.contains(&format!("<td>{link}</td>")));
    let deep = page(&built, "deep/page.html");
    assert!(deep.contains("href=\"../glossary.html#high-watermark\""));
}

#[test]
fn a_term_that_the_glossary_lacks_fails() {
    let course = Course::with_chapter("# T\n\nThe {{#term LSO}}.\n");
    assert_faults(&course.faults(), &["01-segment-log.md:3: {{#term LSO}}: glossary.md defines no such term"]);
}

#[test]
fn a_quiz_becomes_a_form_with_ids_of_its_own() {
    let quiz = "````quiz\n[[question]]\nprompt = \"Why?\"\nanswers = [\"a\", '''\n```rust\nlet a = 1;\n\nlet b = 2;\n```\n''']\ncorrect = 1\nwhy = \"So.\"\n````\n";
    let course = Course::with_chapter(&format!("# T\n\n{quiz}\nBetween.\n\n{quiz}"));
    course.edit("book/src/glossary.md", "Safe.", &format!("Safe.\n\n{quiz}"));
    let built = course.build();
    let html = page(&built, "01-segment-log.html");
    assert!(html.contains("name=\"quiz-01-segment-log-1-1\"") && html.contains("name=\"quiz-01-segment-log-2-1\""));
    assert!(html.contains("<code class=\"language-rust\">let a = 1;\n\nlet b = 2;"), "{html}");
    assert!(html.contains("<p>Between.</p>"));
    assert!(html.contains("<details class=\"why\">"));
    assert!(page(&built, "print.html").contains("name=\"quiz-glossary-1-1\""));
}

#[test]
fn a_wrong_quiz_names_its_rule() {
    let course = Course::with_chapter(
        "# T\n\n```quiz\n[[question]]\nprompt = \"Why?\"\nanswers = [\"a\"]\ncorrect = 0\nwhy = \"So.\"\n```\n",
    );
    assert_faults(&course.faults(), &["01-segment-log.md:3: ```quiz: question 1: it has 1 answers"]);
}

#[test]
fn directives_are_known_and_stand_alone() {
    let course = Course::with_chapter(
        "# T\n\n{{#include a.md}}\n\nText {{#story tour}}\n\n- {{#exercise 1.1}}\n\n{{#code a.rs::b\n}}\n\n> {{#predict}}\n",
    );
    assert_faults(
        &course.faults(),
        &[
            "01-segment-log.md:3: {{#include a.md}}: `include` is no directive; they are code, story, model, figure,",
            "01-segment-log.md:5: {{#story tour}}: it stands alone on its line",
            "01-segment-log.md:7: {{#exercise 1.1}}: it stands alone on its line",
            "01-segment-log.md:9: {{#code a.rs::b: it does not end",
            "01-segment-log.md:12: {{#predict}}: it stands alone on its line",
        ],
    );
}

#[test]
fn faults_of_all_pages_are_reported_together() {
    let course = Course::with_chapter("# T\n\n{{#term A}}\n");
    course.edit("book/src/README.md", "Begin", "{{#term B}} {{#term C}}");
    let found = course.faults();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().any(|fault| fault.starts_with("README.md:3: {{#term B}}")));
}

#[test]
fn a_page_that_the_summary_names_must_exist() {
    let course = Course::with_chapter("# T\n");
    course.edit("book/src/SUMMARY.md", "glossary.md", "glossery.md");
    let error = press::book::build(&course.house()).unwrap_err();
    assert!(format!("{error:#}").contains("glossery.md"), "{error:#}");
    assert!(!course.path("book/src/glossery.md").exists(), "no page is invented");
}

#[test]
fn a_figure_is_put_into_the_page_with_its_table() {
    let course = Course::with_chapter("# T\n\n{{#figure append}}\n");
    assert_faults(
        &course.faults(),
        &["01-segment-log.md:3: {{#figure append}}: `book/src/figures/append.svg` cannot be read"],
    );
    course.write("book/src/figures/append.svg", "<svg viewBox=\"0 0 1 1\" aria-label=\"append\"></svg>\n");
    course.write("book/src/figures/append.md", "Here.\n\n| append | MB/s |\n|---|---:|\n| plain | 1,288 |\n");
    let html = page(&course.build(), "01-segment-log.html");
    let figure = between(&html, "<figure class=\"bench\" id=\"figure-append\">", "</figure>");
    assert!(figure.contains("aria-label=\"append\"") && figure.contains("1,288</td>"), "{figure}");
    course.write("book/src/figures/append.svg", "<svg></svg>");
    assert_faults(
        &course.faults(),
        &["01-segment-log.md:3: {{#figure append}}: book/src/figures/append.svg is not a picture"],
    );
    course.edit("book/src/01-segment-log.md", "append", "../append");
    assert_faults(&course.faults(), &["01-segment-log.md:3: {{#figure ../append}}: it takes one name"]);
}
