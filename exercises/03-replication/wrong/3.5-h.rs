//! why: whoever waits to join is not waited for, and never catches up
//! shows: at 100 ms, for whom does the high watermark wait? 2 had all at 100 ms, and could join

impl Leader {
    pub fn counts(&self, replica: i32, log_end: Offset, now: Uptime) -> bool {
        let _ = (log_end, now);
        let may_be = self.wish.as_ref().is_some_and(|wish| wish.may_hold.contains(&replica));
        self.record.in_sync.contains(&replica) || may_be
    }
}
