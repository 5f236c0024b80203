//! why: that it was heard of is not noted: it is silent from its first batch on
//! shows: its silence begins with the first look at the clock after its last batch

impl Fold for Producers {
    fn apply(&mut self, batch: &BatchView<'_>, at: &Appended) {
        if batch.producer_id() < 0 {
            return;
        }
        let (id, epoch) = (batch.producer_id(), batch.producer_epoch());
        let producer = self.known.entry(id).or_insert_with(|| Producer::begun(epoch));
        if producer.epoch != epoch {
            *producer = Producer::begun(epoch);
        }
        if let Some(numbered) = Numbered::of(batch) {
            producer.learn(&numbered, *at);
        }
    }
}
