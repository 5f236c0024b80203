//! Which partition a transactional id belongs to. Judges exercise 6.1.

use story::judge;
use transactions::placing::{java_hash, partition_for};

const HASH: &str = "src/placing.rs, fn java_hash";
const PARTITION: &str = "src/placing.rs, fn partition_for";

#[track_caller]
fn judge_hash(rule: &str, text: &str, expected: i32) {
    judge::eq(&format!("the hash of `{text}`. {rule}"), expected, java_hash(text), HASH);
}

#[track_caller]
fn judge_partition(rule: &str, id: &str, count: u32, expected: u32) {
    let rule = format!("`{id}`, hash {}, of {count} partitions. {rule}", java_hash(id));
    judge::eq(&rule, expected, partition_for(id, count), PARTITION);
}

#[test]
fn each_unit_counts_and_its_place() {
    judge_hash("Nothing is 0.", "", 0);
    judge_hash("One unit is itself.", "a", 97);
    judge_hash("31 times 97, and 98.", "ab", 3105);
    judge_hash("The same units in another order are another text.", "ba", 3135);
    judge_hash("31 times what came before, plus the next.", "pay-1", 106_441_804);
    judge_hash("Likewise.", "hello", 99_162_322);
}

#[test]
fn it_goes_round_in_32_bits() {
    judge_hash("It does not fit into 32 bits: what is above them is lost, as in Java.", "pay-10", -995_271_324);
    judge_hash("Likewise.", "transfer-producer-1", -1_365_550_120);
    judge_hash("It goes round many times.", "a-long-transactional-id", 1_144_218_788);
    judge_hash("The most negative number is a hash like any other.", "polygenelubricants", i32::MIN);
}

#[test]
fn a_unit_is_of_utf_16() {
    judge_hash("In UTF-16 it is one unit, 228. (In UTF-8 it has two bytes.)", "ä", 228);
    judge_hash("Two units.", "日本", 835_047);
    judge_hash("One sign, and two units in UTF-16: 55357 and 56832.", "😀", 1_772_899);
}

#[test]
fn the_partition_is_what_remains() {
    judge_partition("What remains of 106441804 : 50.", "pay-1", 50, 4);
    judge_partition("The next id, the next partition.", "pay-2", 50, 5);
    judge_partition("", "hello", 3, 1);
    judge_partition("There is but one.", "hello", 1, 0);
}

#[test]
fn the_sign_does_not_count() {
    judge_partition("What remains of 995271324 : 50.", "pay-10", 50, 24);
    judge_partition("What remains of 1365550120 : 50.", "transfer-producer-1", 50, 20);
    judge_partition("What remains of 2013582092 : 50.", "payments-eu-1", 50, 42);
}

#[test]
fn the_most_negative_number_is_0() {
    judge_partition("It has no positive in 32 bits.", "polygenelubricants", 50, 0);
    judge_partition("Likewise.", "polygenelubricants", 3, 0);
}

#[test]
fn without_partitions_it_is_the_first() {
    judge_partition("There is no partition yet. Nothing is divided by 0.", "pay-1", 0, 0);
}
