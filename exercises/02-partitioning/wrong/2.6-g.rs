//! why: nobody asks whom the broker serves: it gets batches of partitions that it does not lead
//! shows: the broker serves partitions 1 and 3 of 0 to 3

impl<T> Accumulator<T> {
    pub fn drain(
        &mut self,
        after: Option<&TopicPartition>,
        max_bytes: usize,
        mut serves: impl FnMut(&TopicPartition) -> bool,
    ) -> Vec<ProducerBatch<T>> {
        let _ = &mut serves;
        let mut bytes = 0;
        let fitting = self.in_turn(after).take_while(|(_, first)| {
            let is_first = bytes == 0;
            bytes += first.bytes();
            is_first || bytes <= max_bytes
        });
        let taken: Vec<TopicPartition> = fitting.take(MAX_ENTRIES).map(|(at, _)| at.clone()).collect();
        taken.iter().filter_map(|at| self.take(at)).collect()
    }
}
