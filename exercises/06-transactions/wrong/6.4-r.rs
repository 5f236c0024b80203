//! why: a ticket that is void takes the one that is held with it
//! shows: which is given back

impl Tickets {
    pub(super) fn give_back(&mut self, ticket: Ticket) {
        let is_idle = |held: &Held| !held.is_admitted;
        if self.by_producer.get(&ticket.producer_id).is_some_and(is_idle) {
            self.by_producer.remove(&ticket.producer_id);
        }
    }
}
