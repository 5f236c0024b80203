//! why: a newer epoch gets the ticket of the older one
//! shows: This is epoch 4, and would take its place

impl Tickets {
    pub(super) fn take(&mut self, producer_id: i64, epoch: i16) -> Ticket {
        let held = match self.by_producer.get(&producer_id) {
            Some(held) => *held,
            _ => {
                self.next += 1;
                Held { epoch, number: self.next, is_admitted: false }
            }
        };
        self.by_producer.insert(producer_id, held);
        Ticket { producer_id, epoch, number: held.number }
    }
}
