//! why: the log is judged once more: what does not fit is not learned
//! shows: a leader has let them in, for a reason of its own. The log is the truth

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
        producer.heard = None;
        let Some(numbered) = Numbered::of(batch) else { return };
        if producer.last().is_none_or(|last| crate::sequence::plus(last, 1) == numbered.first) {
            producer.learn(&numbered, *at);
        }
    }
}
