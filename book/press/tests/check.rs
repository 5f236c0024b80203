//! The rules of `press check`: a good book passes all, and each rule finds what breaks it.

mod common;

use common::Course;
use press::book::{Built, Page};
use press::check::{PLAYER_LIMIT, check};
use press::{Fault, Site};

/// The faults in a site of these files.
fn faults(files: &[(&str, &str)]) -> Vec<Fault> {
    let mut site = Site::default();
    for (path, text) in files {
        site.put(*path, *text);
    }
    check(&Built { site, pages: Vec::new(), warnings: Vec::new() }).1
}

/// Exactly one fault is found, about this subject and with this in its rule.
#[track_caller]
fn finds(files: &[(&str, &str)], page: &str, subject: &str, rule: &str) {
    let found = faults(files);
    let [fault] = found.as_slice() else {
        panic!("expected one fault, found {found:#?}");
    };
    assert_eq!((fault.page.as_str(), fault.subject.as_str()), (page, subject), "{fault}");
    assert!(fault.rule.contains(rule), "{fault}");
}

#[test]
fn a_whole_book_is_well() {
    let quiz = "```quiz\n[[question]]\nprompt = \"Why?\"\nanswers = [\"a\", \"b\"]\ncorrect = 1\nwhy = \"So.\"\n```\n";
    let course = Course::with_chapter(&format!(
        "# The log\n\n{{{{#story tour}}}}\n\n{{{{#code stages/01-segment-log/src/varint.rs::MAX}}}}\n\n{{{{#exercise 1.1}}}}\n\n\
         {{{{#predict}}}}\nQ\n\n---\n\nA\n{{{{/predict}}}}\n\n{quiz}\n\
         `{{{{#code}}}}` is text here, and [the web](https://example.org/#any) is a link. [Up](#the-log), [here](#story-tour), \
         [there](glossary.md#leo), [home](index.md).\n"
    ));
    let built = course.build();
    let (extent, found) = check(&built);
    assert_eq!(found, []);
    assert!(extent.pages >= 7, "{extent:?}");
    assert!(extent.references > 100, "{extent:?}");
    assert!(extent.player > 30_000, "{extent:?}");
}

#[test]
fn what_mdbook_warns_of_is_a_fault() {
    let course = Course::with_chapter("# The log\n\n<div>\n\nNot closed.\n");
    let (_, found) = check(&course.build());
    assert!(
        found.iter().any(|fault| fault.page == "book" && fault.subject.contains("unclosed HTML tag `<div>`")),
        "{found:#?}"
    );
}

#[test]
fn a_page_of_the_summary_is_in_the_book() {
    let pages = ["README.md", "a.md", "b/README.md"].map(|path| Page { path: path.into(), markdown: String::new() });
    let mut site = Site::default();
    site.put("index.html", "");
    site.put("a.html", "");
    let found = check(&Built { site, pages: pages.to_vec(), warnings: Vec::new() }).1;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].subject, "b/README.md");
    assert!(found[0].rule.contains("b/index.html"));
}

#[test]
fn no_directive_is_left() {
    finds(
        &[("a.html", "<p>See {{#include b.md}} here</p>")],
        "a.html",
        "See {{#include b.md}} here",
        "a directive is left",
    );
    let literal = "<p><code>{{#code}}</code></p><pre>{{#code}}</pre><!-- {{#code}} --><script>'{{#code}}'</script>";
    assert_eq!(faults(&[("a.html", literal)]), []);
}

#[test]
fn links_lead_to_files_and_ids() {
    let b = ("b.html", "<h1 id=\"here\">B</h1><a name='old'></a>");
    assert_eq!(faults(&[("a.html", "<a href='b.html#here'></a><a href=b.html#old></a><a href='#'>"), b]), []);
    finds(&[("a.html", "<a href='c.html'>"), b], "a.html", "<a href=\"c.html\">", "no file c.html");
    finds(
        &[("a.html", "<a href='b.html#there'>"), b],
        "a.html",
        "<a href=\"b.html#there\">",
        "no element with the id `there`",
    );
    finds(
        &[("a.html", "<a href='#there'>")],
        "a.html",
        "<a href=\"#there\">",
        "a.html has no element with the id `there`",
    );
    finds(&[("x/a.html", "<a href='../../b.html'>"), b], "x/a.html", "<a href=\"../../b.html\">", "no file ../b.html");
    finds(&[("a.html", "<a href='README.html'>")], "a.html", "<a href=\"README.html\">", "write index.md");
    finds(
        &[("a.html", "<a href='javascript:x()'>")],
        "a.html",
        "<a href=\"javascript:x()\">",
        "a link leads into the book",
    );
    finds(&[("a.html", "<img alt='x' src='x.png'>")], "a.html", "<img src=\"x.png\">", "no file x.png");
    finds(&[("a.html", "<base href='/'><a href='b.html'>")], "a.html", "<a href=\"b.html\">", "no file b.html");
}

