//! why: a first batch that is too large is held back: for ever, as it does not get smaller
//! shows: it leaves alone, or it never would

impl<T> Accumulator<T> {
    pub fn drain(
        &mut self,
        after: Option<&TopicPartition>,
        max_bytes: usize,
        mut serves: impl FnMut(&TopicPartition) -> bool,
    ) -> Vec<ProducerBatch<T>> {
        let mut bytes = 0;
        let served = self.in_turn(after).filter(|(at, _)| serves(at));
        let fitting = served.take_while(|(_, first)| {
            bytes += first.bytes();
            bytes <= max_bytes
        });
        let taken: Vec<TopicPartition> = fitting.take(MAX_ENTRIES).map(|(at, _)| at.clone()).collect();
        taken.iter().filter_map(|at| self.take(at)).collect()
    }
}
