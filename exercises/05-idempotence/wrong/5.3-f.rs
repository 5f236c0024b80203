//! why: another epoch is not noticed
//! shows: what was in epoch 0 says nothing about epoch 1

impl Fold for Producers {
    fn apply(&mut self, batch: &BatchView<'_>, at: &Appended) {
        if batch.producer_id() < 0 {
            return;
        }
        let (id, epoch) = (batch.producer_id(), batch.producer_epoch());
        let producer = self.known.entry(id).or_insert_with(|| Producer::begun(epoch));
        producer.heard = None;
        if let Some(numbered) = Numbered::of(batch) {
            producer.learn(&numbered, *at);
        }
    }
}
