//! why: a batch that does not fit is skipped, and smaller ones overtake it again and again
//! shows: the second does not fit, so the request ends there

impl<T> Accumulator<T> {
    pub fn drain(
        &mut self,
        after: Option<&TopicPartition>,
        max_bytes: usize,
        mut serves: impl FnMut(&TopicPartition) -> bool,
    ) -> Vec<ProducerBatch<T>> {
        let mut bytes = 0;
        let served = self.in_turn(after).filter(|(at, _)| serves(at));
        let fitting = served.filter(|(_, first)| {
            let fits = bytes == 0 || bytes + first.bytes() <= max_bytes;
            bytes += if fits { first.bytes() } else { 0 };
            fits
        });
        let taken: Vec<TopicPartition> = fitting.take(MAX_ENTRIES).map(|(at, _)| at.clone()).collect();
        taken.iter().filter_map(|at| self.take(at)).collect()
    }
}
