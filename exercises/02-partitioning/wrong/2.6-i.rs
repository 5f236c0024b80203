//! why: the list has no end: a broker refuses a message with more than MAX_ENTRIES entries, and all of its batches fail
//! shows: a list in a message has at most MAX_ENTRIES = 10000 entries

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
            let is_first = bytes == 0;
            bytes += first.bytes();
            is_first || bytes <= max_bytes
        });
        let taken: Vec<TopicPartition> = fitting.map(|(at, _)| at.clone()).collect();
        taken.iter().filter_map(|at| self.take(at)).collect()
    }
}
