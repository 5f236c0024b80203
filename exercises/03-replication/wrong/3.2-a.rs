//! why: nothing goes: epochs that nobody wrote in stay
//! shows: epoch 4 began at 5, and so does epoch 5: nothing is of epoch 4

impl LeaderEpochs {
    pub fn note(&mut self, epoch: i32, start: Offset) {
        if self.latest() != Some(epoch) {
            self.entries.push(EpochEntry { epoch, start });
        }
    }
}
