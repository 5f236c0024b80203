use story::judge::{self, Field};
#[test]
fn a() {
    judge::eq(
        "an offset below the first entry is looked up at position 0",
        Some(3),
        None::<i32>,
        "src/index.rs, fn lookup",
    );
}
#[test]
fn b() {
    judge::eq(
        "long",
        (0..200u64).collect::<Vec<_>>(),
        (0..200u64).map(|x| if x == 77 { 0 } else { x }).collect::<Vec<_>>(),
        "src/index.rs, fn lookup",
    );
}
#[test]
fn c() {
    judge::eq(
        "long str",
        "x".repeat(300) + "abc" + &"y".repeat(200),
        "x".repeat(300) + "abd" + &"y".repeat(20),
        "src/index.rs, fn lookup",
    );
}
#[test]
fn d() {
    judge::bytes(
        "the CRC covers",
        &[
            Field::new("base_offset", 0..8),
            Field::new("length", 8..12),
            Field::new("magic", 16..17),
            Field::new("crc", 17..21),
            Field::new("records", 21..1_000_000),
        ],
        &[0u8; 1_000_000],
        &{
            let mut v = vec![0u8; 999_000];
            v[18] = 7;
            v[500_000] = 8;
            v
        },
        "src/batch.rs, fn seal",
    );
}
#[test]
fn e() {
    judge::that(
        "the rule which is long enough to be broken into two lines because it goes on and on for more than a hundred columns",
        false,
        "found",
        "src/batch.rs, fn seal",
    );
}
#[test]
fn f() {
    judge::text("lines", "a\nb\nc\nd\ne\nf\n", "a\nb\nc\nd\nX\nf\ng\n", "src/batch.rs, fn seal");
    judge::eq("", 5, 5u64, "");
    judge::eq("", vec![1], &[1][..], "");
}
