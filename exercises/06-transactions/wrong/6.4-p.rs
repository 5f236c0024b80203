//! why: a ticket that nobody holds any more is made good again
//! shows: Then another yes comes, too late

impl Tickets {
    pub(super) fn admit(&mut self, ticket: Ticket) -> bool {
        let Ticket { producer_id, epoch, number } = ticket;
        let anew = Held { epoch, number, is_admitted: false };
        let held = Some(self.by_producer.entry(producer_id).or_insert(anew));
        held.filter(|held| held.number == ticket.number).map(|held| held.is_admitted = true).is_some()
    }
}
