//! why: the leader is a member, has never fetched, and is put out
//! shows: at 0 ms: leadership has just begun, and nobody has had time to ask

impl Leader {
    pub fn out_of_sync(&self, log_end: Offset, now: Uptime) -> BTreeSet<i32> {
        let late = self.record.in_sync.iter().filter(|replica| {
            !self
                .followers
                .get(replica)
                .is_some_and(|progress| progress.is_caught_up(log_end, now, self.config.lag_time_max))
        });
        late.copied().collect()
    }
}
