//! why: a newer epoch is let in, because an older one was
//! shows: and before there is an answer

impl Tickets {
    pub(super) fn take(&mut self, producer_id: i64, epoch: i16) -> Ticket {
        let held = match self.by_producer.get(&producer_id) {
            Some(held) if held.epoch == epoch => *held,
            _ => {
                self.next += 1;
                let is_admitted = self.by_producer.get(&producer_id).is_some_and(|held| held.is_admitted);
                Held { epoch, number: self.next, is_admitted }
            }
        };
        self.by_producer.insert(producer_id, held);
        Ticket { producer_id, epoch, number: held.number }
    }
}
