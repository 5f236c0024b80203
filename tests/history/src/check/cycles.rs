//! Transactions come one after the other: **write cycle** (Adya's G0), **mixed cycle** and **circular information flow** (G1c).
//!
//! No single record shows these. They are about what follows what. `T1 → T2`, T2 comes after T1, for one of three reasons:
//!
//! | edge | T2 comes after T1, because |
//! |---|---|
//! | write | in some partition all of T2 stands behind all of T1 |
//! | read | T2 worked on a record that T1 wrote |
//! | order | one process began T2 when T1 was decided; only where [`Rules::process_order`] says so |
//!
//! (A. Adya, B. Liskov, P. O'Neil: Generalized Isolation Level Definitions, 2000.)
//!
//! If the arrows lead in a circle, each of its transactions comes after itself, and there is no order in which they
//! can have happened one at a time.
//!
//! ```text
//!   orders-0   ── a(T1) ── b(T2) ──▶            T1 → T2
//!   orders-1   ── c(T2) ── d(T1) ──▶            T2 → T1       a write cycle: which was first?
//! ```
//!
//! # What is a node, what is an edge
//!
//! - Nodes are committed transactions, those in doubt of which somebody read among them. What was aborted never happened.
//! - Where two transactions lie in one another within one partition, Adya has an edge each way, and so a circle. Here that is a
//!   send skip, which has its name already, and gives no edge. A circle in his sense has a send skip or is a circle here.
//! - A record has a place if all that saw it agree on it, and saw nothing else there. Of other records the order is not
//!   known, and gives no edge.
//! - A transaction worked on what its polls gave, and on what its [`Kind::Consume`](crate::Kind::Consume) took, as long as that was
//!   before it asked for its commit.
//!
//! # Which of them Kafka allows
//!
//! A write cycle, as it isolates no writes. So it also allows a circle of writes and reads: T1 writes, T2 writes behind it,
//! and commits, and then T1, which is still open, reads what T2 wrote. But a circle of reads alone cannot be: a transaction is read
//! when it has asked for its commit, and asks for its commit when it has read. Along such a circle each would have asked before
//! the next one. So one of its reads came too early, and that one is told as a precommitted read too. The circle is told besides,
//! for it is what came of it: transactions that each decided on what was not decided.
//!
//! # How it is found
//!
//! One cycle is told for each *knot* (a strongly connected component): the shortest. All that a partition says of its
//! transactions' order could be an arrow for each pair of them. Instead each partition has a chain of gates, and
//! a transaction leads to the first gate behind its last record, and each gate to the transaction that begins there and to
//! the next gate. So arrows are as many as records, and knots are found in that time.

mod graph;
mod inputs;
mod knots;
mod walk;

use crate::anomaly::Anomaly;
use crate::facts::Facts;
use crate::rules::Rules;
use crate::verdict::{Clue, Findings};

use graph::{Because, Class, Classes, Graph, Link};

/// How many steps of a cycle are shown.
const SHOWN: usize = 8;

pub(super) fn check(facts: &Facts<'_>, rules: &Rules, findings: &mut Findings<'_>) {
    let graph = Graph::of(facts, rules.orders_processes());
    let (write, read) = (Classes::of([Class::Write]), Classes::of([Class::Read]));
    let both = write.and(read);
    for (anomaly, must) in [(Anomaly::WriteCycle, write), (Anomaly::MixedCycle, both), (Anomaly::CircularFlow, read)] {
        let knots = knots::of(&graph, must.and(Classes::of([Class::Order])));
        for cycle in walk::shortest_cycles(&graph, &knots, must) {
            findings.add(anomaly, || clue(facts, &graph, &cycle));
        }
    }
}

fn clue<'h>(facts: &Facts<'h>, graph: &Graph<'h>, cycle: &[Link]) -> Clue<'h> {
    let names: Vec<String> = cycle.iter().map(|link| graph.ids[link.from].to_string()).collect();
    let (circle, after) = match cycle.len() {
        0..=SHOWN => (names.join(" → "), "each comes after the one before it, and so after itself".to_owned()),
        number => (names[..SHOWN].join(" → ") + " → …", format!("{number} of them, each after the one before it")),
    };
    let mut clue = Clue {
        partitions: Vec::new(),
        offsets: Vec::new(),
        values: Vec::new(),
        operations: Vec::new(),
        what: format!("transactions {circle} → {}: {after}", names[0]),
        steps: Vec::new(),
    };
    for link in cycle.iter().take(SHOWN) {
        let (from, to) = (graph.ids[link.from], graph.ids[link.to]);
        let why = match graph.because(link) {
            Because::Wrote { partition, behind, ahead } => {
                clue.partitions.push(partition);
                clue.values.extend([behind.value, ahead.value]);
                clue.operations.extend(behind.operations.into_iter().chain(ahead.operations));
                let [later, earlier] = [ahead, behind].map(|mark| format!("{} at offset {}", mark.value, mark.place));
                format!("transaction {to} wrote {later} to {partition}, behind {earlier} of transaction {from}")
            }
            Because::Read(input) => {
                clue.partitions.push(input.partition);
                clue.values.push(input.value);
                clue.operations.extend([facts.sends[&input.value].at, input.poll].into_iter().chain(input.taken));
                let (value, partition) = (input.value, input.partition);
                format!("transaction {to} worked on {value} of {partition}, which transaction {from} wrote")
            }
            Because::Order { process, behind, ahead } => {
                clue.operations.extend(behind.operations.into_iter().chain(ahead.operations));
                format!("{process} began transaction {to} when its transaction {from} was decided")
            }
        };
        clue.steps.push(format!("{from} → {to}  {why}"));
        clue.operations.extend(facts.transactions[&from].told());
    }
    clue
}
