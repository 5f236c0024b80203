//! why: who has what there was the last time is said to have caught up now
//! shows: at 1101 ms: that is more than 1000 ms ago: when it asked makes no difference

impl Progress {
    pub(super) fn fetched(&mut self, broker_epoch: i64, its_end: Offset, leaders_end: Offset, now: Uptime) {
        let has = its_end >= leaders_end || self.fetched.is_some_and(|(_, then)| its_end >= then);
        self.caught_up = self.caught_up.max(has.then_some(now));

        self.fetched = Some((now, leaders_end));
        (self.end, self.broker_epoch) = (Some(its_end), Some(broker_epoch));
    }
}
