//! Names: what is said of those that are refused, and how names are shown. What a name is, exercise 2.3 asks
//! (`tests/judged/names.rs`).

use partitioning::topics::name::{is_internal, judge_name, shown};
use partitioning::{ErrorCode, Refusal};

#[test]
fn the_sentences_name_the_name_and_the_rule() {
    let long = "n".repeat(250);
    let shortened = "n".repeat(64);
    for (name, sentence) in [
        ("", "the topic name is empty, and a name has 1 to 249 characters".to_owned()),
        ("..", "`..` is no topic name: every folder has it already, as the name of a folder".to_owned()),
        (&long, format!("the topic name `{shortened}…` has 250 characters, and a name has 1 to 249")),
        (
            "or ders",
            "the topic name `or ders` has ' ' in it, and a name is made of a-z, A-Z, 0-9, `.`, `_` and `-`".to_owned(),
        ),
        (
            "a\nb",
            "the topic name `a\\nb` has '\\n' in it, and a name is made of a-z, A-Z, 0-9, `.`, `_` and `-`".to_owned(),
        ),
    ] {
        let refusal = Refusal::from(judge_name(name).expect_err("it is no name"));
        assert_eq!((refusal.code, refusal.message), (ErrorCode::InvalidTopic, sentence));
    }
}

#[test]
fn three_topics_are_the_brokers_own() {
    for name in ["__cluster_metadata", "__consumer_offsets", "__transaction_state"] {
        assert!(is_internal(name), "{name}");
    }
    assert!(!is_internal("__orders") && !is_internal("orders"));
}

#[test]
fn what_is_shown_is_short_and_on_one_line() {
    assert_eq!(shown("orders"), "orders");
    assert_eq!(shown(&"n".repeat(64)), "n".repeat(64));
    assert_eq!(shown(&"n".repeat(1 << 20)), format!("{}…", "n".repeat(64)));
    assert_eq!(shown("a\r\n\u{1b}[2J"), "a\\r\\n\\u{1b}[2J");
}
