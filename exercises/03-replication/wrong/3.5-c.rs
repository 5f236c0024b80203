//! why: whom the controller would not let in is not asked about
//! shows: who may join? 3 is fenced, or about to stop

impl Leader {
    pub fn may_join(&self, replica: i32) -> bool {
        let Some(progress) = self.followers.get(&replica) else { return false };

        let has_all = progress.end().is_some_and(|end| end >= self.high_watermark && end >= self.epoch_start);
        !self.record.in_sync.contains(&replica) && has_all
    }
}
