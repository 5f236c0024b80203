//! why: the list that was asked for is taken for granted
//! shows: at 2000 ms, for whom does the high watermark wait? 3 is in sync until that is granted

impl Leader {
    pub fn counts(&self, replica: i32, log_end: Offset, now: Uptime) -> bool {
        match &self.wish {
            Some(wish) => wish.asked.contains(&replica),
            None => self.record.in_sync.contains(&replica) || self.waits_to_join(replica, log_end, now),
        }
    }
}
