//! Names. Judges the exercise about them.

use partitioning::topics::name::{NameError, collide, is_internal, judge_name, shown};
use partitioning::{ErrorCode, Refusal};
use story::judge;

const LOOK: &str = "src/topics/name.rs, fn judge_name";

fn illegal(name: &str, found: char) -> Result<(), NameError> {
    Err(NameError::Illegal { name: name.to_owned(), found })
}

#[test]
fn letters_digits_and_three_signs() {
    for name in ["orders", "a", "Z", "0", "a.b_c-d", "...", "-", "_", "__consumer_offsets", "orders-0", "2024"] {
        judge::eq(&format!("`{name}` is a name"), Ok(()), judge_name(name), LOOK);
    }
}

#[test]
fn a_name_is_not_empty() {
    judge::eq("a name has at least one character", Err(NameError::Empty), judge_name(""), LOOK);
}

#[test]
fn a_name_is_no_folder() {
    for name in [".", ".."] {
        let rule = format!("`{name}` is a folder already, and no name");
        judge::eq(&rule, Err(NameError::Dots(name.to_owned())), judge_name(name), LOOK);
    }
}

#[test]
fn a_name_has_at_most_249_characters() {
    let (longest, longer) = ("n".repeat(249), "n".repeat(250));
    judge::eq("249 characters are a name", Ok(()), judge_name(&longest), LOOK);
    judge::eq("250 characters are too many", Err(NameError::TooLong(longer.clone())), judge_name(&longer), LOOK);
}

#[test]
fn the_first_character_that_is_wrong_is_named() {
    for (name, found) in [
        ("or ders", ' '),
        ("a/b", '/'),
        ("../up", '/'),
        ("a\\b", '\\'),
        ("naïve,", 'ï'),
        ("line\nbreak", '\n'),
        ("nul\0", '\0'),
        ("a:b;c", ':'),
        ("٣", '٣'),
    ] {
        judge::eq(&format!("{name:?} has {found:?} in it"), illegal(name, found), judge_name(name), LOOK);
    }
}

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
fn names_that_differ_in_dots_and_underscores_alone_collide() {
    for (a, b) in [("a.b", "a_b"), ("a_b", "a.b"), ("..x", "__x"), ("a", "a"), ("a.b_c", "a_b.c")] {
        assert!(collide(a, b), "{a} and {b}");
    }
    for (a, b) in [("a.b", "a-b"), ("a.b", "ab"), ("a.b", "a.b."), ("a", "b"), ("", "_"), ("A.b", "a.b")] {
        assert!(!collide(a, b), "{a} and {b}");
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
