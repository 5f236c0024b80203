//! why: only later epochs go: an epoch without records keeps its entry at the same offset
//! shows: epoch 4 began at 5, and so does epoch 5: nothing is of epoch 4

impl LeaderEpochs {
    pub fn note(&mut self, epoch: i32, start: Offset) {
        self.entries.retain(|entry| entry.epoch <= epoch);
        if self.latest() != Some(epoch) {
            self.entries.push(EpochEntry { epoch, start });
        }
    }
}
