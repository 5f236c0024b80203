//! why: every request begins with the first partition: those with the last names wait as long as the first are busy
//! shows: room for 100 bytes, after orders-0: the first is orders-1 now

impl<T> Accumulator<T> {
    pub fn drain(
        &mut self,
        after: Option<&TopicPartition>,
        max_bytes: usize,
        mut serves: impl FnMut(&TopicPartition) -> bool,
    ) -> Vec<ProducerBatch<T>> {
        let _ = after;
        let mut bytes = 0;
        let served = self.in_turn(None).filter(|(at, _)| serves(at));
        let fitting = served.take_while(|(_, first)| {
            let is_first = bytes == 0;
            bytes += first.bytes();
            is_first || bytes <= max_bytes
        });
        let taken: Vec<TopicPartition> = fitting.take(MAX_ENTRIES).map(|(at, _)| at.clone()).collect();
        taken.iter().filter_map(|at| self.take(at)).collect()
    }
}
