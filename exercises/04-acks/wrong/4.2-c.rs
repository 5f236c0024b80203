//! why: whatever went wrong, it is tried again: a record that is too large goes round until its time is over
//! shows: retries=5, attempt 1 has failed: the test says so (MESSAGE_TOO_LARGE). Again? It would fail in the same way.

impl Sending for AckedSending {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        let _ = error;
        attempts <= self.retries
    }
}
