//! why: a second word about one ticket is taken for one too many
//! shows: and the second is, too

impl Tickets {
    pub(super) fn admit(&mut self, ticket: Ticket) -> bool {
        let held = self.by_producer.get_mut(&ticket.producer_id);
        held.filter(|held| held.number == ticket.number && !held.is_admitted).map(|held| held.is_admitted = true).is_some()
    }
}
