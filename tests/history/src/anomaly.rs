//! The names of what can be wrong. The [crate's essay](crate) draws each of them.

use std::fmt;

/// A way in which a run can break a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Anomaly {
    /// One offset of a partition, two values.
    InconsistentOffset,
    /// One value at several offsets of its partition.
    Duplicate,
    /// Acknowledged, and read by nobody, though somebody read what lies behind it.
    LostWrite,
    /// Acknowledged, and read by nobody, though the partition was read to its end.
    Unseen,
    /// A value was read that nobody had sent there.
    Phantom,
    /// A value was read whose send had certainly failed.
    FailedRead,
    /// A value was read that a fenced producer sent: a zombie's write.
    FencedRead,
    /// A value was read whose transaction was aborted. Adya's G1a.
    AbortedRead,
    /// A value was read before anybody had asked to commit its transaction.
    PrecommittedRead,
    /// A part of a committed transaction was read, and another part is not there, or was passed.
    TornTransaction,
    /// A consumer went on and left out a record.
    PollSkip,
    /// A consumer went back.
    NonmonotonicPoll,
    /// What a producer sent first was put behind what it sent next.
    NonmonotonicSend,
    /// Something stands between two records that one transaction sent one after the other. Kafka allows that.
    SendSkip,
    /// Transactions in a circle, each of which wrote behind the one before it. Adya's G0. Kafka allows that.
    WriteCycle,
    /// Transactions in a circle, each of which wrote behind the one before it, or read of it; and both occur. Those of
    /// Adya's G1c that Kafka allows.
    MixedCycle,
    /// Transactions in a circle, each of which read what the one before it wrote. Adya's G1c of reads alone.
    CircularFlow,
}

impl Anomaly {
    /// All of them, in the order of reports.
    pub const ALL: [Anomaly; 17] = [
        Anomaly::InconsistentOffset,
        Anomaly::Duplicate,
        Anomaly::LostWrite,
        Anomaly::Unseen,
        Anomaly::Phantom,
        Anomaly::FailedRead,
        Anomaly::FencedRead,
        Anomaly::AbortedRead,
        Anomaly::PrecommittedRead,
        Anomaly::TornTransaction,
        Anomaly::PollSkip,
        Anomaly::NonmonotonicPoll,
        Anomaly::NonmonotonicSend,
        Anomaly::SendSkip,
        Anomaly::WriteCycle,
        Anomaly::MixedCycle,
        Anomaly::CircularFlow,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Anomaly::InconsistentOffset => "inconsistent offset",
            Anomaly::Duplicate => "duplicate",
            Anomaly::LostWrite => "lost write",
            Anomaly::Unseen => "unseen",
            Anomaly::Phantom => "phantom",
            Anomaly::FailedRead => "read of a failed write",
            Anomaly::FencedRead => "read of a fenced write",
            Anomaly::AbortedRead => "aborted read",
            Anomaly::PrecommittedRead => "precommitted read",
            Anomaly::TornTransaction => "torn transaction",
            Anomaly::PollSkip => "poll skip",
            Anomaly::NonmonotonicPoll => "nonmonotonic poll",
            Anomaly::NonmonotonicSend => "nonmonotonic send",
            Anomaly::SendSkip => "send skip",
            Anomaly::WriteCycle => "write cycle",
            Anomaly::MixedCycle => "mixed cycle",
            Anomaly::CircularFlow => "circular information flow",
        }
    }

    /// What it means, in half a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Anomaly::InconsistentOffset => "one offset, several values",
            Anomaly::Duplicate => "one value, several offsets",
            Anomaly::LostWrite => "acknowledged and never read, though somebody read past it",
            Anomaly::Unseen => "acknowledged and never read, though the partition was read to its end",
            Anomaly::Phantom => "read, and nobody had sent it there",
            Anomaly::FailedRead => "read, though its send had certainly failed",
            Anomaly::FencedRead => "read, though its producer was fenced",
            Anomaly::AbortedRead => "read, though its transaction was aborted",
            Anomaly::PrecommittedRead => "read before anybody had asked for the commit",
            Anomaly::TornTransaction => "a part of a transaction was read, and the rest is missing",
            Anomaly::PollSkip => "a consumer went on and left out a record",
            Anomaly::NonmonotonicPoll => "a consumer went back without a seek or a new assignment",
            Anomaly::NonmonotonicSend => "one producer's records are not in the order in which it sent them",
            Anomaly::SendSkip => "something stands between the records of one transaction",
            Anomaly::WriteCycle => "transactions in a circle, each written behind the one before it",
            Anomaly::MixedCycle => "transactions in a circle, each written behind the one before it or a reader of it",
            Anomaly::CircularFlow => "transactions in a circle, each of which read what the one before it wrote",
        }
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
