//! why: what begins at the same offset stays
//! shows: epoch 4 began at 5, and so does epoch 5: nothing is of epoch 4

impl LeaderEpochs {
    pub fn note(&mut self, epoch: i32, start: Offset) {
        self.entries.retain(|entry| match entry.epoch == epoch {
            true => entry.start <= start,
            false => entry.epoch < epoch && entry.start <= start,
        });
        if self.latest() != Some(epoch) {
            self.entries.push(EpochEntry { epoch, start });
        }
    }
}
