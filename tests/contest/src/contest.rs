//! One contest: entrants that do the same work by turns.

use crate::{Outcome, Spread, Stopwatch};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
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
///
/// ```
/// use contest::{Contest, Unit, report};
///
/// let numbers: Vec<u64> = (0..1000).collect();
/// let finding = Contest::new("sum", "add up a thousand numbers", Unit::Bytes)
///     .entrant("with a fold", |watch| {
///         watch.time(|| std::hint::black_box(numbers.iter().sum::<u64>()));
///         Ok(8_000)
///     })
///     .entrant("one by one, from a copy", |watch| {
///         let copy = numbers.clone();
///         watch.time(|| std::hint::black_box(copy.into_iter().sum::<u64>()));
///         Ok(8_000)
///     })
///     .hold(3)?;
/// assert_eq!(finding.lines[0].ratio.median, 1.0);
/// assert!(report::markdown(&[finding]).contains("**add up a thousand numbers** (3 rounds)"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Contest<'a> {
    name: &'static str,
    title: String,
    unit: Unit,
    goal: Option<f64>,
    entrants: Vec<(String, Round<'a>)>,
}

impl<'a> Contest<'a> {
    /// A contest without entrants. `name` is short, for a table's head; the title says what is done.
    pub fn new(name: &'static str, title: impl Into<String>, unit: Unit) -> Self {
        Contest { name, title: title.into(), unit, goal: None, entrants: Vec::new() }
    }

    /// The second entrant should reach this share of the first one's speed.
    pub fn goal(mut self, ratio: f64) -> Self {
        self.goal = Some(ratio);
        self
    }

    /// Adds an entrant. The first is the measure of the others. A round does the work, times what counts of it, and gives how
    /// many units that was.
    pub fn entrant(mut self, name: impl Into<String>, round: impl FnMut(&mut Stopwatch) -> Outcome<u64> + 'a) -> Self {
        self.entrants.push((name.into(), Box::new(round)));
        self
    }

    /// Holds the contest: each entrant in turn, so many times.
    ///
    /// # Errors
    ///
    /// The first that an entrant gives; or that there were no entrants or no rounds.
    pub fn hold(mut self, rounds: usize) -> Outcome<Finding> {
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
        let lines: Vec<_> = lines.collect::<Option<_>>().ok_or("a contest has at least one round")?;
        if lines.is_empty() {
            return Err("a contest has at least one entrant".into());
        }
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
pub struct Finding {
    /// One word.
    pub name: &'static str,
    /// What was done.
    pub title: String,
    /// What was counted.
    pub unit: Unit,
    /// The share of the first entrant's speed that the second should reach.
    pub goal: Option<f64>,
    /// How many there were.
    pub rounds: usize,
    /// One for each entrant, in their order.
    pub lines: Vec<Line>,
}

/// What came out for one entrant.
#[derive(Debug)]
pub struct Line {
    /// What it does.
    pub name: String,
    /// Units a second.
    pub rate: Spread,
    /// The speed as a share of the first entrant's: the ratio of the medians, and the lowest and highest of a round.
    pub ratio: Spread,
    /// CPU seconds a unit; `None` where the system does not tell.
    pub cpu: Option<f64>,
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
