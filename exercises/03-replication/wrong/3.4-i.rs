//! why: those that are no members are out of sync too
//! shows: 2 are in sync

impl Leader {
    pub fn out_of_sync(&self, log_end: Offset, now: Uptime) -> BTreeSet<i32> {
        let late = self
            .followers
            .iter()
            .filter(|(_, progress)| !progress.is_caught_up(log_end, now, self.config.lag_time_max));
        late.map(|(replica, _)| *replica).collect()
    }
}
