//! why: `retries` is not looked at
//! shows: retries=0, attempt 1 has failed: the test says so (NOT_ENOUGH_REPLICAS). Again? It was to be tried once.

impl Sending for AckedSending {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        let _ = attempts;
        error.is_retriable()
    }
}
