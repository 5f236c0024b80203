//! Judgements: what a person reads when an exercise is not solved yet.

use std::panic::{UnwindSafe, catch_unwind};

use story::judge::{self, Field};

/// The block that a judgement panics with. Whatever it says, its frame and its width are as promised.
fn block(judgement: impl FnOnce() + UnwindSafe) -> String {
    let panic = catch_unwind(judgement).expect_err("the judgement passed");
    let block = panic.downcast_ref::<String>().expect("a text").clone();
    let lines: Vec<_> = block.lines().collect();
    assert!(lines[0].starts_with("┌ rule: "), "{block}");
    assert!(lines[lines.len() - 1].starts_with("└ look at: "), "{block}");
    assert!(lines[1..lines.len() - 1].iter().all(|line| line.starts_with('│')), "{block}");
    assert!(lines.iter().all(|line| line.chars().count() <= 100), "{block}");
    assert!(lines.len() < 30, "one screen: {block}");
    block
}

/// The rows between the first and the last line.
fn rows(judgement: impl FnOnce() + UnwindSafe) -> Vec<String> {
    let block = block(judgement);
    let lines: Vec<_> = block.lines().map(str::to_owned).collect();
    lines[1..lines.len() - 1].to_vec()
}

#[test]
fn a_rule_that_holds_says_nothing() {
    judge::eq("rule", 5, 5_u64, "src/a.rs, fn f");
    judge::eq("rule", vec![1, 2], &[1, 2][..], "src/a.rs, fn f");
    judge::eq("rule", "a", String::from("a"), "src/a.rs, fn f");
    judge::text("rule", "a\n", "a\n", "src/a.rs, fn f");
    judge::bytes("rule", &[], b"ab", b"ab", "src/a.rs, fn f");
    judge::that("rule", true, "x", "src/a.rs, fn f");
}

#[test]
fn short_values_stand_side_by_side() {
    let block =
        block(|| judge::eq("a lookup finds the entry below", Some(300), None::<i32>, "src/index.rs, fn lookup"));
    let expected = "\
┌ rule: a lookup finds the entry below
│ expected  │ found
│ Some(300) │ None
│ ^         │ ^
└ look at: src/index.rs, fn lookup";
    assert_eq!(block, expected);
}

#[test]
fn the_panic_is_the_judges_callers() {
    // The location is not in the message, so a hook catches it; other tests' panics are told apart by the rule.
    let place = std::sync::Arc::new(std::sync::Mutex::new(None));
    let (noted, before) = (place.clone(), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |info| {
        if info.payload().downcast_ref::<String>().is_some_and(|text| text.contains("told by its place")) {
            *noted.lock().unwrap() = info.location().map(|location| (location.file().to_owned(), location.line()));
        }
    }));
    let line = line!() + 1;
    let result = catch_unwind(|| judge::that("told by its place", false, 1, "src/a.rs, fn f"));
    std::panic::set_hook(before);
    assert!(result.is_err());
    assert_eq!(*place.lock().unwrap(), Some((file!().to_owned(), line)));
}

#[test]
fn a_long_value_is_cut_around_its_first_difference() {
    let value = |middle: &str| format!("{}{middle}{}", "x".repeat(500), "y".repeat(500));
    let rows = rows(|| judge::eq("rule", value("EXPECTED"), value("FOUND"), "src/a.rs, fn f"));
    assert!(rows[1].contains("xxEXPECTEDyy") && rows[1].contains("xxFOUNDyy"), "{rows:#?}");
    assert!(rows[1].starts_with("│ …x") && rows[1].ends_with("y…"), "{rows:#?}");
    // Each caret stands below the first letter that differs.
    let at = |row: &str, text: &str| row[..row.find(text).unwrap()].chars().count();
    assert_eq!(at(&rows[1], "EXPECTED"), at(&rows[2], "^"));
    assert_eq!(at(&rows[1], "FOUND"), rows[2].chars().count() - 1);
}

