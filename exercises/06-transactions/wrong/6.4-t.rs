//! why: nothing is given back: a late answer is good for a question that was given up
//! shows: Then another yes comes, too late

impl Tickets {
    pub(super) fn give_back(&mut self, ticket: Ticket) {
        let _ = ticket;
    }
}
