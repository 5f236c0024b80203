//! why: what may be there is not sent again: that is another promise than this one
//! shows: ???

impl Sending for AckedSending {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        error.is_retriable() && !error.is_in_doubt() && attempts <= self.retries
    }
}
