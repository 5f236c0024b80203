//! Judges exercise 1.1.

use toy_one::varint::{decode, encode, size};

const LOOK: &str = "src/varint.rs, fn encode";

#[test]
fn small_numbers_take_one_byte() {
    toy_judge::eq("a number below 128 is one byte", &vec![5], &encode(5), LOOK);
}

#[test]
fn the_lowest_bits_come_first() {
    toy_judge::eq("seven bits a byte, the lowest first", &vec![0xac, 0x02], &encode(300), LOOK);
}

#[test]
fn the_size_is_what_is_written() {
    for number in [0, 127, 128, 16_383, 16_384, u64::MAX] {
        assert_eq!(size(number), encode(number).len(), "the size of {number}");
    }
}

#[test]
fn what_was_written_can_be_read() {
    assert_eq!(decode(&encode(77_777)), Some(77_777));
}

#[test]
fn the_snapshot_is_still_there() {
    let snapshot = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots/numbers.snap");
    assert_eq!(std::fs::read_to_string(snapshot).unwrap().trim(), "five is 05");
}
