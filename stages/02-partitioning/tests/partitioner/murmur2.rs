//! The hash of keys, against the Java client's. Judges exercise 2.1, with `by_key.rs`.

use partitioning::producer::partitioner::murmur2;
use story::judge;

use crate::fixtures::fixture;

const MURMUR2: &str = "src/producer/partitioner/murmur2.rs, fn murmur2";

#[track_caller]
fn judge_hash(rule: &str, expected: i32, key: &[u8]) {
    judge::eq(rule, expected, murmur2(key), MURMUR2);
}

#[test]
fn no_bytes_still_have_a_hash() {
    judge_hash("a key without bytes: the seed, mixed at the end", 275_646_681, b"");
}

#[test]
fn whole_words_are_stirred_four_bytes_at_a_time() {
    judge_hash("a key of one word, 00 00 00 00", 850_957_120, &[0; 4]);
    judge_hash("a key of one word, 01 02 03 04: the first byte is the lowest", -1_698_034_171, &[1, 2, 3, 4]);
    judge_hash("a key of two words", 338_742_798, b"12345678");
}

#[test]
fn bytes_that_are_left_over_are_stirred_in_as_they_are() {
    judge_hash("`12345`: one byte is left over", -1_188_365_604, b"12345");
    judge_hash("`21`: no word, and two bytes are left over", -973_932_308, b"21");
    judge_hash("`abc`: no word, and three bytes are left over", 479_470_107, b"abc");
    judge_hash("`foobar`: two bytes are left over", -790_332_482, b"foobar");
}

#[test]
fn bytes_have_no_sign() {
    judge_hash("ff: the byte is 255, and not -1", -311_467_685, &[0xff]);
    judge_hash("80 ff 80 ff 80: all of them above 127", -393_165_985, &[0x80, 0xff, 0x80, 0xff, 0x80]);
}

/// The vectors of Kafka's own `UtilsTest`.
#[test]
fn gives_what_kafkas_own_test_expects() {
    let vectors = [
        ("21", -973_932_308),
        ("foobar", -790_332_482),
        ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ("abc", 479_470_107),
    ];
    for (key, expected) in vectors {
        judge_hash(&format!("the hash of `{key}`"), expected, key.as_bytes());
    }
}

#[test]
fn gives_what_the_java_client_gives() {
    let mut rows = 0;
    for line in fixture("partitioner/murmur2.tsv").lines().filter(|line| !line.starts_with('#')) {
        let (key, rest) = line.split_once('\t').expect("key and hash");
        let (hash, _) = rest.split_once('\t').expect("hash and partitions");
        let rule = format!("the hash of a key of {} bytes, {}", key.len() / 2, shortened(key));
        judge_hash(&rule, hash.parse().expect("a number"), &unhex(key));
        rows += 1;
    }
    assert_eq!(rows, 2_470, "every key of the fixture");
}

fn shortened(hex: &str) -> String {
    if hex.len() <= 32 { hex.to_owned() } else { format!("{}…", &hex[..32]) }
}

/// The bytes that `hex` writes down.
pub(crate) fn unhex(hex: &str) -> Vec<u8> {
    let digits = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("two hex digits");
    (0..hex.len()).step_by(2).map(digits).collect()
}
