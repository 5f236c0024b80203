//! One partition for a number of bytes, and today's default, which sends records without a key that way. Judges exercise
//! 2.7.

use fastrand::Rng;
use partitioning::producer::partitioner::{
    DefaultPartitioner, Partitioner, StickyByBytes, cumulative_weights, drawn_index, partition_for_key,
};
use story::judge;

use crate::support::{BATCH_SIZE, EMPTY, Filling, NOT_LED, OPEN, PLAIN, Place, Still, assert_balanced, counts, keyed};

const GOES_ON: &str = "src/producer/partitioner/sticky_by_bytes.rs, fn StickyByBytes::goes_on";
const WEIGHTS: &str = "src/producer/partitioner/sticky_by_bytes.rs, fn cumulative_weights";
const DRAWN: &str = "src/producer/partitioner/sticky_by_bytes.rs, fn drawn_index";

fn sticky(adaptive: bool, seed: u64) -> StickyByBytes {
    StickyByBytes::new(BATCH_SIZE, adaptive, Rng::with_seed(seed))
}

/// The partitions that records of so many bytes go to, in a topic whose state stays as it is.
fn run(partitioner: &mut dyn Partitioner, topic: &mut Still, bytes: usize, count: usize) -> Vec<u32> {
    let next = |_| {
        let partition = partitioner.partition(&PLAIN, topic);
        partitioner.appended(&PLAIN, partition, bytes);
        partition
    };
    (0..count).map(next).collect()
}

/// How many records of 100 bytes go to one partition before the first goes to another. By lot a partition can follow on
/// itself; among 50 of them and in twenty tries it does not always.
fn records_of_a_turn(place: Place) -> Option<usize> {
    let run = |seed| {
        let choices = run(&mut sticky(false, seed), &mut Still::new([place; 50]), 100, 100);
        choices.iter().position(|&choice| choice != choices[0])
    };
    (0..20).map(run).min().flatten()
}

#[test]
fn a_turn_has_batch_size_bytes_though_batches_leave() {
    let rule = "records of 100 bytes, batch.size 1000, and no batch is open: a turn has 10 records";
    judge::eq(rule, Some(10), records_of_a_turn(EMPTY), GOES_ON);
    let full = Place { room: Some(99), ..OPEN };
    let rule = "records of 100 bytes, batch.size 1000, and the open batch takes none: a turn has 10 records";
    judge::eq(rule, Some(10), records_of_a_turn(full), GOES_ON);
}

#[test]
fn a_turn_goes_on_with_an_open_batch_up_to_twice_batch_size() {
    let rule = "records of 100 bytes, batch.size 1000, and the open batch takes more and more: a turn has 20 records";
    judge::eq(rule, Some(20), records_of_a_turn(OPEN), GOES_ON);
}

#[test]
fn a_turn_ends_once_the_open_batch_is_full() {
    let mut topic = Still::new([OPEN; 50]);
    let mut sticky = sticky(false, 1);
    let first = run(&mut sticky, &mut topic, 100, 12);
    judge::eq("1000 bytes and more, and the batch takes more: no switch", vec![first[0]; 12], first.clone(), GOES_ON);
    topic.partitions[first[0] as usize] = Place { room: Some(PLAIN.size), ..OPEN };
    let next = sticky.partition(&PLAIN, &mut topic);
    judge::eq("1200 bytes, and the batch has room for 100 bytes of 100: the turn goes on", first[0], next, GOES_ON);
    topic.partitions[first[0] as usize] = Place { room: Some(PLAIN.size - 1), ..OPEN };
    topic.offers.clear();
    let next = sticky.partition(&PLAIN, &mut topic);
    judge::that("1200 bytes, and the batch has room for 99 bytes of 100: another lot", next != first[0], next, GOES_ON);
    judge::eq("the full batch is closed by the offer, which is made once", vec![first[0]], topic.offers, GOES_ON);
}

#[test]
fn nothing_is_offered_before_the_turn_has_had_its_bytes_nor_when_it_is_over() {
    let mut topic = Still::new([Place { room: Some(10), ..OPEN }; 3]);
    let mut partitioner = sticky(false, 2);
    run(&mut partitioner, &mut topic, 100, 10);
    judge::eq("900 bytes until now, of 1000: nothing is offered", Vec::<u32>::new(), topic.offers.clone(), GOES_ON);
    let first = partitioner.partition(&PLAIN, &mut Still::new([OPEN; 3]));
    partitioner.appended(&PLAIN, first, 5_000);
    partitioner.partition(&PLAIN, &mut topic);
    judge::eq("6000 bytes, and twice 1000 are the end: nothing is offered", Vec::<u32>::new(), topic.offers, GOES_ON);
}

#[test]
fn a_batch_size_of_any_number_is_taken() {
    let mut topic = Still::new([OPEN; 3]);
    let mut sticky = StickyByBytes::new(usize::MAX, false, Rng::with_seed(8));
    let first = sticky.partition(&PLAIN, &mut topic);
    sticky.appended(&PLAIN, first, usize::MAX - 1);
    let rule = "batch.size is the largest number, and one byte is missing: the turn goes on";
    judge::eq(rule, first, sticky.partition(&PLAIN, &mut topic), GOES_ON);
    sticky.appended(&PLAIN, first, 1);
    topic.offers.clear();
    sticky.partition(&PLAIN, &mut topic);
    let rule = "it has had them all, and twice of it is no number: the turn is over, and nothing is offered";
    judge::eq(rule, Vec::<u32>::new(), topic.offers, GOES_ON);
}

