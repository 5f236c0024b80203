//! why: what may be there is not sent again: that is another promise than this one
//! shows: At least once is the promise, and it may be twice.

impl Sending for AckedSending {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        error.is_retriable() && !error.is_in_doubt() && attempts <= self.retries
    }
}
