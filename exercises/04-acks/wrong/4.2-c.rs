//! why: whatever went wrong, it is tried again: a record that is too large goes round until its time is over
//! shows: ???

impl Sending for AckedSending {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        let _ = error;
        attempts <= self.retries
    }
}
