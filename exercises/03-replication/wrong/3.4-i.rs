//! why: those that are no members are out of sync too
//! shows: at 0 ms: leadership has just begun, and nobody has had time to ask

impl Leader {
    pub fn out_of_sync(&self, log_end: Offset, now: Uptime) -> BTreeSet<i32> {
        let late = self
            .followers
            .iter()
            .filter(|(_, progress)| !progress.is_caught_up(log_end, now, self.config.lag_time_max));
        late.map(|(replica, _)| *replica).collect()
    }
}
