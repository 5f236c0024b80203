//! why: whoever asks has caught up: one that falls further and further behind is in sync
//! shows: 2 asks every 200 ms, and never has what there was when it asked before: after 1000 ms it is out of sync

impl Progress {
    pub(super) fn fetched(&mut self, broker_epoch: i64, its_end: Offset, leaders_end: Offset, now: Uptime) {
        self.caught_up = Some(now);

        self.fetched = Some((now, leaders_end));
        (self.end, self.broker_epoch) = (Some(its_end), Some(broker_epoch));
    }
}
