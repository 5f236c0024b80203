//! The numbers of one partition: which come next, and which are in flight.
//!
//! ```text
//!                 gap           gap                       tail
//!   ▐█ 40…44 █▌    │  ▐█ 46…49 █▌│  ▐█ 50…50 █▌            │        next: 55
//!     in flight    ▲    in flight      in flight           ▲
//!                45…45 ended without                  51…54 ended without
//!                being stored                         being stored
//! ```

use std::collections::VecDeque;

use partitioning::api::TopicId;
use partitioning::producer::sequencing::{Ending, Stamp};

use super::{Identity, Why};
use crate::producers::REMEMBERED;
use crate::sequence::plus;

/// Numbers that nobody will bring any more, right before a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Gap {
    /// There are none.
    #[default]
    None,
    /// They were given to a batch that ended in doubt.
    Doubtful,
    /// They are not in the log. The batch behind them cannot be written.
    Sure,
}

/// What the next batch of a partition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// One that goes under the number that it has, or the one that comes next.
    Next,
    /// The first after nothing was in flight, so that it may go under the newest identity.
    Fresh,
    /// One behind a gap: it goes, and all behind it, under a newer identity than before.
    Anew,
    /// One that waits.
    Wait(Why),
    /// One that cannot go under any number.
    Never,
}

/// See the [module](self).
#[derive(Debug, Clone)]
pub(super) struct Run {
    topic: Option<TopicId>,
    identity: Identity,
    /// The next record's number.
    next: i32,
    /// How many batches were numbered under this identity.
    given: u64,
    /// A batch of this producer id was stored.
    is_known: bool,
    /// In the order in which they were begun.
    in_flight: VecDeque<Flight>,
    /// The gap behind all that are in flight.
    tail: Gap,
}

/// A batch that has left, and has not ended.
#[derive(Debug, Clone)]
struct Flight {
    /// Its place among all batches of the producer.
    number: u64,
    sequence: i32,
    records: i32,
    /// How many batches were numbered before it under this identity.
    place: u64,
    gap: Gap,
    /// It is not here, but at a broker, or on its way there or back.
    is_under_way: bool,
    /// None was in flight before it when it left the last time.
    was_first: bool,
    /// An attempt with this number may have been done, or may yet be.
    in_doubt: bool,
    /// One behind it was stored, so this one was too.
    is_written: bool,
    /// Those before it have new numbers, and it cannot have one.
    is_left_behind: bool,
}

impl Run {
    pub(super) fn new(topic: Option<TopicId>, identity: Identity) -> Self {
        let (in_flight, tail) = (VecDeque::new(), Gap::None);
        Run { topic, identity, next: 0, given: 0, is_known: false, in_flight, tail }
    }

    pub(super) fn topic(&self) -> Option<TopicId> {
        self.topic
    }

    pub(super) fn identity(&self) -> Identity {
        self.identity
    }

    /// Whether this batch is in flight.
    pub(super) fn has(&self, number: u64) -> bool {
        self.position(number).is_some()
    }

    /// Whether this batch may leave, which is the first that waits.
    pub(super) fn turn(&self, number: u64) -> Turn {
        let Some(position) = self.position(number) else { return self.turn_of_new() };
        let flight = &self.in_flight[position];
        let is_under_way = |flight: &Flight| flight.is_under_way;
        if flight.is_left_behind {
            Turn::Never
        } else if self.in_flight.iter().take(position).any(is_under_way) {
            Turn::Wait(Why::EarlierUnderWay)
        } else if position > 0 {
            Turn::Wait(Why::EarlierComesBack)
        } else if flight.gap < Gap::Sure {
            Turn::Next
        } else if flight.in_doubt {
            Turn::Never
        } else if self.in_flight.iter().any(is_under_way) {
            // It takes new numbers for those too.
            Turn::Wait(Why::Unresolved)
        } else {
            Turn::Anew
        }
    }

