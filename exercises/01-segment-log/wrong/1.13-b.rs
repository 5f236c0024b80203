//! why: a clock that was set back is not noticed: the record waits until the clock has caught up
//! shows: nobody knows how long it waited, so flush

impl FlushPolicy for EveryMillis {
    fn is_due(&self, unflushed: &Unflushed) -> bool {
        unflushed.now.saturating_sub(unflushed.since) >= self.0
    }
}
