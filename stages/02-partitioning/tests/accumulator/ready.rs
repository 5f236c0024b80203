//! Which partitions are ready, and when the next one will be.

use std::time::Duration;

use partitioning::producer::accumulator::AccumulatorConfig;

use crate::support::{CONFIG, Desk, at, told};

#[test]
fn a_batch_lingers_from_its_first_record_on() {
    let mut desk = Desk::new(CONFIG);
    desk.append(&at(0), 20);
    assert_eq!((desk.ready(), desk.deadline()), (vec![], Some(10)));
    desk.pass(9);
    desk.append(&at(0), 20);
    assert_eq!((desk.ready(), desk.deadline()), (vec![], Some(1)), "a later record does not prolong it");
    desk.pass(1);
    assert_eq!((desk.ready(), desk.deadline()), (vec!["orders-0 Lingered".to_owned()], None));
}

#[test]
fn the_next_deadline_is_the_earliest_that_is_to_come() {
    let mut desk = Desk::new(CONFIG);
    assert_eq!(desk.deadline(), None, "nothing waits");
    for (partition, wait) in [(3, 4), (1, 2), (2, 0)] {
        desk.append(&at(partition), 20);
        desk.pass(wait);
    }
    assert_eq!(desk.deadline(), Some(4));
    desk.pass(4);
    assert_eq!((desk.ready(), desk.deadline()), (vec!["orders-3 Lingered".to_owned()], Some(4)));
    desk.pass(4);
    assert_eq!(desk.deadline(), Some(2), "those that are ready are not waited for");
    desk.pass(2);
    assert_eq!((desk.ready().len(), desk.deadline()), (3, None));
}

#[test]
fn a_full_batch_has_no_deadline() {
    let mut desk = Desk::new(CONFIG);
    desk.append(&at(0), 500);
    assert_eq!((desk.ready(), desk.deadline()), (vec!["orders-0 Full".to_owned()], None));
    desk.pass(3);
    desk.append(&at(0), 20);
    assert_eq!(desk.deadline(), None, "what stands behind it waits for it first");
    desk.drain(None, usize::MAX);
    assert_eq!((desk.ready(), desk.deadline()), (vec![], Some(10)));
}

#[test]
fn without_linger_a_record_is_ready_at_once() {
    let mut desk = Desk::new(AccumulatorConfig { linger: Duration::ZERO, ..CONFIG });
    desk.append(&at(0), 20);
    assert_eq!((desk.ready(), desk.deadline()), (vec!["orders-0 Lingered".to_owned()], None));
}

#[test]
fn all_are_ready_when_memory_is_short() {
    let mut desk = Desk::new(CONFIG);
    desk.append(&at(0), 20);
    desk.append(&at(1), 500);
    let ready = told(desk.accumulator.ready(desk.now, true));
    assert_eq!(ready, ["orders-0 MemoryExhausted", "orders-1 Full"]);
    assert_eq!(desk.ready(), ["orders-1 Full"], "and not when it is not");
}

#[test]
fn a_clock_that_stands_is_no_trouble() {
    let mut desk = Desk::new(CONFIG);
    desk.pass(1_000);
    desk.append(&at(0), 20);
    desk.now -= Duration::from_millis(500);
    assert_eq!((desk.ready(), desk.deadline()), (vec![], Some(510)));
}
