//! Chance, from one number.
//!
//! Everything that is left to chance in a run comes from its seed, so that a run can be repeated. Each part of a run draws
//! from a source of its own, which is made from the seed and the part's name: then a draw more in one part leaves all
//! others as they were, and a seed that has shown a fault goes on to show it.

use std::time::Duration;

use fastrand::Rng;

/// A source of chance. See the [module](self).
#[derive(Debug, Clone)]
pub struct Draw(Rng);

impl Draw {
    /// The source of one part of the run `seed`.
    pub fn new(seed: u64, part: &str) -> Self {
        // FNV-1a: names that differ in a letter give sources that have nothing in common.
        let name = part
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Draw(Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ name))
    }

    /// A number from `least` to `most`, both included.
    pub fn from_to(&mut self, least: u64, most: u64) -> u64 {
        self.0.u64(least..=most)
    }

    /// A time from `least` to `most`, both included, in whole milliseconds.
    pub fn time(&mut self, least: Duration, most: Duration) -> Duration {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.from_to(millis(least), millis(most)))
    }

    /// Whether something happens that happens in so many of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.0.u64(0..100) < percent
    }

    /// One of these.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.0.usize(0..all.len())].clone()
    }

    /// The same things in another order.
    pub fn shuffled<T>(&mut self, mut all: Vec<T>) -> Vec<T> {
        self.0.shuffle(&mut all);
        all
    }

    /// A number, for whoever wants a source of its own.
    pub fn seed(&mut self) -> u64 {
        self.0.u64(..)
    }
}
