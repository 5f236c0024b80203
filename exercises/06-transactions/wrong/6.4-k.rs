//! why: the numbers of each producer begin anew when nobody asks: two tickets have one number
//! shows: no two have one number

impl Tickets {
    pub(super) fn take(&mut self, producer_id: i64, epoch: i16) -> Ticket {
        let held = match self.by_producer.get(&producer_id) {
            Some(held) if held.epoch == epoch => *held,
            _ => {
                let number = self.by_producer.get(&producer_id).map_or(1, |held| held.number + 1);
                Held { epoch, number, is_admitted: false }
            }
        };
        self.by_producer.insert(producer_id, held);
        Ticket { producer_id, epoch, number: held.number }
    }
}
