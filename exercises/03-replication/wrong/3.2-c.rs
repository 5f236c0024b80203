//! why: an epoch that is noted again begins anew: its earlier records go to the epoch before
//! shows: epoch 4 was noted at 5, and the batch at 5 is of the earlier epoch 2: nobody wrote in epoch 4

impl LeaderEpochs {
    pub fn note(&mut self, epoch: i32, start: Offset) {
        self.entries.retain(|entry| entry.epoch < epoch && entry.start < start);
        self.entries.push(EpochEntry { epoch, start });
    }
}
