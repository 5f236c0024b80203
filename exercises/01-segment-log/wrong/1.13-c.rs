//! why: the difference of two times does not fit
//! shows: attempt to subtract with overflow

impl FlushPolicy for EveryMillis {
    fn is_due(&self, unflushed: &Unflushed) -> bool {
        let waited = unflushed.now - unflushed.since;
        waited >= self.0 || waited < 0
    }
}
