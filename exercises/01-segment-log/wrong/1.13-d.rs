//! why: the number of records is compared with the milliseconds
//! shows: a million records wait

impl FlushPolicy for EveryMillis {
    fn is_due(&self, unflushed: &Unflushed) -> bool {
        let waited = unflushed.now.saturating_sub(unflushed.since);
        waited >= self.0 || waited < 0 || unflushed.messages >= self.0 as u64
    }
}
