//! Where a consumer stands in a partition: a state machine without a network.
//!
//! A *position* is the offset of the record that the application gets next. It belongs to the consumer. The broker keeps
//! none: each fetch names its offset, and so a consumer can go back, or ahead, or start again.
//!
//! ```text
//!               seek(Offset)                    seek(Beginning, End, Timestamp)
//!                    │                                        │
//!                    ▼            on_out_of_range             ▼
//!    advance ┌──── At(offset) ──────────────────────────▶ Awaiting(what) ◀── new, unless the policy is `none`
//!            └──────▶▲                                        │
//!                    └──────────────── on_found ──────────────┤
//!                                                             └──▶ Failed   the offset is not there, and the policy
//!                                                                           is `none`: only a seek leads out
//! ```
//!
//! A position that is not a number yet is looked up (`ListOffsets`) and becomes one. That happens when somebody asks for
//! the beginning, the end or a time. It also happens when the log does not hold the offset that was asked for: retention
//! has deleted it while the consumer was slow or away, or the topic is another than it was. What to do then is the policy
//! `auto.offset.reset`. It is a choice between two losses. `earliest` reads again what is left, and what was deleted is
//! missed silently. `latest` misses all up to now. `none` stops and leaves the choice to a person.

use std::fmt;
use std::str::FromStr;

use segment_log::{Offset, Timestamp};

/// Where to read from: what [`Consumer::seek`](super::Consumer::seek) takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// The first record that is left.
    Beginning,
    /// Behind the last record that can be read.
    End,
    /// This offset.
    Offset(Offset),
    /// The first record whose timestamp is at or after this one; the end, if there is none.
    Timestamp(Timestamp),
}

/// `auto.offset.reset`: where to read from if the position is not in the log, or if there is none. (Kafka also knows
/// `by_duration`, a time ago: KIP-1106.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AutoOffsetReset {
    /// From the log's start.
    Earliest,
    /// From its end.
    #[default]
    Latest,
    /// From nowhere: it is an error.
    None,
}

impl AutoOffsetReset {
    /// Its name in Kafka.
    pub fn name(self) -> &'static str {
        match self {
            AutoOffsetReset::Earliest => "earliest",
            AutoOffsetReset::Latest => "latest",
            AutoOffsetReset::None => "none",
        }
    }
}

impl fmt::Display for AutoOffsetReset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for AutoOffsetReset {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let all = [AutoOffsetReset::Earliest, AutoOffsetReset::Latest, AutoOffsetReset::None];
        let known = all.into_iter().find(|policy| policy.name() == name);
        known.ok_or_else(|| format!("auto.offset.reset is `{name}`, and it is earliest, latest or none"))
    }
}

/// What a broker says of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The first offset that can be read.
    pub start: Offset,
    /// Behind the last record that can be read: an offset from which a consumer may wait for more.
    pub end: Offset,
    /// The first record at or after the time that was asked for, if one was, and if there is such a record.
    pub by_time: Option<Offset>,
}

/// Why an offset must be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    /// The log's start is wanted.
    Beginning,
    /// Its end is wanted.
    End,
    /// The first record of a time is wanted.
    Timestamp(Timestamp),
    /// The log did not hold this offset.
    InsteadOf(Offset),
}

/// Why there is no position, and will be none without a seek.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// There never was one.
    NeverSet,
    /// The log does not hold it.
    OutOfRange {
        /// The offset that it was.
        asked: Offset,
        /// What the log holds.
        log: Found,
    },
}

/// A position, or what is in its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// An offset must be looked up first.
    Awaiting(Sought),
    /// The offset of the next record.
    At(Offset),
    /// The policy is `none`, and there is no position.
    Failed(Failure),
}

/// Where a consumer stands in one partition. See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    state: State,
    policy: AutoOffsetReset,
}

impl Cursor {
    /// A partition that nobody has looked for a place in: the policy says where to begin.
    pub fn new(policy: AutoOffsetReset) -> Self {
        let state = match policy {
            AutoOffsetReset::Earliest => State::Awaiting(Sought::Beginning),
            AutoOffsetReset::Latest => State::Awaiting(Sought::End),
            AutoOffsetReset::None => State::Failed(Failure::NeverSet),
        };
        Cursor { state, policy }
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The offset of the next record, if it is known.
    pub fn offset(&self) -> Option<Offset> {
        match self.state {
            State::At(offset) => Some(offset),
            State::Awaiting(_) | State::Failed(_) => None,
        }
    }

    /// Goes elsewhere. The last call wins, and nothing is asked of a broker yet. Whether the log holds the offset shows at
    /// the next fetch.
    pub fn seek(&mut self, to: Position) {
        self.state = match to {
            Position::Offset(offset) => State::At(offset),
            Position::Beginning => State::Awaiting(Sought::Beginning),
            Position::End => State::Awaiting(Sought::End),
            Position::Timestamp(time) => State::Awaiting(Sought::Timestamp(time)),
        };
    }

    /// The application has got all records before `next`, or there were none to get. A position never goes back by itself.
    pub fn advance(&mut self, next: Offset) {
        if let State::At(offset) = self.state {
            self.state = State::At(offset.max(next));
        }
    }

    /// A broker has answered a fetch with "out of range". What it holds must be known before anything is decided.
    pub fn on_out_of_range(&mut self) {
        if let State::At(offset) = self.state {
            self.state = State::Awaiting(Sought::InsteadOf(offset));
        }
    }

    /// A broker has said what it holds: decides where to go on, if that was waited for.
    pub fn on_found(&mut self, log: Found) {
        let State::Awaiting(sought) = self.state else { return };
        self.state = match sought {
            Sought::Beginning => State::At(log.start),
            Sought::End => State::At(log.end),
            Sought::Timestamp(_) => State::At(log.by_time.unwrap_or(log.end)),
            // It is there after all: another leader is asked now, or the one that was asked has caught up.
            Sought::InsteadOf(asked) if (log.start..=log.end).contains(&asked) => State::At(asked),
            Sought::InsteadOf(asked) => match self.policy {
                AutoOffsetReset::Earliest => State::At(log.start),
                AutoOffsetReset::Latest => State::At(log.end),
                AutoOffsetReset::None => State::Failed(Failure::OutOfRange { asked, log }),
            },
        };
    }
}
