//! The shortest cycle of each knot.
//!
//! From a transaction breadth first until it is reached again. An arrow counts one, however many gates it leads through. A mixed
//! cycle must have an arrow of each of two classes, so the search goes over pairs of a node and the classes seen so far.
//!
//! # How much is searched
//!
//! To be sure of the shortest, one must begin at each transaction of the knot, which takes the square of its size. So it is begun at
//! [`STARTS`] of them. In a knot of no more the cycle is the shortest; in a larger one it is the shortest that goes through one
//! of those. The knot is told in any case.
//!
//! A mixed walk may go twice through one transaction, and then falls into several cycles, perhaps a write cycle and a
//! circular flow that touch. If none of them is mixed, it is left to those to be told.

use std::collections::{BTreeMap, VecDeque};

use super::graph::{Class, Classes, Graph, Link};
use super::knots::Knots;

/// In how many transactions of a knot a search begins.
const STARTS: usize = 64;

/// A way to a node, by which classes of those that there must be.
#[derive(Debug, Clone, Copy)]
struct State {
    /// In which search it was written. In another it says nothing.
    search: usize,
    arrows: usize,
    before: usize,
    class: Class,
    line: usize,
}

struct Search<'g, 'h> {
    graph: &'g Graph<'h>,
    knots: &'g Knots,
    must: Classes,
    /// By node and set of classes.
    states: Vec<State>,
    searches: usize,
}

/// How many sets of the classes that there may have to be.
const SETS: usize = 4;

/// Of each knot the shortest cycle that has an arrow of each class of `must`. It begins at its first transaction.
pub(super) fn shortest_cycles(graph: &Graph<'_>, knots: &Knots, must: Classes) -> Vec<Vec<Link>> {
    if knots.transactions.is_empty() {
        return Vec::new();
    }
    let never = State { search: 0, arrows: 0, before: 0, class: Class::Read, line: 0 };
    let states = vec![never; graph.edges.len() * SETS];
    let mut search = Search { graph, knots, must, states, searches: 0 };
    let inside = knots.inside(graph);
    let has_all = |knot: &&Vec<usize>| inside[knots.of[knot[0]]].of_those(must) == must;
    let cycles = knots.transactions.iter().filter(has_all).filter_map(|knot| search.shortest(knot));
    cycles.map(from_its_first).collect()
}

fn from_its_first(mut cycle: Vec<Link>) -> Vec<Link> {
    let first = (0..cycle.len()).min_by_key(|&at| cycle[at].from).unwrap_or(0);
    cycle.rotate_left(first);
    cycle
}

impl Search<'_, '_> {
    fn shortest(&mut self, knot: &[usize]) -> Option<Vec<Link>> {
        let mut best: Option<Vec<Link>> = None;
        for &start in knot.iter().take(STARTS) {
            let most = best.as_ref().map_or(usize::MAX, |best| best.len() - 1);
            if most < 2 {
                break;
            }
            let walk = self.around(start, most);
            best = walk.and_then(|walk| simple(&walk, self.must)).or(best);
        }
        best
    }

    /// The shortest walk from a transaction to itself with no more arrows than this.
    fn around(&mut self, start: usize, most: usize) -> Option<Vec<Link>> {
        self.searches += 1;
        let (begin, goal) = (start * SETS, start * SETS + self.must.number());
        let mut queue = VecDeque::from([(begin, 0)]);
        self.states[begin] = State { search: self.searches, arrows: 0, before: begin, class: Class::Read, line: 0 };
        while let Some((state, arrows)) = queue.pop_front() {
            if state == goal {
                return Some(self.walk_to(goal, begin));
            }
            let node = state / SETS;
            // What has been reached by a shorter way meanwhile, and what comes back too early, leads nowhere.
            if self.states[state].arrows < arrows || (node == start && state != begin) {
                continue;
            }
            let next = arrows + usize::from(self.graph.is_transaction(node));
            if next > most {
                continue;
            }
            for edge in 0..self.graph.edges[node].len() {
                if let Some(reached) = self.step(state, edge, next) {
                    if next == arrows { queue.push_front((reached, next)) } else { queue.push_back((reached, next)) }
                }
            }
        }
        None
    }

    /// Goes along an edge, if that is a way that is shorter than any before.
    fn step(&mut self, state: usize, edge: usize, arrows: usize) -> Option<usize> {
        let (node, seen) = (state / SETS, state % SETS);
        let edge = self.graph.edges[node][edge];
        if !self.knots.classes.contains(edge.class) || self.knots.of[edge.to] != self.knots.of[node] {
            return None;
        }
        let reached = edge.to * SETS + (seen | Classes::of([edge.class]).of_those(self.must).number());
        let known = self.states[reached];
        if known.search == self.searches && known.arrows <= arrows {
            return None;
        }
        self.states[reached] =
            State { search: self.searches, arrows, before: state, class: edge.class, line: edge.line };
        Some(reached)
    }

    fn walk_to(&self, goal: usize, begin: usize) -> Vec<Link> {
        let (mut links, mut state, mut to) = (Vec::new(), goal, goal / SETS);
        while state != begin {
            let State { before, class, line, .. } = self.states[state];
            let from = before / SETS;
            if self.graph.is_transaction(from) {
                links.push(Link { from, to, class, line });
                to = from;
            }
            state = before;
        }
        links.reverse();
        links
    }
}

/// The first cycle of a walk that goes through no transaction twice, and has an arrow of each class of `must`.
fn simple(walk: &[Link], must: Classes) -> Option<Vec<Link>> {
    let (mut path, mut places): (Vec<Link>, BTreeMap<usize, usize>) = (Vec::new(), BTreeMap::new());
    for link in walk {
        places.insert(link.from, path.len());
        path.push(*link);
        let Some(&start) = places.get(&link.to) else { continue };
        let cycle = path.split_off(start);
        let has = cycle.iter().fold(Classes::NONE, |has, link| has.and(Classes::of([link.class])));
        if has.of_those(must) == must {
            return Some(cycle);
        }
        for link in &cycle {
            places.remove(&link.from);
        }
    }
    None
}
