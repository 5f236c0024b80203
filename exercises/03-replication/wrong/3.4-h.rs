//! why: whoever lacks a record is out of sync
//! shows: at 0 ms: leadership has just begun, and nobody has had time to ask

impl Leader {
    pub fn out_of_sync(&self, log_end: Offset, now: Uptime) -> BTreeSet<i32> {
        let _ = now;
        let members = self.record.in_sync.iter().filter_map(|replica| self.followers.get_key_value(replica));
        let late = members.filter(|(_, progress)| progress.end() < Some(log_end));
        late.map(|(replica, _)| *replica).collect()
    }
}
