//! why: members may join
//! shows: who may join? 3 has all from before this epoch, and not what is committed since

impl Leader {
    pub fn may_join(&self, replica: i32) -> bool {
        let Some(progress) = self.followers.get(&replica) else { return false };

        let has_all = progress.end().is_some_and(|end| end >= self.high_watermark && end >= self.epoch_start);
        has_all && self.is_eligible(replica, progress)
    }
}
