//! Transactions that come after themselves.

use history::{Anomaly, Decision, Record, Rules, Transaction, Verdict, check};

use super::notes::{Notes, ORDERS};
use super::{accepts, accepts_under, rejects_under, shows};

const STOCK: &str = "stock-0";

fn begin(notes: &Notes, process: &str) -> Transaction {
    notes.client(process).begin(notes.now())
}

fn commit_all(notes: &Notes, transactions: &[&Transaction]) {
    transactions.iter().for_each(|transaction| notes.commit(transaction, Decision::Committed));
}

/// Poll inside of a transaction, by its process.
fn worked_on(notes: &Notes, transaction: &Transaction, partition: &str, offset: i64, value: u64) {
    transaction.poll(notes.now()).gave(notes.now(), vec![Record::new(partition, offset, value)]);
}

fn found(verdict: &Verdict) -> Vec<Anomaly> {
    let cycles = [Anomaly::WriteCycle, Anomaly::MixedCycle, Anomaly::CircularFlow];
    cycles.into_iter().filter(|&anomaly| verdict.count(anomaly) > 0).collect()
}

/// 10 and 20 are of one transaction, 11 and 21 of the other. Which was first?
fn behind_each_other() -> Notes {
    let notes = Notes::default();
    let (one, two) = (begin(&notes, "producer-1"), begin(&notes, "producer-2"));
    notes.sent_in(&one, 10, 0);
    notes.sent_in(&two, 11, 1);
    notes.sent_to(&two, STOCK, 21, 0);
    notes.sent_to(&one, STOCK, 20, 1);
    commit_all(&notes, &[&one, &two]);
    notes.gave("consumer-1", &[(ORDERS, 0, 10), (ORDERS, 1, 11), (STOCK, 0, 21), (STOCK, 1, 20)]);
    notes
}

#[test]
fn each_wrote_behind_the_other() {
    let notes = behind_each_other();
    let verdict = accepts_under(&Rules::strict(), &notes);
    assert_eq!(verdict.allowed(), [Anomaly::WriteCycle]);
    shows("write_cycle", &verdict);
    rejects_under(&Rules::strict().isolated_writes(), &notes, Anomaly::WriteCycle, 1);
}

#[test]
fn one_wrote_behind_the_other_everywhere() {
    let notes = Notes::default();
    let (one, two) = (begin(&notes, "producer-1"), begin(&notes, "producer-2"));
    notes.sent_in(&one, 10, 0);
    notes.sent_in(&two, 11, 1);
    notes.sent_to(&one, STOCK, 20, 0);
    notes.sent_to(&two, STOCK, 21, 1);
    commit_all(&notes, &[&two, &one]);
    notes.gave("consumer-1", &[(ORDERS, 0, 10), (ORDERS, 1, 11), (STOCK, 0, 20), (STOCK, 1, 21)]);
    accepts_under(&Rules::strict().isolated_writes().process_order(), &notes);
}

/// What was aborted never happened, and what is in doubt and was not read perhaps did not.
#[test]
fn only_what_is_committed_comes_before_or_after() {
    for decision in [Decision::Aborted, Decision::Unknown] {
        let notes = Notes::default();
        let (one, two) = (begin(&notes, "producer-1"), begin(&notes, "producer-2"));
        notes.sent_in(&one, 10, 0);
        notes.sent_in(&two, 11, 1);
        notes.sent_to(&two, STOCK, 21, 0);
        notes.sent_to(&one, STOCK, 20, 1);
        notes.commit(&one, Decision::Committed);
        notes.commit(&two, decision);
        notes.gave("consumer-1", &[(ORDERS, 0, 10), (STOCK, 1, 20)]);
        accepts_under(&Rules::strict().isolated_writes(), &notes);
    }
}

