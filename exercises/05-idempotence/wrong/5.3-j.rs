//! why: nobody is a producer, too
//! shows: producer -1 is nobody

impl Fold for Producers {
    fn apply(&mut self, batch: &BatchView<'_>, at: &Appended) {
        let (id, epoch) = (batch.producer_id(), batch.producer_epoch());
        let producer = self.known.entry(id).or_insert_with(|| Producer::begun(epoch));
        if producer.epoch != epoch {
            *producer = Producer::begun(epoch);
        }
        producer.heard = None;
        if let Some(numbered) = Numbered::of(batch) {
            producer.learn(&numbered, *at);
        }
    }
}
