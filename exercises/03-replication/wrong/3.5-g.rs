//! why: members alone: whoever is about to join may be elected before it has what is committed meanwhile
//! shows: at 1001 ms, for whom does the high watermark wait? 3 may be in sync by now, though it has not caught up for long

impl Leader {
    pub fn counts(&self, replica: i32, log_end: Offset, now: Uptime) -> bool {
        let _ = (log_end, now);
        self.record.in_sync.contains(&replica)
    }
}
