//! why: whatever certainly was not written is sent again, also what can never succeed, and as often as time allows
//! shows: ???

impl Sending for NeverTwice {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        let _ = attempts;
        self.sending.doubt(error).is_none()
    }
}
