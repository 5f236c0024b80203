//! Who may write the first record of a transaction (Kafka's `VerificationGuard`).
//!
//! ```text
//!   take ticket ──▶ the coordinator is asked ──▶ yes ──▶ still the same ticket? ──▶ admitted ──▶ first record
//!                                  a marker comes ────────▶ no ticket is good any more
//! ```
//!
//! Whoever asks with an epoch that is older than a known one, or than one that holds a ticket, is refused before: he would take the
//! newer one's place.

use std::collections::BTreeMap;

/// What whoever asks the coordinator holds meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    producer_id: i64,
    epoch: i16,
    number: u64,
}

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Tickets {
    by_producer: BTreeMap<i64, Held>,
    next: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    epoch: i16,
    number: u64,
    is_admitted: bool,
}

impl Tickets {
    /// The epoch of who asks, or was admitted.
    pub(super) fn epoch_of(&self, producer_id: i64) -> Option<i16> {
        self.by_producer.get(&producer_id).map(|held| held.epoch)
    }

    /// A ticket. Two who ask for the same producer and epoch at a time have the same.
    pub(super) fn take(&mut self, producer_id: i64, epoch: i16) -> Ticket {
        let held = match self.by_producer.get(&producer_id) {
            Some(held) if held.epoch == epoch => *held,
            _ => {
                self.next += 1;
                Held { epoch, number: self.next, is_admitted: false }
            }
        };
        self.by_producer.insert(producer_id, held);
        Ticket { producer_id, epoch, number: held.number }
    }

    /// The coordinator has agreed. Gives whether the ticket is still good.
    pub(super) fn admit(&mut self, ticket: Ticket) -> bool {
        let held = self.by_producer.get_mut(&ticket.producer_id);
        held.filter(|held| held.number == ticket.number).map(|held| held.is_admitted = true).is_some()
    }

    /// Nobody waits for it any more, unless it was admitted meanwhile.
    pub(super) fn give_back(&mut self, ticket: Ticket) {
        let is_idle = |held: &Held| held.number == ticket.number && !held.is_admitted;
        if self.by_producer.get(&ticket.producer_id).is_some_and(is_idle) {
            self.by_producer.remove(&ticket.producer_id);
        }
    }

    pub(super) fn is_admitted(&self, producer_id: i64, epoch: i16) -> bool {
        self.by_producer.get(&producer_id).is_some_and(|held| held.epoch == epoch && held.is_admitted)
    }

    /// A marker has come: whatever was asked before is about a transaction that is over.
    pub(super) fn forget(&mut self, producer_id: i64) {
        self.by_producer.remove(&producer_id);
    }
}
