//! why: whoever has fetched counts, however long ago
//! shows: 3 is not in sync, and cannot be any more

impl Leader {
    pub fn counts(&self, replica: i32, log_end: Offset, now: Uptime) -> bool {
        let _ = now;
        let may_be = self.wish.as_ref().is_some_and(|wish| wish.may_hold.contains(&replica));
        let fetched = self
            .followers
            .get(&replica)
            .is_some_and(|progress| progress.end() <= Some(log_end) && progress.end().is_some());
        self.record.in_sync.contains(&replica) || may_be || fetched
    }
}
