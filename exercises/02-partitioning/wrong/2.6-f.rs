//! why: partitions of other brokers count for the size, though they are not in the request
//! shows: those of 0 and 2 are not in the request, and do not count

impl<T> Accumulator<T> {
    pub fn drain(
        &mut self,
        after: Option<&TopicPartition>,
        max_bytes: usize,
        mut serves: impl FnMut(&TopicPartition) -> bool,
    ) -> Vec<ProducerBatch<T>> {
        let mut bytes = 0;
        let fitting = self.in_turn(after).take_while(|(_, first)| {
            let is_first = bytes == 0;
            bytes += first.bytes();
            is_first || bytes <= max_bytes
        });
        let served = fitting.filter(|(at, _)| serves(at));
        let taken: Vec<TopicPartition> = served.take(MAX_ENTRIES).map(|(at, _)| at.clone()).collect();
        taken.iter().filter_map(|at| self.take(at)).collect()
    }
}
