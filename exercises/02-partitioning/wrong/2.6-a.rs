//! why: all batches of a partition leave at once: two of them in one request, which a broker refuses
//! shows: the first of each

impl<T> Accumulator<T> {
    pub fn drain(
        &mut self,
        after: Option<&TopicPartition>,
        max_bytes: usize,
        mut serves: impl FnMut(&TopicPartition) -> bool,
    ) -> Vec<ProducerBatch<T>> {
        let (mut bytes, mut taken) = (0, Vec::new());
        let served: Vec<TopicPartition> =
            self.in_turn(after).filter(|(at, _)| serves(at)).map(|(at, _)| at.clone()).take(MAX_ENTRIES).collect();
        for at in served {
            while let Some(first) = self.queues.get(&at).and_then(VecDeque::front) {
                bytes += first.bytes();
                if !taken.is_empty() && bytes > max_bytes {
                    return taken;
                }
                taken.extend(self.take(&at));
            }
        }
        taken
    }
}
