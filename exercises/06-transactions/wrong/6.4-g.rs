//! why: a transaction that is open answers for older epochs, too
//! shows: has a transaction open in epoch 3

impl Transactions {
    pub fn ticket(&mut self, producer_id: i64, epoch: i16) -> Result<Option<Ticket>, Refusal> {
        if self.open.of(producer_id).is_some() {
            return Ok(None);
        }
        let known = self.producers.get(producer_id).map(|producer| producer.epoch());
        if let Some(newer) = known.max(self.tickets.epoch_of(producer_id)).filter(|newer| *newer > epoch) {
            let rule = format!("producer {producer_id}, epoch {epoch}: the producer is in epoch {newer} by now");
            return Err(ErrorCode::InvalidProducerEpoch.because(rule));
        }
        let is_known = self.is_open_in(producer_id, epoch) || self.tickets.is_admitted(producer_id, epoch);
        let is_asked = self.verification == Verification::BeforeFirstWrite && !is_known;
        Ok(is_asked.then(|| self.tickets.take(producer_id, epoch)))
    }
}
