//! What a topic may be called. Judges exercise 2.3.

use partitioning::topics::name::{NameError, collide, judge_name};
use story::judge;

const JUDGE_NAME: &str = "src/topics/name.rs, fn judge_name";
const COLLIDE: &str = "src/topics/name.rs, fn collide";

/// The verdict in a word or two.
fn verdict(name: &str) -> String {
    match judge_name(name) {
        Ok(()) => "allowed".to_owned(),
        Err(NameError::Empty) => "Empty".to_owned(),
        Err(NameError::Dots(name)) => format!("Dots({name:?})"),
        Err(NameError::TooLong(name)) => format!("TooLong, {} characters", name.chars().count()),
        Err(NameError::Illegal { found, .. }) => format!("Illegal, found {found:?}"),
    }
}

#[track_caller]
fn judge_verdict(rule: &str, expected: &str, name: &str) {
    judge::text(rule, expected, &verdict(name), JUDGE_NAME);
}

#[test]
fn letters_digits_and_three_signs_are_allowed() {
    for name in ["orders", "Orders", "AZaz09", "7", "-", "_", "a.b", "a_b", "a-b", "2024-01.orders_v2"] {
        judge_verdict(&format!("`{name}` is made of a-z, A-Z, 0-9, `.`, `_` and `-`"), "allowed", name);
    }
    for c in ('a'..='z').chain('A'..='Z').chain('0'..='9').chain(['.', '_', '-']) {
        judge_verdict(&format!("`x{c}` is made of a-z, A-Z, 0-9, `.`, `_` and `-`"), "allowed", &format!("x{c}"));
    }
}

#[test]
fn every_other_character_is_refused() {
    for c in (0..128_u8).map(char::from).filter(|c| !c.is_ascii_alphanumeric() && !"._-".contains(*c)) {
        judge_verdict(&format!("{c:?} is not in the list"), &format!("Illegal, found {c:?}"), &format!("orders{c}"));
    }
}

#[test]
fn letters_and_digits_of_other_scripts_are_not_in_the_list() {
    for c in ['é', 'ß', 'ñ', 'Ж', '中', '٣', '²', 'ａ'] {
        let rule = format!("{c:?} is no letter of a-z or A-Z and no digit of 0-9");
        judge_verdict(&rule, &format!("Illegal, found {c:?}"), &format!("orders{c}"));
    }
}

#[test]
fn the_first_character_against_the_rule_is_named() {
    judge_verdict("`/` stands before the space", "Illegal, found '/'", "or/ders 1");
    judge_verdict("it may be the very first", "Illegal, found ' '", " orders");
    let name = match judge_name("or/ders 1") {
        Err(NameError::Illegal { name, .. }) => name,
        other => format!("{other:?}"),
    };
    judge::text("the error has the whole name in it", "or/ders 1", &name, JUDGE_NAME);
}

#[test]
fn a_name_has_1_to_249_characters() {
    judge_verdict("a name of no characters", "Empty", "");
    for (count, expected) in [(1, "allowed"), (248, "allowed"), (249, "allowed"), (250, "TooLong, 250 characters")] {
        judge_verdict(&format!("{count} characters, and 1 to 249 are allowed"), expected, &"a".repeat(count));
    }
}

#[test]
fn it_is_characters_that_are_counted_and_not_bytes() {
    let rule = "200 characters of two bytes each are not too long: they are against another rule";
    judge_verdict(rule, "Illegal, found 'é'", &"é".repeat(200));
}

#[test]
fn the_names_of_two_folders_are_taken() {
    judge_verdict("`.` is the folder itself", "Dots(\".\")", ".");
    judge_verdict("`..` is the folder above", "Dots(\"..\")", "..");
    for name in ["...", "....", ".orders", "orders.", "..orders", "a..b", "._", ".-"] {
        judge_verdict(&format!("`{name}` is no folder's name already"), "allowed", name);
    }
}

#[test]
fn the_first_rule_that_is_broken_is_told() {
    let rule = "too long, and with a character that is not in the list: the length comes first";
    judge_verdict(rule, "TooLong, 300 characters", &"/".repeat(300));
}

#[track_caller]
fn judge_pair(rule: &str, expected: bool, [a, b]: [&str; 2]) {
    for (a, b) in [(a, b), (b, a)] {
        let told = |collide: bool| if collide { "collide" } else { "do not collide" };
        judge::text(&format!("`{a}` and `{b}`: {rule}"), told(expected), told(collide(a, b)), COLLIDE);
    }
}

#[test]
fn names_collide_if_they_differ_in_dots_and_underscores_alone() {
    for pair in [["a.b", "a_b"], [".", "_"], ["..", "__"], ["._", "_."], ["a.b_c", "a_b.c"], ["orders.", "orders_"]] {
        judge_pair("a metric's name writes `.` and `_` the same way", true, pair);
    }
    for name in ["orders", "a.b", "a_b", "._"] {
        judge_pair("a name is not two", true, [name, name]);
    }
}

#[test]
fn all_other_differences_are_differences() {
    for pair in [["orders", "payments"], ["a.b", "a-b"], ["a_b", "a-b"], ["a.b", "A_b"], ["a.b", "a_c"]] {
        judge_pair("they differ in more than `.` and `_`", false, pair);
    }
    for pair in [["a.b", "ab"], ["a_b", "ab"], ["a.b", "a__b"], ["a.b", "a_b_c"], ["orders", "orders."], ["", "_"]] {
        judge_pair("one is longer than the other", false, pair);
    }
}
