//! The search in an index. Judges exercise 1.4.

use std::cell::Cell;

use segment_log::index::{Entry, OffsetEntry, TimeEntry, floor};
use story::judge;

const FLOOR: &str = "src/index.rs, fn floor";

/// The entries of the example in `src/index.rs`.
const EXAMPLE: [(u32, u32); 3] = [(41, 4_130), (83, 8_290), (120, 12_410)];

fn offset_entries(entries: &[(u32, u32)]) -> Vec<u8> {
    encoded(entries.iter().map(|&(relative_offset, position)| OffsetEntry { relative_offset, position }))
}

fn encoded<E: Entry>(entries: impl Iterator<Item = E>) -> Vec<u8> {
    let mut bytes = Vec::new();
    entries.for_each(|entry| entry.encode(&mut bytes));
    bytes
}

#[test]
fn an_offset_between_two_entries_gets_the_one_before() {
    let entries = offset_entries(&EXAMPLE);
    for (key, expected) in [(90, 1), (84, 1), (119, 1), (60, 0), (1_000, 2), (u32::MAX, 2)] {
        let rule = format!("of the entries 41, 83, 120, the last at or before {key} is number {expected}");
        judge::eq(&rule, Some(expected), floor::<OffsetEntry>(&entries, key), FLOOR);
    }
}

#[test]
fn an_offset_with_an_entry_gets_that_entry() {
    let entries = offset_entries(&EXAMPLE);
    for (number, (key, _)) in EXAMPLE.into_iter().enumerate() {
        let rule = format!("of the entries 41, 83, 120, the last at or before {key} is number {number}");
        judge::eq(&rule, Some(number), floor::<OffsetEntry>(&entries, key), FLOOR);
    }
}

#[test]
fn an_offset_before_all_entries_gets_none() {
    let entries = offset_entries(&EXAMPLE);
    for key in [0, 40] {
        let rule = format!("{key} comes before the entries 41, 83, 120, so none is at or before it");
        judge::eq(&rule, None, floor::<OffsetEntry>(&entries, key), FLOOR);
    }
    judge::eq("an index without entries has none to give", None, floor::<OffsetEntry>(&[], 7), FLOOR);
}

#[test]
fn an_index_of_any_length_is_searched_to_its_ends() {
    for count in 0..40u32 {
        let entries = offset_entries(&(0..count).map(|number| (10 + 10 * number, number)).collect::<Vec<_>>());
        for key in 0..10 * count + 25 {
            let expected = (key / 10).min(count).checked_sub(1).map(|number| number as usize);
            let rule = format!("of {count} entries 10, 20, 30 …, the last at or before {key}");
            judge::eq(&rule, expected, floor::<OffsetEntry>(&entries, key), FLOOR);
        }
    }
}

#[test]
fn times_are_searched_as_offsets_are() {
    let times = [-5, 0, 1_700_000_000_000, 1_700_000_000_007];
    let entries = encoded(times.into_iter().map(|timestamp| TimeEntry { timestamp, relative_offset: 9 }));
    let expected =
        [(-6, None), (-5, Some(0)), (-1, Some(0)), (0, Some(1)), (1_700_000_000_006, Some(2)), (i64::MAX, Some(3))];
    for (key, expected) in expected {
        let rule = format!("entries of 12 bytes: of -5, 0, 1700000000000, 1700000000007 the last at or before {key}");
        judge::eq(&rule, expected, floor::<TimeEntry>(&entries, key), FLOOR);
    }
}

thread_local! {
    /// How often a [`Counted`] was decoded in this test.
    static LOOKS: Cell<usize> = const { Cell::new(0) };
}

/// An entry that counts how often it is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Counted(u32);

impl Entry for Counted {
    type Key = u32;
    const SIZE: usize = 4;

    fn key(&self) -> u32 {
        self.0
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_be_bytes());
    }

    fn decode(bytes: &[u8]) -> Self {
        LOOKS.set(LOOKS.get() + 1);
        let looks = LOOKS.get();
        let rule = "to search 100,000 entries, it is enough to look at 40 of them";
        judge::that(rule, looks <= 40, format_args!("the {looks}st look, in one search"), FLOOR);
        Counted(u32::from_be_bytes(bytes.try_into().expect("an entry is given exactly its bytes")))
    }
}

/// A search that looks at every entry is not one, and one that never ends is found out here as well.
#[test]
fn a_search_halves_what_is_left() {
    let entries = encoded((0..100_000).map(|number| Counted(2 * number)));
    for key in [0, 1, 2, 777, 99_999, 100_000, 199_997, 199_998, 500_000] {
        LOOKS.set(0);
        let expected = (key as usize / 2).min(99_999);
        let rule = format!("of 100,000 entries 0, 2, 4 …, the last at or before {key}");
        judge::eq(&rule, Some(expected), floor::<Counted>(&entries, key), FLOOR);
    }
}
