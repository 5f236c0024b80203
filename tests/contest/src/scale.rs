//! How much is done: all of it, or next to nothing.

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// Everything is divided by this.
    part: u64,
    most_rounds: usize,
}

impl Scale {
    /// What the figures are made with.
    pub const FULL: Scale = Scale { part: 1, most_rounds: usize::MAX };
    /// For tests: it shows that all of it works, and the figures mean nothing.
    pub const QUICK: Scale = Scale { part: 1024, most_rounds: 1 };

    /// This many bytes at full scale, and never fewer than 64 KiB.
    pub fn bytes(&self, full: u64) -> u64 {
        (full / self.part).max(64 << 10)
    }

    /// This many things at full scale, and never fewer than 10.
    pub fn count(&self, full: u64) -> u64 {
        (full / self.part).max(10)
    }

    /// Whether it is only looked whether all of it works.
    pub fn is_quick(&self) -> bool {
        self.part > 1
    }

    /// This many rounds at full scale.
    pub fn rounds(&self, full: usize) -> usize {
        full.min(self.most_rounds)
    }
}
