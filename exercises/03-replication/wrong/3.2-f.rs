//! why: only what begins behind goes: a later epoch that began before stays
//! shows: epoch 3 begins at 8: so the later epoch 4 cannot begin before

impl LeaderEpochs {
    pub fn note(&mut self, epoch: i32, start: Offset) {
        self.entries.retain(|entry| entry.epoch == epoch || entry.start < start);
        if !self.entries.iter().any(|entry| entry.epoch == epoch) {
            self.entries.push(EpochEntry { epoch, start });
        }
    }
}