    fn turn_of_new(&self) -> Turn {
        let Some(first) = self.in_flight.front() else {
            return if self.tail == Gap::None { Turn::Fresh } else { Turn::Anew };
        };
        if self.in_flight.iter().any(|flight| !flight.is_under_way) {
            Turn::Wait(Why::EarlierComesBack)
        } else if self.tail > Gap::None || self.in_flight.iter().any(|flight| flight.gap > Gap::None) {
            Turn::Wait(Why::Unresolved)
        } else if !self.is_known {
            Turn::Wait(Why::FirstGoesAlone)
        } else if self.given - first.place >= REMEMBERED as u64 {
            Turn::Wait(Why::FiveInFlight)
        } else {
            Turn::Next
        }
    }

    /// Begins anew under another identity. What is in flight gets new numbers, as far as it can. None of it is under way.
    pub(super) fn begin(&mut self, identity: Identity) {
        self.is_known &= identity.producer_id == self.identity.producer_id;
        (self.identity, self.next, self.given, self.tail) = (identity, 0, 0, Gap::None);
        for flight in &mut self.in_flight {
            debug_assert!(!flight.is_under_way, "its answer is not known");
            flight.is_left_behind |= flight.in_doubt;
            (flight.gap, flight.sequence, flight.place) = (Gap::None, self.next, self.given);
            if !flight.is_left_behind {
                self.next = plus(self.next, flight.records);
                self.given += 1;
            }
        }
    }

    /// A batch leaves, for the first time or again. Gives its stamp.
    pub(super) fn leave(&mut self, number: u64, records: usize) -> Stamp {
        let position = self.position(number).unwrap_or_else(|| {
            self.push(number, i32::try_from(records).expect("a batch holds at most 2^31-1 records"));
            self.in_flight.len() - 1
        });
        let flight = &mut self.in_flight[position];
        (flight.is_under_way, flight.was_first) = (true, position == 0);
        let Identity { producer_id, epoch } = self.identity;
        Stamp { producer_id, epoch, base_sequence: flight.sequence }
    }

    fn push(&mut self, number: u64, records: i32) {
        let flight = Flight {
            number,
            sequence: self.next,
            records,
            place: self.given,
            gap: Gap::None,
            is_under_way: false,
            was_first: false,
            in_doubt: false,
            is_written: false,
            is_left_behind: false,
        };
        self.in_flight.push_back(flight);
        self.next = plus(self.next, records);
        self.given += 1;
    }

    /// An attempt has failed. Gives whether the batch had left as the first.
    pub(super) fn came_back(&mut self, number: u64, in_doubt: bool) -> bool {
        let flight = self.flight(number);
        (flight.is_under_way, flight.in_doubt) = (false, in_doubt);
        flight.was_first
    }

    /// The log has not what comes before the batch, nor the batch, though all before it have ended.
    pub(super) fn out_of_order(&mut self, number: u64) {
        let flight = self.flight(number);
        (flight.is_written, flight.gap) = (false, if flight.in_doubt { flight.gap } else { Gap::Sure });
    }

    /// A batch has ended.
    pub(super) fn ended(&mut self, number: u64, ending: Ending) {
        let position = self.position(number).expect("it is in flight");
        let flight = self.in_flight.remove(position).expect("it is in flight");
        if flight.is_left_behind {
            return;
        }
        if ending == Ending::Stored {
            self.is_known = true;
            for earlier in self.in_flight.iter_mut().take(position) {
                (earlier.is_written, earlier.gap) = (true, Gap::None);
            }
            return;
        }
        let in_doubt = ending == Ending::InDoubt && (flight.in_doubt || flight.is_under_way);
        let own = match () {
            () if flight.is_written => Gap::None,
            () if in_doubt => Gap::Doubtful,
            () => Gap::Sure,
        };
        let behind = self.in_flight.get_mut(position).map_or(&mut self.tail, |next| &mut next.gap);
        *behind = (*behind).max(flight.gap).max(own);
    }

    fn position(&self, number: u64) -> Option<usize> {
        self.in_flight.iter().position(|flight| flight.number == number)
    }

    fn flight(&mut self, number: u64) -> &mut Flight {
        let position = self.position(number).expect("it is in flight");
        &mut self.in_flight[position]
    }
}
