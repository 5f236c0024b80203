//! why: only a higher epoch counts, as if the log could be wrong
//! shows: so this is the producer's epoch there

impl Fold for Producers {
    fn apply(&mut self, batch: &BatchView<'_>, at: &Appended) {
        if batch.producer_id() < 0 {
            return;
        }
        let (id, epoch) = (batch.producer_id(), batch.producer_epoch());
        let producer = self.known.entry(id).or_insert_with(|| Producer::begun(epoch));
        if producer.epoch < epoch {
            *producer = Producer::begun(epoch);
        }
        producer.heard = None;
        if let Some(numbered) = Numbered::of(batch) {
            producer.learn(&numbered, *at);
        }
    }
}
