//! why: the epoch is noted, and what was remembered of the one before stays
//! shows: what was in epoch 0 says nothing about epoch 1

impl Fold for Producers {
    fn apply(&mut self, batch: &BatchView<'_>, at: &Appended) {
        if batch.producer_id() < 0 {
            return;
        }
        let (id, epoch) = (batch.producer_id(), batch.producer_epoch());
        let producer = self.known.entry(id).or_insert_with(|| Producer::begun(epoch));
        producer.epoch = epoch;
        producer.heard = None;
        if let Some(numbered) = Numbered::of(batch) {
            producer.learn(&numbered, *at);
        }
    }
}
