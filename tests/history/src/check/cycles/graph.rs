//! The graph of what comes after what.

use std::collections::BTreeMap;

use crate::facts::{Facts, Sighting};
use crate::operation::{Kind, TransactionId, Value};

use super::inputs::{self, Input};

/// Why one transaction comes after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Write,
    Read,
    Order,
}

/// A set of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Classes(u8);

impl Classes {
    pub(super) const NONE: Classes = Classes(0);

    pub(super) fn of<const N: usize>(classes: [Class; N]) -> Self {
        classes.into_iter().fold(Classes::NONE, |all, class| Classes(all.0 | 1 << class as u8))
    }

    pub(super) fn and(self, other: Classes) -> Self {
        Classes(self.0 | other.0)
    }

    pub(super) fn of_those(self, other: Classes) -> Self {
        Classes(self.0 & other.0)
    }

    pub(super) fn contains(self, class: Class) -> bool {
        self.0 & 1 << class as u8 != 0
    }

    /// A number below 8, another one for each set.
    pub(super) fn number(self) -> usize {
        usize::from(self.0)
    }
}

/// To another node. The arrow itself is from a transaction to another, and may lead through gates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) to: usize,
    pub(super) class: Class,
    /// Which of the lines it is on. Reads are on none, and say 0.
    pub(super) line: usize,
}

/// An arrow, by the nodes of its transactions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) class: Class,
    pub(super) line: usize,
}

/// Where a transaction begins or ends on a line: a record of a partition, or a moment of a process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// The record's offset, or the time.
    pub(super) place: u64,
    /// The record's value; of a moment 0.
    pub(super) value: Value,
    /// The operations that say so; the same twice, if it is one.
    pub(super) operations: [usize; 2],
}

/// From the first record to the last, or from the beginning to the decision.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: Mark,
    last: Mark,
}

