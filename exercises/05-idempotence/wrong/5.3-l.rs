//! why: each batch begins the producer anew: only the last one is remembered
//! shows: each batch: its numbers, and where it is

impl Fold for Producers {
    fn apply(&mut self, batch: &BatchView<'_>, at: &Appended) {
        if batch.producer_id() < 0 {
            return;
        }
        let mut producer = Producer::begun(batch.producer_epoch());
        if let Some(numbered) = Numbered::of(batch) {
            producer.learn(&numbered, *at);
        }
        self.known.insert(batch.producer_id(), producer);
    }
}
