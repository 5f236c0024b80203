//! why: nothing is given back: a late answer is good for a question that was given up
//! shows: The producer asks again later

impl Tickets {
    pub(super) fn give_back(&mut self, ticket: Ticket) {
        let _ = ticket;
    }
}
