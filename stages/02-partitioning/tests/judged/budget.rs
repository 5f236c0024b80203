//! How many bytes each partition of a fetch may give. Judges exercise 2.11.

use partitioning::api::FetchPartition;
use partitioning::{FetchBudget, ReadRequest, TopicPartition};
use story::judge;

const NEW: &str = "src/service/budget.rs, fn FetchBudget::new";
const REQUEST: &str = "src/service/budget.rs, fn FetchBudget::request";
const SPENT: &str = "src/service/budget.rs, fn FetchBudget::spent";

/// The usual limit of the broker.
const LIMIT: usize = 10_000;

/// A partition that is asked from offset 42 on, for at most so many bytes.
fn asked(max_bytes: u32) -> FetchPartition {
    FetchPartition { at: TopicPartition::new("orders", 0), offset: 42, max_bytes }
}

/// What the next partition may give, if it is asked for at most so many bytes.
fn told(budget: &FetchBudget, max_bytes: u32) -> String {
    let ReadRequest { max_bytes, min_one_batch, .. } = budget.request(&asked(max_bytes));
    format!("{max_bytes} bytes, {}", if min_one_batch { "and one batch whatever its size" } else { "and no more" })
}

#[track_caller]
fn judge_next(rule: &str, expected: &str, budget: &FetchBudget, max_bytes: u32, look_at: &str) {
    judge::text(rule, expected, &told(budget, max_bytes), look_at);
}

#[test]
fn an_answer_has_the_smaller_of_two_limits() {
    let whole = |asked, limit| FetchBudget::new(asked, limit);
    let expected = "1000 bytes, and one batch whatever its size";
    judge_next("1000 are asked for, and 10000 are allowed", expected, &whole(1_000, LIMIT), u32::MAX, NEW);
    judge_next("9000 are asked for, and 1000 are allowed", expected, &whole(9_000, 1_000), u32::MAX, NEW);
    let expected = "0 bytes, and one batch whatever its size";
    judge_next("0 are asked for: still, one batch gets through", expected, &whole(0, LIMIT), u32::MAX, NEW);
}

#[test]
fn a_partition_gives_what_both_limits_allow() {
    let budget = FetchBudget::new(1_000, LIMIT);
    let rule = "1000 bytes for the answer, 300 for the partition";
    judge_next(rule, "300 bytes, and one batch whatever its size", &budget, 300, REQUEST);
    let rule = "1000 bytes for the answer, 3000 for the partition";
    judge_next(rule, "1000 bytes, and one batch whatever its size", &budget, 3_000, REQUEST);
    let rule = "a partition is read from the offset that was asked for";
    judge::eq(rule, 42, budget.request(&asked(300)).from, REQUEST);
}

#[test]
fn asking_takes_nothing() {
    let budget = FetchBudget::new(1_000, LIMIT);
    let first = told(&budget, 300);
    judge_next("asked twice, the answer is the same: only what is given counts", &first, &budget, 300, REQUEST);
}

#[test]
fn what_one_gives_the_next_has_not() {
    let mut budget = FetchBudget::new(1_000, LIMIT);
    budget.spent(300);
    judge_next("300 of 1000 bytes are given: 700 are left", "700 bytes, and no more", &budget, 5_000, SPENT);
    judge_next("and the partition's own limit holds as before", "200 bytes, and no more", &budget, 200, REQUEST);
    budget.spent(700);
    judge_next("all 1000 bytes are given", "0 bytes, and no more", &budget, 5_000, SPENT);
}

#[test]
fn only_the_first_that_has_anything_may_exceed_the_limits() {
    let mut budget = FetchBudget::new(1_000, LIMIT);
    budget.spent(0);
    let rule = "the first partition had nothing, or refused: the next one may give a batch whatever its size";
    judge_next(rule, "1000 bytes, and one batch whatever its size", &budget, 5_000, SPENT);
    budget.spent(0);
    let rule = "two partitions had nothing: so may the third";
    judge_next(rule, "1000 bytes, and one batch whatever its size", &budget, 5_000, SPENT);
    budget.spent(1);
    let rule = "the third has given one byte: the others keep to what is left";
    judge_next(rule, "999 bytes, and no more", &budget, 5_000, SPENT);
    budget.spent(0);
    judge_next("that stays so when a later one has nothing", "999 bytes, and no more", &budget, 5_000, SPENT);
}

#[test]
fn a_batch_larger_than_the_answer_uses_it_up() {
    let mut budget = FetchBudget::new(1_000, LIMIT);
    budget.spent(250_000);
    let rule = "the first batch had 250000 bytes, of 1000: nothing is left, and nothing less than nothing";
    judge_next(rule, "0 bytes, and no more", &budget, 5_000, SPENT);
}

/// A partition: the sizes of its batches, and how many of them were read.
struct Shelf {
    sizes: Vec<usize>,
    read: usize,
}

/// What a partition gives: whole batches, as long as they fit.
fn give(shelf: &mut Shelf, request: ReadRequest) -> usize {
    let mut bytes = 0;
    while let Some(&size) = shelf.sizes.get(shelf.read) {
        let is_first = bytes == 0 && request.min_one_batch;
        if bytes + size > request.max_bytes && !is_first {
            break;
        }
        bytes += size;
        shelf.read += 1;
    }
    bytes
}

#[test]
fn a_reader_gets_everything_whatever_its_limits() {
    for (answer, partition) in [(1_000, 300), (1_000, 1), (100, 5_000), (0, 0)] {
        let mut shelves =
            [vec![], vec![900, 20, 20, 20], vec![50; 20], vec![20, 4_000, 20]].map(|sizes| Shelf { sizes, read: 0 });
        let all: usize = shelves.iter().map(|shelf| shelf.sizes.len()).sum();
        let mut largest = 0;
        // Every answer but the last ones brings a batch, if the rules hold.
        for turn in 0..2 * all {
            let mut budget = FetchBudget::new(answer, LIMIT);
            let mut bytes = 0;
            for index in 0..shelves.len() {
                // Partitions take turns in being first.
                let shelf = &mut shelves[(turn + index) % 4];
                let given = give(shelf, budget.request(&asked(partition)));
                budget.spent(given);
                bytes += given;
            }
            largest = largest.max(bytes);
        }
        let read: usize = shelves.iter().map(|shelf| shelf.read).sum();
        let rule = format!("{answer} bytes an answer, {partition} a partition: a reader that asks on gets all batches");
        judge::eq(&rule, all, read, REQUEST);
        let rule = format!("{answer} bytes an answer: none is longer, but for a first batch, and the largest has 4000");
        judge::that(&rule, largest <= 4_000.max(answer as usize), format_args!("{largest} bytes"), SPENT);
    }
}
