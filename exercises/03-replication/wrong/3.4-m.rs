//! why: nobody is late who has all that is committed
//! shows: 2 asks every 200 ms, and never has what there was when it asked before: after 1000 ms it is out of sync

impl Leader {
    pub fn out_of_sync(&self, log_end: Offset, now: Uptime) -> BTreeSet<i32> {
        let members = self.record.in_sync.iter().filter_map(|replica| self.followers.get_key_value(replica));
        let late = members.filter(|(_, progress)| {
            progress.end() < Some(self.high_watermark) && !progress.is_caught_up(log_end, now, self.config.lag_time_max)
        });
        late.map(|(replica, _)| *replica).collect()
    }
}
