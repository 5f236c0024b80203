//! why: only what is in doubt is sent again: who was refused gives up, though the refusal may pass
//! shows: retries=5, attempt 1 has failed: the test says so (NOT_ENOUGH_REPLICAS). Again? It may pass.

impl Sending for AckedSending {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        error.is_in_doubt() && attempts <= self.retries
    }
}
