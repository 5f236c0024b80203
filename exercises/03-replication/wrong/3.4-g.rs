//! why: any progress counts as having caught up
//! shows: 2 asks every 200 ms, and never has what there was when it asked before: after 1000 ms it is out of sync

impl Progress {
    pub(super) fn fetched(&mut self, broker_epoch: i64, its_end: Offset, leaders_end: Offset, now: Uptime) {
        let caught_up = (self.end < Some(its_end) || its_end >= leaders_end).then_some(now);
        self.caught_up = self.caught_up.max(caught_up);

        self.fetched = Some((now, leaders_end));
        (self.end, self.broker_epoch) = (Some(its_end), Some(broker_epoch));
    }
}
