//! why: any word about the producer will do, also one to a question of another epoch
//! shows: one of epoch 0 asks, then one of epoch 1

impl Tickets {
    pub(super) fn admit(&mut self, ticket: Ticket) -> bool {
        let held = self.by_producer.get_mut(&ticket.producer_id);
        held.map(|held| held.is_admitted = true).is_some()
    }
}
