//! why: Kafka's rule: an earlier epoch that goes on begins anew
//! shows: epoch 2 goes on at 6, from 3 on: so epoch 4 has not begun at 5

impl LeaderEpochs {
    pub fn note(&mut self, epoch: i32, start: Offset) {
        if self.entries.last().is_some_and(|last| last.epoch == epoch && last.start <= start) {
            return;
        }
        self.entries.retain(|entry| entry.epoch < epoch && entry.start < start);
        self.entries.push(EpochEntry { epoch, start });
    }
}
