//! why: it never tries again: `retries=0` by another name
//! shows: Nothing was written: so it is in the log once at most.

impl Sending for NeverTwice {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        let _ = (error, attempts);
        false
    }
}
