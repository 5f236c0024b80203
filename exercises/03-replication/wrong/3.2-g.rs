//! why: Kafka's rule: an earlier epoch that goes on begins anew
//! shows: epoch 4 was noted at 5, and the batch at 5 is of the earlier epoch 2: nobody wrote in epoch 4

impl LeaderEpochs {
    pub fn note(&mut self, epoch: i32, start: Offset) {
        if self.entries.last().is_some_and(|last| last.epoch == epoch && last.start <= start) {
            return;
        }
        self.entries.retain(|entry| entry.epoch < epoch && entry.start < start);
        self.entries.push(EpochEntry { epoch, start });
    }
}