/// Two of them within one partition are a send skip.
#[test]
fn in_one_partition_it_has_another_name() {
    let notes = Notes::default();
    let (one, two) = (begin(&notes, "producer-1"), begin(&notes, "producer-2"));
    notes.sent_in(&one, 10, 0);
    notes.sent_in(&two, 11, 1);
    notes.sent_in(&one, 12, 2);
    commit_all(&notes, &[&one, &two]);
    notes.polled("consumer-1", &[(0, 10), (1, 11), (2, 12)]);
    rejects_under(&Rules::strict().isolated_writes(), &notes, Anomaly::SendSkip, 1);
}

/// Some say so and others so: then nobody knows what stands behind what.
#[test]
fn a_place_in_dispute_orders_nothing() {
    let notes = behind_each_other();
    notes.gave("consumer-2", &[(STOCK, 5, 21)]);
    let verdict = check(&notes.history(), &Rules::strict().isolated_writes());
    assert_eq!(verdict.broken(), [Anomaly::Duplicate], "{verdict}");
    let notes = behind_each_other();
    notes.gave("consumer-2", &[(STOCK, 0, 77)]);
    let verdict = check(&notes.history(), &Rules::strict().isolated_writes());
    assert_eq!(verdict.broken(), [Anomaly::InconsistentOffset, Anomaly::Phantom], "{verdict}");
}

/// The first wrote, the second wrote behind it and was committed, and then the first read of the second.
#[test]
fn one_read_what_was_written_behind_it() {
    let notes = Notes::default();
    let (one, two) = (begin(&notes, "producer-1"), begin(&notes, "producer-2"));
    notes.sent_in(&one, 10, 0);
    notes.sent_in(&two, 11, 1);
    notes.sent_to(&two, STOCK, 21, 0);
    notes.commit(&two, Decision::Committed);
    worked_on(&notes, &one, STOCK, 0, 21);
    notes.commit(&one, Decision::Committed);
    notes.gave("consumer-1", &[(ORDERS, 0, 10), (ORDERS, 1, 11), (STOCK, 0, 21)]);
    let verdict = accepts_under(&Rules::strict(), &notes);
    assert_eq!(verdict.allowed(), [Anomaly::MixedCycle]);
    shows("mixed_cycle", &verdict);
    rejects_under(&Rules::strict().isolated_writes(), &notes, Anomaly::MixedCycle, 1);
}

/// Each read what the other wrote; `early` says whether before that was decided.
fn read_of_each_other(early: bool) -> Notes {
    let notes = Notes::default();
    let (one, two) = (begin(&notes, "worker-1"), begin(&notes, "worker-2"));
    notes.sent_in(&one, 10, 0);
    notes.sent_to(&two, STOCK, 20, 0);
    worked_on(&notes, &two, ORDERS, 0, 10);
    if !early {
        notes.commit(&two, Decision::Committed);
    }
    worked_on(&notes, &one, STOCK, 0, 20);
    notes.commit(&one, Decision::Committed);
    if early {
        notes.commit(&two, Decision::Committed);
    }
    notes
}

#[test]
fn each_read_what_the_other_wrote() {
    let verdict = check(&read_of_each_other(true).history(), &Rules::strict());
    assert_eq!(verdict.broken(), [Anomaly::PrecommittedRead, Anomaly::CircularFlow]);
    assert_eq!((verdict.count(Anomaly::PrecommittedRead), verdict.count(Anomaly::CircularFlow)), (2, 1));
    shows("circular_information_flow", &verdict);
    let allowed = accepts_under(&Rules::strict().read_uncommitted(), &read_of_each_other(true));
    assert_eq!(allowed.allowed(), [Anomaly::PrecommittedRead, Anomaly::CircularFlow]);
}

/// One read that comes too early is enough for a circle, and there is no circle without one.
#[test]
fn a_circle_of_reads_has_one_that_came_too_early() {
    let verdict = check(&read_of_each_other(false).history(), &Rules::strict());
    assert_eq!(verdict.broken(), [Anomaly::PrecommittedRead, Anomaly::CircularFlow]);
    assert_eq!((verdict.count(Anomaly::PrecommittedRead), verdict.count(Anomaly::CircularFlow)), (1, 1));
}