#[test]
fn a_long_list_is_shown_line_by_line_around_its_first_difference() {
    let expected: Vec<u64> = (0..200).collect();
    let mut found = expected.clone();
    found[77] = 0;
    let rows = rows(move || judge::eq("rule", expected, found, "src/a.rs, fn f"));
    let expected = [
        "│ expected │ found",
        "│ … 76 lines above agree",
        "│     75,  │     75,",
        "│     76,  │     76,",
        "│     77,  │     0,",
        "│     ^    │     ^",
        "│     78,  │     78,",
        "│     79,  │     79,",
        "│ … 121 lines below agree",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn many_differing_lines_are_counted_and_not_printed() {
    let rows = rows(|| judge::eq("rule", vec![0; 200], vec![1; 200], "src/a.rs, fn f"));
    assert_eq!(rows.len(), 15, "{rows:#?}");
    assert_eq!(rows[14], "│ … 190 lines below");
}

#[test]
fn texts_are_compared_line_by_line() {
    let rows = rows(|| judge::text("rule", "a\nb\nc\n", "a\nX\nY\nc\nd\n", "src/a.rs, fn f"));
    let expected = [
        "│ expected  │ found",
        "│ a         │ a",
        "│ b         │ X",
        "│ ^         │ ^",
        "│ (no line) │ Y",
        "│ c         │ c",
        "│ (no line) │ d",
    ];
    assert_eq!(rows, expected);
    let ends = self::rows(|| judge::text("rule", "a\n", "a", "src/a.rs, fn f"));
    assert_eq!(ends, ["│ the lines agree; only line ends, or the newline at the end, differ"]);
}

#[test]
fn values_that_print_alike_are_told_apart() {
    let rows = rows(|| judge::eq("rule", f64::NAN, f64::NAN, "src/a.rs, fn f"));
    assert_eq!(rows, ["│ the two are not equal, but print alike: NaN"]);
}

#[test]
fn a_condition_shows_what_was_found() {
    let block =
        block(|| judge::that("the error names the file", false, format_args!("no such\nfile"), "src/a.rs, fn f"));
    let expected = "\
┌ rule: the error names the file
│ found: no such
│        file
└ look at: src/a.rs, fn f";
    assert_eq!(block, expected);
    let long = rows(|| judge::that("rule", false, "x".repeat(100_000), "src/a.rs, fn f"));
    assert_eq!(long.len(), 13, "{long:#?}");
}

#[test]
fn a_long_rule_goes_on_in_the_next_line() {
    let block = block(|| judge::that(&"word ".repeat(30), false, 1, "src/a.rs, fn f"));
    assert!(block.lines().nth(1).unwrap().starts_with("│       word"), "{block}");
}

const FIELDS: &[Field<'_>] = &[
    Field::new("base_offset", 0..8),
    Field::new("length", 8..12),
    Field::new("magic", 16..17),
    Field::new("crc", 17..21),
    Field::new("records", 21..2_000_000),
];

#[test]
fn bytes_are_shown_by_field_with_a_caret_below_the_first_that_differs() {
    let expected: Vec<u8> = (0..30).collect();
    let mut found = expected.clone();
    found[18] = 0xff;
    found[19] = 0xfe;
    let block = block(move || judge::bytes("the CRC is right", FIELDS, &expected, &found, "src/batch.rs, fn seal"));
    let expected = "\
┌ rule: the CRC is right
│ field │ offset │ expected    │ found
│ magic │ 16     │ 10          │ 10
│ crc   │ 17     │ 11 12 13 14 │ 11 ff fe 14
│       │        │    ^^       │    ^^
└ look at: src/batch.rs, fn seal";
    assert_eq!(block, expected);
}

#[test]
fn a_first_field_that_differs_has_the_next_one_beside_it() {
    let rows =
        rows(|| judge::bytes("rule", FIELDS, &[1; 12], &[[2; 8].as_slice(), &[1; 4]].concat(), "src/a.rs, fn f"));
    let expected = [
        "│ field       │ offset │ expected                │ found",
        "│ base_offset │ 0      │ 01 01 01 01 01 01 01 01 │ 02 02 02 02 02 02 02 02",
        "│             │        │ ^^                      │ ^^",
        "│ length      │ 8      │ 01 01 01 01             │ 01 01 01 01",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn bytes_that_no_field_names_are_shown_too() {
    let mut found = [0; 16];
    found[13] = 7;
    let rows = rows(move || judge::bytes("rule", FIELDS, &[0; 16], &found, "src/a.rs, fn f"));
    assert_eq!(rows[2], "│ (no name) │ 12     │ 00 00 00 00 │ 00 07 00 00");
    let unnamed = self::rows(move || judge::bytes("rule", &[], b"ab", b"ac", "src/a.rs, fn f"));
    assert_eq!(unnamed[1], "│ (no name) │ 0      │ 61 62    │ 61 63");
}

#[test]
fn other_lengths_are_a_row_and_missing_bytes_are_marked() {
    let fields = [Field::new("key", 0..2), Field::new("value", 2..4)];
    let rows = rows(move || judge::bytes("rule", &fields, &[1, 2, 3, 4], &[1, 2], "src/a.rs, fn f"));
    let expected = [
        "│ field  │ offset │ expected │ found",
        "│ length │        │ 4 bytes  │ 2 bytes",
        "│ key    │ 0      │ 01 02    │ 01 02",
        "│ value  │ 2      │ 03 04    │ (none)",
        "│        │        │ ^^       │ ^^",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn a_megabyte_is_cut_around_its_first_difference() {
    let expected = vec![0; 1 << 20];
    let mut found = expected.clone();
    found[500_000] = 0xab;
    let rows = rows(move || judge::bytes("rule", FIELDS, &expected, &found, "src/a.rs, fn f"));
    assert_eq!(rows.len(), 4, "{rows:#?}");
    assert!(rows[2].starts_with("│ records │ 499997 │ … 00 00 00 00 00"), "{rows:#?}");
    assert!(rows[2].ends_with("│ … 00 00 00 ab 00 00 00 00 00 00 00 …"), "{rows:#?}");
    assert_eq!(rows[3].chars().count(), rows[2].chars().position(|c| c == 'a').unwrap() + 2, "{rows:#?}");
}

#[test]
fn many_differing_fields_are_counted() {
    let fields: Vec<_> = (0..40).map(|at| Field::new("a field with a rather long name", at..at + 1)).collect();
    let rows = rows(move || judge::bytes("rule", &fields, &[0; 40], &[1; 40], "src/a.rs, fn f"));
    assert_eq!(rows.len(), 13, "head, ten fields, caret, the rest counted: {rows:#?}");
    assert_eq!(rows.last().unwrap(), "│ … 30 more fields differ");
    assert!(rows[1].starts_with("│ a field with a rather lo │ 0 "), "{rows:#?}");
}

#[test]
fn fields_that_overlap_or_lie_outside_are_no_trouble() {
    let fields =
        [Field::new("all", 0..4), Field::new("flags", 1..2), Field::new("none", 2..2), Field::new("far", 90..99)];
    let rows = rows(move || judge::bytes("rule", &fields, &[0; 4], &[0, 1, 0, 0], "src/a.rs, fn f"));
    assert!(
        rows.iter().any(|row| row.starts_with("│ all ")) && rows.iter().any(|row| row.starts_with("│ flags ")),
        "{rows:#?}"
    );
    assert_eq!(rows.iter().filter(|row| row.contains('^')).count(), 1, "{rows:#?}");
}
