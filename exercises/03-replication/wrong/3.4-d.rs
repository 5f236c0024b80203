//! why: what was is forgotten with each question
//! shows: 2 asks every 200 ms, and never has what there was when it asked before: after 1000 ms it is out of sync

impl Progress {
    pub(super) fn fetched(&mut self, broker_epoch: i64, its_end: Offset, leaders_end: Offset, now: Uptime) {
        self.caught_up = if its_end >= leaders_end {
            Some(now)
        } else {
            self.fetched.filter(|(_, then)| its_end >= *then).map(|(when, _)| when)
        };

        self.fetched = Some((now, leaders_end));
        (self.end, self.broker_epoch) = (Some(its_end), Some(broker_epoch));
    }
}