#[test]
fn one_read_what_the_other_wrote() {
    let notes = Notes::default();
    let one = begin(&notes, "worker-1");
    notes.sent_in(&one, 10, 0);
    notes.commit(&one, Decision::Committed);
    let two = begin(&notes, "worker-2");
    worked_on(&notes, &two, ORDERS, 0, 10);
    notes.sent_to(&two, STOCK, 20, 0);
    notes.commit(&two, Decision::Committed);
    notes.gave("consumer-1", &[(ORDERS, 0, 10), (STOCK, 0, 20)]);
    let verdict = accepts_under(&Rules::strict().isolated_writes().process_order(), &notes);
    assert_eq!(found(&verdict), []);
    assert_eq!((verdict.coverage().committed, verdict.coverage().reading, verdict.coverage().spread), (2, 1, 0));
}

/// Polls that are under way when their transaction asks for its commit may give what was committed meanwhile.
#[test]
fn a_poll_that_ends_after_the_commit_is_no_part_of_it() {
    let notes = Notes::default();
    let (one, two) = (begin(&notes, "worker-1"), begin(&notes, "worker-2"));
    notes.sent_in(&one, 10, 0);
    notes.sent_to(&two, STOCK, 20, 0);
    let polls = [one.poll(notes.now()), two.poll(notes.now())];
    let commits = [one.commit(notes.now()), two.commit(notes.now())];
    let given = [Record::new(STOCK, 0, 20), Record::new(ORDERS, 0, 10)];
    polls.into_iter().zip(given).for_each(|(poll, record)| poll.gave(notes.now(), vec![record]));
    commits.into_iter().for_each(|commit| commit.end(notes.now(), Decision::Committed));
    accepts(&notes);
}

/// Consume, transform, produce: a process polls before it begins the transaction that its records are for.
#[test]
fn what_was_polled_before_and_taken_is_worked_on() {
    let read_first = |taken: i64, sought: bool| {
        let notes = Notes::default();
        let one = begin(&notes, "producer-1");
        notes.sent_in(&one, 10, 4);
        // It comes too early, and what was polled is taken by another transaction later.
        notes.gave("worker-2", &[(ORDERS, 4, 10)]);
        if sought {
            notes.client("worker-2").seek(notes.now(), &ORDERS.into());
        }
        let two = begin(&notes, "worker-2");
        two.consume(notes.now(), [(ORDERS.into(), taken)].into());
        notes.sent_to(&two, STOCK, 20, 0);
        notes.commit(&two, Decision::Committed);
        worked_on(&notes, &one, STOCK, 0, 20);
        notes.commit(&one, Decision::Committed);
        check(&notes.history(), &Rules::strict())
    };
    let verdict = read_first(5, false);
    assert_eq!(verdict.broken(), [Anomaly::PrecommittedRead, Anomaly::CircularFlow]);
    shows("circular_information_flow_of_what_was_taken", &verdict);
    // Up to another offset, or given back by a seek: then it took nothing.
    for (taken, sought) in [(4, false), (5, true)] {
        assert_eq!(read_first(taken, sought).broken(), [Anomaly::PrecommittedRead]);
    }
}

/// What one transaction took is not taken again by the next.
#[test]
fn what_was_taken_is_not_taken_again() {
    let notes = Notes::default();
    let one = begin(&notes, "producer-1");
    notes.sent_in(&one, 10, 0);
    notes.gave("worker-2", &[(ORDERS, 0, 10)]);
    let two = begin(&notes, "worker-2");
    two.consume(notes.now(), [(ORDERS.into(), 1)].into());
    notes.commit(&two, Decision::Committed);
    let three = begin(&notes, "worker-2");
    three.consume(notes.now(), [(ORDERS.into(), 1)].into());
    notes.sent_to(&three, STOCK, 20, 0);
    notes.commit(&three, Decision::Committed);
    worked_on(&notes, &one, STOCK, 0, 20);
    notes.commit(&one, Decision::Committed);
    let verdict = check(&notes.history(), &Rules::strict());
    assert_eq!(verdict.broken(), [Anomaly::PrecommittedRead], "{verdict}");
    // But its process did both, one after the other.
    let verdict = check(&notes.history(), &Rules::strict().process_order());
    assert_eq!(verdict.broken(), [Anomaly::PrecommittedRead, Anomaly::CircularFlow]);
    shows("circular_information_flow_through_a_process", &verdict);
}

