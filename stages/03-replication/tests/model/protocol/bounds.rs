//! How far a search goes. Within these bounds it sees everything that can happen; beyond them, nothing.

/// See the [module](self).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Bounds {
    /// Brokers, each with a copy of the partition.
    pub replicas: i32,
    /// Records that clients write.
    pub records: u8,
    /// How often leadership changes.
    pub epochs: i32,
    /// How often the partition's record changes, leadership included.
    pub changes: i32,
    /// How often the controller takes a broker for dead.
    pub fences: u8,
    /// Whether it hears of the broker again at once, before anything else happens.
    pub brief: bool,
    /// Whether a leader learns who is alive from the metadata log, with all else, or at once.
    pub late_news: bool,
    /// How often a process dies.
    pub crashes: u8,
    /// Whether a process that dies takes with it what was not flushed: any suffix of its log, as nothing ever is.
    pub loses: bool,
    /// How often `replica.lag.time.max.ms` goes by.
    pub ticks: u8,
    /// Questions and answers that are under way at once between followers and leaders. A follower has one at the most with each
    /// leader.
    pub fetches: usize,
    /// The most records of an answer to a follower (`replica.fetch.max.bytes`).
    pub answer_records: usize,
    /// Wishes for others in sync that are under way at once to the controller, or answers to them.
    pub wishes: usize,
    /// `min.insync.replicas`.
    pub min_in_sync: usize,
}

impl Bounds {
    /// So many brokers and records, and so many changes of leadership, each because a broker was silent for a moment. Nobody
    /// comes back among those in sync, nobody dies, and two messages are under way at once.
    pub(crate) const fn new(replicas: i32, records: u8, epochs: u8) -> Self {
        Bounds {
            replicas,
            records,
            epochs: epochs as i32,
            changes: epochs as i32,
            fences: epochs,
            brief: true,
            late_news: false,
            crashes: 0,
            loses: false,
            ticks: 0,
            fetches: 2,
            answer_records: 1,
            wishes: 0,
            min_in_sync: 1,
        }
    }
}
