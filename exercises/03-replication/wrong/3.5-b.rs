//! why: what was there when the epoch began is enough: what is committed since may be lacking
//! shows: who may join? 3 has all from before this epoch, and not what is committed since

impl Leader {
    pub fn may_join(&self, replica: i32) -> bool {
        let Some(progress) = self.followers.get(&replica) else { return false };

        let has_all = progress.end().is_some_and(|end| end >= self.epoch_start);
        !self.record.in_sync.contains(&replica) && has_all && self.is_eligible(replica, progress)
    }
}
