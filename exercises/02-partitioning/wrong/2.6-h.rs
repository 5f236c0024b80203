//! why: the last batch of a queue is taken, and so the newest records leave first
//! shows: the first of each

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
        let taken: Vec<TopicPartition> = fitting.take(MAX_ENTRIES).map(|(at, _)| at.clone()).collect();
        let mut batches = Vec::new();
        for at in taken {
            let queue = self.queues.get_mut(&at).expect("it was seen");
            batches.extend(queue.pop_back());
            if queue.is_empty() {
                self.queues.remove(&at);
            }
        }
        batches
    }
}
