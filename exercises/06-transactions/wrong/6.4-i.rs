//! why: each who asks has a ticket of its own: the second voids the first's
//! shows: both ask about p7

impl Tickets {
    pub(super) fn take(&mut self, producer_id: i64, epoch: i16) -> Ticket {
        let held = match self.by_producer.get(&producer_id) {
            Some(_) if epoch < 0 => unreachable!(),
            _ => {
                self.next += 1;
                Held { epoch, number: self.next, is_admitted: false }
            }
        };
        self.by_producer.insert(producer_id, held);
        Ticket { producer_id, epoch, number: held.number }
    }
}
