//! why: a batch without numbers is not looked at, and its epoch is not learned
//! shows: a marker of stage 06: a producer, an epoch, no number

impl Fold for Producers {
    fn apply(&mut self, batch: &BatchView<'_>, at: &Appended) {
        let Some(numbered) = Numbered::of(batch) else { return };
        let epoch = numbered.epoch;
        let producer = self.known.entry(numbered.producer).or_insert_with(|| Producer::begun(epoch));
        if producer.epoch != epoch {
            *producer = Producer::begun(epoch);
        }
        producer.heard = None;
        producer.learn(&numbered, *at);
    }
}
