//! why: what this question has brought is written down before the one before it is looked at
//! shows: at 1600 ms: 2 has by now what there was when it asked the last time (KIP-16)

impl Progress {
    pub(super) fn fetched(&mut self, broker_epoch: i64, its_end: Offset, leaders_end: Offset, now: Uptime) {
        self.fetched = Some((now, leaders_end));
        let caught_up = if its_end >= leaders_end {
            Some(now)
        } else {
            // It has by now what the leader had when it fetched the last time: so it had caught up with that moment.
            self.fetched.filter(|(_, then)| its_end >= *then).map(|(when, _)| when)
        };
        self.caught_up = self.caught_up.max(caught_up);
        (self.end, self.broker_epoch) = (Some(its_end), Some(broker_epoch));
    }
}