#[test]
fn bytes_that_went_elsewhere_do_not_count() {
    let mut topic = Still::new([EMPTY; 50]);
    let mut sticky = sticky(false, 3);
    let first = sticky.partition(&PLAIN, &mut topic);
    sticky.appended(&PLAIN, first + 1, 5_000);
    sticky.appended(&PLAIN, first, 999);
    assert_eq!(sticky.partition(&PLAIN, &mut topic), first);
}

#[test]
fn the_fewer_batches_wait_the_larger_the_part() {
    let of = |waiting: &[usize]| cumulative_weights(waiting);
    judge::eq("queues 0 3 1: weights 4 1 3, summed up", vec![4, 5, 8], of(&[0, 3, 1]), WEIGHTS);
    judge::eq("equal queues have equal parts", vec![1, 2, 3, 4], of(&[7, 7, 7, 7]), WEIGHTS);
    judge::eq("empty queues have equal parts", vec![1, 2, 3], of(&[0, 0, 0]), WEIGHTS);
    judge::eq("one queue has all", vec![1], of(&[9]), WEIGHTS);
    judge::eq("the longest weighs 1, however long", vec![1, 1_000_002], of(&[1_000_000, 0]), WEIGHTS);
}

#[test]
fn a_number_falls_into_the_first_part_above_it() {
    let drawn = |number| drawn_index(&[4, 5, 8], number);
    let rule = "sums 4 5 8: 0 to 3 are the first, 4 is the second, 5 to 7 are the third";
    judge::eq(rule, vec![0, 0, 0, 0, 1, 2, 2, 2], (0..8).map(drawn).collect::<Vec<_>>(), DRAWN);
    judge::eq("one part takes all", 0, drawn_index(&[3], 2), DRAWN);
}

/// A draw for each record: as many bytes at once as a turn has.
fn draws(adaptive: bool, topic: &mut Still, count: usize, seed: u64) -> Vec<usize> {
    let places = topic.partitions.len();
    counts(&run(&mut sticky(adaptive, seed), topic, 2 * BATCH_SIZE, count), places)
}

#[test]
fn adaptive_draws_follow_the_queues() {
    let place = |waiting| Place { waiting, ..EMPTY };
    for seed in 0..20 {
        let mut topic = Still::new([place(0), place(3), place(1)]);
        assert_balanced(&draws(true, &mut topic, 8_000, seed), &[4, 1, 3]);
        assert_balanced(&draws(false, &mut topic, 8_000, seed), &[1, 1, 1]);
    }
}

#[test]
fn partitions_that_nobody_leads_have_no_part() {
    let mut topic = Still::new([EMPTY, NOT_LED, EMPTY]);
    for adaptive in [false, true] {
        let counts = draws(adaptive, &mut topic, 1_000, 4);
        assert_eq!(counts[1], 0, "{counts:?}");
    }
    let counts = draws(true, &mut Still::new([NOT_LED; 3]), 1_000, 4);
    assert!(counts.iter().all(|&count| count > 250), "no partition has a leader, so any will do: {counts:?}");
}

#[test]
fn batches_are_full_when_they_leave() {
    let mut topic = Filling::new(10);
    let mut sticky = sticky(true, 5);
    for _ in 0..2_000 {
        topic.append(&mut sticky, None, 50);
        topic.send(|_| true);
    }
    assert!(topic.sent.len() >= 100, "{} batches", topic.sent.len());
    let short = topic.sent.iter().find(|&&bytes| bytes < BATCH_SIZE - 100);
    assert_eq!(short, None, "a batch left before it was full");
}

/// Turns are equal in bytes, so the slow one gets its share and no more; and if the lot looks at the queues, less.
#[test]
fn a_slow_partition_gets_no_more_than_its_share() {
    let share = |adaptive| {
        let mut topic = Filling::new(3);
        let mut sticky = sticky(adaptive, 6);
        for step in 0..60_000_u64 {
            topic.append(&mut sticky, None, 50);
            topic.now += std::time::Duration::from_millis(1);
            topic.send(|partition| partition != 0 || step % 100 == 0);
        }
        topic.bytes[0] as f64 / topic.bytes.iter().sum::<usize>() as f64
    };
    let (uniform, adaptive) = (share(false), share(true));
    assert!((0.28..0.38).contains(&uniform), "a third was expected, and it had {uniform:.2}");
    assert!(adaptive < 0.25, "less than its share was expected, and it had {adaptive:.2}");
}

#[test]
fn the_default_goes_by_key_if_there_is_one() {
    let mut topic = Still::new([EMPTY; 50]);
    let mut default = DefaultPartitioner::new(sticky(false, 7));
    let first = default.partition(&PLAIN, &mut topic);
    for number in 0..100 {
        let key = format!("key-{number}");
        let record = keyed(key.as_bytes());
        let partition = default.partition(&record, &mut topic);
        assert_eq!(partition, partition_for_key(key.as_bytes(), 50));
        // Records with keys take nothing from the turn of those without, not even at the same partition.
        default.appended(&record, first, 5_000);
    }
    assert_eq!(default.partition(&keyed(b""), &mut topic), 31, "an empty key is a key");
    assert_eq!(default.partition(&PLAIN, &mut topic), first);
    default.appended(&PLAIN, first, 5_000);
    assert_ne!(default.partition(&PLAIN, &mut topic), first, "the turn is over");
}
