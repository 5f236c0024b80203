//! why: `retries` counts attempts, and not repetitions: with 1 it is tried once
//! shows: retries=1, attempt 1 has failed: the test says so (NOT_ENOUGH_REPLICAS). Again? One more is left.

impl Sending for AckedSending {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        error.is_retriable() && attempts < self.retries
    }
}
