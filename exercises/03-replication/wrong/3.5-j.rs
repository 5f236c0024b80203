//! why: the list that is asked for now counts, and not the one that was asked for before
//! shows: until then 3 may be in sync

impl Leader {
    pub fn counts(&self, replica: i32, log_end: Offset, now: Uptime) -> bool {
        let may_be = self.wish.as_ref().is_some_and(|wish| wish.asked.contains(&replica));
        self.record.in_sync.contains(&replica) || may_be || self.waits_to_join(replica, log_end, now)
    }
}
