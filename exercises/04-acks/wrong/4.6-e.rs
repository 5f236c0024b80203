//! why: whatever certainly was not written is sent again, also what can never succeed, and as often as time allows
//! shows: acks=all, retries=5, attempt 1 has failed: the test says so (MESSAGE_TOO_LARGE). Again? It would fail in the same way.

impl Sending for NeverTwice {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        let _ = attempts;
        self.sending.doubt(error).is_none()
    }
}
