//! why: it never tries again: `retries=0` by another name
//! shows: ???

impl Sending for NeverTwice {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        let _ = (error, attempts);
        false
    }
}