#[test]
fn the_page_to_print_is_read_when_the_others_are_well() {
    let broken = "<a href='#gone'>";
    finds(&[("print.html", broken)], "print.html", "<a href=\"#gone\">", "no element with the id `gone`");
    finds(
        &[("print.html", broken), ("a.html", broken)],
        "a.html",
        "<a href=\"#gone\">",
        "no element with the id `gone`",
    );
}

#[test]
fn an_id_is_used_once() {
    finds(&[("a.html", "<p id='x'><b id='x'>")], "a.html", "id=\"x\"", "two elements have this id");
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let web = "https://example.org/x";
    assert_eq!(
        faults(&[("a.html", "<a href='https://example.org/x'>web</a><a href='mailto:a@example.org'>mail</a>")]),
        []
    );
    for tag in [
        "<script src='https://example.org/x'></script>",
        "<link rel=stylesheet href='https://example.org/x'>",
        "<img alt='x' src='https://example.org/x'>",
        "<iframe src='https://example.org/x'></iframe>",
        "<form action='https://example.org/x'></form>",
        "<video poster='https://example.org/x'></video>",
        "<img alt='x' srcset='https://example.org/x 2x'>",
    ] {
        let found = faults(&[("a.html", tag)]);
        assert!(found.len() == 1 && found[0].rule.contains("without a network"), "{tag}: {found:#?}");
    }
    finds(
        &[("a.html", "<img alt='x' src='//example.org/x'>")],
        "a.html",
        "<img src=\"//example.org/x\">",
        "without a network",
    );
    finds(&[("a.html", "<p style='background: url(https://example.org/x)'>")], "a.html", web, "without a network");
    finds(&[("a.html", "<script>fetch('https://example.org/x')</script>")], "a.html", web, "without a network");
    finds(&[("theme/x.js", "fetch(`https://example.org/x`)")], "theme/x.js", web, "without a network");
    finds(&[("css/x.css", "@import 'https://example.org/x';")], "css/x.css", web, "without a network");
    finds(
        &[("css/x.css", "p { background: url(../img/x.png) }")],
        "css/x.css",
        "url(../img/x.png)",
        "no file img/x.png",
    );
    let own = "/* see https://example.org/ */ p { background: url('data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\">') }";
    assert_eq!(faults(&[("css/x.css", own)]), []);
    assert_eq!(faults(&[("a.html", "<script type='application/json'>{\"a\":\"https://example.org/x\"}</script>")]), []);
}

#[test]
fn excerpts_hold_something_and_run_nowhere() {
    finds(&[("a.html", "<pre><code class='x'> \n</code></pre>")], "a.html", "<pre><code>", "1 empty code block");
    assert_eq!(faults(&[("a.html", "<pre><code><span>x</span></code></pre><p><code></code></p>")]), []);
    finds(
        &[("a.html", "<pre class='playground'><code>x</code></pre>")],
        "a.html",
        "class=\"playground\"",
        "noplayground",
    );
}

#[test]
fn an_image_has_a_text() {
    let image = ("x.png", "");
    finds(&[("a.html", "<img src='x.png'>"), image], "a.html", "<img src=\"x.png\">", "an image has a text");
    finds(&[("a.html", "<img src='x.png' alt=' '>"), image], "a.html", "<img src=\"x.png\">", "an image has a text");
    assert_eq!(faults(&[("a.html", "<img src='x.png' alt='A log'>"), image]), []);
}

#[test]
fn the_player_is_small() {
    let most = " ".repeat(PLAYER_LIMIT);
    let more = format!("{most} ");
    assert_eq!(faults(&[("theme/player.js", &most), ("theme/player.css", &most), ("theme/quiz.js", &more)]), []);
    finds(
        &[("theme/player.js", &most), ("theme/player-log.js", &more)],
        "theme/player-log.js",
        "20481 bytes",
        "at most 20480 bytes",
    );
}
