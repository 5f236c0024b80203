//! Knots: sets of nodes of which each can be reached from each other. Tarjan's algorithm, with a stack of its own, since a chain of
//! transactions can be as long as the run.

use super::graph::{Classes, Graph};

/// Which nodes are tied together by arrows of some classes.
pub(super) struct Knots {
    /// By node, the number of its knot.
    pub(super) of: Vec<usize>,
    /// The transactions of each knot of at least two, ascending, by the first of them.
    pub(super) transactions: Vec<Vec<usize>>,
    /// The classes.
    pub(super) classes: Classes,
}

/// In the order in which a node was found first. Nodes not found yet say [`NEW`].
const NEW: usize = usize::MAX;

struct Search<'g, 'h> {
    graph: &'g Graph<'h>,
    classes: Classes,
    found: Vec<usize>,
    /// The earliest found node that can be reached and is still open.
    low: Vec<usize>,
    open: Vec<usize>,
    /// Nodes that are gone through, each with the number of the edge that is next.
    path: Vec<(usize, usize)>,
    number: usize,
    knots: Vec<usize>,
    closed: usize,
}

pub(super) fn of(graph: &Graph<'_>, classes: Classes) -> Knots {
    let nodes = graph.edges.len();
    let (path, open) = (Vec::new(), Vec::new());
    let (found, low, knots) = (vec![NEW; nodes], vec![0; nodes], vec![NEW; nodes]);
    let mut search = Search { graph, classes, found, low, open, path, number: 0, knots, closed: 0 };
    for node in 0..nodes {
        if search.found[node] == NEW {
            search.from(node);
        }
    }
    let mut transactions = vec![Vec::new(); search.closed];
    (0..graph.ids.len()).for_each(|node| transactions[search.knots[node]].push(node));
    transactions.retain(|knot| knot.len() > 1);
    transactions.sort_unstable_by_key(|knot| knot[0]);
    Knots { of: search.knots, transactions, classes }
}

impl Knots {
    /// By the number of a knot, the classes of the arrows inside of it.
    pub(super) fn inside(&self, graph: &Graph<'_>) -> Vec<Classes> {
        let mut inside = vec![Classes::NONE; self.of.len()];
        for (node, edges) in graph.edges.iter().enumerate() {
            let knot = self.of[node];
            for edge in edges.iter().filter(|edge| self.of[edge.to] == knot) {
                inside[knot] = inside[knot].and(Classes::of([edge.class]));
            }
        }
        inside
    }
}

impl Search<'_, '_> {
    fn from(&mut self, node: usize) {
        self.enter(node);
        while let Some((node, edge)) = self.path.last_mut() {
            let (node, at) = (*node, *edge);
            *edge += 1;
            let Some(edge) = self.graph.edges[node].get(at) else {
                self.path.pop();
                self.leave(node);
                continue;
            };
            if !self.classes.contains(edge.class) {
                continue;
            }
            if self.found[edge.to] == NEW {
                self.enter(edge.to);
            } else if self.knots[edge.to] == NEW {
                self.low[node] = self.low[node].min(self.found[edge.to]);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        (self.found[node], self.low[node]) = (self.number, self.number);
        self.number += 1;
        self.open.push(node);
        self.path.push((node, 0));
    }

    fn leave(&mut self, node: usize) {
        if self.low[node] == self.found[node] {
            while let Some(tied) = self.open.pop() {
                self.knots[tied] = self.closed;
                if tied == node {
                    break;
                }
            }
            self.closed += 1;
        }
        if let Some(&(above, _)) = self.path.last() {
            self.low[above] = self.low[above].min(self.low[node]);
        }
    }
}
