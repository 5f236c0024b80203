//! why: a broker is taken for the one that it was before it registered anew
//! shows: who may join? 3 had all in its epoch 30, and has registered anew since: what it has now, nobody knows

impl Leader {
    pub fn may_join(&self, replica: i32) -> bool {
        let Some(progress) = self.followers.get(&replica) else { return false };

        let has_all = progress.end().is_some_and(|end| end >= self.high_watermark && end >= self.epoch_start);
        !self.record.in_sync.contains(&replica) && has_all && self.eligible.contains_key(&replica)
    }
}
