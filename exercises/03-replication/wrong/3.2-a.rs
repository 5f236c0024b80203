//! why: nothing goes: epochs that nobody wrote in stay
//! shows: epoch 4 was noted at 5, and the batch at 5 is of epoch 6: nobody wrote in epoch 4

impl LeaderEpochs {
    pub fn note(&mut self, epoch: i32, start: Offset) {
        if self.latest() != Some(epoch) {
            self.entries.push(EpochEntry { epoch, start });
        }
    }
}
