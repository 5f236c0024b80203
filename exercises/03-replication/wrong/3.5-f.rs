//! why: it must have more than there was when the epoch began
//! shows: who may join? 3 has all from before this epoch, and the high watermark is 5

impl Leader {
    pub fn may_join(&self, replica: i32) -> bool {
        let Some(progress) = self.followers.get(&replica) else { return false };

        let has_all = progress.end().is_some_and(|end| end >= self.high_watermark && end > self.epoch_start);
        !self.record.in_sync.contains(&replica) && has_all && self.is_eligible(replica, progress)
    }
}
