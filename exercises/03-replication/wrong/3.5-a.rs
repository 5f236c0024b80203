//! why: the high watermark is enough: what the leader before committed may be lacking
//! shows: who may join? 3 has more than the high watermark, 5, and less than there was when this epoch began, 10: the leader before may have committed what it lacks

impl Leader {
    pub fn may_join(&self, replica: i32) -> bool {
        let Some(progress) = self.followers.get(&replica) else { return false };

        let has_all = progress.end().is_some_and(|end| end >= self.high_watermark);
        !self.record.in_sync.contains(&replica) && has_all && self.is_eligible(replica, progress)
    }
}