/// What puts transactions in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Line<'h> {
    Partition(&'h str),
    Process(&'h str),
}

/// An arrow's reason, with all that is needed to say it.
pub(super) enum Because<'g, 'h> {
    Wrote { partition: &'h str, behind: Mark, ahead: Mark },
    Read(&'g Input<'h>),
    Order { process: &'h str, behind: Mark, ahead: Mark },
}

/// Nodes are numbers: first the transactions, then the gates.
pub(super) struct Graph<'h> {
    /// The transactions of the first nodes, ascending.
    pub(super) ids: Vec<TransactionId>,
    pub(super) edges: Vec<Vec<Edge>>,
    lines: Vec<Line<'h>>,
    /// By line and transaction.
    spans: BTreeMap<(usize, usize), Span>,
    /// By writer and reader, the first record that was read.
    reads: BTreeMap<(usize, usize), Input<'h>>,
}

impl<'h> Graph<'h> {
    pub(super) fn of(facts: &Facts<'h>, orders_processes: bool) -> Self {
        let committed = facts.transactions.iter().filter(|(_, transaction)| transaction.committed());
        let ids: Vec<TransactionId> = committed.map(|(id, _)| *id).collect();
        let edges = vec![Vec::new(); ids.len()];
        let mut graph = Graph { ids, edges, lines: Vec::new(), spans: BTreeMap::new(), reads: BTreeMap::new() };
        let mut lines = graph.partitions(facts);
        if orders_processes {
            lines.extend(graph.processes(facts));
        }
        lines.into_iter().for_each(|(line, spans)| graph.put_in_order(line, spans));
        for (reader, input) in inputs::of(facts) {
            graph.read(facts, reader, input);
        }
        graph
    }

    /// Whether a node is a transaction, and no gate.
    pub(super) fn is_transaction(&self, node: usize) -> bool {
        node < self.ids.len()
    }

    pub(super) fn because(&self, link: &Link) -> Because<'_, 'h> {
        if link.class == Class::Read {
            return Because::Read(&self.reads[&(link.from, link.to)]);
        }
        let behind = self.spans[&(link.line, link.from)].last;
        let ahead = self.spans[&(link.line, link.to)].first;
        match self.lines[link.line] {
            Line::Partition(partition) => Because::Wrote { partition, behind, ahead },
            Line::Process(process) => Because::Order { process, behind, ahead },
        }
    }

    fn node(&self, id: TransactionId) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }

    /// Of each partition from where to where each transaction wrote.
    fn partitions(&self, facts: &Facts<'h>) -> BTreeMap<Line<'h>, BTreeMap<usize, Span>> {
        let mut lines: BTreeMap<_, BTreeMap<usize, Span>> = BTreeMap::new();
        for send in facts.sends.values().filter(|send| send.standing.may_be_read()) {
            let Some(node) = send.transaction.and_then(|id| self.node(id)) else { continue };
            let Some(Sighting { offset, at, .. }) = facts.sole_place(send) else { continue };
            let place = u64::try_from(offset).expect("a history without mistakes has no negative offsets");
            let mark = Mark { place, value: send.value, operations: [send.at, at] };
            let line = lines.entry(Line::Partition(send.partition)).or_default();
            let span = line.entry(node).or_insert(Span { first: mark, last: mark });
            if mark.place < span.first.place {
                span.first = mark;
            }
            if mark.place > span.last.place {
                span.last = mark;
            }
        }
        lines
    }

    /// Of each process from when to when each of its transactions lasted.
    fn processes(&self, facts: &Facts<'h>) -> BTreeMap<Line<'h>, BTreeMap<usize, Span>> {
        let mut lines: BTreeMap<_, BTreeMap<usize, Span>> = BTreeMap::new();
        for (at, operation) in facts.operations.iter().enumerate() {
            let Kind::Begin { transaction } = operation.kind else { continue };
            let Some(node) = self.node(transaction) else { continue };
            let moment = |place, at| Mark { place, value: 0, operations: [at, at] };
            let decided = facts.transactions[&transaction].answered();
            // Nothing comes after what nobody knows to be decided.
            let last = decided.and_then(|at| Some(moment(facts.operations[at].ended?, at)));
            let first = moment(operation.began, at);
            let span = Span { first, last: last.unwrap_or(moment(u64::MAX, at)) };
            lines.entry(Line::Process(&operation.process)).or_default().insert(node, span);
        }
        lines
    }

    /// Adds a line's chain of gates, one for each transaction on it.
    fn put_in_order(&mut self, line: Line<'h>, spans: BTreeMap<usize, Span>) {
        let class = match line {
            Line::Partition(_) => Class::Write,
            Line::Process(_) => Class::Order,
        };
        let number = self.lines.len();
        self.lines.push(line);
        let edge = |to| Edge { to, class, line: number };
        let mut order: Vec<(u64, usize)> = spans.iter().map(|(node, span)| (span.first.place, *node)).collect();
        order.sort_unstable();
        let gates = self.edges.len();
        for (at, &(_, node)) in order.iter().enumerate() {
            let next = (at + 1 < order.len()).then(|| edge(gates + at + 1));
            self.edges.push([edge(node)].into_iter().chain(next).collect());
        }
        for (node, span) in spans {
            let behind = order.partition_point(|&(first, _)| first <= span.last.place);
            if behind < order.len() {
                self.edges[node].push(edge(gates + behind));
            }
            self.spans.insert((number, node), span);
        }
    }

    fn read(&mut self, facts: &Facts<'h>, reader: TransactionId, input: Input<'h>) {
        let writer = facts.send(input.partition, input.value).and_then(|send| send.transaction);
        let (Some(from), Some(to)) = (writer.and_then(|id| self.node(id)), self.node(reader)) else { return };
        if from != to && self.reads.insert((from, to), input).is_none() {
            self.edges[from].push(Edge { to, class: Class::Read, line: 0 });
        }
    }
}
