//! The partitioners by name.

use std::fmt;
use std::str::FromStr;

use super::{ByKey, DefaultPartitioner, Partitioner, RoundRobin, Sticky, StickyByBytes};

/// A partitioner that comes with the producer (`partitioner.class`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartitionerKind {
    /// [`DefaultPartitioner`].
    #[default]
    Default,
    /// [`ByKey`].
    Key,
    /// [`RoundRobin`].
    RoundRobin,
    /// [`Sticky`].
    Sticky,
    /// [`StickyByBytes`]: the default with `partitioner.ignore.keys=true`.
    StickyByBytes,
}

impl PartitionerKind {
    /// All of them.
    pub const ALL: [PartitionerKind; 5] = [
        PartitionerKind::Default,
        PartitionerKind::Key,
        PartitionerKind::RoundRobin,
        PartitionerKind::Sticky,
        PartitionerKind::StickyByBytes,
    ];

    /// Its name on a command line.
    pub fn name(self) -> &'static str {
        match self {
            PartitionerKind::Default => "default",
            PartitionerKind::Key => "key",
            PartitionerKind::RoundRobin => "round-robin",
            PartitionerKind::Sticky => "sticky",
            PartitionerKind::StickyByBytes => "sticky-by-bytes",
        }
    }

    /// A partitioner for one topic. `batch_size` is `batch.size` and `adaptive` is
    /// `partitioner.adaptive.partitioning.enable`; only those that stick by bytes look at them.
    pub fn make(self, batch_size: usize, adaptive: bool, random: fastrand::Rng) -> Box<dyn Partitioner> {
        match self {
            PartitionerKind::Default => {
                Box::new(DefaultPartitioner::new(StickyByBytes::new(batch_size, adaptive, random)))
            }
            PartitionerKind::Key => Box::new(ByKey),
            PartitionerKind::RoundRobin => Box::new(RoundRobin::new()),
            PartitionerKind::Sticky => Box::new(Sticky::new(random)),
            PartitionerKind::StickyByBytes => Box::new(StickyByBytes::new(batch_size, adaptive, random)),
        }
    }
}

impl fmt::Display for PartitionerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for PartitionerKind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|kind| kind.name() == name);
        known.ok_or_else(|| {
            format!("there is no partitioner `{name}`: use default, key, round-robin, sticky or sticky-by-bytes")
        })
    }
}