/// Three of which each wrote behind the one before it, and two of which each wrote behind the other: the shorter circle is told. Two
/// circles that do not touch are both told.
#[test]
fn the_shortest_of_each_knot_is_told() {
    let notes = Notes::default();
    let all: Vec<Transaction> = (0..5).map(|number| begin(&notes, &format!("producer-{number}"))).collect();
    let mut value = 100;
    let mut records = Vec::new();
    // In each partition one stands behind another.
    for (partition, first, second) in
        [("a", 0, 1), ("b", 1, 2), ("c", 2, 0), ("d", 2, 1), ("e", 3, 4), ("f", 4, 3), ("g", 2, 3)]
    {
        for (offset, number) in [(0, first), (1, second)] {
            value += 1;
            notes.sent_to(&all[number], partition, value, offset);
            records.push((partition, offset, value));
        }
    }
    commit_all(&notes, &all.iter().collect::<Vec<_>>());
    notes.gave("consumer-1", &records);
    let verdict = rejects_under(&Rules::strict().isolated_writes(), &notes, Anomaly::WriteCycle, 2);
    let told: Vec<_> = verdict.findings(Anomaly::WriteCycle).iter().map(|finding| &*finding.what).collect();
    let told: Vec<_> = told.into_iter().map(|what| what.split(':').next().unwrap()).collect();
    assert_eq!(told, ["transactions 1 → 2 → 1", "transactions 3 → 4 → 3"]);
}

/// A long one is told in short.
#[test]
fn a_long_circle_is_cut() {
    let notes = Notes::default();
    let all: Vec<Transaction> = (0..20).map(|number| begin(&notes, &format!("producer-{number}"))).collect();
    let mut records = Vec::new();
    for number in 0..20_u64 {
        let name = format!("ring-{number}");
        notes.sent_to(&all[number as usize], &name, 2 * number, 0);
        notes.sent_to(&all[(number as usize + 1) % 20], &name, 2 * number + 1, 1);
        records.push((name, 2 * number));
    }
    commit_all(&notes, &all.iter().collect::<Vec<_>>());
    for (name, value) in &records {
        notes.gave("consumer-1", &[(name, 0, *value), (name, 1, value + 1)]);
    }
    let verdict = rejects_under(&Rules::strict().isolated_writes(), &notes, Anomaly::WriteCycle, 1);
    let finding = &verdict.findings(Anomaly::WriteCycle)[0];
    assert_eq!(
        finding.what,
        "transactions 0 → 1 → 2 → 3 → 4 → 5 → 6 → 7 → … → 0: 20 of them, each after the one before it"
    );
    assert_eq!(finding.steps.len(), 8);
}

/// A write cycle and a circle of reads that touch in one transaction are those two, and no third.
#[test]
fn circles_that_touch_are_no_mixed_one() {
    let notes = Notes::default();
    let all: Vec<Transaction> = (0..3).map(|number| begin(&notes, &format!("worker-{number}"))).collect();
    for (partition, first, second, value) in [("a", 0, 1, 10), ("b", 1, 0, 20)] {
        notes.sent_to(&all[first], partition, value, 0);
        notes.sent_to(&all[second], partition, value + 1, 1);
    }
    notes.sent_to(&all[1], "c", 30, 0);
    notes.sent_to(&all[2], "d", 40, 0);
    worked_on(&notes, &all[1], "d", 0, 40);
    worked_on(&notes, &all[2], "c", 0, 30);
    commit_all(&notes, &all.iter().collect::<Vec<_>>());
    notes.gave("consumer-1", &[("a", 0, 10), ("a", 1, 11), ("b", 0, 20), ("b", 1, 21)]);
    let verdict = check(&notes.history(), &Rules::strict());
    assert_eq!(found(&verdict), [Anomaly::WriteCycle, Anomaly::CircularFlow], "{verdict}");
}
