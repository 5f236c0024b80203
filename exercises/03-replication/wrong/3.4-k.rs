//! why: half of replica.lag.time.max.ms is enough to be late
//! shows: at 1000 ms: 3 has been silent for as long as it may

impl Leader {
    pub fn out_of_sync(&self, log_end: Offset, now: Uptime) -> BTreeSet<i32> {
        let members = self.record.in_sync.iter().filter_map(|replica| self.followers.get_key_value(replica));
        let late = members.filter(|(_, progress)| !progress.is_caught_up(log_end, now, self.config.lag_time_max / 2));
        late.map(|(replica, _)| *replica).collect()
    }
}
