//! why: it is said that the ticket is good, and nobody is let in
//! shows: now it is let in

impl Tickets {
    pub(super) fn admit(&mut self, ticket: Ticket) -> bool {
        let held = self.by_producer.get_mut(&ticket.producer_id);
        held.filter(|held| held.number == ticket.number).is_some()
    }
}
