//! why: an epoch that is noted again begins anew: its earlier records go to the epoch before
//! shows: epoch 4 began at 5: noted again at 9, it goes on

impl LeaderEpochs {
    pub fn note(&mut self, epoch: i32, start: Offset) {
        self.entries.retain(|entry| entry.epoch < epoch && entry.start < start);
        self.entries.push(EpochEntry { epoch, start });
    }
}
