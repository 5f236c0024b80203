//! Which brokers get new replicas: `place`.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use partitioning::ErrorCode;
use replication::controller::placement::place;
use story::judge;

const PLACE: &str = "src/controller/placement.rs, fn place";

/// How often each broker stands where.
fn counts(brokers: impl Iterator<Item = i32>) -> BTreeMap<i32, usize> {
    let mut counts = BTreeMap::new();
    brokers.for_each(|id| *counts.entry(id).or_insert(0) += 1);
    counts
}

#[track_caller]
fn placed(active: &[i32], fenced: &[i32], partitions: u32, copies: u16, seed: u64) -> Vec<Vec<i32>> {
    let placed = place(active, fenced, partitions, copies, &mut Rng::with_seed(seed));
    let rule = format!("{copies} copies, brokers {active:?} are alive and {fenced:?} fenced: there are enough");
    let refused = placed.as_ref().err().map(ToString::to_string);
    judge::that(&rule, refused.is_none(), format_args!("{}", refused.unwrap_or_default()), PLACE);
    placed.unwrap_or_default()
}

#[test]
fn each_partition_has_its_copies_on_different_brokers() {
    for (brokers, copies, seed) in [(3, 1, 0), (3, 2, 1), (3, 3, 2), (5, 3, 3), (7, 4, 4)] {
        let active: Vec<i32> = (1..=brokers).collect();
        let placed = placed(&active, &[], 20, copies, seed);
        judge::eq("there is a list for each partition", 20, placed.len(), PLACE);
        for replicas in placed {
            let rule = format!("{copies} copies, each on another of {brokers} brokers");
            let different: BTreeSet<i32> = replicas.iter().copied().collect();
            judge::eq(&rule, (usize::from(copies), usize::from(copies)), (replicas.len(), different.len()), PLACE);
            let rule = format!("only the brokers 1 to {brokers} are there");
            judge::that(&rule, different.iter().all(|id| active.contains(id)), &replicas, PLACE);
        }
    }
}

#[test]
fn each_broker_leads_as_many_as_any_other() {
    for seed in 0..20 {
        let placed = placed(&[1, 2, 3, 4], &[], 12, 2, seed);
        let leaders = counts(placed.iter().map(|replicas| replicas[0]));
        let even = BTreeMap::from([(1, 3), (2, 3), (3, 3), (4, 3)]);
        judge::eq("12 partitions on 4 brokers: each leads 3 (leaders by broker)", &even, &leaders, PLACE);
        let replicas = counts(placed.iter().flatten().copied());
        let even = BTreeMap::from([(1, 6), (2, 6), (3, 6), (4, 6)]);
        judge::eq("24 copies on 4 brokers: each has 6 (copies by broker)", &even, &replicas, PLACE);
    }
    let leaders = counts(placed(&[1, 2, 3, 4], &[], 10, 3, 1).iter().map(|replicas| replicas[0]));
    let is_even = leaders.len() == 4 && leaders.values().all(|count| (2..=3).contains(count));
    judge::that("10 partitions on 4 brokers: each leads 2 or 3", is_even, &leaders, PLACE);
}

#[test]
fn what_one_broker_led_falls_to_several() {
    let placed = placed(&[1, 2, 3, 4], &[], 80, 2, 9);
    let heirs: BTreeSet<i32> = placed.iter().filter(|replicas| replicas[0] == 1).map(|replicas| replicas[1]).collect();
    let rule = "1 leads 20 of 80 partitions: if it dies, each of the others follows it somewhere";
    judge::eq(rule, BTreeSet::from([2, 3, 4]), heirs, PLACE);
}

#[test]
fn the_same_chance_gives_the_same_places() {
    let first = placed(&[1, 2, 3, 4, 5], &[6], 10, 3, 42);
    let rule = "chance is handed in: the same seed gives the same replicas";
    judge::eq(rule, &first, &placed(&[1, 2, 3, 4, 5], &[6], 10, 3, 42), PLACE);
    let others = (0..10).filter(|&seed| placed(&[1, 2, 3, 4, 5], &[6], 10, 3, seed) != first).count();
    judge::that("other seeds give others, nearly always", others >= 8, others, PLACE);
}

