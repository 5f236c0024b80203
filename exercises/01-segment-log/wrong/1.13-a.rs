//! why: a millisecond too late: after exactly flush.ms a flush is due
//! shows: a record of 5000 has waited 1000 ms at 6000

impl FlushPolicy for EveryMillis {
    fn is_due(&self, unflushed: &Unflushed) -> bool {
        let waited = unflushed.now.saturating_sub(unflushed.since);
        waited > self.0 || waited < 0
    }
}
