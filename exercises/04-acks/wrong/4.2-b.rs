//! why: `retries` is not looked at
//! shows: ???

impl Sending for AckedSending {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        let _ = attempts;
        error.is_retriable()
    }
}
