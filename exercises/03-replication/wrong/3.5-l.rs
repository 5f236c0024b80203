//! why: members count only while they have caught up
//! shows: they have been silent for long, and are in sync until the controller says otherwise

impl Leader {
    pub fn counts(&self, replica: i32, log_end: Offset, now: Uptime) -> bool {
        let may_be = self.wish.as_ref().is_some_and(|wish| wish.may_hold.contains(&replica));
        let is_caught_up = self
            .followers
            .get(&replica)
            .is_some_and(|progress| progress.is_caught_up(log_end, now, self.config.lag_time_max));
        (self.record.in_sync.contains(&replica) && is_caught_up) || may_be || self.waits_to_join(replica, log_end, now)
    }
}