/// A line for each partition: `0: 3 1 2`.
fn lines(placed: &[Vec<i32>]) -> String {
    let line = |(number, replicas): (usize, &Vec<i32>)| {
        let ids: Vec<_> = replicas.iter().map(i32::to_string).collect();
        format!("{number}: {}", ids.join(" "))
    };
    placed.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// What the rule gives, written down once more: an order for each round, and each partition one place further on.
fn by_the_rule(active: &[i32], fenced: &[i32], partitions: usize, copies: usize, seed: u64) -> Vec<Vec<i32>> {
    let (mut active, mut fenced, mut random) = (active.to_vec(), fenced.to_vec(), Rng::with_seed(seed));
    let mut lists = Vec::new();
    while lists.len() < partitions {
        random.shuffle(&mut active);
        random.shuffle(&mut fenced);
        let (mut circle, mut others) = (active.clone(), fenced.clone());
        for _ in 0..active.len() {
            lists.push(circle.iter().chain(&others).copied().take(copies).collect());
            circle.rotate_left(1);
            let one = others.len().min(1);
            others.rotate_left(one);
        }
    }
    lists.truncate(partitions);
    lists
}

#[test]
fn each_round_draws_an_order_and_each_partition_begins_one_place_further_on() {
    let several: [(&[i32], &[i32], u16); 4] =
        [(&[1, 2, 3], &[], 3), (&[1, 2, 3, 4], &[], 2), (&[5, 2, 9], &[7, 8], 4), (&[1, 2], &[3, 4, 5], 3)];
    for (active, fenced, copies) in several {
        for seed in 0..5 {
            let expected = by_the_rule(active, fenced, 7, copies.into(), seed);
            let rule = format!(
                "7 partitions, {copies} copies, {active:?} alive, {fenced:?} fenced: the alive ones are shuffled, then the \
                 fenced ones, and that again when each has led once"
            );
            judge::text(&rule, &lines(&expected), &lines(&placed(active, fenced, 7, copies, seed)), PLACE);
        }
    }
}

#[test]
fn a_fenced_broker_gets_what_no_other_can_take() {
    for replicas in placed(&[1, 2, 3], &[4, 5], 30, 3, 1) {
        let rule = "3 copies, 3 brokers alive: 4 and 5, which are fenced, get none";
        judge::that(rule, !replicas.contains(&4) && !replicas.contains(&5), &replicas, PLACE);
    }
    let placed = placed(&[1, 2], &[4, 5], 40, 3, 1);
    for replicas in &placed {
        let rule = "3 copies, 2 brokers alive: both of them, one of which leads, and one that is fenced";
        let alive = replicas[..2].iter().all(|id| [1, 2].contains(id)) && [4, 5].contains(&replicas[2]);
        judge::that(rule, alive, replicas, PLACE);
    }
    let alone = counts(placed_beside_1().iter().map(|replicas| replicas[1]));
    let is_shared = alone.len() == 2 && alone.values().all(|count| *count >= 10);
    judge::that("1 alone is alive: 4 and 5 share the second copies", is_shared, &alone, PLACE);
    let fenced = counts(placed.iter().map(|replicas| replicas[2]));
    judge::that(
        "4 and 5 share the work",
        fenced.len() == 2 && fenced.values().all(|count| *count >= 10),
        &fenced,
        PLACE,
    );
}

/// Forty partitions of two copies, where only broker 1 is alive.
fn placed_beside_1() -> Vec<Vec<i32>> {
    placed(&[1], &[4, 5], 40, 2, 1)
}

#[track_caller]
fn judge_refused(rule: &str, active: &[i32], fenced: &[i32], copies: u16) {
    let refused = place(active, fenced, 1, copies, &mut Rng::with_seed(0)).map_err(|refusal| refusal.code);
    judge::eq(rule, Err::<Vec<Vec<i32>>, _>(ErrorCode::InvalidReplicationFactor), refused, PLACE);
}

#[test]
fn what_cannot_be_placed_is_refused() {
    judge_refused("4 copies, and 3 brokers", &[1, 2], &[3], 4);
    judge_refused("no copies", &[1, 2], &[3], 0);
    judge_refused("1 copy, and nobody is alive who could lead", &[], &[1, 2, 3], 1);
    judge_refused("1 copy, and no brokers at all", &[], &[], 1);
    let all = placed(&[1], &[2, 3], 1, 3, 0);
    judge::eq("3 copies, and 3 brokers of which one is alive: that one leads", 1, all[0][0], PLACE);
}
