//! why: who was let in meanwhile is sent away
//! shows: and it gives the ticket back

impl Tickets {
    pub(super) fn give_back(&mut self, ticket: Ticket) {
        let is_idle = |held: &Held| held.number == ticket.number;
        if self.by_producer.get(&ticket.producer_id).is_some_and(is_idle) {
            self.by_producer.remove(&ticket.producer_id);
        }
    }
}
