//! why: `retries` counts attempts, and not repetitions: with 1 it is tried once
//! shows: ???

impl Sending for AckedSending {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        error.is_retriable() && attempts < self.retries
    }
}
