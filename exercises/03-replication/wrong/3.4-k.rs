//! why: half of replica.lag.time.max.ms is enough to be late
//! shows: 2 asks every 200 ms, and never has what there was when it asked before: after 1000 ms it is out of sync

impl Leader {
    pub fn out_of_sync(&self, log_end: Offset, now: Uptime) -> BTreeSet<i32> {
        let members = self.record.in_sync.iter().filter_map(|replica| self.followers.get_key_value(replica));
        let late = members.filter(|(_, progress)| !progress.is_caught_up(log_end, now, self.config.lag_time_max / 2));
        late.map(|(replica, _)| *replica).collect()
    }
}
