//! why: it must have more than there was
//! shows: at 1600 ms: 2 has by now what there was when it asked the last time (KIP-16)

impl Progress {
    pub(super) fn fetched(&mut self, broker_epoch: i64, its_end: Offset, leaders_end: Offset, now: Uptime) {
        let caught_up = if its_end > leaders_end {
            Some(now)
        } else {
            self.fetched.filter(|(_, then)| its_end > *then).map(|(when, _)| when)
        };
        self.caught_up = self.caught_up.max(caught_up);

        self.fetched = Some((now, leaders_end));
        (self.end, self.broker_epoch) = (Some(its_end), Some(broker_epoch));
    }
}
