//! One contest: entrants that do the same work by turns.

use super::Outcome;
use super::measure::{Spread, Stopwatch};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Bytes, shown as MB a second.
    Bytes,
    /// Records a second.
    Records,
    /// Lookups a second.
    Lookups,
}

/// A round: does the work, times what counts, and gives how many units that was.
type Round<'a> = Box<dyn FnMut(&mut Stopwatch) -> Outcome<u64> + 'a>;

/// A contest in preparation.
pub(super) struct Contest<'a> {
    name: &'static str,
    title: &'static str,
    unit: Unit,
    goal: Option<f64>,
    entrants: Vec<(String, Round<'a>)>,
}

impl<'a> Contest<'a> {
    pub(super) fn new(name: &'static str, title: &'static str, unit: Unit) -> Self {
        Contest { name, title, unit, goal: None, entrants: Vec::new() }
    }

    /// The second entrant should reach this share of the first one's speed.
    pub(super) fn goal(mut self, ratio: f64) -> Self {
        self.goal = Some(ratio);
        self
    }

    /// Adds an entrant. The first is the measure of the others.
    pub(super) fn entrant(
        mut self,
        name: impl Into<String>,
        round: impl FnMut(&mut Stopwatch) -> Outcome<u64> + 'a,
    ) -> Self {
        self.entrants.push((name.into(), Box::new(round)));
        self
    }

    /// Holds the contest.
    pub(super) fn hold(mut self, rounds: usize) -> Outcome<Finding> {
        let mut readings: Vec<Vec<Reading>> = self.entrants.iter().map(|_| Vec::new()).collect();
        for _ in 0..rounds {
            for ((_, round), readings) in self.entrants.iter_mut().zip(&mut readings) {
                let mut watch = Stopwatch::default();
                let units = round(&mut watch)? as f64;
                let cpu = watch.cpu().map(|cpu| cpu.as_secs_f64() / units);
                readings.push(Reading { rate: units / watch.wall().as_secs_f64().max(f64::EPSILON), cpu });
            }
        }
        let lines = self.entrants.iter().zip(&readings).map(|((name, _), own)| Line::of(name, own, &readings[0]));
        let Contest { name, title, unit, goal, .. } = self;
        let lines = lines.collect::<Option<_>>().ok_or("a contest has at least one round")?;
        Ok(Finding { name, title, unit, goal, rounds, lines })
    }
}

struct Reading {
    /// Units a second.
    rate: f64,
    /// CPU seconds a unit.
    cpu: Option<f64>,
}

/// What came out of a contest.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) unit: Unit,
    pub(crate) goal: Option<f64>,
    pub(crate) rounds: usize,
    pub(crate) lines: Vec<Line>,
}

/// What came out for one entrant.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    /// Units a second.
    pub(crate) rate: Spread,
    /// The speed as a share of the first entrant's: the ratio of the medians, and the lowest and highest of a round.
    pub(crate) ratio: Spread,
    /// CPU seconds a unit; `None` where the system does not tell.
    pub(crate) cpu: Option<f64>,
}

impl Line {
    fn of(name: &str, own: &[Reading], first: &[Reading]) -> Option<Self> {
        let rates = |readings: &[Reading]| Spread::of(readings.iter().map(|reading| reading.rate).collect());
        let (rate, first_rate) = (rates(own)?, rates(first)?);
        let by_round = Spread::of(own.iter().zip(first).map(|(own, first)| own.rate / first.rate).collect())?;
        let median = rate.median / first_rate.median;
        // The ratio of two medians may lie outside the rounds' ratios, as the medians may be of two different rounds.
        let ratio = Spread { low: by_round.low.min(median), median, high: by_round.high.max(median) };
        let cpu = own.iter().map(|reading| reading.cpu).collect::<Option<Vec<_>>>();
        let cpu = cpu.and_then(Spread::of).map(|cpu| cpu.median);
        Some(Line { name: name.to_owned(), rate, ratio, cpu })
    }
}
