//! why: one that has not fetched in this epoch is late at once
//! shows: at 0 ms: leadership has just begun

impl Leader {
    pub fn out_of_sync(&self, log_end: Offset, now: Uptime) -> BTreeSet<i32> {
        let members = self.record.in_sync.iter().filter_map(|replica| self.followers.get_key_value(replica));
        let late = members.filter(|(_, progress)| {
            progress.end().is_none() || !progress.is_caught_up(log_end, now, self.config.lag_time_max)
        });
        late.map(|(replica, _)| *replica).collect()
    }
}
