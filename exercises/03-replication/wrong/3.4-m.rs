//! why: nobody is late who has all that is committed
//! shows: 2 has all there is, however long ago it asked; 3 has not

impl Leader {
    pub fn out_of_sync(&self, log_end: Offset, now: Uptime) -> BTreeSet<i32> {
        let members = self.record.in_sync.iter().filter_map(|replica| self.followers.get_key_value(replica));
        let late = members.filter(|(_, progress)| {
            progress.end() < Some(self.high_watermark) && !progress.is_caught_up(log_end, now, self.config.lag_time_max)
        });
        late.map(|(replica, _)| *replica).collect()
    }
}
