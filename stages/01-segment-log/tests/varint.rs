//! Varints: the known bytes of known numbers, every edge, and what is not a varint. Judges exercise 1.1.

use proptest::prelude::*;
use segment_log::varint::{self, MAX_BYTES, VarintError};
use story::judge::{self, Field};

const ENCODE: &str = "src/varint.rs, fn encode";
const DECODE: &str = "src/varint.rs, fn decode";

/// Numbers and their varints, as Kafka and Protocol Buffers write them.
const KNOWN: [(i64, &[u8]); 17] = [
    (0, &[0x00]),
    (-1, &[0x01]),
    (1, &[0x02]),
    (-2, &[0x03]),
    (63, &[0x7e]),
    (-64, &[0x7f]),
    (64, &[0x80, 0x01]),
    (-65, &[0x81, 0x01]),
    (-300, &[0xd7, 0x04]),
    (300, &[0xd8, 0x04]),
    (8_191, &[0xfe, 0x7f]),
    (8_192, &[0x80, 0x80, 0x01]),
    (1 << 31, &[0x80, 0x80, 0x80, 0x80, 0x10]),
    (i32::MAX as i64, &[0xfe, 0xff, 0xff, 0xff, 0x0f]),
    (i32::MIN as i64, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
    (i64::MAX, &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
    (i64::MIN, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
];

/// The varint of `value` according to `encode`.
fn encoded(value: i64) -> Vec<u8> {
    let mut out = Vec::new();
    varint::encode(value, &mut out);
    out
}

/// What `decode` makes of `input`, and how many bytes it moved past.
fn decoded(input: &[u8]) -> (Result<i64, VarintError>, usize) {
    let mut rest = input;
    let value = varint::decode(&mut rest);
    (value, input.len() - rest.len())
}

/// What `decode` did, as a judgement shows it.
fn told((value, moved): (Result<i64, VarintError>, usize)) -> String {
    let value = value.map_or_else(|error| format!("Err({error:?})"), |value| format!("Ok({value})"));
    format!("{value}, input moved by {moved}")
}

#[track_caller]
fn judge_decode(rule: &str, input: &[u8], expected: (Result<i64, VarintError>, usize)) {
    judge::text(rule, &told(expected), &told(decoded(input)), DECODE);
}

#[track_caller]
fn judge_encode(rule: &str, value: i64, expected: &[u8]) {
    let name = format!("varint of {value}");
    let found = encoded(value);
    judge::bytes(rule, &[Field::new(&name, 0..expected.len().max(found.len()))], expected, &found, ENCODE);
}

#[test]
fn one_byte_numbers_fold_their_sign_into_the_lowest_bit() {
    for (value, expected) in KNOWN.into_iter().filter(|(_, bytes)| bytes.len() == 1) {
        let zigzag = (value << 1) ^ (value >> 63);
        judge_encode(&format!("zigzag makes {zigzag} of {value}, and that fits one byte"), value, expected);
    }
}

#[test]
fn longer_numbers_go_in_groups_of_7_bits_lowest_first() {
    for (value, expected) in KNOWN.into_iter().filter(|(_, bytes)| bytes.len() > 1) {
        let rule = "after zigzag come groups of 7 bits, lowest first; the top bit says: more bytes follow";
        judge_encode(rule, value, expected);
    }
}

#[test]
fn a_varint_goes_behind_what_is_there() {
    let mut out = vec![0xaa];
    varint::encode(300, &mut out);
    varint::encode(-1, &mut out);
    let fields =
        [Field::new("there before", 0..1), Field::new("varint of 300", 1..3), Field::new("varint of -1", 3..4)];
    judge::bytes("encode appends to `out`", &fields, &[0xaa, 0xd8, 0x04, 0x01], &out, ENCODE);
}

#[test]
fn known_bytes_decode_to_their_numbers() {
    for (value, bytes) in KNOWN {
        let rule = format!("{bytes:02x?} is the varint of {value}");
        judge_decode(&rule, bytes, (Ok(value), bytes.len()));
    }
}

#[test]
fn decode_moves_past_the_varint_and_no_further() {
    for (value, bytes) in KNOWN {
        let input = [bytes, &[0xff, 0x00]].concat();
        let rule = format!("decode reads {value} and moves `input` past its {} bytes", bytes.len());
        judge_decode(&rule, &input, (Ok(value), bytes.len()));
    }
}

#[test]
fn a_varint_that_ends_too_early_is_an_error_and_input_stays() {
    let cut_off: [&[u8]; 4] = [&[], &[0x80], &[0xff, 0xff, 0xff], &[0x80; MAX_BYTES - 1]];
    for bytes in cut_off {
        let rule = format!("{bytes:02x?} ends before its varint does, so `input` does not move");
        judge_decode(&rule, bytes, (Err(VarintError::CutOff), 0));
    }
}

#[test]
fn more_than_64_bits_are_an_error_and_input_stays() {
    let tenth = |last: u8| [&[0xff; MAX_BYTES - 1][..], &[last]].concat();
    for bytes in [tenth(0x02), tenth(0x7f), tenth(0x81), vec![0x80; 12], vec![0xff; 40]] {
        let rule = "the tenth byte has room for one bit more, and no byte may follow it";
        judge_decode(rule, &bytes, (Err(VarintError::TooLong), 0));
    }
}

#[test]
fn a_longer_form_than_needed_is_read_too() {
    judge_decode("80 00 is a long way to write 0, and is read as 0", &[0x80, 0x00], (Ok(0), 2));
    let longest = [&[0x80; MAX_BYTES - 1][..], &[0x00]].concat();
    judge_decode("nine bytes of no bits and 00 are 0", &longest, (Ok(0), MAX_BYTES));
}

#[test]
fn every_number_near_a_power_of_two_comes_back() {
    for bits in 0..64 {
        for near in [-2, -1, 0, 1, 2] {
            let value = (1i64 << bits).wrapping_add(near);
            for value in [value, value.wrapping_neg()] {
                let rule = format!("decode gives back the {value} that encode wrote");
                let bytes = encoded(value);
                judge_decode(&rule, &bytes, (Ok(value), bytes.len()));
            }
        }
    }
}

#[test]
fn a_32_bit_field_takes_no_larger_number() {
    for value in [i64::from(i32::MIN), -1, 0, i64::from(i32::MAX)] {
        let bytes = encoded(value);
        let mut input = &bytes[..];
        assert_eq!(varint::decode_i32(&mut input).map(i64::from), Ok(value));
        assert!(input.is_empty(), "{value}");
    }
    for value in [i64::from(i32::MAX) + 1, i64::from(i32::MIN) - 1, i64::MIN] {
        let bytes = encoded(value);
        let mut input = &bytes[..];
        assert_eq!(varint::decode_i32(&mut input), Err(VarintError::NotI32(value)));
        assert_eq!(input.len(), bytes.len(), "after an error the input has not moved");
    }
    let mut cut_off = &[0x80u8][..];
    assert_eq!(varint::decode_i32(&mut cut_off), Err(VarintError::CutOff));
}

proptest! {
    #[test]
    fn any_number_comes_back_and_len_knows_its_bytes(value: i64, shift in 0u32..64) {
        let value = value >> shift;
        let bytes = encoded(value);
        prop_assert_eq!(bytes.len(), varint::len(value));
        prop_assert!(bytes.len() <= MAX_BYTES);
        prop_assert_eq!(decoded(&bytes), (Ok(value), bytes.len()));
    }

    #[test]
    fn any_bytes_decode_or_leave_the_input_alone(bytes: Vec<u8>) {
        let (value, moved) = decoded(&bytes);
        match value {
            Ok(value) => prop_assert!(moved <= MAX_BYTES && varint::len(value) <= moved),
            Err(VarintError::CutOff) => prop_assert!(moved == 0 && bytes.len() < MAX_BYTES),
            Err(_) => prop_assert!(moved == 0 && bytes.len() >= MAX_BYTES),
        }
    }
}
